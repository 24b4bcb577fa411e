"""The register: who lives where, whose home it is, and who read what in clear."""

from datetime import date, timedelta
from fractions import Fraction

import pytest

from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed
from tongxin.people.models import Household, Ownership, Person, Residence
from tongxin.people.operations.ownership import (
    Owner,
    add_tenancy,
    end_tenancy,
    register_ownership,
    transfer_ownership,
)
from tongxin.people.operations.register import (
    Member,
    PersonData,
    add_person,
    add_resident,
    edit_person,
    end_household,
    move_out,
    reveal,
    set_traits,
    settle_household,
)
from tongxin.people.tests.town import LONG_AGO, NOW, TODAY, id_number, person
from tongxin.record.models import Entry, PersonalPart

HALF = Fraction(1, 2)


def verbs(kind: str, subject) -> list[str]:
    return list(
        Entry.objects.filter(subject_kind=kind, subject_id=subject)
        .order_by("subject_seq")
        .values_list("verb", flat=True)
    )


def add(town, name="张桂兰", **data) -> Person:
    return add_person(town.clerk, PersonData(name, **data), town.wuyan.pk, now=NOW)


def test_the_id_number_tells_birth_and_gender_and_is_never_stored_in_clear(town):
    number = id_number(7)
    zhang = add(town, id_number=number.lower(), phone="+86 138-1234-5678", gender="m")
    zhang.refresh_from_db()
    assert (zhang.gender, zhang.birth_date) == ("f", date(1961, 3, 4))
    row = b"".join(
        bytes(value)
        for value in Person.objects.filter(pk=zhang.pk)
        .values_list("id_number_cipher", "id_number_index", "phone_cipher", "phone_index")
        .get()
    )
    assert number.encode() not in row and b"13812345678" not in row
    assert verbs("person", zhang.pk) == ["person.added"]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"id_number": "420303196103040021"}, "id_number"),
        ({"phone": "12345"}, "phone"),
        ({"name": "  "}, "name"),
        ({"gender": "x"}, "gender"),
        ({"birth_date": TODAY + timedelta(days=1)}, "birth_date"),
    ],
)
def test_what_is_malformed_names_its_field_and_changes_nothing(town, data, field):
    before = Person.objects.count()
    with pytest.raises(Invalid) as refused:
        add(town, **{"name": "张桂兰", **data})
    assert refused.value.field == field
    assert Person.objects.count() == before


def test_the_same_id_number_is_the_same_person(town):
    zhang = add(town, id_number=id_number(7))
    again = add(town, id_number=id_number(7), phone="13812345678", is_party_member=True)
    assert again.pk == zhang.pk
    assert verbs("person", zhang.pk) == ["person.added", "person.completed"]
    with pytest.raises(Conflict) as refused:
        add(town, "张桂芳", id_number=id_number(7))
    assert refused.value.code == "id-number-other-name"


def test_only_those_who_keep_the_register_of_that_community_may_write_it(town):
    for actor in (town.wang, town.far_clerk):
        with pytest.raises(NotAllowed):
            add_person(actor, PersonData("张桂兰"), town.wuyan.pk, now=NOW)
    zhang = add(town)
    with pytest.raises(NotAllowed):
        edit_person(town.far_clerk, zhang.pk, {"name": "张桂芳"}, now=NOW)


def test_an_edit_says_what_changed_and_keeps_the_old_aside(town):
    zhang = add(town, phone="13812345678")
    edit_person(town.clerk, zhang.pk, {"phone": "13900001111", "name": "张桂兰"}, now=NOW)
    entry = Entry.objects.get(subject_id=zhang.pk, verb="person.edited")
    assert entry.data == {"fields": ["phone"]}
    assert PersonalPart.objects.filter(entry=entry).exists()
    edit_person(town.clerk, zhang.pk, {"phone": "13900001111"}, now=NOW)
    assert verbs("person", zhang.pk).count("person.edited") == 1
    edit_person(town.clerk, zhang.pk, {"phone": ""}, now=NOW)
    zhang.refresh_from_db()
    assert zhang.phone_index is None and zhang.phone_cipher is None


def test_an_edit_never_takes_another_persons_id_number(town):
    add(town, "李建军", id_number=id_number(8))
    zhang = add(town, id_number=id_number(7))
    with pytest.raises(Conflict):
        edit_person(town.clerk, zhang.pk, {"id_number": id_number(8)}, now=NOW)


def test_reading_in_clear_needs_a_reason_and_stays_on_the_record(town):
    zhang = add(town, phone="13812345678", id_number=id_number(7))
    with pytest.raises(Invalid):
        reveal(town.wang, zhang.pk, ["phone"], " ", now=NOW)
    with pytest.raises(Invalid):
        reveal(town.wang, zhang.pk, ["password"], "好奇", now=NOW)
    with pytest.raises(NotAllowed):
        reveal(town.far_clerk, zhang.pk, ["phone"], "想看看", now=NOW)
    assert "sensitive.read" not in verbs("person", zhang.pk)
    assert reveal(town.wang, zhang.pk, ["phone"], "上门前电话联系", now=NOW) == {"phone": "13812345678"}
    entry = Entry.objects.get(subject_id=zhang.pk, verb="sensitive.read")
    assert (entry.data, entry.actor_id) == ({"fields": ["phone"]}, town.wang.id)


def test_a_family_settles_grows_and_leaves(town):
    mother, son = add(town), add(town, "李明")
    home = town.homes[0]
    household = settle_household(
        town.clerk, home.pk, [Member(mother.pk, "户主", True)], since=LONG_AGO, now=NOW, traits=["lives_alone"]
    )
    residence = add_resident(town.clerk, household.pk, son.pk, since=date(2026, 1, 1), relation="子", now=NOW)
    with pytest.raises(Conflict):
        add_resident(town.clerk, household.pk, son.pk, since=TODAY, now=NOW)
    with pytest.raises(Conflict):
        add_resident(town.clerk, household.pk, add(town, "王芳").pk, since=TODAY, is_head=True, now=NOW)
    set_traits(town.clerk, household.pk, [], now=NOW)
    with pytest.raises(Invalid):
        move_out(town.clerk, residence.pk, on=date(2025, 12, 31), now=NOW)
    move_out(town.clerk, residence.pk, on=TODAY, now=NOW)
    household.refresh_from_db()
    assert household.until is None
    move_out(town.clerk, Residence.objects.get(person=mother).pk, on=TODAY, now=NOW)
    household.refresh_from_db()
    assert household.until == TODAY
    assert verbs("household", household.pk) == [
        "household.settled",
        "resident.added",
        "household.traits",
        "resident.moved_out",
        "resident.moved_out",
    ]


def test_a_household_ends_for_all_who_live_in_it(town):
    people = [add(town, name) for name in ("张桂兰", "李建军")]
    household = settle_household(town.clerk, town.homes[0].pk, [Member(p.pk) for p in people], since=LONG_AGO, now=NOW)
    with pytest.raises(NotAllowed):
        end_household(town.far_clerk, household.pk, on=TODAY, now=NOW)
    end_household(town.clerk, household.pk, on=TODAY, now=NOW)
    assert set(Residence.objects.values_list("until", flat=True)) == {TODAY}
    with pytest.raises(Conflict):
        end_household(town.clerk, household.pk, on=TODAY, now=NOW)


@pytest.mark.parametrize("heads", [[True, True]])
def test_a_household_has_one_head(town, heads):
    members = [Member(add(town, f"甲{i}").pk, is_head=head) for i, head in enumerate(heads)]
    with pytest.raises(Invalid):
        settle_household(town.clerk, town.homes[0].pk, members, since=LONG_AGO, now=NOW)
    assert not Household.objects.exists()


def test_who_moves_to_another_community_belongs_there(town):
    zhang = add(town)
    settle_household(SYSTEM, town.far_homes[0].pk, [Member(zhang.pk)], since=TODAY, now=NOW)
    zhang.refresh_from_db()
    assert zhang.community_id == town.sanyan.pk


def own(town, home, *owners, since=LONG_AGO, source="register", actor=None):
    return register_ownership(actor or town.clerk, home.pk, owners, source=source, since=since, now=NOW)


def test_a_couple_owns_halves_and_nobody_can_add_a_third(town):
    zhang, li = add(town), add(town, "李建军")
    own(town, town.homes[0], Owner(HALF, zhang.pk), Owner(HALF, li.pk))
    with pytest.raises(Invalid) as refused:
        own(town, town.homes[0], Owner(Fraction(1, 3), add(town, "王芳").pk), since=TODAY)
    assert refused.value.code == "shares-exceed-whole"
    assert Ownership.objects.count() == 2


def test_the_developer_owns_as_an_organisation(town):
    developer = town.body("other", "十堰宏业开发公司", town.wuyan)
    rows = own(town, town.homes[0], Owner(organisation_id=developer.pk))
    assert rows[0].organisation_id == developer.pk
    with pytest.raises(Invalid):
        own(town, town.homes[1], Owner(Fraction(1)))


def test_a_sale_ends_the_old_and_starts_the_new_on_one_day(town):
    zhang, li, buyer = add(town), add(town, "李建军"), add(town, "赵倩")
    old = own(town, town.homes[0], Owner(HALF, zhang.pk), Owner(HALF, li.pk))
    day = date(2026, 6, 1)
    with pytest.raises(Invalid):
        transfer_ownership(
            town.clerk,
            town.homes[0].pk,
            ending=[old[0].pk],
            owners=[Owner(Fraction(1), buyer.pk)],
            source="register",
            on=day,
            now=NOW,
        )
    transfer_ownership(
        town.clerk,
        town.homes[0].pk,
        ending=[row.pk for row in old],
        owners=[Owner(Fraction(1), buyer.pk)],
        source="register",
        on=day,
        now=NOW,
    )
    assert set(Ownership.objects.filter(until=day).values_list("person", flat=True)) == {zhang.pk, li.pk}
    assert Ownership.objects.get(until=None).since == day
    with pytest.raises(Conflict):
        transfer_ownership(
            town.clerk,
            town.homes[0].pk,
            ending=[old[0].pk],
            owners=[Owner(HALF, buyer.pk)],
            source="register",
            on=TODAY,
            now=NOW,
        )
    assert verbs("home", town.homes[0].pk) == ["ownership.registered", "ownership.transferred"]


def test_a_tenant_rents_once_at_a_time(town):
    tenant = add(town, "孙浩")
    tenancy = add_tenancy(town.clerk, town.homes[0].pk, tenant.pk, since=date(2026, 1, 1), now=NOW)
    with pytest.raises(Conflict):
        add_tenancy(town.clerk, town.homes[0].pk, tenant.pk, since=TODAY, now=NOW)
    end_tenancy(town.clerk, tenancy.pk, on=TODAY, now=NOW)
    with pytest.raises(Conflict):
        end_tenancy(town.clerk, tenancy.pk, on=TODAY, now=NOW)
    add_tenancy(town.clerk, town.homes[0].pk, tenant.pk, since=TODAY, now=NOW)


def test_the_owner_of_a_home_far_away_is_seen_by_both_communities(town):
    from tongxin.people.queries.areas import areas_of_person

    zhang = person("张桂兰", town.wuyan)
    register_ownership(
        SYSTEM, town.far_homes[0].pk, [Owner(person_id=zhang.pk)], source="register", since=LONG_AGO, now=NOW
    )
    assert areas_of_person(zhang.pk, TODAY) == (town.wuyan.path, town.xiyuan.path)

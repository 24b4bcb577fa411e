"""Residents from a file, and whole estates at once: all of it or nothing, nobody twice, nothing personal in clear."""

import csv
import io
import json
from datetime import date
from fractions import Fraction
from uuid import uuid4

import pytest

from tongxin.kernel.actor import SYSTEM, Trust
from tongxin.kernel.errors import Conflict, NotAllowed
from tongxin.people.models import Account, Household, Ownership, Person, Residence, Tenancy
from tongxin.people.operations._bulk import home_facts
from tongxin.people.operations.settling import ResidentRow, bulk_settle
from tongxin.people.queries.actors import actor_for
from tongxin.people.rules.residents import check_resident_row
from tongxin.people.tests.town import NOW, TODAY, id_number, person
from tongxin.places.imports import queries
from tongxin.places.imports.operations import confirm_import, upload_import
from tongxin.places.imports.worker import advance
from tongxin.places.models import ImportFile, ImportPack
from tongxin.record.models import Entry

HEADINGS = [
    "姓名",
    "证件号码",
    "手机",
    "小区",
    "楼栋",
    "单元",
    "房号",
    "与户主关系",
    "产权人",
    "产权份额",
    "面积",
    "党员",
]
ZHANG = ["张桂兰", id_number(7), "13812345678", "东苑小区", "5号楼", "1单元", "101", "户主", "是", "1/2", "89.50", "否"]
LI = ["李建军", id_number(8, female=False), "", "东苑小区", "5号楼", "1单元", "101", "配偶", "是", "1/2", "", "是"]


def csv_file(*rows) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([HEADINGS, *rows])
    return out.getvalue().encode("utf-8-sig")


def changed(row, **cells):
    return [cells.get(name, text) for name, text in zip(HEADINGS, row, strict=True)]


def stage(town, *rows, actor=None):
    batch = upload_import(actor or town.clerk, "residents", town.wuyan.pk, "居民.csv", csv_file(*rows), NOW)
    assert advance(lambda: NOW, batch.id)
    return queries.batch(SYSTEM, batch.id)


def write(town, *rows, good=False):
    batch = stage(town, *rows)
    confirm_import(town.clerk, batch.id, NOW, good_rows_only=good)
    advance(lambda: NOW, batch.id)
    return queries.batch(SYSTEM, batch.id)


def test_a_couple_comes_with_home_and_shares(town):
    batch = write(town, ZHANG, LI)
    assert batch.state == "done", batch.message
    assert batch.result["persons"] == 2
    household = Household.objects.get()
    assert household.home_id == town.homes[0].pk
    assert set(Residence.objects.values_list("person__name", "relation", "is_head")) == {
        ("张桂兰", "户主", True),
        ("李建军", "配偶", False),
    }
    assert {(o.share_numerator, o.share_denominator) for o in Ownership.objects.all()} == {(1, 2)}
    li = Person.objects.get(name="李建军")
    assert (li.gender, li.is_party_member, li.community_id) == ("m", True, town.wuyan.pk)


def test_one_id_number_with_two_names_is_refused_at_its_cell(town):
    """Copied down by mistake, in another home: the file says where, and nothing is written."""
    other = changed(LI, 房号="102", 证件号码=ZHANG[1], 产权份额="")
    batch = stage(town, ZHANG, other)
    assert [p.cell for p in queries.problems(batch)] == ["B3"]
    assert not Person.objects.filter(name="李建军").exists()


@pytest.mark.parametrize(
    ("cells", "cell"),
    [
        ({"证件号码": "420303196103040021"}, "B2"),
        ({"手机": "12345678901"}, "C2"),
        ({"房号": "999"}, "G2"),
        ({"小区": "西苑小区"}, "G2"),
        ({"姓名": ""}, "A2"),
        ({"产权份额": "一半"}, "J2"),
        ({"产权人": "也许"}, "I2"),
        ({"面积": "70"}, "K2"),
    ],
)
def test_each_bad_cell_is_named_and_nothing_is_written(town, cells, cell):
    people = Person.objects.count()
    batch = stage(town, changed(ZHANG, **cells), LI)
    assert batch.rows_bad == 1 and cell in [p.cell for p in queries.problems(batch)]
    with pytest.raises(Conflict):
        confirm_import(town.clerk, batch.id, NOW)
    assert Person.objects.count() == people


def test_the_good_rows_alone_on_request(town):
    batch = write(town, ZHANG, changed(LI, 手机="12"), good=True)
    assert (batch.state, batch.rows_good, batch.rows_bad) == ("done", 1, 1)
    assert not Person.objects.filter(name="李建军").exists()


def test_the_same_file_again_makes_nothing_twice(town):
    write(town, ZHANG, LI)
    before = (Person.objects.count(), Residence.objects.count(), Ownership.objects.count())
    again = stage(town, ZHANG, LI)
    assert (again.rows_good, again.rows_there) == (0, 2)
    assert before == (Person.objects.count(), Residence.objects.count(), Ownership.objects.count())


def test_more_than_the_whole_home_is_refused_within_the_file_and_against_the_register(town):
    batch = stage(town, ZHANG, LI, changed(LI, 姓名="王芳", 证件号码=id_number(9), 产权份额="1/3"))
    assert [p.cell for p in queries.problems(batch)] == ["J4"]
    write(town, ZHANG, LI)
    late = stage(town, changed(LI, 姓名="王芳", 证件号码=id_number(9)))
    assert [p.cell for p in queries.problems(late)] == ["I2"]


def test_owners_without_shares_hold_equal_parts(town):
    write(town, changed(ZHANG, 产权份额=""), changed(LI, 产权份额=""))
    assert {(o.share_numerator, o.share_denominator) for o in Ownership.objects.all()} == {(1, 2)}
    mixed = stage(town, changed(ZHANG, 房号="102"), changed(LI, 房号="102", 产权份额=""))
    assert [p.cell for p in queries.problems(mixed)] == ["J3"]


def test_an_id_number_of_another_name_is_refused(town):
    write(town, ZHANG)
    batch = stage(town, changed(ZHANG, 姓名="张桂芳", 房号="102"))
    assert [p.cell for p in queries.problems(batch)] == ["B2"]


def test_who_owns_a_second_home_is_one_person(town):
    write(town, ZHANG, changed(ZHANG, 房号="102", 与户主关系=""))
    zhang = Person.objects.get(name="张桂兰")
    assert zhang.ownerships.count() == 2


def test_nothing_personal_lies_in_clear_while_it_is_staged_and_the_preview_is_masked(town):
    batch = stage(town, ZHANG)
    stored = bytes(ImportFile.objects.get(batch=batch).content) + bytes(ImportPack.objects.get(batch=batch).content)
    for secret in (ZHANG[1], ZHANG[2], "张桂兰"):
        assert secret.encode() not in stored
    shown = json.dumps([values for _, values in queries.first_rows(batch)], ensure_ascii=False)
    assert "138****5678" in shown and ZHANG[1] not in shown and ZHANG[2] not in shown


def test_only_those_who_keep_the_register_may_import(town):
    for actor in (town.wang, town.far_clerk):
        with pytest.raises(NotAllowed):
            stage(town, ZHANG, actor=actor)


# Since when, and for how long

TENANT = [
    "孙浩", "", "", "东苑小区", "5号楼", "1单元", "102", "", "", "", "", "", "2025-03-09", "2025-03-01", "2027-02-28",
]  # fmt: skip
DATED = [*HEADINGS, "入住日期", "租期自", "租期至"]


def dated(row=TENANT, **cells):
    return [cells.get(name, text) for name, text in zip(DATED, [*row, "", "", ""], strict=False)]


def stage_dated(town, *rows, confirm=False):
    out = io.StringIO()
    csv.writer(out).writerows([DATED, *rows])
    content = out.getvalue().encode("utf-8-sig")
    batch = upload_import(town.clerk, "residents", town.wuyan.pk, "居民.csv", content, NOW)
    advance(lambda: NOW, batch.id)
    if confirm:
        confirm_import(town.clerk, batch.id, NOW)
        advance(lambda: NOW, batch.id)
    return queries.batch(SYSTEM, batch.id)


def test_since_when_somebody_lives_there_and_for_how_long_they_rent(town):
    batch = stage_dated(town, dated(), confirm=True)
    assert (batch.state, batch.result["tenancies"]) == ("done", 1), batch.message
    tenancy, residence = Tenancy.objects.get(), Residence.objects.get()
    assert (tenancy.since, tenancy.until) == (date(2025, 3, 1), date(2027, 3, 1))  # the last day is a day of it
    assert (residence.since, residence.household.since) == (date(2025, 3, 9), date(2025, 3, 9))
    assert actor_for(Account.objects.create(person=tenancy.person, created_at=NOW), False, NOW).trust is Trust.RESIDENT
    again = stage_dated(town, dated())
    assert (again.rows_good, again.rows_there) == (0, 1)


def test_without_a_day_it_is_that_of_the_tenancy_or_of_the_import(town):
    stage_dated(town, dated(入住日期=""), dated(ZHANG), confirm=True)
    since = dict(Residence.objects.values_list("person__name", "since"))
    assert since == {"孙浩": date(2025, 3, 1), "张桂兰": TODAY}


def test_a_household_began_with_whoever_came_first(town):
    stage_dated(town, dated(ZHANG, 入住日期="2015-06-01"), dated(LI, 入住日期="2012/1/5"), confirm=True)
    household = Household.objects.get()
    assert household.since == date(2012, 1, 5)
    assert set(household.residences.values_list("since", flat=True)) == {date(2015, 6, 1), date(2012, 1, 5)}


@pytest.mark.parametrize(
    ("cells", "cell"),
    [
        ({"入住日期": "去年"}, "M2"),
        ({"入住日期": "2030-01-01"}, "M2"),
        ({"租期自": "2030-01-01", "租期至": ""}, "N2"),
        ({"租期自": ""}, "N2"),
        ({"租期至": "2025-02-28"}, "O2"),
        ({"租期至": "2026-01-31"}, "O2"),
        ({"产权人": "是"}, "N2"),
        ({"入住日期": "1899-12-31"}, "M2"),
        ({"租期自": "0001-01-01"}, "N2"),
    ],
)
def test_days_that_cannot_be_are_named_at_their_cell(town, cells, cell):
    assert cell in [p.cell for p in queries.problems(stage_dated(town, dated(**cells)))]


def test_today_is_a_day_to_move_in_and_the_last_day_of_a_tenancy(town):
    today = TODAY.isoformat()
    assert stage_dated(town, dated(入住日期=today, 租期自=today, 租期至=today)).rows_good == 1


@pytest.mark.parametrize("last", ["9999-12-31", "9000-01-01", ""])
def test_a_tenancy_without_an_end_has_none(town, last):
    stage_dated(town, dated(租期至=last), confirm=True)
    assert Tenancy.objects.get().until is None


def test_a_namesake_of_a_former_tenant_is_somebody_else(town):
    former = person("孙浩", town.wuyan)
    Tenancy.objects.create(home=town.homes[1], person=former, since=date(2015, 1, 1), until=date(2016, 1, 1))
    facts = home_facts([town.homes[1].pk], TODAY)[town.homes[1].pk]
    assert facts.by_name == {} and former.pk in facts.renting


def test_days_that_the_register_knows_otherwise_are_refused(town):
    stage_dated(town, dated(), confirm=True)
    longer = stage_dated(town, dated(租期至="2028-02-28"))
    assert [(p.cell, p.row) for p in queries.problems(longer)] == [("N2", 2)]
    earlier = stage_dated(town, dated(LI, 房号="102", 产权人="", 产权份额="", 入住日期="2020-01-01"))
    assert [p.cell for p in queries.problems(earlier)] == ["M2"]
    residence = Residence.objects.get()
    Residence.objects.update(until=TODAY)
    Household.objects.update(until=TODAY)
    back = stage_dated(town, dated(证件号码=id_number(8, female=False), 租期自="", 租期至=""))
    assert back.rows_good == 1, "another person of that name"
    row = ResidentRow(1, "孙浩", residence.household.home_id, moved_in=date(2025, 4, 1))
    with pytest.raises(Conflict):
        bulk_settle(SYSTEM, [row], now=NOW)


# Whole estates at once


def test_a_whole_estate_settles_in_one_go_and_again_without_effect(town):
    rows = [
        ResidentRow(1, "张桂兰", town.homes[0].pk, id_number=id_number(7), is_head=True, owner=True),
        ResidentRow(2, "李建军", town.homes[0].pk, owner=True, phone="13812345678"),
        ResidentRow(3, "孙浩", town.homes[0].pk, household="tenants"),
        ResidentRow(4, "赵倩", town.far_homes[0].pk, owner=True, share=Fraction(1, 3)),
    ]
    made = bulk_settle(SYSTEM, rows, now=NOW)
    assert made == {"persons": 4, "households": 3, "residences": 4, "tenancies": 0, "ownerships": 3}
    entries = Entry.objects.filter(verb="people.settled")
    assert {entry.subject_id for entry in entries} == {town.wuyan.pk, town.sanyan.pk}
    assert {entry.area_path for entry in entries} == {town.wuyan.path, town.sanyan.path}
    assert bulk_settle(SYSTEM, rows[:2], now=NOW)["persons"] == 0
    assert Ownership.objects.count() == 3


@pytest.mark.parametrize("bad", ["home", "shares"])
def test_a_row_that_does_not_fit_is_named_and_its_batch_is_not_written(town, bad):
    before = Person.objects.count()
    rows = [ResidentRow(1, "张桂兰", town.homes[0].pk, owner=True)]
    if bad == "home":
        rows.append(ResidentRow(2, "李建军", uuid4()))
    else:
        rows.append(ResidentRow(2, "李建军", town.homes[0].pk, owner=True, share=Fraction(2, 3)))
    with pytest.raises(Conflict):
        bulk_settle(SYSTEM, rows, now=NOW)
    assert Person.objects.count() == before


def test_nobody_settles_people_elsewhere(town):
    with pytest.raises(NotAllowed):
        bulk_settle(town.clerk, [ResidentRow(1, "赵倩", town.far_homes[0].pk)], now=NOW)


def test_cells_are_read_as_offices_write_them():
    cells = dict.fromkeys(("id_number", "phone", "estate", "share", "floor_area"), "") | {
        "name": " 张 桂兰 ",
        "phone": "１３８-1234-5678",
        "building": "3号楼",
        "home": "302",
        "gender": "女",
        "birth_date": "1961年3月4日",
        "owner": "√",
        "relation": "本人",
    }
    row, problems = check_resident_row(cells, "东苑小区", TODAY)
    assert not problems
    assert (row.phone, row.birth_date, row.owner, row.is_head, row.lives) == (
        "13812345678",
        "1961-03-04",
        True,
        True,
        True,
    )
    bad = cells | {"gender": "?", "birth_date": "1961-02-30", "building": "", "share": "1/2", "owner": "否"}
    assert [p.column for p in check_resident_row(bad, None, TODAY)[1]] == [
        "gender",
        "birth_date",
        "estate",
        "building",
        "share",
    ]

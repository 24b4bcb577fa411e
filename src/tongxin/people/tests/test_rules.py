"""The pure rules: shares over time, levels of trust, who may appoint, who may choose."""

from datetime import date
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin.kernel.actor import SYSTEM, Actor, Grant, Trust
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, TooMany
from tongxin.people.roles import PERMISSIONS, ROLES
from tongxin.people.rules import appointing, choices, dates, organisations, ownership, trust, verification
from tongxin.people.rules.ownership import OwnedPeriod

ZHANG, LI, WANG = UUID(int=1), UUID(int=2), UUID(int=3)
D = date


def test_three_heirs_own_the_home_together_and_not_a_bit_more():
    third = Fraction(1, 3)
    heirs = [OwnedPeriod(third, D(2020, 1, 1)) for _ in range(3)]
    ownership.check_shares(heirs)
    with pytest.raises(Invalid) as refused:
        ownership.check_shares([*heirs, OwnedPeriod(Fraction(1, 1000), D(2024, 5, 1))])
    assert refused.value.code == "shares-exceed-whole"
    assert refused.value.params["day"] == "2024-05-01"


def test_a_sale_on_one_day_leaves_no_day_with_two_owners():
    sold = [OwnedPeriod(Fraction(1), D(2020, 1, 1), D(2026, 3, 1)), OwnedPeriod(Fraction(1), D(2026, 3, 1))]
    ownership.check_shares(sold)
    assert ownership.share_on(sold, D(2026, 2, 28)) == ownership.share_on(sold, D(2026, 3, 1)) == 1
    with pytest.raises(Invalid):
        ownership.check_shares([OwnedPeriod(Fraction(1), D(2020, 1, 1), D(2026, 3, 2)), sold[1]])


@pytest.mark.parametrize("share", [Fraction(0), Fraction(-1, 2), Fraction(3, 2)])
def test_a_share_is_a_part_of_the_whole(share):
    with pytest.raises(Invalid):
        ownership.check_shares([OwnedPeriod(share, D(2020, 1, 1))])


days = st.dates(D(2000, 1, 1), D(2030, 1, 1))
periods = st.tuples(st.fractions(Fraction(1, 12), 1, max_denominator=12), days, st.none() | days).filter(
    lambda p: p[2] is None or p[2] > p[1]
)


@given(st.lists(periods.map(lambda p: OwnedPeriod(*p)), max_size=5), days)
def test_what_passes_never_exceeds_the_whole_on_any_day(rows, day):
    try:
        ownership.check_shares(rows)
    except Invalid:
        assert any(ownership.share_on(rows, row.since) > 1 for row in rows)
    else:
        assert ownership.share_on(rows, day) <= 1


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("", 1),
        ("全部", 1),
        ("1/2", Fraction(1, 2)),
        ("50%", Fraction(1, 2)),
        ("33.3％", Fraction(333, 1000)),
        ("0.25", Fraction(1, 4)),
    ],
)
def test_shares_are_read_exactly(text, share):
    assert ownership.parse_share(text) == share


@pytest.mark.parametrize("text", ["一半", "2/0", "0", "150%", "-1/2"])
def test_what_is_no_share_is_refused(text):
    with pytest.raises(Invalid):
        ownership.parse_share(text)


@given(days, days | st.none(), days, days | st.none(), days)
def test_periods_overlap_exactly_if_they_share_a_day(a, a_end, b, b_end, day):
    if dates.in_force(a, a_end, day) and dates.in_force(b, b_end, day):
        assert dates.overlap(a, a_end, b, b_end)
    assert dates.overlap(a, a_end, b, b_end) == dates.overlap(b, b_end, a, a_end)


def test_levels_go_with_the_home():
    assert trust.level(signed_in=False, lives=True, owns=True) is Trust.NOBODY
    assert trust.level(signed_in=True, lives=False, owns=False) is Trust.VISITOR
    assert trust.level(signed_in=True, lives=True, owns=False) is Trust.RESIDENT
    assert trust.level(signed_in=True, lives=False, owns=True) is Trust.OWNER


def test_each_action_names_its_level_and_the_way_there():
    visitor = Actor(id=ZHANG, person_id=ZHANG, trust=Trust.VISITOR)
    trust.require_level(visitor, "case.submit")
    with pytest.raises(trust.TrustTooLow) as refused:
        trust.require_level(visitor, "case.join")
    assert (refused.value.code, refused.value.params) == ("trust-too-low", {"needed": "resident"})
    assert refused.value.way is trust.WAYS[Trust.RESIDENT] is trust.way_to(Trust.RESIDENT, Trust.VISITOR)
    assert trust.way_to(Trust.OWNER, Trust.RESIDENT).href == "/me/home/?as=owner"
    assert trust.way_to(Trust.VISITOR, Trust.OWNER) is None
    trust.require_level(SYSTEM, "case.join")


# Written out once more: what somebody loses if a level rises, or is let in to if it falls, is seen here.
FOR_ANYBODY_WITH_A_PHONE = {
    "case.submit", "case.confirm", "case.rate", "case.reopen", "case.urge", "case.add", "case.withdraw", "case.disown",
    "verification.request", "family.ask", "family.end", "report_in.end", "account.keep", "token.make", "opinion.tell",
    "settlement.word",
}  # fmt: skip
FOR_RESIDENTS = {"case.join", "case.reopen_as_neighbour", "report_in.ask"}


@pytest.mark.parametrize("have", Trust)
def test_each_level_allows_what_it_should_and_no_more(have):
    somebody = Actor(id=ZHANG, person_id=ZHANG, trust=have)
    allowed = set()
    for action in trust.ACTIONS:
        try:
            trust.require_level(somebody, action)
        except trust.TrustTooLow as refused:
            assert refused.way is not None and refused.message == trust.NEEDED[refused.needed]
        else:
            allowed.add(action)
    expected = FOR_ANYBODY_WITH_A_PHONE if have >= Trust.VISITOR else set()
    assert allowed == (expected | FOR_RESIDENTS if have >= Trust.RESIDENT else expected)


def holding(role: str, path: str = "1/2/") -> Actor:
    return Actor(id=LI, person_id=LI, grants=(Grant(role, ROLES[role], path),))


def give(actor: Actor, role: str, person=ZHANG, path="1/2/3/"):
    appointing.check_may_appoint(actor, person_id=person, role=role, permissions=ROLES[role], area_path=path)


def test_nobody_appoints_themselves_not_even_lower():
    with pytest.raises(NotAllowed) as refused:
        give(holding("street_officer"), "grid_worker", person=LI)
    assert refused.value.code == "appoint-oneself"


def test_the_secretary_makes_grid_workers_but_no_street_officers():
    give(holding("community_secretary"), "grid_worker")
    with pytest.raises(NotAllowed) as refused:
        give(holding("community_secretary"), "street_officer")
    assert refused.value.code == "appoint-more-than-own"


def test_nobody_appoints_outside_their_area_or_without_the_permission():
    with pytest.raises(NotAllowed):
        give(holding("community_secretary"), "grid_worker", path="1/9/")
    with pytest.raises(NotAllowed):
        give(holding("community_worker"), "volunteer")


@pytest.mark.parametrize("role", sorted(appointing.BY_SECURITY))
def test_watchers_are_not_chosen_by_those_whom_they_watch(role):
    with pytest.raises(NotAllowed):
        give(holding("city_officer"), role)
    give(holding("security_administrator"), role)
    with pytest.raises(NotAllowed):
        give(holding("security_administrator"), role, person=LI)


@pytest.mark.parametrize("giver", sorted(ROLES))
@pytest.mark.parametrize("role", sorted(set(ROLES) - appointing.BY_SECURITY))
def test_no_role_can_hand_on_more_than_it_has(giver, role):
    try:
        give(holding(giver), role)
    except NotAllowed:
        return
    assert "people.appoint" in ROLES[giver]
    assert ROLES[role] <= ROLES[giver] | appointing.OWN_WORK


def test_three_administrators_are_three_people():
    with pytest.raises(Conflict):
        appointing.check_separation("audit_administrator", ["grid_worker", "system_administrator"])
    appointing.check_separation("audit_administrator", ["audit_administrator", "grid_worker"])
    appointing.check_separation("grid_worker", ["audit_administrator", "system_administrator"])


def test_every_role_is_made_of_known_permissions():
    assert not {p for permissions in ROLES.values() for p in permissions} - set(PERMISSIONS)


def test_a_helper_never_chooses():
    assert choices.check_choice(chooser=ZHANG, recorded_by=ZHANG).how == "self"
    with pytest.raises(NotAllowed) as refused:
        choices.check_choice(chooser=ZHANG, recorded_by=WANG)
    assert refused.value.code == "own-choice-only"
    choice = choices.check_choice(chooser=ZHANG, recorded_by=WANG, signed_paper=True)
    assert (choice.how, choice.recorded_by) == ("signed_paper", WANG)
    assert choices.check_choice(chooser=ZHANG, recorded_by=WANG, spoken=True).how == "spoken"


def test_the_register_knows_somebody_by_name_and_phone_or_name_and_id_number():
    known = verification.Known("张桂兰", "13812345678", "42030319610304002X")
    assert verification.same_person(known, verification.Claimed("张桂兰", "13812345678"))
    assert verification.same_person(known, verification.Claimed("张 桂兰", "", "04002x"))
    assert not verification.same_person(known, verification.Claimed("张桂兰"))
    assert not verification.same_person(known, verification.Claimed("张桂兰", "13800000000", "4002X"))
    assert not verification.same_person(known, verification.Claimed("张桂芳", "13812345678", "04002X"))
    assert not verification.same_person(verification.Known("张桂兰"), verification.Claimed("张桂兰"))


def test_six_digits_cannot_be_guessed():
    verification.check_tries(4)
    with pytest.raises(TooMany):
        verification.check_tries(5)


def test_the_party_tree_keeps_its_order():
    organisations.check_parent("party_branch", "general_party_committee")
    with pytest.raises(Invalid):
        organisations.check_parent("general_party_committee", "party_branch")
    with pytest.raises(Invalid):
        organisations.check_parent("property_company", "party_branch")
    organisations.check_parent("department", "government")

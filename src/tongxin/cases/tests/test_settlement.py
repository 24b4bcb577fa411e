"""Many owners and one developer: one settlement, each owner's own word, signed sheets under four eyes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import resident
from tongxin.cases.models import Acceptance, Case
from tongxin.cases.operations import desk, people, settlement
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries import settlement as queries
from tongxin.cases.tests.stage import MONDAY, Scene, photo, scene
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from tongxin.notifications.models import Notice
from tongxin.record.models import Entry

pytestmark = pytest.mark.django_db
TEXT = "开发商于下月底前退还每户车位差价三千元，业主撤回投诉。"


@pytest.fixture
def s() -> Scene:
    return scene()


def collective(s: Scene) -> Case:
    """张秀英's complaint, which concerns 陈建国 and four more owners as well."""
    case = submit_case(s.actor(s.zhang), s.report("开发商合同约定的车位没有交付", category="property"), MONDAY)
    owners = [s.chen, *(resident(f"业主{number}", s.place) for number in range(4))]
    people.add_people(s.actor(s.wu), case.pk, MONDAY, people=[one.pk for one in owners], reason="同一合同纠纷")
    return case


def party(case: Case, name: str):
    return case.parties.get(person__name=name)


def test_each_party_is_asked_and_speaks_for_themselves_once(s: Scene) -> None:
    case = collective(s)
    with pytest.raises(Conflict, match="No settlement"):
        settlement.say_word(s.actor(s.zhang), case.pk, MONDAY, word="accepted")
    with pytest.raises(NotAllowed):
        settlement.propose_settlement(s.actor(s.zhang), case.pk, MONDAY, text=TEXT)
    standing = settlement.propose_settlement(s.actor(s.wu), case.pk, MONDAY, text=TEXT)
    told = Notice.objects.filter(message__startswith="A settlement is put before you")
    assert told.count() == 6
    settlement.say_word(s.actor(s.zhang), case.pk, MONDAY, word="accepted")
    settlement.say_word(s.actor(s.zhang), case.pk, MONDAY, word="accepted")  # a second tap says nothing new
    with pytest.raises(Invalid):
        settlement.say_word(s.actor(s.chen), case.pk, MONDAY, word="refused")
    settlement.say_word(s.actor(s.chen), case.pk, MONDAY, word="refused", reason="利息没有算")
    with pytest.raises(Conflict, match="on the record already"):
        settlement.say_word(s.actor(s.chen), case.pk, MONDAY, word="accepted")
    with pytest.raises((NotAllowed, NotFound)):
        settlement.say_word(s.actor(s.outsider), case.pk, MONDAY, word="accepted")
    tally = queries.tally(case.pk, standing.pk)
    assert (tally.parties, tally.accepted, tally.refused, tally.silent) == (6, 1, 1, 4)
    assert [row.name for row in queries.parties(case.pk, standing.pk, which="refused")[0]] == ["陈建国"]
    assert Entry.objects.filter(verb="settlement.word").count() == 2


def test_a_signed_sheet_counts_when_a_second_person_has_compared_it(s: Scene) -> None:
    case, wu, zhou = collective(s), s.actor(s.wu), s.actor(s.zhou)
    standing = settlement.propose_settlement(wu, case.pk, MONDAY, text=TEXT)
    signed = [party(case, f"业主{number}").pk for number in range(3)]
    with pytest.raises(Invalid, match="scan"):
        settlement.record_sheet(wu, case.pk, MONDAY, parties=signed, paper=[])
    settlement.record_sheet(wu, case.pk, MONDAY, parties=signed, paper=[photo()])
    tally = queries.tally(case.pk, standing.pk)
    assert (tally.accepted, tally.to_check, tally.silent) == (0, 3, 3)
    sheet = queries.sheets(zhou, standing.pk)[0]
    assert (len(sheet.names), sheet.mine, queries.sheets(wu, standing.pk)[0].mine) == (3, False, True)
    with pytest.raises(NotAllowed, match="yourself"):
        settlement.check_sheet(wu, case.pk, MONDAY, sheet=sheet.id, right=True)
    settlement.check_sheet(zhou, case.pk, MONDAY, sheet=sheet.id, right=True)
    assert queries.tally(case.pk, standing.pk).accepted == 3
    with pytest.raises(Conflict, match="checked already"):
        settlement.check_sheet(zhou, case.pk, MONDAY, sheet=sheet.id, right=True)
    with pytest.raises(Conflict, match="said a word"):
        settlement.record_sheet(wu, case.pk, MONDAY, parties=signed[:1], paper=[photo()])


def test_a_sheet_that_was_recorded_wrongly_is_taken_back_whole(s: Scene) -> None:
    case = collective(s)
    standing = settlement.propose_settlement(s.actor(s.wu), case.pk, MONDAY, text=TEXT)
    settlement.record_sheet(s.actor(s.wu), case.pk, MONDAY, parties=[party(case, "业主1").pk], paper=[photo()])
    sheet = queries.sheets(s.actor(s.zhou), standing.pk)[0]
    settlement.check_sheet(s.actor(s.zhou), case.pk, MONDAY, sheet=sheet.id, right=False)
    assert not Acceptance.objects.exists()
    assert Entry.objects.filter(verb="settlement.take_back").count() == 1


def test_another_settlement_asks_everybody_anew(s: Scene) -> None:
    case, wu = collective(s), s.actor(s.wu)
    settlement.propose_settlement(wu, case.pk, MONDAY, text=TEXT)
    settlement.say_word(s.actor(s.zhang), case.pk, MONDAY, word="refused", reason="太少")
    later = MONDAY + timedelta(hours=3)
    better = settlement.propose_settlement(wu, case.pk, later, text="每户退还四千元。")
    assert queries.tally(case.pk, better.pk).silent == 6
    settlement.say_word(s.actor(s.zhang), case.pk, later, word="accepted")
    again = settlement.propose_settlement(wu, case.pk, later, text="每户退还四千元。")
    assert again == better, "the same words sent twice ask nobody anew"
    own = queries.own_word(s.actor(s.zhang), case.pk)
    assert own is not None and (own.word, own.tally.accepted, own.tally.parties) == ("accepted", 1, 6)
    assert queries.own_word(s.actor(s.outsider), case.pk) is None
    first, after = queries.parties(case.pk, better.pk, most=4)
    rest, end = queries.parties(case.pk, better.pk, most=4, after=after)
    assert (len(first), len(rest), end) == (4, 2, None)
    assert [row.name for row in queries.parties(case.pk, better.pk, text="主2")[0]] == ["业主2"]


def test_in_a_matter_that_is_over_nothing_is_agreed(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report("开发商没有交付车位", category="property"), MONDAY)
    desk.decline_case(s.actor(s.wu), case.pk, MONDAY, reason="已经起诉", elsewhere="请听法院判决")
    with pytest.raises(Conflict, match="over"):
        settlement.propose_settlement(s.actor(s.wu), case.pk, MONDAY, text=TEXT)

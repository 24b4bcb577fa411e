"""王湾社区 is being moved while 张阿姨 reports: her report lies where the estate lies now, and the desk there has it."""

from __future__ import annotations

from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, connections, transaction

from tests.cast import area
from tongxin.cases.models import Case, CaseCounter, Tally
from tongxin.cases.operations import submit
from tongxin.cases.operations.due import fold_tallies
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries.view import case_for
from tongxin.cases.tests.stage import MONDAY, Scene, photo, scene
from tongxin.files.models import Attachment
from tongxin.journeys.move_area import move_area
from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.errors import Conflict
from tongxin.places.models import Area
from tongxin.record.verify import verify_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def s() -> Scene:
    return scene()


@pytest.fixture
def hanjiang(s: Scene) -> Area:
    return area("420303005", "汉江路街道", "street", s.place.county)


def hang(s: Scene, street: Area) -> str:
    """The community and its estate lie there now, as after a move; the new path of the estate."""
    community = f"{street.path}{s.place.community.code}/"
    estate = f"{community}{s.place.estate.code}/"
    Area.objects.filter(pk=s.place.community.pk).update(parent=street, path=community)
    Area.objects.filter(pk=s.place.estate.pk).update(path=estate)
    return estate


def moves_meanwhile(monkeypatch: pytest.MonkeyPatch, *moves: Any) -> None:
    """Each time a report was put together, the next of these happens before it is written."""
    ready, waiting = submit._ready, list(moves)

    def then_moved(*args: Any) -> Any:
        made = ready(*args)
        if waiting:
            waiting.pop(0)()
        return made

    monkeypatch.setattr(submit, "_ready", then_moved)


def test_a_report_that_meets_a_move_lies_in_the_new_place(
    s: Scene, hanjiang: Area, monkeypatch: pytest.MonkeyPatch
) -> None:
    moves_meanwhile(monkeypatch, lambda: hang(s, hanjiang))
    report = s.report(home_id=s.place.home.pk, home=s.place.home, photos=[photo(), photo()])

    case = submit_case(s.actor(s.zhang), report, MONDAY)

    s.place.estate.refresh_from_db()
    assert (case.area_path, case.l2, case.number[-4:]) == (s.place.estate.path, hanjiang.code, "0001")
    assert set(Attachment.objects.values_list("area_path", flat=True)) == {s.place.estate.path}
    assert Attachment.objects.count() == 2
    fold_tallies()
    assert Tally.objects.filter(area=hanjiang, kind="submitted").exists()
    assert not Tally.objects.filter(area=s.place.street).exists()
    assert case_for(s.actor(s.wu), case.number, MONDAY).number == case.number
    assert not [found for found in verify_all().findings if found.where.startswith(("case", "file"))]


def test_an_area_that_moves_to_and_fro_has_a_clear_word_and_no_number_is_taken(
    s: Scene, hanjiang: Area, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = (hanjiang, s.place.street, hanjiang)
    moves_meanwhile(monkeypatch, *[lambda street=street: hang(s, street) for street in there])
    with pytest.raises(Conflict) as refused:
        submit_case(s.actor(s.zhang), s.report(), MONDAY)
    assert refused.value.code == "area-moving"
    assert not Case.objects.exists()
    assert not CaseCounter.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_move_waits_for_the_report_and_a_report_for_the_move(s: Scene, hanjiang: Area) -> None:
    zhang, chen, number = s.actor(s.zhang), s.actor(s.chen), submit.next_number
    written, may_end, made = Event(), Event(), []

    def slowly(*args: Any) -> Any:
        found = number(*args)
        written.set()
        may_end.wait(10)
        return found

    def report(who: Any) -> None:
        try:
            made.append(submit_case(who, s.report(), MONDAY).pk)
        finally:
            connection.close()

    def move() -> None:
        try:
            move_area(SYSTEM, s.place.community.pk, hanjiang.pk, MONDAY)
        finally:
            connections.close_all()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(submit, "next_number", slowly)
        first, moving = Thread(target=report, args=(zhang,)), Thread(target=move)
        first.start()
        assert written.wait(10)
        moving.start()
        moving.join(0.5)
        assert moving.is_alive(), "it waits for the report"
        may_end.set()
        first.join(10)
        moving.join(10)
    with transaction.atomic():
        Area.objects.select_for_update().get(pk=s.place.estate.pk)
        second = Thread(target=report, args=(chen,))
        second.start()
        second.join(0.5)
        assert second.is_alive(), "it waits for the move"
        estate = hang(s, s.place.street)
    second.join(10)
    paths = dict(Case.objects.values_list("pk", "area_path"))
    assert paths == {made[0]: f"{hanjiang.path}{s.place.community.code}/{s.place.estate.code}/", made[1]: estate}

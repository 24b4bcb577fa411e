"""The list of who visits whom as an Excel file: every line finds its household and its visitor, or says why not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.cast import officer, resident, wangwan
from tongxin.kernel.actor import SYSTEM
from tongxin.people.models import Appointment, Person
from tongxin.people.queries.actors import actor_for
from tongxin.places.imports import queries
from tongxin.places.imports.operations import confirm_import, upload_import
from tongxin.places.imports.worker import advance
from tongxin.places.models import ImportProblem
from tongxin.visits.models import Assignment

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


def imported(desk: Person, estate: Any, *lines: str) -> Any:
    actor = actor_for(desk.account, True, NOW)
    text = "\n".join(["楼栋,单元,房号,走访人", *lines])
    batch = upload_import(actor, "visitors", estate.pk, "走访.csv", text.encode("utf-8-sig"), NOW)
    assert advance(lambda: NOW, batch.id)
    if not queries.batch(SYSTEM, batch.id).rows_bad:
        confirm_import(actor, batch.id, NOW)
        advance(lambda: NOW, batch.id)
    return queries.batch(SYSTEM, batch.id)


def test_a_line_gives_the_household_to_its_visitor_and_a_second_file_to_another() -> None:
    place = wangwan()
    resident("陈建国", place)
    desk = officer("吴敏", "community_worker", place.office, place.community)
    wang = officer("王敏", "grid_worker", place.office, place.community)
    batch = imported(desk, place.estate, "3号楼,2单元,501,王敏")
    assert (batch.state, batch.result) == ("done", {"households": 1})
    assert Assignment.objects.get().visitor == wang
    imported(desk, place.estate, "3号楼,2单元,501,吴敏")
    assert Assignment.objects.get(until=None).visitor == desk
    assert Assignment.objects.get(until=NOW.date()).visitor == wang


@pytest.mark.parametrize(
    ("line", "cell"),
    [("3号楼,2单元,501,李师傅", "D2"), ("3号楼,2单元,999,王敏", "C2"), ("3号楼,2单元,501,陈建国", "D2")],
)
def test_a_line_that_fits_nobody_is_told_at_its_cell_and_gives_nothing(line: str, cell: str) -> None:
    place = wangwan()
    chen = resident("陈建国", place)
    desk = officer("吴敏", "community_worker", place.office, place.community)
    officer("王敏", "grid_worker", place.office, place.community)
    officer("李师傅", "handler", place.company, place.community)
    Appointment.objects.create(
        person=chen, organisation=place.office, role="building_head", area=place.estate, since=place.estate.valid_from
    )
    batch = imported(desk, place.estate, line)
    assert batch.rows_bad == 1
    assert ImportProblem.objects.get(batch=batch.id).cell == cell
    assert not Assignment.objects.exists()

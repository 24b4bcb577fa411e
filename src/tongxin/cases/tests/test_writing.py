"""Rows of a case are written in one statement: what is stored equals, byte for byte, what Django would have stored."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import DataError, Error, IntegrityError, connection, models, transaction

from tongxin.cases.models import Case, CaseClock, Category, Party, TallyDelta, Update
from tongxin.cases.rules import State
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.files.models import Attachment
from tongxin.kernel.ids import uuid7
from tongxin.notifications.models import Notice
from tongxin.places.models import Home
from tongxin.record.models import Entry, Head, PersonalPart
from tongxin.record.writes import _columns, write_changed, write_new

pytestmark = pytest.mark.django_db
AFTERNOON = datetime(2026, 11, 16, 16, 5, 7, 123456, tzinfo=timezone(timedelta(hours=8)))
ODD = '路灯"坏了"\\n\n\'; DROP TABLE x; -- \u2028 😀 é \\u0041 %s {}'


@pytest.fixture
def s() -> Scene:
    return scene()


def a_case(s: Scene, **more: Any) -> Case:
    values: dict[str, Any] = {
        "id": uuid7(MONDAY), "number": "WW-20261116-0001", "state": State.SUBMITTED, "urgency": "normal",
        "category": Category.objects.get(code="lighting"), "channel": "app", "title": "灯", "text": ODD,
        "area": s.place.estate, "area_path": s.place.estate.path, "occurred_at": AFTERNOON, "created_at": MONDAY,
        "changed_at": MONDAY,
    }  # fmt: skip
    return Case(**(values | more))


def rows_of(s: Scene) -> list[models.Model]:
    """Rows with every kind of field, with and without a value."""
    case = a_case(
        s, lat=32.6001, lng=-0.1 + 0.3, answers={"q": [1, None, True, 1.5, {"灯": ODD}], "e": State.CLOSED},
        complained_of=[str(uuid7())], review_on=date(2027, 2, 28), home=s.place.home, once=uuid7(), is_public=True,
    )  # fmt: skip
    entry = Entry(
        id=uuid7(), subject_kind="x", subject_id=uuid7(), subject_seq=1, verb="x", actor_id=uuid7(), actor_kind="x",
        occurred_at=AFTERNOON, recorded_at=MONDAY, data={"n": [1, {"a": None}]}, hash="",
    )  # fmt: skip
    return [
        case,
        CaseClock(id=uuid7(), case=case, kind="accept", amount=3, unit="hours", started_at=MONDAY, due_at=AFTERNOON,
                  warn_at=MONDAY, pauses=[["a", "b"]], met=False, subject=uuid7()),
        Party(id=uuid7(), case=case, person=s.zhang, contact_cipher=b"\x00\xff'\\x", joined_at=MONDAY, rating=5),
        Update(id=uuid7(), case=case, verb="submit", state="submitted", text=ODD, data={}, actor_id=uuid7(),
               organisation=s.bureau, occurred_at=AFTERNOON, recorded_at=MONDAY),
        TallyDelta(area_path="4203/", day=date(2026, 11, 16), kind="submitted", amount=-1),
        Attachment(id=uuid7(), owner_kind="update", owner_id=uuid7(), purpose=Attachment.Purpose.REPORT, name=ODD[:20],
                   mime="image/jpeg", size=200_000, sha256="0" * 64, lat=1e-7, lng=110.123456789012345,
                   uploaded_by=uuid7(), recorded_at=MONDAY, next_attempt_at=AFTERNOON),
        Notice(id=uuid7(), person_id=s.zhang.pk, kind="x", message="x", params={"title": ODD}, key="k", created_at=MONDAY),
        Home(id=uuid7(), unit=s.place.home.unit, name="909", sort_key="909", floor_area=Decimal("88.5")),
        entry,
        PersonalPart(entry=entry, salt=b"", data=bytes(range(256))),
        Head(subject_kind="x", subject_id=uuid7(), seq=2_000_000_000, hash="h", salt=b"\x00", mac="m"),
    ]  # fmt: skip


def stored(rows: list[models.Model]) -> list[list[Any]]:
    """What lies in the tables, as the database itself gives it; without the keys that it counts."""
    kind = "pg_typeof" if connection.vendor == "postgresql" else "typeof"
    found = []
    with connection.cursor() as cursor:
        for row in rows:
            fields = [field for field in type(row)._meta.concrete_fields if not isinstance(field, models.AutoField)]
            asked = ", ".join(f"{field.column}, {kind}({field.column})" for field in fields)
            cursor.execute(f"SELECT {asked} FROM {row._meta.db_table}")
            lines = sorted(cursor.fetchall(), key=repr)
            found.append([bytes(value) if isinstance(value, memoryview) else value for line in lines for value in line])
    return found


def test_what_is_stored_is_what_django_stores(s: Scene) -> None:
    rows = rows_of(s)
    with transaction.atomic():
        for row in rows:
            row.save(force_insert=True)
        by_django = stored(rows)
        transaction.set_rollback(True)
    for row in rows:
        if isinstance(row._meta.pk, models.AutoField):
            row.pk = None
        row._state.adding = True
    with transaction.atomic():
        write_new(rows)
        for row, ours, djangos in zip(rows, stored(rows), by_django, strict=True):
            assert ours == djangos, type(row)
            assert not row._state.adding
        case = rows[0]
        assert isinstance(case, Case)
        case.title = "灯亮了"
        case.save(update_fields=["title"])
        assert Case.objects.get(title="灯亮了").answers == {"q": [1, None, True, 1.5, {"灯": ODD}], "e": "closed"}
        transaction.set_rollback(True)  # no entry tells of them


def test_every_table_of_the_house_can_be_written_so() -> None:
    ours = [model for model in apps.get_models() if model.__module__.startswith("tongxin.")]
    assert len(ours) > 50
    for model in ours:
        assert _columns(model, connection.vendor)


def test_many_rows_of_a_table_and_no_rows_at_all(s: Scene) -> None:
    write_new([])
    write_new([a_case(s, number=f"WW-20261116-{n:04d}") for n in range(1, 60)])
    assert Case.objects.count() == 59


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"number": "WW-20261116-0002"}, IntegrityError),  # taken
        ({"title": None}, IntegrityError),
        ({"times_declined": -1}, Error),
        ({"lead_id": uuid7()}, IntegrityError),  # nobody of that id; told at the end of the transaction
        ({"open": False, "due_at": MONDAY}, IntegrityError),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused_with_all_beside_it(
    s: Scene, wrong: dict[str, Any], error: type[Error]
) -> None:
    write_new([a_case(s, number="WW-20261116-0002")])
    case = a_case(s, **wrong)
    with pytest.raises(error), transaction.atomic():
        write_new([TallyDelta(area_path="", day=date(2026, 11, 16), kind="x"), case])
        connection.check_constraints()
    assert Case.objects.count() == 1
    assert not TallyDelta.objects.exists()


@pytest.mark.postgres
@pytest.mark.parametrize("wrong", [{"title": "灯" * 81}, {"text": "a\0b"}, {"answers": {"a": "\0"}}])
def test_what_the_database_cannot_hold_is_a_data_error(s: Scene, wrong: dict[str, Any]) -> None:
    with pytest.raises(DataError), transaction.atomic():
        write_new([a_case(s, **wrong)])


def test_a_time_without_its_zone_is_not_stored(s: Scene) -> None:
    with pytest.raises(ValueError, match="zone"):
        write_new([a_case(s, created_at=datetime(2026, 11, 16))])


def test_only_the_named_fields_of_a_row_change(s: Scene) -> None:
    case = a_case(s, answers={"a": 1})
    write_new([case])
    Case.objects.update(place="门口")
    case.answers, case.due_at, case.state, case.title = {"b": [2]}, AFTERNOON, State.ACCEPTED, "not written"
    write_changed(case, ["answers", "due_at", "state"])
    now = Case.objects.get()
    assert (now.answers, now.due_at, now.state) == ({"b": [2]}, AFTERNOON, "accepted")
    assert (now.title, now.place) == ("灯", "门口")
    Case.objects.all().delete()
    with pytest.raises(Case.DoesNotExist.__base__):
        write_changed(case, ["state"])

"""The hotline and the cases: a ticket becomes a case, what became of the case goes back, a moved deadline is adopted.

Which deadline holds: the hotline's own stands on the case, whatever pauses, for it is the hotline that counts it; if it
gives none, our clocks run. Both are shown where they differ.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from tongxin.cases.operations.deadline import move_deadline
from tongxin.cases.operations.desk import add_note
from tongxin.cases.operations.submit import Report, submit_case
from tongxin.cases.queries import outward
from tongxin.cases.queries.categories import category_of
from tongxin.hotline import operations, queries, rules
from tongxin.hotline.queries import HotlineSource
from tongxin.journeys.triage import suggest_categories
from tongxin.kernel.actor import SYSTEM, Actor
from tongxin.kernel.errors import DomainError
from tongxin.kernel.text import N_
from tongxin.places import queries as places

Suggest = Callable[[str], str]
"""The code of a category for a text, or nothing."""


def suggested(text: str) -> str:
    """What the installation's own model says first, if it says anything."""
    return next((row.code for row, _ in suggest_categories(text)), "")


def file_new(now: datetime, suggest: Suggest = suggested) -> int:
    """Make cases of tickets that wait for it; how many were looked at. One that cannot become a case says why."""
    keys = queries.to_file()
    for key in keys:
        _file(key, now, suggest)
    return len(keys)


@transaction.atomic
def _file(ticket_id: UUID, now: datetime, suggest: Suggest) -> None:
    row, version = operations.lock(ticket_id)
    if row.stage != "new":
        return
    caller, said = queries.caller_of(version), version.fields
    area_id, building_id = _place(row.source, said["address"], now)
    report = Report(
        text=said["text"],
        category=_category(row.source, said, suggest),
        area_id=area_id,
        building_id=building_id,
        place=said["address"],
        contact_name=caller["name"],
        contact_phone=caller["phone"],
        nobody=not caller["name"],
        hidden=bool(said["confidential"]),
        channel="hotline",
        source=f"{row.source.slug}:{row.number}",
        once=uuid5(row.source.pk, row.number),
        resolve_by=queries.moment(said["deadline"]),
        leave_open=True,
    )
    came = queries.moment(said["received"])
    try:
        with transaction.atomic():
            case = submit_case(SYSTEM, report, now, occurred_at=min(came, now) if came else None)
    except DomainError as error:
        operations.note_refused(SYSTEM, row, str(error), now)
        return
    operations.note_case(SYSTEM, row, case.pk, case.number, case.area_path, now)


def _category(source: HotlineSource, said: dict[str, str], suggest: Suggest) -> str:
    for code in (source.categories.get(said["category"], ""), suggest(said["text"])):
        if code and category_of(code) is not None:
            return code
    return "other"


def _place(source: HotlineSource, address: str, now: datetime) -> tuple[UUID, UUID | None]:
    """The community, estate and building that the address names; what it does not name is for the hotline's own desk."""
    named = rules.place_named(address, [(str(key), name) for key, name in places.names_below(source.area.path, now)])
    if named is None:
        return source.area_id, None
    area = places.area(UUID(named))
    inside = rules.place_named(address, [(str(one.pk), one.name) for one in places.buildings(area, limit=500)])
    return area.pk, UUID(inside) if inside else None


def look_for_answers(now: datetime) -> int:
    """Put on their way what became of tickets' cases since they were last looked at; how many cases had changed.

    Two queries for 500 tickets that are still watched; a case is read only if it changed.
    """
    changed, after = 0, None
    while page := queries.watched(after, now):
        versions = outward.versions([case for _, case, _ in page])
        for ticket, case, seen in page:
            if versions.get(case, seen) != seen:
                found = outward.outward(case)
                operations.keep_answers(
                    ticket, found.told, version=found.version, answered=found.answered, is_open=found.open, now=now
                )
                changed += 1
        after = page[-1][0]
    return changed


@transaction.atomic
def adopt(actor: Actor, ticket_id: UUID, now: datetime, *, version: int) -> None:
    """The desk adopts what the hotline changed: the deadline moves on the case, other words stand on its timeline.

    ``version``: the one that the desk was shown. ``hotline.manage``, and the desk of the case. Raises
    :class:`Conflict` if it changed again, :class:`NotAllowed`.
    """
    row, latest = operations.lock(ticket_id)
    adopted = row.versions.filter(nth=row.adopted).first()
    before = adopted.fields if adopted is not None else {}
    operations.note_adopted(actor, row, now, version=version)
    if row.case_id is None:
        return
    different = rules.difference(before, latest.fields)
    deadline = queries.moment(latest.fields["deadline"])
    if "deadline" in different and deadline is not None:
        move_deadline(actor, row.case_id, deadline, now)
    words = [latest.fields[name] for name in ("text", "address") if name in different and latest.fields[name]]
    if "withdrawn" in different and latest.fields["withdrawn"]:
        words.append(WITHDRAWN)
    if words:
        add_note(actor, row.case_id, now, text="\n".join(words))


WITHDRAWN = N_("The hotline has withdrawn the ticket.")

"""What the verbs of this capability share: loading with permission, and the entry in the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotAllowed, NotFound
from tongxin.people.models import Appointment, Organisation, Person
from tongxin.people.queries.areas import areas_of_person, current, day_of, permitted_path
from tongxin.people.queries.committed import KIND_OF, CommittedRow, committed
from tongxin.record.operations import Draft, append_entries


def note(
    actor: Actor,
    verb: str,
    subject: tuple[str, UUID],
    area_path: str,
    now: datetime,
    *,
    new: bool = False,
    personal: Mapping[str, Any] | None = None,
    on_behalf_of: UUID | None = None,
    rows: Sequence[CommittedRow] = (),
    **data: Any,
) -> None:
    """Append an entry; ``data`` is ids, codes and figures, ``personal`` is what the law may require to be erased.

    ``rows`` that decide rights get an entry each beside it, which commits to what they hold.
    """
    draft = Draft(
        actor=actor,
        verb=verb,
        subject=subject,
        area_path=area_path,
        data=data,
        personal=personal,
        on_behalf_of=on_behalf_of,
        new=new,
    )
    beside = [
        replace(draft, subject=(KIND_OF[type(row)], row.pk), data={}, personal=None, state=committed(row), new=False)
        for row in rows
    ]
    append_entries([draft, *beside], now=now)


def load_person(person_id: UUID, *, lock: bool = False) -> Person:
    """The person who is not erased and not merged away. Raises :class:`NotFound`."""
    people = Person.objects.select_for_update(of=("self",)) if lock else Person.objects
    person = people.filter(pk=person_id, erased_at=None, same_as=None).first()
    if person is None:
        raise NotFound("There is no such person.", code="no-person")
    return person


def require_over_person(actor: Actor, permission: str, person_id: UUID, now: datetime) -> str:
    """The area path in which the actor holds the permission over the person. Raises :class:`NotAllowed`."""
    path = permitted_path(actor, permission, areas_of_person(person_id, day_of(now)))
    if path is None:
        raise NotAllowed("You have no permission for this here.", code="no-permission", permission=permission)
    return path


def require_over_staff(actor: Actor, permission: str, person_id: UUID, now: datetime) -> None:
    """The permission over every office that the person holds: whoever has somebody's password can act in all of them."""
    today = day_of(now)
    offices = list(Appointment.objects.filter(current(today), person_id=person_id).values_list("area__path", flat=True))
    over_all = bool(offices) and all(actor.may(permission, path) for path in offices)
    if not over_all and (offices or permitted_path(actor, permission, areas_of_person(person_id, today)) is None):
        raise NotAllowed("You have no permission for this here.", code="no-permission", permission=permission)


def load_organisation(organisation_id: UUID, *, lock: bool = False) -> Organisation:
    """The organisation with its area. Raises :class:`NotFound`."""
    rows = Organisation.objects.select_related("area")
    if lock:
        rows = rows.select_for_update(of=("self",))
    organisation = rows.filter(pk=organisation_id).first()
    if organisation is None:
        raise NotFound("There is no such organisation.", code="no-organisation")
    return organisation

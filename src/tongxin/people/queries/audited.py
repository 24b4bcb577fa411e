"""Whom an auditor may know by name: people in office, and organisations. Residents stay behind their ids."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from tongxin.kernel.identity import normalise_id_number, normalise_mobile, valid_id_number, valid_mobile
from tongxin.kernel.text import clean_line
from tongxin.people import fields as stored
from tongxin.people.models import Appointment, Organisation, Person
from tongxin.people.queries.areas import within

MOST = 20


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody who holds or held an office in the auditor's areas."""

    person_id: UUID
    name: str
    organisation: str


def office_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of those of these persons who hold or ever held an office. One query."""
    rows = Appointment.objects.filter(person__in=set(ids), person__erased_at=None)
    return dict(rows.values_list("person_id", "person__name"))


def officers_named(text: str, paths: Iterable[str]) -> list[Officer]:
    """People who hold or held an office in these areas, by a part of the name; at most twenty. One query."""
    text = clean_line(text, 60)
    if not text:
        return []
    rows = Appointment.objects.filter(within(paths, "area__path"), person__name__contains=text, person__erased_at=None)
    found = rows.order_by("person_id", "-since").values_list("person_id", "person__name", "organisation__name")
    officers: dict[UUID, Officer] = {}
    for person_id, name, organisation in found[: MOST * 5]:
        officers.setdefault(person_id, Officer(person_id, name, organisation))
    return list(officers.values())[:MOST]


def organisation_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of organisations. One query."""
    return dict(Organisation.objects.filter(pk__in=set(ids)).values_list("pk", "name"))


def is_number(text: str) -> bool:
    """Whether this is a whole phone or ID number."""
    return valid_mobile(text) or valid_id_number(text)


def person_of_number(text: str) -> UUID | None:
    """The person with this whole phone or ID number. Nothing else of them is told. One query."""
    rows = Person.objects.filter(same_as=None)
    if valid_id_number(text):
        rows = rows.filter(id_number_index=stored.id_number_index(normalise_id_number(text)))
    else:
        rows = rows.filter(phone_index=stored.phone_index(normalise_mobile(text)))
    return rows.values_list("pk", flat=True).first()

"""The record as its auditors read it: entries of their areas, with the names that they may know."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tongxin.cases.queries.numbers import case_id, numbers_of
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Invalid, NotAllowed, NotFound
from tongxin.kernel.ids import CASE_NUMBER_PATTERN
from tongxin.kernel.times import local_day
from tongxin.people.queries.audited import (
    Officer,
    is_number,
    office_names,
    officers_named,
    organisation_names,
    person_of_number,
)
from tongxin.places.queries import area_by_code, names_by_path
from tongxin.record import auditing
from tongxin.record.auditing import Audited, Key, Wanted
from tongxin.record.queries import Line

PERMISSION = "audit.read"
WIDE = 2
"""City and county: whoever audits one of them also sees what lies in no area, such as the seals."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the auditor typed and chose. ``day`` is left out for a subject or an actor."""

    about: str = ""
    who: str = ""
    verb: str = ""
    area: str = ""
    day: date | None = None
    readings: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry with its names. ``who`` is empty for a resident, who stays an id here; ``sealed``: its day has a seal."""

    line: Line
    who: str
    organisation: str
    area: str
    number: str
    sealed: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A page of entries. ``officers``: whose name fits where several do; the auditor chooses."""

    rows: tuple[Shown, ...] = ()
    more: Key | None = None
    day: date | None = None
    officers: tuple[Officer, ...] = ()


def find_entries(actor: Actor, asked: Asked, now: datetime, before: Key | None = None) -> Found:
    """The entries asked for, within the areas that the actor audits. Ten queries at most.

    Without a subject, an actor or readings in question it is one day, today unless another is chosen. Raises
    :class:`Invalid` naming the field that nothing is found for, :class:`NotAllowed`.
    """
    paths, nowhere = _areas(actor)
    if asked.area:
        chosen = area_by_code(asked.area).path
        if not any(chosen.startswith(path) for path in paths):
            raise NotFound("This area is not yours.")
        paths, nowhere = (chosen,), False
    subject = _subject(asked.about)
    officers = _officers(asked.who, paths)
    if len(officers) > 1:
        return Found(officers=tuple(officers))
    open_ended = subject is not None or officers or asked.readings
    day = asked.day or (None if open_ended else local_day(now))
    wanted = Wanted(
        paths=paths,
        nowhere=nowhere,
        day=day,
        subject=subject,
        actor_id=officers[0].person_id if officers else None,
        verb=asked.verb,
        readings=asked.readings,
    )
    lines, more = auditing.entries(wanted, before)
    return Found(tuple(_named(lines)), more, day)


def one_entry(actor: Actor, entry_id: UUID) -> tuple[Shown, Audited]:
    """One entry of the actor's areas and its place in the chain. Raises :class:`NotFound`, :class:`NotAllowed`."""
    paths, nowhere = _areas(actor)
    found = auditing.audited(Wanted(paths, nowhere), entry_id)
    return _named([found.line])[0], found


def _areas(actor: Actor) -> tuple[tuple[str, ...], bool]:
    paths = tuple(sorted(set(actor.areas_with(PERMISSION))))
    if not paths:
        raise NotAllowed("You have no permission for this here.", code="no-permission", permission=PERMISSION)
    return paths, any(len(path.strip("/").split("/")) <= WIDE for path in paths)


def _subject(about: str) -> tuple[str, UUID] | None:
    """What is asked about: a case by its number, a person by a whole phone or ID number, anything by its id."""
    about = about.strip()
    if not about:
        return None
    if (key := _as_id(about)) is not None:
        return "", key
    if re.fullmatch(CASE_NUMBER_PATTERN, about.upper()):
        try:
            return "case", case_id(about.upper())
        except NotFound:
            raise Invalid("There is no case with this number.", field="about") from None
    if is_number(about):
        person = person_of_number(about)
        if person is None:
            raise Invalid("Nobody on the register has this number.", field="about")
        return "person", person
    raise Invalid("Give the number of a case, a whole phone or ID number, or the id of a thing.", field="about")


def _officers(who: str, paths: Iterable[str]) -> list[Officer]:
    who = who.strip()
    if not who:
        return []
    if (key := _as_id(who)) is not None:
        return [Officer(key, "", "")]
    found = officers_named(who, paths)
    if not found:
        raise Invalid("Nobody of this name holds or held an office here.", field="who")
    return found


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _named(lines: list[Line]) -> list[Shown]:
    """Five queries, however many lines."""
    names = office_names(line.actor_id for line in lines)
    organisations = organisation_names(line.organisation_id for line in lines if line.organisation_id)
    areas = names_by_path(line.area_path for line in lines)
    numbers = numbers_of(line.subject[1] for line in lines if line.subject[0] == "case")
    seals = auditing.seals_of(local_day(line.recorded_at) for line in lines)
    return [
        Shown(
            line=line,
            who=names.get(line.actor_id, ""),
            organisation=organisations.get(line.organisation_id, "") if line.organisation_id else "",
            area=areas.get(line.area_path, ""),
            number=numbers.get(line.subject[1], ""),
            sealed=local_day(line.recorded_at) in seals,
        )
        for line in lines
    ]

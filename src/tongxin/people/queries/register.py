"""Reads of the register for the desk: found by name, phone or address; phones and ID numbers leave here masked only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.kernel.identity import normalise_id_number, normalise_mobile, valid_id_number, valid_mobile
from tongxin.kernel.masking import mask_id, mask_phone
from tongxin.kernel.text import clean_line
from tongxin.people import fields as stored
from tongxin.people.models import Ownership, Person, Residence, Tenancy
from tongxin.people.queries.areas import (
    address_of,
    areas_of_people,
    areas_of_person,
    current,
    day_of,
    permitted_path,
    within,
)
from tongxin.places.models import Home
from tongxin.record.statements import Statement

PAGE = 30
SOURCES = tuple(Ownership.Source.choices)
_PLACE = "unit__building__estate"


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A line of a list. ``phone`` is masked. ``address`` is where they live, else what they rent or own."""

    id: UUID
    name: str
    age: int | None
    gender: str
    phone: str
    address: str
    home_id: UUID | None
    is_party_member: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A page of people; ``after`` opens the next one, empty at the end."""

    rows: tuple[PersonRow, ...]
    after: str = ""


@dataclass(frozen=True, slots=True)
class HomeTie:
    """What ties a person to a home. ``kind``: lives, rents, owns. ``until`` is exclusive."""

    kind: str
    id: UUID
    home_id: UUID
    address: str
    since: date
    until: date | None
    share: Fraction | None = None
    source: str = ""
    relation: str = ""
    household_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PersonPage:
    """All that the register shows of a person to somebody entitled to read it, with what that somebody may do."""

    id: UUID
    name: str
    gender: str
    birth_date: date | None
    age: int | None
    phone: str
    id_number: str
    is_party_member: bool
    community: str
    trust_note: str
    confirmed_at: datetime | None
    has_account: bool
    ties: tuple[HomeTie, ...]
    may_manage: bool
    may_reveal: bool
    may_verify: bool
    may_help: bool


def age_on(born: date | None, today: date) -> int | None:
    """Full years of age."""
    if born is None:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _readable(actor: Actor, permission: str = "people.read") -> Q:
    """People whose community lies in the actor's areas, or who live, rent or own there."""
    if actor.is_system:
        return Q()
    paths = sorted(set(actor.areas_with(permission)))
    return within(paths, "community__path")


def search_people(
    actor: Actor,
    *,
    text: str = "",
    address: str = "",
    after: str = "",
    now: datetime,
    permission: str = "people.read",
    limit: int = PAGE,
) -> Found:
    """People of the actor's areas: by the beginning of a name, a whole phone or ID number, or by an address.

    ``address`` is estate, building and, if wanted, unit and home, with spaces between. Without either: everybody, the
    newest on the register last. ``limit`` a page; seven queries, whatever there is.
    """
    text, today = clean_line(text, 60), day_of(now)
    rows: QuerySet[Person]
    if address.strip():
        rows = Person.objects.filter(_living_at(actor, permission, clean_line(address, 120), today))
        if text:
            rows = rows.filter(name__startswith=text)
    elif valid_mobile(text) or valid_id_number(text):
        rows = _by_number(actor, text, today, permission)
    else:
        rows = Person.objects.filter(_readable(actor, permission))
        if text:
            rows = rows.filter(name__startswith=text)
    rows = rows.filter(erased_at=None, same_as=None).order_by("pk")
    if after:
        rows = rows.filter(pk__gt=_key(after))
    people = list(rows[: limit + 1])
    shown = people[:limit]
    return Found(tuple(_rows(shown, today)), str(shown[-1].pk) if len(people) > limit else "")


MOST_LINES = 500


def match_lines(actor: Actor, lines: Sequence[str], now: datetime) -> tuple[list[UUID], list[str]]:
    """People of the actor's areas by lines of a list, as pasted from a sheet: each a name, a phone or an ID number, or
    a name with one of them. (ids, the lines that fit nobody or several). At most 500 lines, three queries each."""
    found: list[UUID] = []
    left: list[str] = []
    for line in lines[:MOST_LINES]:
        words = clean_line(line.replace(",", " ").replace("，", " "), 120).split()
        numbers = [word for word in words if valid_mobile(word) or valid_id_number(word)]
        names = [word for word in words if word not in numbers and not word.isdigit()]
        rows = Person.objects.filter(_readable(actor, "people.read"))
        if numbers:
            rows = _by_number(actor, numbers[0], day_of(now), "people.read")
        if names:
            rows = rows.filter(name=names[0])
        keys = list(rows.filter(erased_at=None, same_as=None).values_list("pk", flat=True)[:2]) if words else []
        if len(keys) == 1:
            found.append(keys[0])
        elif words:
            left.append(" ".join(words))
    return list(dict.fromkeys(found)), left + [clean_line(line, 120) for line in lines[MOST_LINES:]]


def readable_ids(actor: Actor, ids: Sequence[UUID], now: datetime) -> frozenset[UUID]:
    """Those of the ids whom the actor may read on the register. One query."""
    rows = Person.objects.filter(_readable(actor, "people.read"), pk__in=ids, erased_at=None)
    return frozenset(rows.values_list("pk", flat=True))


def _key(after: str) -> UUID:
    try:
        return UUID(after)
    except ValueError:
        raise NotFound("This page does not exist.", code="no-page") from None


def _by_number(actor: Actor, text: str, today: date, permission: str = "people.read") -> QuerySet[Person]:
    """A whole number also finds who only owns or rents in the actor's areas."""
    if valid_id_number(text):
        found = Person.objects.filter(id_number_index=stored.id_number_index(normalise_id_number(text)))
    else:
        found = Person.objects.filter(phone_index=stored.phone_index(normalise_mobile(text)))
    areas = areas_of_people([row.pk for row in found[:50]], today)
    seen = [pk for pk, paths in areas.items() if permitted_path(actor, permission, paths) is not None]
    return Person.objects.filter(pk__in=seen, erased_at=None, same_as=None)


def _may_read(actor: Actor, paths: Iterable[str]) -> bool:
    return permitted_path(actor, "people.read", paths) is not None


def _homes_at(actor: Actor, permission: str, address: str) -> QuerySet[Home]:
    """Homes of the actor's areas by estate, building and, if wanted, unit and room, with spaces between."""
    homes = Home.objects.all()
    if not actor.is_system:
        homes = homes.filter(within(sorted(set(actor.areas_with(permission))), f"{_PLACE}__path"))
    parts = address.split()
    homes = homes.filter(**{f"{_PLACE}__name__contains": parts[0]})
    if len(parts) > 1:
        homes = homes.filter(unit__building__name__startswith=parts[1])
    if len(parts) > 3:
        homes = homes.filter(unit__name__startswith=parts[2])
    if len(parts) > 2:
        homes = homes.filter(name=parts[-1])
    return homes.order_by("unit__building__sort_key", "unit__sort_key", "sort_key", "pk")


def homes_at(actor: Actor, address: str, *, permission: str = "people.manage") -> tuple[tuple[UUID, str], ...]:
    """Homes of an address to choose one of, at most forty. One query."""
    address = clean_line(address, 120)
    if not address:
        return ()
    rows = _homes_at(actor, permission, address).select_related(_PLACE)
    return tuple((home.pk, address_of(home)) for home in rows[:40])


def _living_at(actor: Actor, permission: str, address: str, today: date) -> Q:
    """People who live at, rent or own the homes of an address."""
    homes = _homes_at(actor, permission, address).order_by().values("pk")
    live = Residence.objects.filter(current(today), household__home__in=homes).values("person_id")
    rent = Tenancy.objects.filter(current(today), home__in=homes).values("person_id")
    own = Ownership.objects.filter(current(today), home__in=homes, person__isnull=False).values("person_id")
    return Q(pk__in=live) | Q(pk__in=rent) | Q(pk__in=own)


def masked_phone(person: Person) -> str:
    """The phone as lists show it: 138****5678."""
    phone = stored.opened(person.phone_cipher, stored.PHONE)
    return mask_phone(phone) if phone else ""


def _rows(people: Sequence[Person], today: date) -> Iterable[PersonRow]:
    ties = ties_of([person.pk for person in people], today, only_current=True)
    for person in people:
        # Where somebody lives says more than what they rent or own.
        tie = min(ties.get(person.pk, ()), key=lambda t: ("lives", "rents", "owns").index(t.kind), default=None)
        yield PersonRow(
            id=person.pk,
            name=person.name,
            age=age_on(person.birth_date, today),
            gender=person.gender,
            phone=masked_phone(person),
            address=tie.address if tie else "",
            home_id=tie.home_id if tie else None,
            is_party_member=person.is_party_member,
        )


def _tied(people: list[UUID], today: date | None = None) -> tuple[QuerySet[Any], QuerySet[Any], QuerySet[Any]]:
    wanted = Q(person__in=people) & (current(today) if today is not None else Q())
    deep = "unit__building__estate"
    return (
        Residence.objects.filter(wanted).select_related(f"household__home__{deep}"),
        Tenancy.objects.filter(wanted).select_related(f"home__{deep}"),
        Ownership.objects.filter(wanted).select_related(f"home__{deep}"),
    )


_PRESENT: tuple[Statement[Any], ...] = tuple(
    Statement(lambda people, today, n=n: _tied(people, today)[n]) for n in range(3)
)
_EVER: tuple[Statement[Any], ...] = tuple(Statement(lambda people, n=n: _tied(people)[n]) for n in range(3))


def ties_of(people: Sequence[UUID], today: date, *, only_current: bool = False) -> dict[UUID, list[HomeTie]]:
    """What ties each person to homes, the present first. Three queries."""
    residences, tenancies, ownerships = _PRESENT if only_current else _EVER
    values = (list(people), today) if only_current else (list(people),)
    found: dict[UUID, list[HomeTie]] = defaultdict(list)
    for row in residences(*values) if people else ():
        home = row.household.home
        found[row.person_id].append(
            HomeTie(
                "lives",
                row.pk,
                home.pk,
                address_of(home),
                row.since,
                row.until,
                relation=row.relation,
                household_id=row.household_id,
            )
        )
    for rented in tenancies(*values) if people else ():
        found[rented.person_id].append(
            HomeTie("rents", rented.pk, rented.home_id, address_of(rented.home), rented.since, rented.until)
        )
    for owned in ownerships(*values) if people else ():
        if owned.person_id is not None:
            found[owned.person_id].append(
                HomeTie(
                    "owns",
                    owned.pk,
                    owned.home_id,
                    address_of(owned.home),
                    owned.since,
                    owned.until,
                    share=Fraction(owned.share_numerator, owned.share_denominator),
                    source=owned.source,
                )
            )
    for ties in found.values():
        ties.sort(key=lambda tie: (tie.until is not None, -tie.since.toordinal()))
    return found


def person_page(actor: Actor, person_id: UUID, *, now: datetime) -> PersonPage:
    """One person; ``NotFound`` also for whoever the actor may not know of."""
    today = day_of(now)
    person = (
        Person.objects.select_related("community", "account").filter(pk=person_id, erased_at=None, same_as=None).first()
    )
    paths = areas_of_person(person_id, today)
    if person is None or not _may_read(actor, paths):
        raise NotFound("There is no such person, or they are not of your area.", code="no-person")
    number = stored.opened(person.id_number_cipher, stored.ID_NUMBER)

    def may(permission: str) -> bool:
        return permitted_path(actor, permission, paths) is not None

    return PersonPage(
        id=person.pk,
        name=person.name,
        gender=person.gender,
        birth_date=person.birth_date,
        age=age_on(person.birth_date, today),
        phone=masked_phone(person),
        id_number=mask_id(number) if number else "",
        is_party_member=person.is_party_member,
        community=person.community.name if person.community else "",
        trust_note=person.trust_note,
        confirmed_at=person.confirmed_at,
        has_account=hasattr(person, "account"),
        ties=tuple(ties_of([person_id], today).get(person_id, ())),
        may_manage=may("people.manage"),
        may_reveal=may("people.read_sensitive"),
        may_verify=may("people.verify"),
        may_help=may("case.submit_for") and person_id != actor.person_id,
    )


# A home and who lives in it.


def people_for_choice(actor: Actor, text: str, *, now: datetime) -> tuple[PersonRow, ...]:
    """People of the actor's areas to choose one of, by the beginning of a name or a whole number; at most ten.

    A security administrator, who reads no register, finds people by a whole phone or ID number only.
    """
    text = clean_line(text, 60)
    if not text:
        return ()
    if actor.is_system or actor.may_somewhere("people.read"):
        return search_people(actor, text=text, now=now).rows[:10]
    if not (valid_mobile(text) or valid_id_number(text)):
        return ()
    today = day_of(now)
    return tuple(_rows(list(_by_number(actor, text, today, "security.administer")[:10]), today))

"""Many residents at once: looked up, encrypted and laid out beforehand, so that the transaction only writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Q

from tongxin.kernel.errors import Invalid
from tongxin.kernel.identity import id_birth_date, id_is_female
from tongxin.kernel.ids import uuid7, uuid7_series
from tongxin.people import fields as stored
from tongxin.people.models import Household, Organisation, Ownership, Person, Residence, Tenancy
from tongxin.people.queries.areas import current
from tongxin.people.queries.committed import batch_told, made_state
from tongxin.people.rules.dates import overlap
from tongxin.people.rules.ownership import OwnedPeriod, check_shares
from tongxin.places.imports.bulk import Insert
from tongxin.places.models import Home

T = TypeVar("T")
CHUNK = 500  # of ids in one query


@dataclass(frozen=True, slots=True)
class ResidentRow:
    """One person and their home, already checked: phone and ID number are normalised, or empty.

    ``owner`` with ``share`` empty: the owners of the home given so hold equal parts. ``household`` tells apart
    people who live in the same home but not together. ``credit_code``: no person but an organisation on the register.
    """

    number: int
    name: str
    home_id: UUID
    id_number: str = ""
    phone: str = ""
    gender: str = ""
    birth_date: date | None = None
    relation: str = ""
    is_head: bool = False
    lives: bool = True
    owner: bool = False
    share: Fraction | None = None
    is_party_member: bool = False
    household: str = ""
    credit_code: str = ""
    moved_in: date | None = None  # else the day of the batch, or that on which the tenancy began
    rents_from: date | None = None
    rents_until: date | None = None

    @property
    def living_since(self) -> date | None:
        """The first day on which they lived there, as far as the row says."""
        return self.moved_in or self.rents_from


@dataclass(slots=True)
class HomeFacts:
    """What the register holds of a home already."""

    community_id: UUID
    area_path: str
    household_id: UUID | None = None
    household_since: date | None = None
    left: dict[UUID, date] = field(default_factory=dict)  # who lived there before: the first day without them
    renting: dict[UUID, list[tuple[date, date | None]]] = field(default_factory=lambda: defaultdict(list))
    living: set[UUID] = field(default_factory=set)
    has_head: bool = False
    owning: set[UUID | None] = field(default_factory=set)
    owned: list[OwnedPeriod] = field(default_factory=list)
    by_name: dict[str, UUID] = field(default_factory=dict)


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The values in lists of at most ``size``."""
    chunk: list[T] = []
    for value in values:
        chunk.append(value)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def home_facts(home_ids: Iterable[UUID], today: date) -> dict[UUID, HomeFacts]:
    """Places, households, residents, tenants and owners of homes. Five queries for each 500 of them."""
    facts: dict[UUID, HomeFacts] = {}
    estate = "unit__building__estate"
    for ids in chunks(dict.fromkeys(home_ids)):
        columns = ("pk", f"{estate}_id", f"{estate}__parent_id", f"{estate}__level_id", f"{estate}__path")
        for pk, area_id, parent_id, level, path in Home.objects.filter(pk__in=ids).values_list(*columns):
            facts[pk] = HomeFacts(parent_id if level == "estate" else area_id, path)
        households = Household.objects.filter(current(today), home__in=ids).order_by("-since", "-pk")
        for pk, home_id, since in households.values_list("pk", "home_id", "since"):
            facts[home_id].household_id, facts[home_id].household_since = pk, since  # the oldest one stays
        lived = Residence.objects.filter(household__home__in=ids, since__lte=today).values_list(
            "household__home_id", "person_id", "person__name", "is_head", "until"
        )
        for home_id, person_id, name, head, until in lived:
            if until is not None and until <= today:
                facts[home_id].left[person_id] = max(until, facts[home_id].left.get(person_id, until))
                continue
            facts[home_id].living.add(person_id)
            facts[home_id].by_name[name] = person_id
            facts[home_id].has_head |= head
        rented = Tenancy.objects.filter(home__in=ids).values_list(
            "home_id", "person_id", "person__name", "since", "until"
        )
        for home_id, person_id, name, since, until in rented:
            facts[home_id].renting[person_id].append((since, until))
            if since <= today and (until is None or until > today):  # a former tenant may have a namesake
                facts[home_id].by_name.setdefault(name, person_id)
        running = Ownership.objects.filter(Q(until=None) | Q(until__gt=today), home__in=ids)
        for row in running.select_related("person"):
            share = Fraction(row.share_numerator, row.share_denominator)
            facts[row.home_id].owned.append(OwnedPeriod(share, row.since, row.until))
            facts[row.home_id].owning.add(row.person_id or row.organisation_id)
            if row.person is not None:
                facts[row.home_id].by_name.setdefault(row.person.name, row.person.pk)
    return facts


def known_by_number(numbers: Iterable[str]) -> dict[str, tuple[UUID, str]]:
    """Persons of the register by ID number: their id and name. One query for each 500."""
    found: dict[str, tuple[UUID, str]] = {}
    indexes = {stored.id_number_index(number): number for number in set(numbers) if number}
    for chunk in chunks(indexes):
        rows = Person.objects.filter(id_number_index__in=chunk)
        for pk, name, index in rows.values_list("pk", "name", "id_number_index"):
            if index is not None:
                found[indexes[bytes(index)]] = (pk, name)
    return found


def known_by_code(codes: Iterable[str]) -> dict[str, tuple[UUID, tuple[str, str]]]:
    """Organisations of the register by credit code: their id, and their name in full and in short. One query for 500."""
    found: dict[str, tuple[UUID, tuple[str, str]]] = {}
    for chunk in chunks({code for code in codes if code}):
        rows = Organisation.objects.filter(credit_code__in=chunk, until=None)
        for pk, code, name, short in rows.values_list("pk", "credit_code", "name", "short_name"):
            found[code] = (pk, (name, short))
    return found


def day_problem(row: ResidentRow, person_id: UUID | None, facts: HomeFacts) -> tuple[str, str, date | None]:
    """What of a row's days does not fit the register: the column, why, and the day that the register has; else nothing."""
    since, began = row.living_since, facts.household_since
    if row.lives and since is not None and person_id not in facts.living:
        if not row.household and began is not None and since < began:
            return "moved_in", "On the register the household began later, on %(day)s.", began
        left = facts.left.get(person_id) if person_id is not None else None
        if left is not None and since < left:
            return "moved_in", "On the register this person lived here before, until %(day)s.", left
    if row.rents_from is not None and person_id is not None:
        for start, end in facts.renting.get(person_id, ()):
            if (start, end) != (row.rents_from, row.rents_until) and overlap(
                row.rents_from, row.rents_until, start, end
            ):
                return "rents_from", "On the register this person rents it already, since %(day)s.", start
    return "", "", None


class Plan:
    """Rows laid out as inserts. ``write`` runs inside the one transaction; ``problems`` are rows that do not fit."""

    def __init__(self, rows: Sequence[ResidentRow], *, since: date, today: date, now: datetime) -> None:
        self.since, self.now = since, now
        self.problems: list[tuple[int, str]] = []
        self.facts = home_facts((row.home_id for row in rows), today)
        self.numbers = known_by_number(row.id_number for row in rows)
        self.bodies = known_by_code(row.credit_code for row in rows)
        self.people = Insert(
            Person,
            "id",
            "name",
            "gender",
            "birth_date",
            "id_number_cipher",
            "id_number_index",
            "phone_cipher",
            "phone_index",
            "is_party_member",
            "community_id",
            "trust_note",
            "confirmed_at",
            "created_at",
            "erased_at",
            "same_as_id",
        )
        self.households = Insert(Household, "id", "home_id", "traits", "since", "until")
        self.residences = Insert(Residence, "id", "household_id", "person_id", "relation", "is_head", "since", "until")
        self.ownerships = Insert(
            Ownership,
            "id",
            "home_id",
            "person_id",
            "organisation_id",
            "share_numerator",
            "share_denominator",
            "source",
            "since",
            "until",
        )
        self.tenancies = Insert(Tenancy, "id", "home_id", "person_id", "since", "until")
        self.owning_ids = uuid7_series()
        self.owned: list[dict[str, Any]] = []
        by_home: dict[UUID, list[ResidentRow]] = defaultdict(list)
        for row in rows:
            by_home[row.home_id].append(row)
        for home_id, together in by_home.items():
            self._home(home_id, together)

    def _home(self, home_id: UUID, rows: Sequence[ResidentRow]) -> None:
        facts = self.facts.get(home_id)
        if facts is None:
            self.problems += [(row.number, "There is no such home.") for row in rows]
            return
        owners: list[tuple[ResidentRow, UUID | None]] = [(row, self._body(row)) for row in rows if row.credit_code]
        people = [(row, self._person(row, facts)) for row in rows if not row.credit_code]
        made: dict[str, UUID] = {"": facts.household_id} if facts.household_id else {}
        headed = {"": facts.has_head}
        unfit = {row.number: why for row, pk in people if (why := day_problem(row, pk, facts))[0]}
        self.problems += [(number, message % {"day": day}) for number, (_, message, day) in unfit.items()]
        self._tenants(home_id, facts, people)
        for row, person_id in people:
            if not row.lives or person_id in facts.living:
                continue
            household = made.get(row.household)
            if household is None:
                household = made[row.household] = uuid7()
                self.households.add(household, home_id, [], self._began(rows, row.household), None)
            head = row.is_head and not headed.get(row.household, False)
            headed[row.household] = headed.get(row.household, False) or head
            self.residences.add(uuid7(), household, person_id, row.relation, head, row.living_since or self.since, None)
            facts.living.add(person_id)
        owners += [(row, pk) for row, pk in people if row.owner]
        self._owners(home_id, facts, [(row, pk) for row, pk in owners if pk is not None and pk not in facts.owning])

    def _body(self, row: ResidentRow) -> UUID | None:
        """The organisation that the row speaks of; the import makes none, for it has a kind, an area and offices."""
        if row.credit_code in self.bodies:
            return self.bodies[row.credit_code][0]
        self.problems.append((row.number, "No organisation on the register has this credit code."))
        return None

    def _began(self, rows: Sequence[ResidentRow], household: str) -> date:
        """The first day of a household: that of whoever lived there first."""
        return min(row.living_since or self.since for row in rows if row.lives and row.household == household)

    def _tenants(self, home_id: UUID, facts: HomeFacts, people: Sequence[tuple[ResidentRow, UUID]]) -> None:
        for row, person_id in people:
            period = (row.rents_from, row.rents_until)
            if row.rents_from is not None and (row.rents_from, row.rents_until) not in facts.renting[person_id]:
                self.tenancies.add(uuid7(), home_id, person_id, *period)
                facts.renting[person_id].append((row.rents_from, row.rents_until))

    def _person(self, row: ResidentRow, facts: HomeFacts) -> UUID:
        """Whom the row speaks of: by ID number, else by name in that home, else somebody new."""
        if row.id_number in self.numbers:
            person_id, name = self.numbers[row.id_number]
            if name != row.name:
                self.problems.append((row.number, "This ID number is on the register under another name."))
            return person_id
        if not row.id_number and row.name in facts.by_name:
            return facts.by_name[row.name]
        person_id = uuid7()
        gender, born = row.gender, row.birth_date
        if row.id_number:
            self.numbers[row.id_number] = (person_id, row.name)
            gender, born = ("f" if id_is_female(row.id_number) else "m"), id_birth_date(row.id_number)
        facts.by_name[row.name] = person_id
        self.people.add(
            person_id,
            row.name,
            gender,
            born,
            *stored.sealed(row.id_number, stored.ID_NUMBER),
            *stored.sealed(row.phone, stored.PHONE),
            row.is_party_member,
            facts.community_id,
            "",
            None,
            self.now,
            None,
            None,
        )
        return person_id

    def _owners(self, home_id: UUID, facts: HomeFacts, owners: Sequence[tuple[ResidentRow, UUID]]) -> None:
        if not owners:
            return
        equal = Fraction(1, len(owners))
        shares = [row.share or equal for row, _ in owners]
        try:
            check_shares([*facts.owned, *(OwnedPeriod(share, self.since) for share in shares)])
        except Invalid:
            self.problems += [(row.number, "The owners would hold more than the whole home.") for row, _ in owners]
            return
        for (row, owner_id), share in zip(owners, shares, strict=True):
            person, body = (None, owner_id) if row.credit_code else (owner_id, None)
            source = Ownership.Source.REGISTER
            key = next(self.owning_ids)
            self.ownerships.add(
                key, home_id, person, body, share.numerator, share.denominator, source, self.since, None
            )
            self.owned.append(made_state(key, home_id, person, body, share, source, self.since))
            facts.owning.add(owner_id)

    def told(self) -> dict[str, Any]:
        """For the record: all ownerships made, as one commitment."""
        return batch_told(self.owned)

    def write(self, now: datetime) -> Mapping[str, int]:
        """Write it all; figures of what was made. IntegrityError if a row does not fit, or no longer does."""
        if self.problems:
            raise IntegrityError(f"{len(self.problems)} rows do not fit the register")
        return {
            "persons": self.people.run(),
            "households": self.households.run(),
            "residences": self.residences.run(),
            "tenancies": self.tenancies.run(),
            "ownerships": self.ownerships.run(),
        }

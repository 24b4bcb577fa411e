"""A city to measure on: places, people and any number of cases, written straight into the tables.

It may use models and bulk statements, because nothing is proved here but speed. The same seed gives the same city.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any

from bench import words
from bench.bulk import Table, literal, writer
from tongxin.cases import search
from tongxin.cases.models import (
    LINEAGE,
    Assignment,
    Case,
    CaseClock,
    Category,
    Party,
    Route,
    SearchText,
    Update,
)
from tongxin.kernel.ids import uuid7
from tongxin.people.models import (
    Account,
    Appointment,
    Household,
    Organisation,
    Ownership,
    Person,
    Residence,
    Service,
)
from tongxin.places.models import Area, Building, Home, Level, Unit

START = date(2020, 1, 1)
OPEN_PERCENT = 2
RARE_HITS, DETAILED = 12, 40
LEVELS = ("city", "county", "street", "community", "estate")
OPEN_STATES = ("submitted", "accepted", "dispatched", "claimed", "in_progress", "answered", "awaiting")
NOW = datetime.now(UTC).replace(microsecond=0)
BUSIEST = 0


@dataclass
class City:
    """What the measuring needs to know of the city."""

    desk_account: str
    county_account: str
    handler_account: str
    resident_account: str
    home: str
    community: str
    county: str
    detailed: list[str]
    submitted: list[str]
    cases: int
    seconds: float

    def dump(self) -> str:
        return json.dumps(asdict(self))


@dataclass
class Community:
    area: Area
    estates: list[Area]
    office: Organisation
    company: Organisation
    codes: list[list[str]]


def build(cases: int, submitted: int = 0) -> City:
    """Fill an empty, migrated database. ``submitted``: so many more cases that only wait to be accepted."""
    started = time.monotonic()
    random = Random(20261122)
    communities = _places(max(8, min(200, int((cases / 10_000) ** 0.5 * 20))))
    people = _people(2_000, communities[BUSIEST])
    _offices(communities, people)
    detailed, waiting = _cases(cases + submitted, submitted, communities, people, random)
    home = Home.objects.get(name="501")
    return City(
        desk_account=str(people["desk"].account.pk),
        county_account=str(people["county"].account.pk),
        handler_account=str(people["handler"].account.pk),
        resident_account=str(people["resident"].account.pk),
        home=str(home.pk),
        community=communities[BUSIEST].area.path,
        county="/".join(communities[BUSIEST].area.path.split("/")[:2]) + "/",
        detailed=detailed,
        submitted=waiting,
        cases=cases,
        seconds=round(time.monotonic() - started, 1),
    )


def _area(code: str, name: str, level: int, parent: Area | None, **more: Any) -> Area:
    path = f"{parent.path if parent else ''}{code}/"
    kept = Level.objects.get_or_create(
        code=LEVELS[level], defaults={"name": LEVELS[level], "name_en": LEVELS[level], "rank": level}
    )[0]
    return Area.objects.create(
        code=code, name=name, level=kept, parent=parent, path=path, depth=level, valid_from=START, **more
    )


def _places(count: int) -> list[Community]:
    """One city, four counties, five streets in each, ``count`` communities, three estates in each."""
    city = _area("4203", "十堰市", 0, None)
    counties = [_area(f"42030{n}", f"{n}区", 1, city) for n in range(1, 5)]
    streets = [_area(f"{c.code}{n:03}", f"{n}街道", 2, c) for c in counties for n in range(1, 6)]
    found = []
    for n in range(count):
        street = streets[n % len(streets)]
        prefix = "B" + chr(65 + n // 26) + chr(65 + n % 26)
        area = _area(f"{street.code}{n:03}", f"{n}号社区", 3, street, number_prefix=prefix, lat=32.6, lng=110.7)
        estates = [_area(f"{area.code}-{e}", f"国瑞{e}区", 4, area, lat=32.6, lng=110.7) for e in range(1, 4)]
        office = Organisation.objects.create(kind="community", name=f"{area.name}居委会", area=area, since=START)
        company = Organisation.objects.create(kind="property_company", name=f"{n}号物业", area=area, since=START)
        codes = [estate.path.strip("/").split("/") for estate in estates]
        found.append(Community(area, estates, office, company, codes))
    return found


def _people(count: int, community: Community) -> dict[str, Any]:
    rows = [
        Person(name=f"{words.FAMILY[n % len(words.FAMILY)]}居民{n}", community=community.area, created_at=NOW)
        for n in range(count)
    ]
    Person.objects.bulk_create(rows)
    people: dict[str, Any] = {"all": [row.pk for row in rows]}
    for name in ("desk", "county", "handler", "resident"):
        one = Person.objects.create(name=f"吴敏{name}", community=community.area, created_at=NOW)
        Account.objects.create(person=one, created_at=NOW)
        people[name] = one
    return people


def _offices(communities: list[Community], people: dict[str, Any]) -> None:
    """The desk of the busiest community, an officer of its county, a handler, and a resident with a home."""
    first = communities[BUSIEST]
    county = Area.objects.get(path="/".join(first.area.path.split("/")[:2]) + "/")
    hall = Organisation.objects.create(kind="government", name="区政府", area=county, since=START)
    for who, role, body, area in (
        ("desk", "community_worker", first.office, first.area),
        ("county", "county_officer", hall, county),
        ("handler", "handler", first.company, first.estates[0]),
    ):
        Appointment.objects.create(person=people[who], organisation=body, role=role, area=area, since=START)
    building = Building.objects.create(estate=first.estates[0], name="3号楼", lat=32.6, lng=110.7)
    unit = Unit.objects.create(building=building, name="2单元")
    home = Home.objects.create(unit=unit, name="501", floor=5)
    household = Household.objects.create(home=home, since=START)
    Residence.objects.create(household=household, person=people["resident"], since=START)
    Ownership.objects.create(home=home, person=people["resident"], source="register", since=START)
    # A report of a lamp goes to the property company at once; all else goes to the desk.
    Service.objects.create(organisation=first.company, area=first.area, kind="property", since=START)
    lighting = Category.objects.get(code="lighting")
    Route.objects.create(area=county, category=lighting, service="property", automatic=True, since=START)


class _Maker:
    """Rows of cases and of what hangs on them, in the order of their ids."""

    def __init__(
        self, total: int, waiting: int, communities: list[Community], people: dict[str, Any], random: Random
    ) -> None:
        self.total, self.communities, self.people, self.random = total, communities, people, random
        self.waiting = waiting
        self.first = NOW - timedelta(days=3 * 365)
        self.step = (NOW - self.first) / (total + 1)
        self.weights = list(accumulate(1 / (n + 1) for n in range(len(communities))))
        self.numbers: dict[tuple[str, str], int] = {}
        categories = list(Category.objects.filter(is_active=True))
        self.categories = {row.code: row for row in categories}
        self.kinds = [row for row in categories if not row.is_service]
        base = Case(
            category=categories[0], urgency="normal", channel="app", area=communities[0].area,
            occurred_at=NOW, created_at=NOW, changed_at=NOW,
        )  # fmt: skip
        self.case = Table(base)
        self.party = Table(Party(case=base, joined_at=NOW))
        self.update = Table(Update(case=base, verb="submit", state="submitted", actor_id=uuid7(),
                                   occurred_at=NOW, recorded_at=NOW))  # fmt: skip
        self.search = Table(SearchText(case=base))
        self.assignment = Table(Assignment(case=base, mode="assigned", given_by=uuid7(), given_at=NOW))
        self.clock = Table(CaseClock(case=base, kind="resolve", amount=5, unit="work_days", started_at=NOW, due_at=NOW,
                                     warn_at=NOW))  # fmt: skip
        self.tables = (self.case, self.party, self.update, self.search, self.assignment, self.clock)
        self.detailed: list[str] = []
        self.submitted: list[str] = []
        self.in_busiest = 0

    def one(self, n: int) -> None:
        """Make the n-th case and put its rows into the tables' buffers."""
        random = self.random
        at = self.first + self.step * n
        # The last ones are made for the mixed run (to be accepted) and for the details.
        left = self.total - n
        role = "submitted" if left <= self.waiting else ""
        role = "detailed" if self.waiting < left <= self.waiting + DETAILED else role
        where = 0 if role else random.choices(range(len(self.communities)), cum_weights=self.weights)[0]
        community = self.communities[where]
        e = random.randrange(3)
        category = random.choice(self.kinds)
        is_open = bool(role) or random.random() * 100 < OPEN_PERCENT
        state = random.choice(OPEN_STATES) if is_open else "closed"
        state = {"submitted": "submitted", "detailed": "in_progress"}.get(role, state)
        text, title = words.text(random, n)
        if where == BUSIEST:
            self.in_busiest += 1
            if self.in_busiest % 97 == 3 and self.in_busiest // 97 < RARE_HITS:
                text += words.RARE
        self._write(n, at, community, e, category, state, role, text, title)

    def _write(self, n: int, at: datetime, community: Community, e: int, category: Category, state: str, role: str,
               text: str, title: str) -> None:  # fmt: skip
        random, key = self.random, _id(at, n)
        when, codes = literal(at), community.codes[e]
        number = self._number(community.area.number_prefix, at)
        held = state in {"dispatched", "claimed", "in_progress", "answered", "awaiting"}
        due = NOW + timedelta(hours=random.uniform(2, 240)) if state != "closed" else None
        lead = literal(community.company.pk) if held or state == "closed" else None
        place = f"{community.estates[e].name} {n % 30 + 1}号楼"
        body = search.body_of((number, title, text, place, category.name), codes)
        values: dict[str, Any] = {
            "id": key, "number": number, "state": state, "open": state != "closed", "title": title, "text": text,
            "outcome": "" if state != "closed" else "solved", "public_text": text, "category_id": category.pk,
            "channel": "app" if n % 9 < 5 else "phone", "area_id": community.estates[e].pk, "place": place,
            "area_path": community.estates[e].path, "lat": 32.6 + n % 1000 / 1e5, "lng": 110.7 + n % 997 / 1e5,
            "urgency": category.urgency, "is_public": state == "closed" and n % 3 > 0, "lead_id": lead,
            "holder_name": "李师傅" if held else "", "due_at": due, "due_kind": "resolve" if due else "",
            "occurred_at": when, "created_at": when, "changed_at": when, "accepted_once": state != "submitted",
            "closed_at": at + timedelta(days=3) if state == "closed" else None,
        }  # fmt: skip
        values |= dict(zip(LINEAGE, codes, strict=False))
        self.case.add(values)
        person = self.people["resident"].pk if role == "detailed" else random.choice(self.people["all"])
        self.party.add({"id": _id(at, n, 1), "case_id": key, "person_id": person, "joined_at": when})
        self.search.add({"id": n + 1, "case_id": key, "body": body})
        self._lines(at, n, key, state, role, text)
        if held:
            self.assignment.add({"id": _id(at, n, 2), "case_id": key, "organisation_id": lead, "given_at": when,
                                 "state": "claimed", "area_path": values["area_path"]})  # fmt: skip
        if due is not None:
            self.clock.add({"id": _id(at, n, 3), "case_id": key, "started_at": when, "due_at": due, "warn_at": due,
                            "next_at": due, "kind": "resolve" if held else "accept"})  # fmt: skip
        if role:
            (self.submitted if role == "submitted" else self.detailed).append(number)

    def _lines(self, at: datetime, n: int, key: str, state: str, role: str, text: str) -> None:
        lines = 20 if role == "detailed" else 1 if state == "submitted" else 2
        for i in range(lines):
            then = at + timedelta(minutes=7 * i)
            first = i == 0
            self.update.add({
                "id": _id(then, n, 16 + i), "case_id": key, "occurred_at": then, "recorded_at": then,
                "verb": "submit" if first else "note", "state": "submitted" if first else state,
                "text": text if first else words.ANSWERS[(n + i) % len(words.ANSWERS)], "actor_name": "李师傅",
                "actor_id": self.people["resident"].pk if first else self.people["handler"].pk,
            })  # fmt: skip

    def _number(self, prefix: str, at: datetime) -> str:
        day = f"{at + timedelta(hours=8):%Y%m%d}"
        last = self.numbers[prefix, day] = self.numbers.get((prefix, day), 0) + 1
        return f"{prefix}-{day}-{last:04}"


def _id(at: datetime, n: int, part: int = 0) -> str:
    """A UUID of version 7, ordered by time and then by the case."""
    return f"{int(at.timestamp() * 1000):012x}7{part:03x}8{n:015x}"


def _cases(
    total: int, waiting: int, communities: list[Community], people: dict[str, Any], random: Random
) -> tuple[list[str], list[str]]:
    maker = _Maker(total, waiting, communities, people, random)
    with writer(maker.tables) as write:
        for n in _told(total):
            maker.one(n)
            if n % 5_000 == 4_999:
                write()
        write()
    _counters(maker.numbers)
    return maker.detailed, maker.submitted


def _counters(numbers: dict[tuple[str, str], int]) -> None:
    """The last number given today, so that the next report gets a new one."""
    from tongxin.cases.models import CaseCounter

    CaseCounter.objects.bulk_create(
        CaseCounter(prefix=prefix, day=date(int(day[:4]), int(day[4:6]), int(day[6:])), last=last)
        for (prefix, day), last in numbers.items()
        if (NOW + timedelta(hours=8)).strftime("%Y%m") == day[:6]
    )


def _told(total: int) -> Iterator[int]:
    from tongxin.commands.output import Progress

    progress = Progress("  cases")
    for n in range(total):
        if n % 5_000 == 0:
            progress(n, total)
        yield n
    progress(total, total)

"""The residents of the demo city, settled through the register's own bulk operation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Any
from uuid import UUID

from tongxin.commands.demo_city import invented
from tongxin.commands.demo_city.places import Community, homes_of
from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.times import local_day
from tongxin.people.operations.settling import ResidentRow, bulk_settle

SINCE = date(2021, 3, 1)


@dataclass(slots=True)
class Numbers:
    """Serials, so that no two people share a number."""

    person: int = 0
    taken: set[str] = field(default_factory=set)

    def id_number(self, random: Random, born: date, female: bool) -> str:
        """A number that nobody else here has."""
        serial = self.person
        while (number := invented.id_number(random, born, female, serial)) in self.taken:
            serial += 1
        self.taken.add(number)
        return number


def settle(
    community: Community, numbers: Numbers, at: datetime, reserved: set[UUID], *, less: int = 0
) -> dict[str, int]:
    """Fill the homes of a community with households, up to its real number of people, save ``reserved`` ones and the
    ``less`` people who will live there.
    """
    random = Random(community.plan.code)  # noqa: S311 - a demo that is the same each time
    homes = [home for rows in homes_of(community).values() for home, _, _ in rows if home not in reserved]
    random.shuffle(homes)
    rows = _rows(community, community.plan.residents - less, homes, numbers, random, local_day(at))
    return bulk_settle(SYSTEM, rows, now=at, since=SINCE)


def _rows(
    community: Community, left: int, homes: list[UUID], numbers: Numbers, random: Random, today: date
) -> Iterator[ResidentRow]:
    plan = community.plan
    for position, home in enumerate(homes):
        if left <= 0:
            return
        last = position == len(homes) - 1  # whoever is left over lives there
        size = left if last else min(left, _size(random, left / (len(homes) - position)))
        for row in _household(random, size, plan.over_sixty, numbers, today):
            yield ResidentRow(number=numbers.person, home_id=home, **row)
        left -= size


def _size(random: Random, mean: float) -> int:
    """How many live in a home, so that all homes together come to the community's number."""
    low = int(mean)
    return max(1, min(8, low + (random.random() < mean - low) + random.choice((-1, 0, 0, 1))))


def _household(random: Random, size: int, over_sixty: float, numbers: Numbers, today: date) -> Iterator[dict[str, Any]]:
    old = random.random() < over_sixty + 0.06
    surname = random.choices(invented.SURNAMES, invented.WEIGHTS)[0]
    head_age = random.randint(60, 92) if old else random.randint(27, 59)
    for place in range(size):
        age = _age(random, place, head_age)
        female = (place == 1) if place < 2 else random.random() < 0.5
        numbers.person += 1
        born = invented.birthday(random, age, today)
        own_surname = surname if place != 1 else ""
        yield {
            "name": invented.name(random, age, female, own_surname),
            "id_number": numbers.id_number(random, born, female),
            "phone": invented.phone(numbers.person) if 15 < age < 80 and random.random() < 0.8 else "",
            "relation": ("户主", "配偶", "子女", "子女", "父母")[place] if place < 5 else "其他",
            "is_head": place == 0,
            "owner": place == 0 or (place == 1 and random.random() < 0.4),
            "is_party_member": 22 < age < 88 and random.random() < 0.075,
        }


def _age(random: Random, place: int, head_age: int) -> int:
    if place == 0:
        return head_age
    if place == 1:
        return max(22, head_age + random.randint(-6, 5))
    if place < 4 and head_age < 62:
        return max(0, head_age - random.randint(24, 34))
    if place < 4:
        return max(18, head_age - random.randint(24, 36))
    return min(96, head_age + random.randint(22, 30)) if head_age < 60 else random.randint(2, 30)

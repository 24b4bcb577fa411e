"""What offices settle for themselves, by area: how long one may reopen, how often one is asked, and the like. PURE.

The defaults are those of Baoding's regulation and of the hotlines; what a smaller area says holds there before what a
larger one says, and what nobody says is the default.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Final

from tongxin.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class Practice:
    """The settings of one area; None: as the area above has it."""

    reopen_days: int | None = None  # calendar days in which anyone affected may reopen
    asks: int | None = None  # how often a silent resident is asked in all
    remind_days: int | None = None  # days between two questions to the same resident
    extension_days: int | None = None  # the most that an extension adds
    warn_percent: int | None = None  # share of a limit that has passed when it warns
    urge_hours: int | None = None  # hours between two urgings by the same person
    sample_percent: int | None = None  # share of solved cases whose reporter is rung all the same
    suggestion_months: int | None = None  # in which a deputy's suggestion is answered (代表法 2015, art. 42)
    suggestion_complex_months: int | None = None  # the same where it concerns many and is hard
    watermark: bool | None = None  # time and place drawn into the photos of an answer


DEFAULT: Final = Practice(
    reopen_days=30, asks=2, remind_days=1, extension_days=5, warn_percent=75, urge_hours=12, sample_percent=10,
    suggestion_months=3, suggestion_complex_months=6, watermark=False,
)  # fmt: skip
BOUNDS: Final[dict[str, tuple[int, int]]] = {
    "reopen_days": (1, 365),
    "asks": (2, 5),
    "remind_days": (1, 30),
    "extension_days": (1, 60),
    "warn_percent": (10, 99),
    "urge_hours": (1, 240),
    "sample_percent": (0, 100),
    "suggestion_months": (1, 6),
    "suggestion_complex_months": (1, 12),
}
"""What each number may be. A resident is asked twice at least before silence closes a case."""
NAMES: Final = tuple(field.name for field in fields(Practice))


def in_force(area_path: str, rows: Iterable[tuple[str, Practice]]) -> Practice:
    """What holds at a place: for each setting the nearest area's, else the default."""
    found = DEFAULT
    for path, practice in sorted(rows, key=lambda row: len(row[0])):
        if area_path.startswith(path):
            own = {name: value for name in NAMES if (value := getattr(practice, name)) is not None}
            found = replace(found, **own)
    return found


def check(practice: Practice) -> None:
    """Raise :class:`Invalid` for a number out of its bounds, naming the field."""
    for name, (least, most) in BOUNDS.items():
        value = getattr(practice, name)
        if value is not None and not least <= value <= most:
            raise Invalid("Between %(least)s and %(most)s.", field=name, least=least, most=most)


def sampled(key: bytes, percent: int) -> bool:
    """True for a fixed share of all keys: the same case is in the sample whenever it is asked about."""
    return int.from_bytes(key[-4:], "big") % 100 < percent

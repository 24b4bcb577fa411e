"""What a kind of import has to say about itself; everything else is common to all of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from tongxin.kernel.errors import NotFound
from tongxin.places.models import Area
from tongxin.places.rules import Problem

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file. ``titles`` are the headings it is known by; the first one stands in the template."""

    key: str
    titles: tuple[str, ...]
    required: bool = False
    example: str = ""
    width: int = 12


@dataclass(frozen=True, slots=True)
class StagedRow:
    """A good row: its number in the file, and its checked values as JSON can hold them."""

    number: int
    values: Mapping[str, Any]


class Prepared:
    """Rows ready to be written. ``write`` runs inside the one transaction and must do nothing but write.

    It returns what was made, such as ``{"homes": 320}``: figures for the screen and the record, nothing personal.
    ``told`` is what else the record is told, such as a commitment to the rows.
    """

    def __init__(self, write: Callable[[datetime], Mapping[str, int]], told: Mapping[str, Any] | None = None) -> None:
        self.write = write
        self.told = told or {}


class Importer(ABC):
    """Base of all imports. An instance is registered once and holds no state; ``context`` lives for one pass."""

    kind: ClassVar[str]
    title: ClassVar[str]
    permission: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]

    @abstractmethod
    def accepts(self, area: Area) -> None:
        """Raise Invalid unless files may be imported into this area."""

    def context(self, area: Area, now: datetime) -> Any:
        """Look-ups for one pass over the file, loaded once."""
        return None

    @abstractmethod
    def check(self, cells: Mapping[str, str], context: Any) -> tuple[Mapping[str, Any] | None, Sequence[Problem]]:
        """A row's checked values, or its problems. ``cells`` holds every column of ``columns``, empty where blank."""

    def key(self, values: Mapping[str, Any]) -> Hashable | None:
        """Two rows with the same key are the same thing, and the second is a problem; None: never the same."""
        return None

    def there(self, rows: Sequence[StagedRow], context: Any) -> Mapping[int, Problem]:
        """Problems, by row number, that only the register knows, such as "already there". Asked for every 500 rows."""
        return {}

    def shown(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """A row as the preview may show it, by column: mask what is personal."""
        return values

    @abstractmethod
    def prepare(self, rows: Iterable[StagedRow], context: Any, now: datetime) -> Prepared:
        """Do all that can be done before the transaction: ids, encryption, conversion (see ``bulk.Insert``)."""


_importers: dict[str, Importer] = {}


def register(importer: Importer) -> None:
    """Make a kind of import known; call it in ``AppConfig.ready``."""
    _importers[importer.kind] = importer


def importer_for(kind: str) -> Importer:
    """The importer of a kind. Raises NotFound."""
    if kind not in _importers:
        raise NotFound("There is no such kind of import.", code="no-import-kind")
    return _importers[kind]

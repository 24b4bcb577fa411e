"""What the layers above tell the record, so that ``verify`` can compare it with their rows and files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

State = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not agree: ``kind`` is for programs, ``where`` names it, ``message`` says what is wrong."""

    kind: str
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class StateProvider:
    """How to read the present rows of one kind of subject.

    ``states`` gives, for the ids asked for, exactly the mapping that operations hand to ``append_entry(state=…)``; ids
    without a row are left out. ``ids`` walks the ids of all rows in bounded memory.
    """

    kind: str
    states: Callable[[Sequence[UUID]], Mapping[UUID, State]]
    ids: Callable[[], Iterator[UUID]]


Check = Callable[[], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Registered:
    """A check, and whether it reads the database alone, so that it can look at the same moment as the chains."""

    run: Check
    on_snapshot: bool


_providers: dict[str, StateProvider] = {}
_checks: dict[str, Registered] = {}


def register_state(
    kind: str, states: Callable[[Sequence[UUID]], Mapping[UUID, State]], ids: Callable[[], Iterator[UUID]]
) -> None:
    """Tell how the rows of ``kind`` are read; call it in ``AppConfig.ready``."""
    _providers[kind] = StateProvider(kind, states, ids)


def register_check(name: str, check: Check, *, on_snapshot: bool = False) -> None:
    """Add a check of something beside the chains, such as files on disk, to what ``verify`` walks.

    ``on_snapshot``: it reads nothing but the database, and sees it as the walk of the chains does.
    """
    _checks[name] = Registered(check, on_snapshot)


def state_providers() -> Mapping[str, StateProvider]:
    return dict(_providers)


def checks() -> Mapping[str, Registered]:
    return dict(_checks)

"""Which cases somebody in office may see: those of their areas, or those given to their organisation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q

from tongxin.cases.models import LINEAGE, Assignment
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotAllowed
from tongxin.record.statements import Statement

LIVE = Q(due_at__isnull=False)
"""Cases with a running clock: those that somebody has to do something about. The indexes of open cases are these, and
the planner knows how few they are."""
_SEEING = ("case.read", "case.desk")


@dataclass(frozen=True, slots=True)
class Scope:
    """``paths``: areas whose cases are seen. ``leads``: organisations whose own cases are seen, where there is no
    area; ``helps``: cases in which they have a sub-task beside somebody else's lead. ``mine``: organisations of the
    actor, which must not see what complains about them, nor, where it was given to them all the same, who does.
    ``sees_hidden``: also reporters who hid their names."""

    paths: tuple[str, ...] = ()
    leads: tuple[UUID, ...] = ()
    helps: tuple[UUID, ...] = ()
    mine: frozenset[UUID] = frozenset()
    sees_hidden: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the areas, as the search knows them."""
        return tuple(last_code(path) for path in self.paths)

    def barred(self, complained_of: Iterable[str]) -> bool:
        """True for a case that complains about an organisation of the actor's, and is not theirs to work on."""
        return not self.leads and self._about_us(complained_of)

    def veiled(self, hidden: bool, complained_of: Iterable[str]) -> bool:
        """True for a case of which the actor may not know who reported it."""
        return (hidden and not self.sees_hidden) or self._about_us(complained_of)

    def _about_us(self, complained_of: Iterable[str]) -> bool:
        return bool(self.mine) and any(UUID(one) in self.mine for one in complained_of)


def topmost(paths: Iterable[str]) -> tuple[str, ...]:
    """The paths without those that lie in another of them."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not any(path.startswith(above) for above in kept):
            kept.append(path)
    return tuple(kept)


def last_code(path: str) -> str:
    """The code of the area at the end of a path."""
    return path.rstrip("/").rpartition("/")[2]


def level_of(path: str) -> str:
    """The column that holds the code of the area at the end of a path."""
    return LINEAGE[min(path.count("/") - 1, len(LINEAGE) - 1)]


def in_areas(paths: Iterable[str]) -> Q:
    """Cases in any of the areas: each is one range of one index."""
    return reduce(or_, (Q(**{level_of(path): last_code(path)}) for path in paths), Q(pk__in=[]))


def sees_cases(actor: Actor) -> bool:
    """Whether the actor's offices have anything to do with cases."""
    return any(actor.may_somewhere(permission) for permission in (*_SEEING, "case.handle"))


def scope_of(actor: Actor, area_path: str = "", *, helps: bool = False) -> Scope:
    """What the actor may see, narrowed to ``area_path`` and below; with ``helps`` also the cases in which their
    organisations have a sub-task (one query). Raises :class:`NotAllowed` outside of it."""
    paths = topmost(path for permission in _SEEING for path in actor.areas_with(permission))
    mine = actor.organisations()
    if paths:
        inside = tuple(path for path in paths if path.startswith(area_path))
        if area_path and any(area_path.startswith(path) for path in paths):
            inside = (area_path,)
        if inside:
            return Scope(inside, (), (), mine, all(actor.may("case.see_reporter", path) for path in inside))
        raise NotAllowed("This area is not yours to look after.", code="other-area")
    leads = tuple(sorted(actor.organisations_with("case.handle")))
    if not leads:
        raise NotAllowed("This page is for people in office.", code="no-permission")
    return Scope((), leads, tuple(_HELPING(leads)) if helps else (), mine)


def of_scope(scope: Scope) -> Q:
    """The condition of a scope."""
    if scope.paths:
        return in_areas(scope.paths)
    led = Q(lead_id=scope.leads[0]) if len(scope.leads) == 1 else Q(lead_id__in=scope.leads)
    return led | Q(pk__in=scope.helps) if scope.helps else led


MOST_HELPED = 300
_HELPING: Statement[UUID] = Statement(
    lambda bodies: (
        Assignment.objects.filter(organisation_id__in=bodies, role=Assignment.Role.CO, ended_at=None)
        .order_by("-id")
        .values_list("case_id", flat=True)[:MOST_HELPED]
    )
)

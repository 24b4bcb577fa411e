"""Who gets a case: area × category → organisation, and never a dead end. PURE.

The nearest category decides before the nearest area: a county-wide route for gas leaks wins over an estate's
catch-all to its property company. Within the same category the smaller area wins. What nobody has a route for
goes to the desk of the community, and to the level above where that desk is itself complained of.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tongxin.cases.rules_facts import Refusal
from tongxin.cases.rules_words import Mode

SERVES: Final = frozenset(
    {"party_member", "volunteer", "grid_worker", "building_head", "branch_secretary", "committee_member", "handler",
     "community_worker"}
)  # fmt: skip
"""Roles that may take an order for help from the pool: those who serve neighbours; offices are given cases instead."""
MOST_ORDERS: Final = 5


@dataclass(frozen=True, slots=True)
class Route:
    """One row of routing data. ``category_path`` "" is for everything; a pool needs no ``organisation``.
    Operations put in the organisation that serves the place at that moment (its property company) before they
    ask."""

    area_path: str
    category_path: str = ""
    organisation: Hashable = None
    mode: Mode = Mode.ASSIGNED
    automatic: bool = False  # dispatched at once, without the desk
    turns: tuple[Turn, ...] = ()
    id: Hashable = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A member of a rotation, and when it was last given something."""

    organisation: Hashable
    position: int = 0
    last_given_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """A dispatch desk. Desks are given from the community upward."""

    area_path: str
    organisation: Hashable


@dataclass(frozen=True, slots=True)
class RouteChoice:
    """Where a case goes. ``fallback``: no route fits, so it is for the people at the desk ``area_path``.

    ``because`` is a message id for the timeline.
    """

    organisation: Hashable
    mode: Mode
    automatic: bool
    fallback: bool
    area_path: str
    because: str
    route: Hashable = None

    @property
    def at_once(self) -> bool:
        """True if the case is dispatched without the desk."""
        return self.automatic and not self.fallback


def choose_route(
    area_path: str,
    category_path: str,
    routes: Iterable[Route],
    desks: Sequence[Desk],
    excluded: Set[Hashable] = frozenset(),
) -> RouteChoice:
    """The route for a case at ``area_path`` (each path starts with that of the area above) about
    ``category_path``.

    ``excluded`` are organisations complained of: their routes do not count. Raises ValueError without any
    desk: a system without one is not set up.
    """
    fitting = [r for r in routes if area_path.startswith(r.area_path) and category_path.startswith(r.category_path)]
    fitting.sort(key=lambda route: (len(route.category_path), len(route.area_path)), reverse=True)
    for route in fitting:
        organisation = rotation_next(route.turns, excluded) if route.mode is Mode.ROTATION else route.organisation
        nobody = organisation is None and route.mode is not Mode.POOL
        if nobody or organisation in excluded:
            continue
        because = "The route for this kind of matter at this place."
        if route.area_path != area_path or route.category_path != category_path:
            because = "The nearest route for this kind of matter."
        return RouteChoice(organisation, route.mode, route.automatic, False, route.area_path, because, route.id)
    return _to_desk(desks, excluded)


def choose_desk(desks: Sequence[Desk], excluded: Set[Hashable] = frozenset()) -> Desk:
    """The first desk upward that is not complained of; the highest one if all are, since somebody must read
    it."""
    if not desks:
        raise ValueError("there is no dispatch desk")
    return next((desk for desk in desks if desk.organisation not in excluded), desks[-1])


def _to_desk(desks: Sequence[Desk], excluded: Set[Hashable]) -> RouteChoice:
    desk = choose_desk(desks, excluded)
    because = "No route fits; the desk decides."
    if desk is not desks[0]:
        because = "The desk is complained of; the level above decides."
    return RouteChoice(desk.organisation, Mode.ASSIGNED, False, True, desk.area_path, because)


def rotation_next(turns: Iterable[Turn], excluded: Set[Hashable] = frozenset()) -> Hashable:
    """Whose turn it is 轮派: who never had one, then who had the last one longest ago; by position where
    equal.

    None if nobody is left.
    """
    left = [turn for turn in turns if turn.organisation not in excluded]
    never = [turn for turn in left if turn.last_given_at is None]
    if never:
        return min(never, key=lambda turn: turn.position).organisation
    given = [(turn.last_given_at, turn.position, turn) for turn in left if turn.last_given_at is not None]
    return min(given, key=lambda row: row[:2])[2].organisation if given else None


@dataclass(frozen=True, slots=True)
class Order:
    """An order in the pool 点单: where it is and what it takes. ``skills`` are codes, such as
    ``electrician``."""

    area_path: str
    skills: frozenset[str] = frozenset()
    complained_of: frozenset[Hashable] = frozenset()
    reporter: Hashable = None
    service: bool = False  # help for somebody, rather than a problem
    taken: bool = False


@dataclass(frozen=True, slots=True)
class Taker:
    """Somebody who looks into the pool: where they live or report in, what they can, what they have
    already."""

    person: Hashable
    area_paths: tuple[str, ...] = ()
    skills: frozenset[str] = frozenset()
    organisations: frozenset[Hashable] = frozenset()
    roles: frozenset[str] = frozenset()
    open_orders: int = 0
    most_orders: int = MOST_ORDERS


def why_not_take(order: Order, taker: Taker) -> Refusal | None:
    """Why the taker may not take the order, or None. Near: it lies in an area of theirs; fit: they can all it
    takes."""
    if order.taken:
        return Refusal("taken", "Somebody else has taken it.")
    if order.reporter is not None and order.reporter == taker.person:
        return Refusal("own-order", "Your own order is for others to take.")
    if taker.organisations & order.complained_of:
        return Refusal("complained-of", "A body complained of cannot handle the case alone.")
    if not any(order.area_path.startswith(path) for path in taker.area_paths):
        return Refusal("not-near", "It is outside the areas where you help.")
    if order.service and not taker.roles & SERVES:
        return Refusal("not-your-role", "Orders for help are for volunteers, party members and neighbours in office.")
    if order.skills - taker.skills:
        return Refusal("not-fit", "It takes a skill that you have not registered.")
    if taker.open_orders >= taker.most_orders:
        return Refusal("enough", "Finish one of your open orders first.")
    return None


def may_take_from_pool(order: Order, taker: Taker) -> bool:
    """True if the taker is near and fit, and the order free."""
    return why_not_take(order, taker) is None

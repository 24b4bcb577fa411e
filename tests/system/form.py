"""What is sent to a route, by whom it is taken, and what everybody else is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.system.matrix import TABLE
from tests.system.stages import Stage
from tests.system.town import CITY, ENDED, OWN, SIBLING, Who, pk
from tests.system.walking import address
from tongxin.kernel.ids import uuid7

Body = Mapping[str, Any] | Callable[[Stage], Mapping[str, Any]]
NONE: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True)
class Form:
    """``who`` has it taken with a status of ``taken``; somebody who opens the route and may not do this is told one
    of ``told``; who has the same office elsewhere one of ``elsewhere``. ``at``: the stage of the case it is about."""

    pattern: str
    body: Body
    who: frozenset[str]
    at: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    taken: frozenset[int] = frozenset({303})
    told: frozenset[int] = frozenset({403, 404, 409})
    elsewhere: frozenset[int] = frozenset({403, 404})
    anywhere: bool = False
    wide: bool = False
    also: frozenset[Who] = frozenset()
    writes: bool = True
    reads: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def address(self, s: Stage) -> str:
        """Where it is sent."""
        parts = TABLE[self.pattern].parts | dict(self.parts)
        return address(s.town, self.pattern, parts, s.cases[self.at] if self.at else None)

    @property
    def label(self) -> str:
        return " ".join([self.pattern, *self.parts.values(), self.at])

    def sent(self, s: Stage) -> Mapping[str, Any]:
        return self.body(s) if callable(self.body) else self.body

    def takes(self, who: Who) -> bool:
        """Whether it is taken from them."""
        name, where = who
        if self.wide:  # of the settings, over a topmost area: the installation of the tests has two cities
            return who == CITY or (name == CITY[0] and where != ENDED and "settings/" in self.pattern)
        if where == ENDED:
            if self.pattern.startswith("api/"):
                return False  # the program ended with the office
            name = "visitor"
        return who in self.also or (name in self.who and (self.anywhere or where in {OWN, CITY[1]}))

    def refusals(self, who: Who) -> frozenset[int]:
        """What they may be told instead."""
        return self.elsewhere if who[1] == SIBLING else self.told

    def may_read(self, who: Who, secret: str) -> bool:
        """Whether the answer to them may hold it."""
        if who == CITY:
            who = (CITY[0], OWN)
        reads = {**TABLE[self.pattern].reads, **self.reads}
        return who[1] == OWN and who[0] in reads.get(secret, ())


WHY: Final = {"reason": "情况属实"}
ONCE: Final = {"once": str(uuid7())}
"""The key that stands on a form and lets it be taken once."""
FORM_SAYS = frozenset({403, 404, 422})
"""A choice among one's own things: what is elsewhere is not among them, and the form says so beside the field."""


def form_of(pattern: str, body: Body, who: frozenset[str], **more: Any) -> Form:
    """A form as a row of a table."""
    taken = more.pop("taken", None)
    return (
        Form(pattern, body, who, **more) if taken is None else Form(pattern, body, who, taken=frozenset(taken), **more)
    )


def thing(name: str) -> Callable[[Stage], str]:
    """The id of something in the town."""
    return lambda s: pk(s.town.things[name])


def with_these(**values: Any) -> Callable[[Stage], Mapping[str, Any]]:
    """A body whose callables are asked for the ids of the town."""
    return lambda s: {key: value(s) if callable(value) else value for key, value in values.items()}


def community(s: Stage) -> str:
    """The id of the community."""
    return pk(s.town.place.community)

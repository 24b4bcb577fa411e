"""Further ways to open the pages of the matrix: each step by its name, each kind, queries that find something, real links;
and every seeded case, whatever its stage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.system.forms import DESK_STEPS, STEP, at_the_desk
from tests.system.matrix import AS_SAID, DESK, EVERYBODY, HANDLERS, OFFICE, PLACES, REPORTER, SIGNED_IN, Reads
from tests.system.stages import Stage
from tests.system.town import CITY, ENDED, OWN, Who
from tests.system.walking import address


@dataclass(frozen=True)
class Opening:
    """A further way to open a route. ``shown``: to whom with 200; ``led``: who else is led on (303) because for them
    there is nothing to do; all others are refused as on any page. ``at``: the stage of the case."""

    pattern: str
    shown: frozenset[str]
    led: frozenset[str] = frozenset()
    at: str = ""
    query: str = ""
    anywhere: bool = False
    parts: Mapping[str, str] = field(default_factory=dict)
    reads: Reads = field(default_factory=dict)

    def address(self, s: Stage) -> str:
        """Where it is."""
        return address(s.town, self.pattern, dict(self.parts), s.cases[self.at] if self.at else None) + self.query

    def holds(self, who: Who, names: frozenset[str]) -> bool:
        """Whether ``who`` is one of those."""
        name = "visitor" if who[1] == ENDED else who[0]
        return name in names and (self.anywhere or who[1] in {OWN, CITY[1]})

    def may_read(self, who: Who, secret: str) -> bool:
        """Whether the answer to them may hold it."""
        return who[1] == OWN and who[0] in self.reads.get(secret, ())


_AT_DESK: Final[Reads] = {"name": DESK, "phone in words": DESK}
STEPS: Final = tuple(
    Opening(STEP, at_the_desk(name), OFFICE, at, parts={"name": name}, reads=AS_SAID)
    for name, (at, _step, _body) in DESK_STEPS.items()
)
"""The form of a step is for who may take it; whoever else sees the case is led back to it."""

_HERE = "?lat=32.6312&lng=110.7734"
OTHERS: Final = (
    Opening("report/places.json", EVERYBODY, query="?parent=a.420303001001-01", anywhere=True),
    Opening("report/here.json", EVERYBODY, query=_HERE, anywhere=True),
    Opening("f/<str:token>", EVERYBODY, anywhere=True, parts={"token": "file_token"}),
    Opening("public/", EVERYBODY, query="?area=420303001001&view=map", anywhere=True),
    Opening("public/", EVERYBODY, query="?area=420303001001&which=open", anywhere=True),
    Opening("public/map.json", EVERYBODY, query="?area=420303001001", anywhere=True),
    Opening("areas/options/", EVERYBODY, query="?parent=420303001001", anywhere=True),
    Opening("cases/", SIGNED_IN, query="?which=waiting", anywhere=True, reads={"name": REPORTER, "phone in words": REPORTER}),
    *(Opening("work/", HANDLERS, query=f"?which={which}", anywhere=True) for which in ("waiting", "mine", "pool", "done")),
    *(Opening("desk/", OFFICE, query=f"?show={show}", anywhere=True, reads=_AT_DESK)
      for show in ("submitted", "dispatch", "working", "petitions", "closed", "overdue")),
    Opening("desk/", OFFICE, query="?show=all&q=三轮车", anywhere=True, reads=_AT_DESK),
    Opening("desk/filter/", OFFICE, query="?show=closed", anywhere=True),
    *(Opening("desk/places/imports/template/<str:kind>.xlsx", PLACES, anywhere=True, parts={"kind": kind})
      for kind in ("homes", "residents")),
    Opening("desk/places/imports/", PLACES, query="?kind=residents", anywhere=True),
)  # fmt: skip
OPENINGS: Final = (*STEPS, *OTHERS)

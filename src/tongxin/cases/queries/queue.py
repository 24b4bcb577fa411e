"""The desk's queue: what is late first, by filters, a page at a time, whatever there is.

A page costs two queries: which, by an index of the area's level, compiled once for each shape of filter; and what.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time
from functools import lru_cache, reduce
from operator import or_
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.db import connection
from django.db.models import IntegerField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_noop

from tongxin.cases import rules, search
from tongxin.cases.models import Case, Party
from tongxin.cases.queries.scope import LIVE, Scope, level_of, scope_of
from tongxin.cases.queries.veil import Veil, veils
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Invalid, NotFound
from tongxin.kernel.text import clean_line
from tongxin.kernel.times import SHANGHAI
from tongxin.record.statements import Statement

PAGE: Final = 25
COUNT_MOST: Final = 1000
RESIDENTS_CLOCKS: Final = ("resident_answer", "info")

_S = rules.State
STATES: Final[dict[str, tuple[str, ...]]] = {
    "submitted": (_S.SUBMITTED,),
    "dispatch": (_S.ACCEPTED, _S.REOPENED),
    "claim": (_S.DISPATCHED,),
    "working": (_S.CLAIMED, _S.IN_PROGRESS),
    "verify": (_S.ANSWERED, _S.VERIFIED),
    "confirm": (_S.AWAITING,),
    "suspended": (_S.SUSPENDED,),
}
"""Chips that are states."""
CHIPS: Final = (
    "", "submitted", "dispatch", "claim", "working", "verify", "confirm", "overdue", "supervised", "suspended",
    "common", "closed",
)  # fmt: skip
SHOWN: Final = frozenset({*CHIPS, "mine", "petitions", "all"})
DESK_WAITS: Final = frozenset({*STATES["submitted"], *STATES["dispatch"], *STATES["verify"]})
HANDLER_WAITS: Final = frozenset({*STATES["claim"], *STATES["working"]})


@dataclass(frozen=True, slots=True)
class Filter:
    """What the queue shows. ``show`` is a chip; ``area`` a path; ``since`` and ``until`` (inclusive) local days of
    arrival; ``handler`` an organisation's id. Empty values do not narrow."""

    show: str = ""
    q: str = ""
    area: str = ""
    category: str = ""
    urgency: str = ""
    channel: str = ""
    handler: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def read(cls, given: Any) -> Filter:
        """From the parameters of an address; what is not understood narrows nothing."""
        values = {f.name: clean_line(str(given.get(f.name, "")), 160) for f in fields(cls)}
        if values["show"] not in SHOWN:
            values["show"] = ""
        for name in ("since", "until"):
            values[name] = values[name] if _day(values[name]) else ""
        values["handler"] = values["handler"] if _uuid(values["handler"]) else ""
        return cls(**values)

    def query(self, **changes: str) -> str:
        """As the parameters of an address, with changes and further parameters; nothing empty."""
        own = {name: getattr(self, name) for name in self.__slots__} | changes
        return urlencode({name: value for name, value in own.items() if value})

    @property
    def newest_first(self) -> bool:
        """Closed and mixed lists go by arrival; open ones by deadline."""
        return self.show in {"closed", "all"} or bool(self.q)

    @property
    def narrowed(self) -> int:
        """By how many of the rarer filters it is narrowed."""
        names = ("area", "category", "urgency", "channel", "handler", "since", "until")
        return sum(bool(getattr(self, name)) for name in names)

    def with_show(self, show: str) -> Filter:
        return replace(self, show=show, q="")


class Row(NamedTuple):
    """A line of the queue, and of a file made of it."""

    id: UUID
    number: str
    title: str
    place: str
    state: str
    open: bool
    kind: str
    category: str
    urgency: str
    channel: str
    lead: str
    holder: str
    mode: str
    due_at: datetime | None
    due_kind: str
    joiners: int
    children: int
    co_handlers: int
    supervised: bool
    public: bool
    hidden: bool
    by_helper: bool
    times_reopened: int
    petitions: bool
    created_at: datetime
    closed_at: datetime | None
    outcome: str
    lat: float | None
    lng: float | None
    complained_of: list[str]


_COLUMNS: Final = (
    "id", "number", "title", "place", "state", "open", "kind", "category__name", "urgency", "channel",
    "lead__short_name", "lead__name", "holder_name", "mode", "due_at", "due_kind", "joiners", "children_open",
    "co_handlers", "supervised", "is_public", "reporter_hidden", "filed_by_helper", "times_reopened",
    "objection_pending", "extension_pending", "suspension_pending", "created_at", "closed_at", "outcome", "lat", "lng",
    "complained_of",
)  # fmt: skip


def _row(v: tuple[Any, ...]) -> Row:
    return Row._make((*v[:10], v[10] or v[11] or "", *v[12:24], v[24] or v[25] or v[26], *v[27:]))


_CO_HANDLERS: Final = RawSQL(
    "(SELECT COUNT(*) FROM cases_assignment a"
    " WHERE a.case_id = cases_case.id AND a.role = 'co' AND a.ended_at IS NULL)",
    (),
    output_field=IntegerField(),
)


_OF_IDS: Statement[tuple[Any, ...]] = Statement(
    lambda ids: Case.objects.filter(pk__in=ids).annotate(co_handlers=_CO_HANDLERS).values_list(*_COLUMNS)
)


def _of_ids(ids: list[UUID], scope: Scope) -> list[Row]:
    """The rows with these ids, in their order. One query, three where something is veiled."""
    found = {values[0]: _row(values) for values in _OF_IDS(ids)} if ids else {}
    rows = [found[key] for key in ids if key in found]
    secret = veils([row.id for row in rows if scope.veiled(row.hidden, row.complained_of)])
    return [_veiled(row, secret[row.id]) if row.id in secret else row for row in rows]


def _veiled(row: Row, veil: Veil) -> Row:
    return row._replace(title=veil.access.words(row.title), place=veil.place, lat=veil.lat, lng=veil.lng)


def _visible(rows: Iterable[Row], scope: Scope) -> list[Row]:
    """Without what complains about the reader's own body."""
    return [row for row in rows if not (row.complained_of and scope.barred(row.complained_of))]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the queue. ``after`` is the key of the next one, empty on the last. ``note`` is a message id."""

    rows: list[Row]
    after: str = ""
    note: str = ""


def queue(actor: Actor, wanted: Filter, now: datetime, *, after: str = "", limit: int = PAGE) -> Page:
    """A page of the cases that the actor may see. Two queries; two more where something is veiled.

    Raises :class:`NotAllowed` for an area that is not theirs, :class:`NotFound` for a key that is none.
    """
    scope = scope_of(actor, wanted.area)
    if wanted.q:
        return found_rows(scope, wanted, now, after, limit)
    key: list[Any] = []
    if after:
        key = _key(after, UUID) if wanted.newest_first else _key(after, datetime.fromisoformat, UUID)
    given = _given(actor, wanted, now)
    if given.get("ours") == []:
        return Page([])
    shape = _Shape(tuple(map(level_of, scope.paths)), len(scope.leads), wanted.show, tuple(given), len(key), limit + 1)
    rows = _of_ids(_statement(shape)(*(scope.codes or scope.leads), *given.values(), *key), scope)
    following = ""
    if len(rows) > limit:
        last_row = rows[limit - 1]
        following = _code(last_row.id) if wanted.newest_first else _code(last_row.due_at, last_row.id)
    return Page(_visible(rows[:limit], scope), following)


class _Shape(NamedTuple):
    """What decides the SQL of a page: everything but the values themselves."""

    levels: tuple[str, ...]
    leads: int
    show: str
    names: tuple[str, ...]
    key: int
    limit: int


@lru_cache(maxsize=512)
def _statement(shape: _Shape) -> Statement[UUID]:
    """Which cases, by an index alone. PostgreSQL plans this anew for each area; what stands in them is planned once."""

    def build(*values: Any) -> QuerySet[Case, UUID]:
        left = list(values)
        place = [Q(**{level: left.pop(0)}) for level in shape.levels] or [
            Q(lead_id=left.pop(0)) for _ in range(shape.leads)
        ]
        given = {name: left.pop(0) for name in shape.names}
        newest = Filter(shape.show).newest_first
        order = ("-id",) if newest else ("due_at", "id")
        cases = _narrowed(Case.objects.filter(reduce(or_, place)), shape.show, given).order_by(*order)
        if left and newest:
            cases = cases.filter(id__lt=left[0])
        elif left:
            cases = cases.filter(Q(due_at__gt=left[0]) | Q(due_at=left[0], id__gt=left[1]), due_at__gte=left[0])
        return cases.values_list("pk", flat=True)[: shape.limit]

    return Statement(build)


def found_rows(scope: Scope, wanted: Filter, now: datetime, after: str, limit: int) -> Page:
    """The newest rows with the words of the filter, a page of them, or a note why there can be none."""
    if not search.searchable(wanted.q):
        return Page([], note=gettext_noop("Please give at least two characters to search for."))
    before = _key(after, _count)[0] if after else None
    hits = search.find(connection, wanted.q, area_codes=scope.codes, leads=scope.leads, before=before, limit=limit + 1)
    following = _code(hits[limit - 1][0]) if len(hits) > limit else ""
    return Page(_visible(_of_ids([key for _, key in hits[:limit]], scope), scope), following)


def narrowed(cases: QuerySet[Case], actor: Actor, wanted: Filter, now: datetime) -> QuerySet[Case]:
    """The filters but those of place and order."""
    return _narrowed(cases, wanted.show, _given(actor, wanted, now))


def _given(actor: Actor, wanted: Filter, now: datetime) -> dict[str, Any]:
    """The values of the filters but those of place and order, by name; none that does not narrow."""
    given: dict[str, Any] = {}
    if wanted.show == "overdue":
        given["now"] = now
    if wanted.show == "mine" and not desks(actor):
        given["ours"] = list(actor.organisations_with("case.handle"))
    given |= {name: getattr(wanted, name) for name in ("category", "urgency", "channel") if getattr(wanted, name)}
    if wanted.handler:
        given["handler"] = UUID(wanted.handler)
    if since := _day(wanted.since):
        given["since"] = datetime.combine(since, time(), SHANGHAI)
    if until := _day(wanted.until):
        given["until"] = datetime.combine(until, time.max, SHANGHAI)
    return given


_FIELDS: Final = {
    "category": "category__path__startswith",
    "urgency": "urgency",
    "channel": "channel",
    "handler": "lead_id",
    "since": "created_at__gte",
    "until": "created_at__lte",
}


def _narrowed(cases: QuerySet[Case], show: str, given: dict[str, Any]) -> QuerySet[Case]:
    cases = _shown(cases, show, given)
    for name, lookup in _FIELDS.items():
        if name in given:
            cases = cases.filter(**{lookup: given[name]})
    return cases


def _shown(cases: QuerySet[Case], show: str, given: dict[str, Any]) -> QuerySet[Case]:
    if show == "all":
        return cases
    if show == "closed":
        return cases.filter(open=False)
    cases = cases.filter(LIVE)
    if show in STATES:
        return cases.filter(state__in=STATES[show])
    match show:
        case "overdue":
            return cases.filter(due_at__lt=given["now"]).exclude(due_kind__in=RESIDENTS_CLOCKS)
        case "supervised":
            return cases.filter(supervised=True)
        case "common":
            return cases.filter(kind=Case.Kind.COMMON)
        case "mine":
            # What waits for the actor: for a desk what it must accept, dispatch, check or decide; else their own tasks.
            if "ours" in given:
                return cases.filter(state__in=HANDLER_WAITS, lead_id__in=given["ours"])
            return cases.filter(Q(state__in=DESK_WAITS) | PETITIONED)
        case "petitions":
            return cases.filter(PETITIONED)
    return cases.exclude(state=_S.MERGED)


PETITIONED: Final = Q(objection_pending=True) | Q(extension_pending=True) | Q(suspension_pending=True)


def desks(actor: Actor) -> bool:
    """Whether the actor works at a desk somewhere, so that its matters wait for them."""
    return actor.may_somewhere("case.desk")


def _code(*parts: object) -> str:
    text = "|".join(part.isoformat() if isinstance(part, datetime) else str(part) for part in parts)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _key(code: str, *kinds: Callable[[str], Any]) -> list[Any]:
    """The parts of a page's key, each read as its kind; checked, since it comes from the address."""
    try:
        parts = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4)).decode().split("|")
        return [kind(part) for kind, part in zip(kinds, parts, strict=True)]
    except ValueError:
        raise NotFound("This page does not exist.", code="no-page") from None


def _count(text: str) -> int:
    """A number as the search counts its rows."""
    number = int(text)
    if not 0 <= number < 2**63:
        raise ValueError(text)
    return number


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def chosen(ids: list[str]) -> list[UUID]:
    """The ids of a selection, each once, as they came from a form; raises :class:`Invalid` without any."""
    found = [key for text in dict.fromkeys(ids) if (key := _uuid(text)) is not None]
    if not 0 < len(found) <= COUNT_MOST:
        raise Invalid("Choose at least one matter from the list.", field="pick")
    return found


def export_rows(
    actor: Actor, wanted: Filter, now: datetime, most: int, *, names: bool = False
) -> Iterator[tuple[Row, str]]:
    """Up to ``most`` rows of the filter in its order with the reporter's name (where ``names``), a page at a time."""
    after, left = "", most
    while left > 0:
        page = queue(actor, wanted, now, after=after, limit=min(500, left))
        reporters = _reporters([row.id for row in page.rows]) if names else {}
        for row in page.rows:
            yield row, reporters.get(row.id, "")
        left -= len(page.rows)
        after = page.after
        if not after:
            return


def _reporters(ids: list[UUID]) -> dict[UUID, str]:
    rows = Party.objects.filter(case_id__in=ids, role=Party.Role.REPORTER, disowned_at=None).order_by("-id")
    return {
        case: name or contact for case, name, contact in rows.values_list("case_id", "person__name", "contact_name")
    }

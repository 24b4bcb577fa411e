"""The desk's queue: what is late first, by filters, a page at a time, whatever there is.

A page costs two queries: the rows by an index of the area's level, and one bounded count for all chips.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, time
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.db import connection
from django.db.models import IntegerField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_noop

from tongxin.cases import rules, search
from tongxin.cases.models import Case
from tongxin.cases.queries.scope import LIVE, Scope, level_of, of_scope, scope_of
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
        own = {f.name: getattr(self, f.name) for f in fields(self)} | changes
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


@dataclass(frozen=True, slots=True)
class Row:
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
    complained_of: list[str] = field(default_factory=list)


_COLUMNS: Final = (
    "id", "number", "title", "place", "state", "open", "kind", "category__name", "urgency", "channel",
    "lead__short_name", "lead__name", "holder_name", "mode", "due_at", "due_kind", "joiners", "children_open",
    "co_handlers", "supervised", "is_public", "reporter_hidden", "filed_by_helper", "times_reopened",
    "objection_pending", "extension_pending", "suspension_pending", "created_at", "closed_at", "outcome", "lat", "lng",
    "complained_of",
)  # fmt: skip


def _row(v: tuple[Any, ...]) -> Row:
    return Row(
        v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10] or v[11] or "", v[12], v[13], v[14], v[15],
        v[16], v[17], v[18], v[19], v[20], v[21], v[22], v[23], v[24] or v[25] or v[26], v[27], v[28], v[29], v[30],
        v[31], v[32],
    )  # fmt: skip


_CO_HANDLERS: Final = RawSQL(
    "(SELECT COUNT(*) FROM cases_assignment a"
    " WHERE a.case_id = cases_case.id AND a.role = 'co' AND a.ended_at IS NULL)",
    (),
    output_field=IntegerField(),
)


_OF_IDS: Statement[tuple[Any, ...]] = Statement(
    lambda ids: Case.objects.filter(pk__in=ids).annotate(co_handlers=_CO_HANDLERS).values_list(*_COLUMNS)
)


def _rows(cases: QuerySet[Case], scope: Scope) -> list[Row]:
    """Rows in the order of the query-set, with the number of co-handlers, veiled where need be. Two queries: which, by
    an index alone; what. Two more where something is veiled."""
    return _of_ids(list(cases.values_list("pk", flat=True)), scope)


def _of_ids(ids: list[UUID], scope: Scope) -> list[Row]:
    """The rows with these ids, in their order. One query, three where something is veiled."""
    found = {values[0]: _row(values) for values in _OF_IDS(ids)} if ids else {}
    rows = [found[key] for key in ids if key in found]
    secret = veils([row.id for row in rows if scope.veiled(row.hidden, row.complained_of)])
    return [_veiled(row, secret[row.id]) if row.id in secret else row for row in rows]


def _veiled(row: Row, veil: Veil) -> Row:
    return replace(row, title=veil.access.words(row.title), place=veil.place, lat=veil.lat, lng=veil.lng)


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
    """A page of the cases that the actor may see, those of a co-handler included. Two queries, three for a search.

    Raises :class:`NotAllowed` for an area that is not theirs, :class:`NotFound` for a key that is none.
    """
    scope = scope_of(actor, wanted.area, helps=True)
    if wanted.q:
        return found_rows(actor, scope, wanted, now, after, limit)
    cases = narrowed(Case.objects.filter(of_scope(scope)), actor, wanted, now)
    if wanted.newest_first:
        cases = cases.order_by("-id")
        if after:
            cases = cases.filter(id__lt=_key(after, UUID)[0])
    else:
        cases = cases.order_by("due_at", "id")
        if after:
            due, last = _key(after, datetime.fromisoformat, UUID)
            cases = cases.filter(Q(due_at__gt=due) | Q(due_at=due, id__gt=last), due_at__gte=due)
    rows = _rows(cases[: limit + 1], scope)
    following = ""
    if len(rows) > limit:
        last_row = rows[limit - 1]
        following = _code(last_row.id) if wanted.newest_first else _code(last_row.due_at, last_row.id)
    return Page(_visible(rows[:limit], scope), following)


SEARCH_STEP: Final = 200
SEARCH_STEPS: Final = 10
"""How many hits a page of a narrowed search looks at in all: 2,000, the newest first; the next page goes on from there."""


def found_rows(actor: Actor, scope: Scope, wanted: Filter, now: datetime, after: str, limit: int) -> Page:
    """The newest rows with the words of the filter that the other filters let through, a page of them, or a note why
    there can be none. Two queries, up to :data:`SEARCH_STEPS` more where other filters narrow it."""
    if not search.searchable(wanted.q):
        return Page([], note=gettext_noop("Please give at least two characters to search for."))
    before = _key(after, _count)[0] if after else None
    narrows = wanted.show not in {"", "all"} or wanted.narrowed > bool(wanted.area)
    step = max(SEARCH_STEP, limit + 1) if narrows else limit + 1
    kept: list[tuple[int, UUID]] = []
    more = True
    for _ in range(SEARCH_STEPS if narrows else 1):
        hits = search.find(
            connection,
            wanted.q,
            area_codes=scope.codes,
            leads=scope.leads,
            cases=scope.helps,
            before=before,
            limit=step,
        )
        kept += _let_through(hits, actor, wanted, now) if narrows else hits
        more = len(hits) == step
        before = hits[-1][0] if hits else before
        if not more or len(kept) > limit:
            break
    rows = _visible(_of_ids([key for _, key in kept[:limit]], scope), scope)
    if len(kept) > limit:
        return Page(rows, _code(kept[limit - 1][0]))
    if narrows and more:
        note = gettext_noop("The newest with these words were looked through; go on for older ones.")
        return Page(rows, _code(before), note)
    return Page(rows)


def _let_through(hits: list[tuple[int, UUID]], actor: Actor, wanted: Filter, now: datetime) -> list[tuple[int, UUID]]:
    """The hits that the other filters let through, in their order. One query."""
    wanted = replace(wanted, show=wanted.show or "all")
    cases = narrowed(Case.objects.filter(pk__in=[key for _, key in hits]), actor, wanted, now)
    fit = set(cases.values_list("pk", flat=True))
    return [hit for hit in hits if hit[1] in fit]


def narrowed(cases: QuerySet[Case], actor: Actor, wanted: Filter, now: datetime) -> QuerySet[Case]:
    """The filters but those of place and order."""
    cases = _shown(cases, actor, wanted.show, now)
    if wanted.category:
        cases = cases.filter(category__path__startswith=wanted.category)
    for name in ("urgency", "channel"):
        if getattr(wanted, name):
            cases = cases.filter(**{name: getattr(wanted, name)})
    if wanted.handler:
        cases = cases.filter(lead_id=UUID(wanted.handler))
    if since := _day(wanted.since):
        cases = cases.filter(created_at__gte=datetime.combine(since, time(), SHANGHAI))
    if until := _day(wanted.until):
        cases = cases.filter(created_at__lte=datetime.combine(until, time.max, SHANGHAI))
    return cases


def _shown(cases: QuerySet[Case], actor: Actor, show: str, now: datetime) -> QuerySet[Case]:
    if show == "all":
        return cases
    if show == "closed":
        return cases.filter(open=False)
    cases = cases.filter(LIVE)
    if show in STATES:
        return cases.filter(state__in=STATES[show])
    match show:
        case "overdue":
            return cases.filter(due_at__lt=now).exclude(due_kind__in=RESIDENTS_CLOCKS)
        case "supervised":
            return cases.filter(supervised=True)
        case "common":
            return cases.filter(kind=Case.Kind.COMMON)
        case "mine":
            return cases.filter(_waits_for(actor))
        case "petitions":
            return cases.filter(PETITIONED)
    return cases.exclude(state=_S.MERGED)


PETITIONED: Final = Q(objection_pending=True) | Q(extension_pending=True) | Q(suspension_pending=True)


def _desks(actor: Actor) -> bool:
    return actor.may_somewhere("case.desk")


def _waits_for(actor: Actor) -> Q:
    """What waits for the actor: for a desk what it must accept, dispatch, check or decide; else their own tasks."""
    if _desks(actor):
        return Q(state__in=DESK_WAITS) | PETITIONED
    return Q(state__in=HANDLER_WAITS, lead_id__in=list(actor.organisations_with("case.handle")))


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are by chip, among the first thousand open cases by deadline. ``more``: there are further ones,
    so each is “at least”. ``late_since``: since when the longest overdue one is."""

    by_chip: dict[str, int]
    waiting: int
    late_since: datetime | None
    more: bool

    def words(self, chip: str) -> str:
        """“5”, “5+” or, at the end of counting, “999+”."""
        number = self.by_chip.get(chip, 0)
        if number >= COUNT_MOST:
            return f"{COUNT_MOST - 1}+"
        return f"{number}+" if self.more and number else str(number)


def counts(actor: Actor, wanted: Filter, now: datetime) -> Counts:
    """The figures on the chips. One query over at most :data:`COUNT_MOST` rows, by index."""
    scope = scope_of(actor, wanted.area)
    mine = list(actor.organisations_with("case.handle"))
    where, params = _where(scope)
    ours = ",".join(["%s"] * len(mine)) or "NULL"
    sql = (
        "SELECT state, kind, supervised, late, asked, own, COUNT(*), MIN(due_at) FROM ("  # noqa: S608 - fixed words
        "SELECT state, kind, supervised, due_at, due_at < %s AND due_kind NOT IN ('resident_answer', 'info') AS late,"
        " objection_pending OR extension_pending OR suspension_pending AS asked,"
        f" COALESCE(lead_id IN ({ours}), FALSE) AS own"
        f" FROM cases_case WHERE ({where}) AND due_at IS NOT NULL ORDER BY due_at, id LIMIT {COUNT_MOST}"
        ") AS first GROUP BY state, kind, supervised, late, asked, own"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [connection.ops.adapt_datetimefield_value(now), *map(_key_value, mine), *params])
        return _counted(cursor.fetchall(), _desks(actor))


def _where(scope: Scope) -> tuple[str, list[Any]]:
    """The condition of a scope as SQL. The count stands on every page of the desk and is not put together anew."""
    if scope.paths:
        return " OR ".join(f"{level_of(path)} = %s" for path in scope.paths), list(scope.codes)
    keys = [_key_value(key) for key in (*scope.leads, *scope.helps)]
    return " OR ".join([*["lead_id = %s"] * len(scope.leads), *["id = %s"] * len(scope.helps)]), keys


def _key_value(key: UUID) -> Any:
    return key if connection.features.has_native_uuid_field else key.hex


def waiting(actor: Actor, now: datetime) -> int | None:
    """How many cases wait for the actor, for the menu; None for who has nothing to do with cases. One query."""
    if not any(actor.may_somewhere(permission) for permission in ("case.read", "case.desk", "case.handle")):
        return None
    return counts(actor, Filter(), now).waiting


def _counted(groups: list[tuple[Any, ...]], desk: bool) -> Counts:
    found = dict.fromkeys((*CHIPS, "petitions"), 0)
    waiting, late_since = 0, None
    for state, kind, supervised, late, asked, own, n, due_at in groups:
        found[""] += n
        if state in _CHIP_OF:
            found[_CHIP_OF[state]] += n
        if late:
            found["overdue"] += n
            due = datetime.fromisoformat(due_at).replace(tzinfo=UTC) if isinstance(due_at, str) else due_at
            late_since = due if late_since is None else min(late_since, due)
        found["supervised"] += n * bool(supervised)
        found["common"] += n * (kind == Case.Kind.COMMON)
        found["petitions"] += n * bool(asked)
        waits = (state in DESK_WAITS or asked) if desk else (own and state in HANDLER_WAITS)
        waiting += n * bool(waits)
    return Counts(found, waiting, late_since, found[""] >= COUNT_MOST)


_CHIP_OF: Final = {state: chip for chip, states in STATES.items() for state in states}


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

"""To report: one number, one history, from whatever channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from tongxin.cases import rules, rules_questions, search
from tongxin.cases.models import LINEAGE, Case, Category, Party, SearchText, Update
from tongxin.cases.operations import base, by_phone, clocks, notices, route
from tongxin.cases.operations.about import check_about
from tongxin.cases.queries.categories import category_of
from tongxin.cases.queries.facts import facts_of
from tongxin.cases.queries.offices import members
from tongxin.cases.queries.parties import helping_role
from tongxin.cases.queries.routing import lineage
from tongxin.cases.rules import Verb
from tongxin.cases.rules_import import MAX_TEXT
from tongxin.cases.rules_routing import RouteChoice
from tongxin.files.operations import Upload
from tongxin.kernel.actor import Actor, Trust
from tongxin.kernel.errors import Conflict, DomainError, Invalid
from tongxin.kernel.ids import case_number, uuid7
from tongxin.kernel.masking import mask_text
from tongxin.kernel.text import N_, clean_line, clean_text
from tongxin.kernel.times import local_day
from tongxin.people.models import Person
from tongxin.people.queries.helping import may_act_for
from tongxin.people.rules.trust import require_level
from tongxin.places.models import Area, Building, Home, Unit
from tongxin.record.kept import kept
from tongxin.record.operations import Draft, append_entries
from tongxin.record.statements import Statement

MAX_PHOTOS = 9
TRIES = 3
"""How often a report is put together, if its area moves each time before it has its number."""
CHANNELS = frozenset({"app", "desk", "grid", "phone", "wechat", "paper", "visit", "hotline", "deputy", "api", "import"})


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody reports. ``for_person``: in whose name, if another's. ``once``: the same key reports once.

    ``contact_*`` name a reporter who is not in the register, ``nobody``: it came from nobody in particular (both at the
    desk only). ``hidden``: by name from all but the desk.
    ``home``: the row of ``home_id`` with all that lies around it, from a shell that has read it already.
    ``common``: gathers others' reports and is nobody's own.
    ``resolve_by``: a deadline given from outside (a hotline's ticket, a visit that asks for the same day); takes
    ``case.submit_for``.
    ``suggestion``: of a deputy, for whom it takes ``deputy.act`` there; public, masked, from the start.
    ``leave_open``: required questions may wait, for who files what others said.
    """

    text: str
    category: str
    area_id: UUID
    title: str = ""
    building_id: UUID | None = None
    unit_id: UUID | None = None
    home_id: UUID | None = None
    place: str = ""
    lat: float | None = None
    lng: float | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    leave_open: bool = False
    resolve_by: datetime | None = None
    hidden: bool = False
    for_person: UUID | None = None
    nobody: bool = False
    contact_name: str = ""
    contact_phone: str = ""
    complained_of: tuple[UUID, ...] = ()
    urgency: str = ""
    channel: str = "app"
    once: UUID | None = None
    source: str = ""
    common: bool = False
    suggestion: bool = False
    photos: Sequence[Upload] = ()
    home: Home | None = None


def submit_case(
    actor: Actor, report: Report, now: datetime, *, occurred_at: datetime | None = None, quiet: bool = False
) -> Case:
    """Report a matter: it gets its number, its clocks and, where a route says so, at once its handler.

    Anyone with a phone may report for themselves; for another it takes the family link or ``case.submit_for``.
    ``quiet``: an import that tells and dispatches nobody. Raises :class:`Invalid` naming the field,
    :class:`NotAllowed`, Conflict if the area moves again and again. The same ``once`` answers with the case already made.
    """
    try:
        return _submitted(actor, report, now, occurred_at or now, quiet)
    except (IntegrityError, DomainError):
        # What was sent before is known by its key: whatever stands in the way now, the case was made then.
        made = _MADE.first(report.once) if report.once is not None else None
        if made is None:
            raise
        return _made_already(actor, made)


class _Moved(Exception):
    """The area no longer lies where the report was put together for: all of it, desk, route and permissions, is asked anew."""


def _submitted(actor: Actor, report: Report, now: datetime, occurred_at: datetime, quiet: bool) -> Case:
    for _ in range(TRIES):
        ready = _ready(actor, report, now, occurred_at, quiet)
        try:
            with transaction.atomic():
                _write(ready, report, quiet)
        except _Moved:
            report = replace(report, home=None)  # the shell has read it under the old path
            for photo in report.photos:
                photo.seek(0)
        else:
            return ready.opened.case
    raise Conflict("This area is just being moved. Please send it again in a moment.", code="area-moving")


@dataclass(slots=True)
class _Ready:
    """A report all of which was read, checked and put together, and the photos stored: only its number is missing."""

    opened: base.Opened
    together: base.Together
    said: base.Said
    update: Update
    stored: list[Draft]
    prefix: str
    choice: RouteChoice | None


def _ready(actor: Actor, report: Report, now: datetime, occurred_at: datetime, quiet: bool) -> _Ready:
    area, category, place = _checked(report, local_day(now))
    reporter, helper = _reporter(actor, report, area, now)
    if report.suggestion:
        actor.require("deputy.act", area.path)
    elif report.leave_open or report.resolve_by is not None:
        actor.require("case.submit_for", area.path)
    chosen = report.urgency if actor.may("case.submit_for", area.path) else ""  # residents do not set the clocks
    case = _new_case(report, area, category, place, now, occurred_at, helper, chosen or category.urgency)
    party = None if report.common else _new_party(case, report, reporter, helper, now)
    opened = base.Opened(case, facts_of(case, (), now), frozenset({rules.Party.SYSTEM}), actor, now, report.for_person)
    opened.together = together = base.Together([case], party, _name_of(actor, party))
    together.rows += clocks.turn(opened, Verb.SUBMIT, {}).new
    data: dict[str, Any] = {"channel": report.channel, "photos": len(report.photos)}
    if party is not None:
        together.rows.append(party)
        data["party"] = str(party.id)
    if report.leave_open and (left := rules_questions.unanswered(category.questions, case.answers)):
        data["left_open"] = left
    if report.resolve_by is not None:
        data["resolve_by"] = report.resolve_by.isoformat()
    if helper is not None:
        data["role"] = helping_role(actor, area.path)
    said = base.Said(text=case.text, data=data, occurred_at=occurred_at)
    update = base.new_update(opened, Verb.SUBMIT, said, files_count=len(report.photos))
    pictures, stored = base.take_files(opened, update, [("report", photo) for photo in report.photos])
    together.rows += [update, *pictures, *base.counted(case, occurred_at, ("submitted",))]
    choice = None if quiet else route.choice_for(case, now)
    if choice is not None:  # who will be told: read before others wait for us
        notices.at_desk(opened)
        if isinstance(choice.organisation, UUID):
            members(choice.organisation, now)
    return _Ready(opened, together, said, update, stored, area.number_prefix or _prefix_above(area.path), choice)


def _name_of(actor: Actor, party: Party | None) -> str:
    """The name of the reporter."""
    if party is None or party.person_id is None:
        return party.contact_name if party is not None else ""
    if party.person_id == actor.person_id:
        return actor.name
    return Person.objects.filter(pk=party.person_id).values_list("name", flat=True).get()


def _write(ready: _Ready, report: Report, quiet: bool) -> None:
    """Give the report its number and write it. All reports of a community wait for one another here, and only here:
    the counter stays locked to the end of the transaction, so what follows it is one statement. Raises :class:`_Moved`."""
    opened, together, update, choice = ready.opened, ready.together, ready.update, ready.choice
    case, now, party = opened.case, opened.now, together.party
    number = next_number(ready.prefix, now, case.area_id, case.area_path)
    if number is None:
        raise _Moved
    case.number = number
    together.rows.append(SearchText(case=case, body=search_body(case)))
    together.drafts += [*base.entries_of(opened, Verb.SUBMIT, update, ready.said, party), *ready.stored]
    pool = choice is not None and choice.mode is rules.Mode.POOL
    if choice is not None and not choice.at_once:
        notices.tell_desk(opened, update, N_("New: %(title)s (%(number)s)"), levels_up=case.raised)
    elif choice is not None and not pool:
        route.dispatch_at_once(opened, choice)
    append_entries([replace(draft, new=True) for draft in together.drafts], now=now, beside=together.rows)
    opened.together = None
    if choice is not None and choice.at_once and pool:  # who may take it is read from what is there now
        route.dispatch_at_once(opened, choice)
    if case.filed_by_helper and party is not None and not quiet:
        _tell_reporter(opened, update, party, report)


def _tell_reporter(opened: base.Opened, update: Update, party: Party, report: Report) -> None:
    """Tell somebody in whose name a helper reported: in the app and by text message, or by the slip's words alone."""
    if party.person_id is not None:
        message = N_(
            "%(who)s reported this in your name: %(title)s (%(number)s). If you did not ask for it, say so here."
        )
        notices.tell_one(opened, update, party.person_id, message, who=opened.actor.name)
    elif (mobile := by_phone.mobile(report.contact_phone)) is not None:
        notices.text_slip(mobile, opened)


_MADE: Statement[Case] = Statement(
    lambda once: Case.objects.filter(once=once).select_related("category", "area").defer("area__shape")
)
_AREA: Statement[Area] = Statement(
    lambda key, today: Area.objects.filter(Q(valid_until=None) | Q(valid_until__gt=today), pk=key).defer("shape")
)
_HOME: Statement[Home] = Statement(
    lambda key: (
        Home.objects.select_related("unit__building__estate").defer("unit__building__estate__shape").filter(pk=key)
    )
)


def _made_already(actor: Actor, made: Case) -> Case:
    """The case that the same key made, for whoever made it; a key is no way to learn of somebody else's."""
    # Not the first by its id: what a route did at once bears the same moment, and may sort before it.
    who = made.updates.filter(verb=Verb.SUBMIT).values_list("actor_id", flat=True).first()
    if who != (actor.person_id or actor.id):
        raise Conflict("This was sent before. Please begin a new report.", code="sent-before")
    return made


def _checked(report: Report, today: date) -> tuple[Area, Category, Spot]:
    """The area, category and place of a report that comes ``today``; raises :class:`Invalid` naming the field."""
    if len(report.photos) > MAX_PHOTOS:
        raise Invalid("At most nine photos can be added.", field="photos")
    if report.channel not in CHANNELS:
        raise Invalid("This channel is not known.", field="channel")
    if len(report.text) > MAX_TEXT:
        raise Invalid("Please say it in fewer words: at most %(most)s characters.", field="text", most=MAX_TEXT)
    if not clean_text(report.text, MAX_TEXT):
        raise Invalid("Please say what it is about.", field="text")
    category = category_of(report.category)
    if category is None:
        raise Invalid("Please choose what it is about.", field="category")
    if report.urgency and report.urgency not in set(rules.Urgency):
        raise Invalid("Please choose how urgent it is.", field="urgency")
    home = _home(report)
    area = home.unit.building.estate if home is not None else None
    if area is None or area.pk != report.area_id or (area.valid_until is not None and area.valid_until <= today):
        area = _AREA.first(report.area_id, today)
    if area is None:
        raise Invalid("Please choose where it is.", field="area")
    if (report.lat is None) != (report.lng is None) or not _on_earth(report.lat, report.lng):
        raise Invalid("The position is not on the map.", field="position")
    return area, category, _place(report, area, home)


def _home(report: Report) -> Home | None:
    """The home that the report names, as the shell has read it or read now. None also if there is no such home."""
    if report.home is not None and report.home.pk == report.home_id:
        return report.home
    return _HOME.first(report.home_id) if report.home_id is not None else None


def _on_earth(lat: float | None, lng: float | None) -> bool:
    return lat is None or lng is None or (-90 <= lat <= 90 and -180 <= lng <= 180)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where it is: in words, and the building and unit, those around a home included."""

    words: str
    building: UUID | None = None
    unit: UUID | None = None


def _place(report: Report, area: Area, home: Home | None) -> Spot:
    """The place, checked to lie in the area: “钢砂厂小区 3号楼 2单元 门口”."""
    names, inside = [area.name], (report.building_id, report.unit_id)
    if report.home_id is not None:
        if home is None or not home.unit.building.estate.path.startswith(area.path):
            raise Invalid("This home does not lie there.", field="home")
        names += [home.unit.building.name, home.unit.name, home.name]
        inside = (home.unit.building_id, home.unit_id)
    elif report.unit_id is not None:
        unit = Unit.objects.select_related("building").filter(
            pk=report.unit_id, building__estate__path__startswith=area.path).first()  # fmt: skip
        if unit is None:
            raise Invalid("This unit does not lie there.", field="unit")
        names += [unit.building.name, unit.name]
        inside = (unit.building_id, unit.pk)
    elif report.building_id is not None:
        building = Building.objects.filter(pk=report.building_id, estate__path__startswith=area.path).first()
        if building is None:
            raise Invalid("This building does not lie there.", field="building")
        names.append(building.name)
    return Spot(clean_line(" ".join(name for name in (*names, report.place) if name), 200), *inside)


def _reporter(actor: Actor, report: Report, area: Area, now: datetime) -> tuple[UUID | None, UUID | None]:
    """(reporter's person, helper's person). A token or the system may report for nobody known.

    For somebody else it takes a family account, or an office that helps people where that person belongs and cases
    where this one lies.
    """
    own = report.for_person is None or report.for_person == actor.person_id
    if own and not report.contact_name and not report.nobody:
        if not actor.may("case.submit_for", area.path):
            require_level(actor, "case.submit")
        return actor.person_id if actor.trust >= Trust.VISITOR else None, None
    if report.for_person is not None:
        if not Person.objects.filter(pk=report.for_person, erased_at=None).exists():
            raise Invalid("There is no such person.", field="for_person")
        if not actor.is_system and may_act_for(actor, report.for_person, now=now) != "family":
            actor.require("case.submit_for", area.path)
            if may_act_for(actor, report.for_person, now=now) is None:
                raise Invalid("This person does not belong to your areas.", field="for_person", code="other-area")
        return report.for_person, actor.person_id
    actor.require("case.submit_for", area.path)
    return None, actor.person_id


def _new_case(
    report: Report,
    area: Area,
    category: Category,
    place: Spot,
    now: datetime,
    occurred_at: datetime,
    helper: UUID | None,
    urgency: str,
) -> Case:
    text = clean_text(report.text, MAX_TEXT)
    codes = area.path.strip("/").split("/")
    return Case(
        id=uuid7(now),
        kind=_kind(report),
        is_public=report.suggestion,
        reporter_present=not report.common,
        state=rules.State.SUBMITTED,
        category=category,
        urgency=urgency,
        channel=report.channel,
        title=clean_line(report.title, 80) or title_of(text),
        text=text,
        public_text=mask_text(text),
        answers=rules_questions.checked(category.questions, report.answers, left_open=report.leave_open),
        area=area,
        area_path=area.path,
        **dict(zip(LINEAGE, codes, strict=False)),
        building_id=place.building,
        unit_id=place.unit,
        home_id=report.home_id,
        place=place.words,
        lat=report.lat,
        lng=report.lng,
        reporter_hidden=report.hidden,
        filed_by_helper=helper is not None,
        complained_of=check_about(report.complained_of, area.path, now),
        source=report.source,
        resolve_by=report.resolve_by,
        once=report.once,
        occurred_at=occurred_at,
        created_at=now,
        changed_at=now,
    )


def _kind(report: Report) -> Case.Kind:
    if report.suggestion:
        return Case.Kind.SUGGESTION
    return Case.Kind.COMMON if report.common else Case.Kind.CASE


def title_of(text: str) -> str:
    """The first clause of a text that has no title."""
    first = text.splitlines()[0]
    for stop in "。！？；!?;":
        first = first.split(stop)[0]
    return clean_line(first, 40) or clean_line(text, 40)


_NUMBER = """
    INSERT INTO cases_casecounter (prefix, day, last)
    SELECT %s, %s, 1 FROM places_area WHERE id = %s AND path = %s AND (valid_until IS NULL OR valid_until > %s)
    ON CONFLICT (prefix, day) DO UPDATE SET last = cases_casecounter.last + 1 RETURNING last"""
_NUMBER_LOCKING = _NUMBER.replace("ON CONFLICT", "FOR KEY SHARE ON CONFLICT")


def next_number(prefix: str, now: datetime, area_id: UUID, area_path: str) -> str | None:
    """The next number of a community on this day. One statement, so that two can never get the same.

    The next one waits for the end of this transaction: a number that was not used in the end is given again. None, and
    no number taken, if the area no longer lies under this path. Until the end of the transaction it does: a move locks
    its row, waits for us and then finds the case.
    """
    day = local_day(now)
    lite = connection.vendor == "sqlite"  # where one writes at a time
    with connection.cursor() as cursor:
        cursor.execute(
            _NUMBER if lite else _NUMBER_LOCKING, [prefix, day, area_id.hex if lite else area_id, area_path, day]
        )
        found = cursor.fetchone()
    return None if found is None else case_number(prefix, day, found[0])


@kept(Area)
def _prefix_above(path: str) -> str:
    """The prefix of the nearest area above that has one; a county's own code where none has."""
    codes = path.strip("/").split("/")
    rows = Area.objects.filter(path__in=lineage(path)[:-1], valid_until=None).exclude(number_prefix="")
    found = rows.order_by("-depth").values_list("number_prefix", flat=True).first()
    return found or f"T{codes[min(1, len(codes) - 1)][-6:]}"


def _new_party(case: Case, report: Report, reporter: UUID | None, helper: UUID | None, now: datetime) -> Party:
    phone = report.contact_phone.strip()
    party_id = uuid7(now)
    return Party(
        id=party_id,
        case=case,
        person_id=reporter,
        contact_name=clean_line(report.contact_name, 60),
        **by_phone.sealed_contact(phone, party_id),
        hidden=report.hidden,
        helper_id=helper,
        first_case=case,
        joined_at=now,
    )


def search_body(case: Case) -> str:
    """What a case can be found by: its number, words and place, and the areas it lies in."""
    return search.body_of(
        (case.number, case.title, case.text, case.place, case.category.name), [getattr(case, name) for name in LINEAGE]
    )

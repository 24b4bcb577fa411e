"""To report: say what and where; look at it once more, with what is like it; it is sent. Without JavaScript too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongxin.cases.operations.resident import join_case
from tongxin.cases.operations.spoken import SPOKEN
from tongxin.cases.operations.submit import Report, submit_case
from tongxin.cases.queries.bodies import bodies_of
from tongxin.cases.queries.categories import CategoryRow, categories
from tongxin.cases.queries.nearby import similar_cases
from tongxin.cases.queries.progress import spoken_code
from tongxin.cases.queries.view import case_for, case_of
from tongxin.cases.rules_similar import EMERGENCIES, Emergency, emergencies_in
from tongxin.journeys.triage import suggest_categories
from tongxin.kernel.errors import DomainError, Invalid, NotFound
from tongxin.people.queries.helping import Neighbour, helped_person, may_act_for, on_behalf_options
from tongxin.places.rules import lineage_paths
from tongxin.web.cases import drafts, where, words
from tongxin.web.cases.drafts import Draft
from tongxin.web.cases.where import Where
from tongxin.web.errors import message_of
from tongxin.web.offline.keeping import keep_offline
from tongxin.web.offline.written import written_at
from tongxin.web.policy import SIGN_IN, SeeOther, policy
from tongxin.web.questions import question_fields
from tongxin.web.request import Request
from tongxin.web.shell import page
from tongxin.web.tiles import tiles

Errors = dict[str, str]


def category_label(row: CategoryRow) -> str:
    """The category's name in the language of the page."""
    return row.name_en if row.name_en and (get_language() or "").startswith("en") else row.name


def emergency_rows(rows: Sequence[Emergency] = EMERGENCIES) -> list[dict[str, Any]]:
    """The emergency numbers with their words, for the page and for the browser that watches what is typed."""
    return [{"number": row.number, "label": words.emergency_label(row.label), "words": row.words} for row in rows]


@require_http_methods(["GET", "HEAD", "POST"])
@policy("public")
def report(request: Request) -> HttpResponse:
    """The first page, the second, and the sending, by the button that was pressed."""
    if request.method != "POST":
        return keep_offline(request, _begin(request))
    draft = drafts.read(request.POST)
    if "speak" in request.POST and not draft.text:
        draft = replace(draft, text=SPOKEN)
    if "send" in request.POST:
        return _send(request, draft)
    if "next_area" in request.POST or "back" in request.POST:
        return _first(request, draft)
    return _look_again(request, draft)


def _begin(request: Request) -> HttpResponse:
    kept = drafts.kept(request) if "resume" in request.GET else None
    if kept is not None and request.actor.signed_in:
        return _look_again(request, kept)
    draft = kept or drafts.read(request.GET)
    errors: Errors = {}
    if draft.place:
        try:
            where.of_code(draft.place, request.now)
        except DomainError as error:  # no such code, or its estate is no more: one chooses oneself
            draft, errors = replace(draft, place=""), {"area": message_of(error)}
    return _first(request, draft, errors)


def _first(request: Request, draft: Draft, errors: Errors | None = None, status: int = 200) -> HttpResponse:
    """Say what it is, and where."""
    actor = request.actor
    helped = _helped(request, draft)
    homes = _homes(request, helped)
    poster = where.of_code(draft.place, request.now) if draft.place else None
    community = request.account.person.community if request.account is not None else None
    return page(
        request,
        "cases/report.html",
        status=status,
        draft=draft,
        errors=errors or {},
        kinds=_kinds(categories()),
        wrong=[(_FIELDS.get(name, f"f-{name}"), said) for name, said in (errors or {}).items()],
        homes=homes,
        helped=helped,
        poster=poster,
        levels=where.levels(draft.area, community.path if community is not None else "", request.now),
        tiles=tiles(),
        ground=f"/public/map.json?area={community.code if community is not None else ''}",
        emergencies=emergency_rows(),
        emergencies_now=emergency_rows(emergencies_in(draft.text)),
        owner=str(actor.person_id or ""),
    )


_FIELDS = {
    "text": "f-text",
    "spot": "f-spot",
    "category": "category",
    "area": "where",
    "place": "where",
    "position": "where",
}


def _kinds(rows: Sequence[CategoryRow], parent: str = "") -> list[tuple[str, str, str]]:
    """What one can choose from at first, or within a kind: code, name, hint."""
    english = (get_language() or "").startswith("en")  # hints are kept in Chinese alone
    return [(row.code, category_label(row), "" if english else row.hint) for row in rows if row.parent == parent]


def _asked_of(row: CategoryRow, draft: Draft, errors: Errors) -> list[dict[str, Any]]:
    """The category's own questions as fields."""
    return question_fields(row.questions, draft.answers if draft.asked in {"", row.code} else {}, errors)


def _where(request: Request, draft: Draft) -> Where:
    """The place of a draft. Raises :class:`Invalid`."""
    if draft.place:
        return where.of_code(draft.place, request.now)
    if draft.home and draft.home != "other":
        home = drafts.as_uuid(draft.home)
        if home is None or not _may_name(request, draft, home):
            raise Invalid("Please choose where it is.", field="area")
        return where.of_home(home)
    if draft.area:
        return where.of_choice(draft.area, request.now)
    lat, lng = draft.position()
    found = where.of_position(lat, lng) if lat is not None and lng is not None and _on_earth(lat, lng) else None
    if found is None:
        raise Invalid("Please choose where it is.", field="area")
    return found


def _may_name(request: Request, draft: Draft, home: UUID) -> bool:
    """True for one's own home, one of the family's, or one of whom one reports for."""
    helped = _helped(request, draft)
    if helped is not None:
        return home in {key for key, _address in helped.homes}
    return home in request.actor.home_ids or home in {one.id for one in _homes(request, None)}


def _on_earth(lat: float, lng: float) -> bool:
    return -90 <= lat <= 90 and -180 <= lng <= 180


@dataclass(frozen=True, slots=True)
class Looked:
    """What the second page shows of a draft."""

    where: Where
    category: CategoryRow
    finer: list[tuple[str, str, str]]
    others: list[CategoryRow]  # the kind itself and its finer kinds, but the one that is chosen


def _checked(request: Request, draft: Draft) -> tuple[Looked | None, Errors]:
    errors: Errors = {}
    if not draft.text:
        errors["text"] = _("Please say what it is about.")
    for name, most in drafts.LONGEST.items():
        if len(getattr(draft, name)) > most:
            errors[name] = _("Please say it in fewer words: at most {most} characters.").format(most=most)
    rows = categories()
    category = next((row for row in rows if row.code == draft.category), None)
    if category is None:
        errors["category"] = _("Please choose what it is about.")
    found = None
    try:
        found = _where(request, draft)
    except DomainError as error:
        errors["area"] = message_of(error)
    if errors or category is None or found is None:
        return None, errors
    finer = _kinds(rows, category.code)
    chosen = next((row for row in rows if row.code == draft.kind and row.parent == category.code), category)
    others = [row for row in rows if row.code != chosen.code and category.code in {row.code, row.parent}]
    return Looked(found, chosen, finer, others), {}


def _look_again(
    request: Request, draft: Draft, errors: Errors | None = None, status: int = 200, *, ask_more: bool = False
) -> HttpResponse:
    """Read it back, with what is like it, photos, and in whose name."""
    looked, wrong = _checked(request, draft)
    if looked is None:
        return _first(request, draft, wrong, 422)
    family = [(str(row.person_id), row.name) for row in on_behalf_options(request.actor)]
    if family and "for_person" not in request.POST:  # whose home it is, for them it is, unless one says otherwise
        draft = replace(draft, for_person=_whose(request, draft))
    helped = _helped(request, draft)
    lat, lng = draft.position()
    similar = similar_cases(
        request.actor,
        request.now,
        area_path=looked.where.area_path,
        text=draft.text,
        category=draft.category,
        building_id=looked.where.building_id,
        lat=lat if lat is not None else looked.where.lat,
        lng=lng if lng is not None else looked.where.lng,
    )
    return page(
        request,
        "cases/report_check.html",
        status=status,
        draft=draft,
        errors=errors or {},
        where=looked.where,
        category=category_label(looked.category),
        finer=looked.finer,
        asked=looked.category.code,
        questions=_asked_of(looked.category, draft, errors or {}),
        others=[(row.code, _asked_of(row, draft, {})) for row in looked.others],
        ask_more=ask_more,
        wrong=[(f"f-{name}", said) for name, said in (errors or {}).items()],
        similar=[(row, words.note(row, request.now)) for row in similar],
        family=family,
        helped=helped.name if helped is not None else "",
        bodies=_bodies(request, looked.where),
        emergencies_now=emergency_rows(emergencies_in(draft.text)),
        owner=str(request.actor.person_id or ""),
    )


def _helped(request: Request, draft: Draft) -> Neighbour | None:
    """Whom a worker reports for. Family is chosen on the second page. Raises :class:`NotFound` for whom one may not
    help."""
    person = drafts.as_uuid(draft.for_person)
    if person is None or not request.actor.signed_in or person == request.actor.person_id:
        return None
    if may_act_for(request.actor, person, now=request.now) == "family":
        return None
    return helped_person(request.actor, person, now=request.now)


def _homes(request: Request, helped: Neighbour | None) -> list[where.Home]:
    """The homes to choose from: those of whom one reports for, else one's own."""
    if helped is not None:
        return [where.Home(home, address) for home, address in helped.homes]
    return where.homes_of(request.actor, request.now)


def _whose(request: Request, draft: Draft) -> str:
    """The family member whose home was chosen; empty for one's own, or none."""
    chosen = drafts.as_uuid(draft.home)
    found = next((home for home in _homes(request, None) if home.id == chosen), None)
    return str(found.person_id) if found is not None and found.person_id is not None else draft.for_person


def _bodies(request: Request, found: Where) -> list[tuple[str, str]]:
    """Whom the report may be about: who serves the place, and the community's own office."""
    return [(str(body.id), body.name) for body in bodies_of(lineage_paths(found.area_path), request.now)]


def _send(request: Request, draft: Draft) -> HttpResponse:
    looked, wrong = _checked(request, draft)
    if looked is None:
        return _first(request, draft, wrong, 422)
    if not request.actor.signed_in:
        return _sign_in_first(request, draft)
    if looked.category.questions and draft.asked not in {"", looked.category.code}:
        # A finer kind was chosen on the page itself, and it has questions of its own.
        return _look_again(request, draft, ask_more=True)
    if draft.text == SPOKEN and not request.FILES.get("voice"):
        return _look_again(request, draft, {"voice": _("Please speak, or go back and write a few words.")}, 422)
    try:
        said = written_at(draft.written_at, request.now)
        case = submit_case(request.actor, _report(request, draft, looked), request.now, occurred_at=said)
    except Invalid as error:
        if error.field in {"text", "category", "area", "place", "position"}:
            return _first(request, draft, {error.field: message_of(error)}, error.status)
        # Browsers do not send the files again; nothing else of what was typed is lost.
        files = "voice" if (error.code or "").startswith(("file-no-voice", "file-voice")) else "photos"
        where_wrong = files if error.field in {"file", "photos"} else error.field
        return _look_again(request, draft, {where_wrong: message_of(error)}, error.status)
    response = SeeOther(f"/report/sent/{case.number}/")
    drafts.forget(request, response)
    return response


def _sign_in_first(request: Request, draft: Draft) -> HttpResponse:
    """Everything was written; the phone's code is all that is missing. What was typed waits."""
    if request.FILES:
        messages.warning(request, _("Please add the photos again after signing in."))
    response = SeeOther(f"{SIGN_IN}?{urlencode({'next': '/report/?resume=1'})}")
    drafts.keep(request, response, draft)
    return response


def _report(request: Request, draft: Draft, looked: Looked) -> Report:
    lat, lng = draft.position()
    about = drafts.as_uuid(draft.about)
    draft_for = drafts.as_uuid(draft.for_person) or request.actor.person_id
    allowed = {body for body, _name in _bodies(request, looked.where)} if about is not None else set()
    found = looked.where
    return Report(
        text=draft.text,
        category=looked.category.code,
        area_id=found.area_id,
        building_id=found.building_id if found.home_id is None else None,
        unit_id=found.unit_id if found.home_id is None else None,
        home_id=found.home_id,
        place=" ".join(part for part in (found.within, draft.spot) if part),
        lat=lat if lat is not None else found.lat,
        lng=lng if lat is not None else found.lng,
        answers=dict(draft.answers),
        hidden=bool(draft.hidden),
        for_person=None if draft_for == request.actor.person_id else draft_for,
        complained_of=(about,) if about is not None and str(about) in allowed else (),
        channel="grid" if _as_worker(request, draft_for) else "app",
        once=draft.key(),
        photos=[*request.FILES.getlist("photos"), *request.FILES.getlist("voice")[:1]],
        home=found.home,
    )


def _as_worker(request: Request, person: UUID | None) -> bool:
    return person is not None and may_act_for(request.actor, person, now=request.now) == "worker"


@require_safe
@policy("signed_in")
def sent(request: Request, number: str) -> HttpResponse:
    """It is here: the number, the code of the slip, what happens next and until when."""
    view = case_for(request.actor, number, request.now)
    if view.mine is None and view.reporter is None:
        raise NotFound("There is no such case.")
    return page(
        request,
        "cases/report_sent.html",
        case=view,
        code=spoken_code(view.id),
        sentence=words.sentence(view, request.now),
        helped_name=view.reporter.name if view.reporter is not None and view.reporter.helper_name else "",
        helper_name=view.reporter.helper_name if view.reporter is not None else "",
    )


@require_POST
@policy("signed_in")
def join(request: Request, case_id: UUID) -> HttpResponse:
    """“Me too”: instead of reporting anew."""
    given = request.POST
    case = join_case(request.actor, case_id, request.now, text=given.get("text", ""), hidden="hidden" in given)
    view = case_of(request.actor, case.pk, request.now)
    messages.success(request, _("You are in. You will be told how it goes, and asked in the end."))
    response = SeeOther(f"/cases/{view.number}/")
    drafts.forget(request, response)
    return response


@require_POST
@policy("public")
def kinds(request: Request) -> HttpResponse:
    """The kinds that a text may be of, while one types. The text goes in the body, not in a log, and is not kept."""
    found = suggest_categories(request.POST.get("text", "")[: drafts.LONGEST["text"]])
    return JsonResponse({"kinds": [[row.code, category_label(row)] for row, _sure in found]})


@require_safe
@policy("public")
def places_below(request: Request) -> HttpResponse:
    """What lies below a picked place, for the picker."""
    label, options = where.below(request.GET.get("parent", "")[:64], request.now)
    return JsonResponse({"label": label, "options": options})


@require_safe
@policy("public")
def place_here(request: Request) -> HttpResponse:
    """Which place a position lies in: its name and how the picker names it."""
    try:
        lat, lng = float(request.GET.get("lat", "")), float(request.GET.get("lng", ""))
    except ValueError:
        raise Invalid("The position is not on the map.", field="position") from None
    if not _on_earth(lat, lng):
        raise Invalid("The position is not on the map.", field="position")
    found = where.of_position(lat, lng)
    if found is None:
        return JsonResponse({"name": "", "choice": ""})
    return JsonResponse({"name": found.name, "choice": where.choice_of(found)})

"""Home visits at the desk: who was visited when, which homes were missed, who visits whom, and how often."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongxin.kernel.errors import DomainError, Invalid, NotFound
from tongxin.places import queries as places
from tongxin.visits import operations as visits
from tongxin.visits.queries import figures as reads
from tongxin.visits.queries import rounds
from tongxin.visits.rules import Rhythm
from tongxin.web.people.forms import Form
from tongxin.web.people.words import WORDS
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page
from tongxin.web.visits.words import OUTCOMES, TRAITS
from tongxin.web.workbook import MOST, workbook


@require_safe
@policy(permission="visit.read")
def figures(request: Request) -> HttpResponse:
    """An area's figures, those of the areas right below it, and the homes that were missed."""
    area = reads.area_to_read(request.actor, request.GET.get("area", "")[:24])
    own, below = reads.figures(area, request.now)
    rows, after = reads.missed(area, request.now, request.GET.get("after", "")[:60])
    return page(
        request,
        "visits/desk.html",
        area=area,
        crumbs=_crumbs(request, area.path),
        own=own,
        below=below,
        rows=rows,
        more=f"?area={area.code}&after={after}" if after else "",
        days=reads.WINDOW,
        rhythm=rounds.rhythm_of(area.path),
        may_plan=request.actor.may("visit.plan", area.path),
        outcomes=OUTCOMES,
    )


def _crumbs(request: Request, path: str) -> list[dict[str, str]]:
    """The areas above, as far as they are the reader's."""
    above = [one for one in places.lineage(path) if request.actor.may("visit.read", one.path)]
    return [{"label": one.name, "href": f"/desk/visits/?area={one.code}"} for one in above]


@require_POST
@policy(permission="visit.read")
def export(request: Request) -> Any:
    """The homes that were missed as Excel, put on the record."""
    area = reads.area_to_read(request.actor, request.POST.get("area", "")[:24])
    rows, _after = reads.missed(area, request.now, limit=MOST)
    headings = (_("Home"), _("Who lives there"), _("Due since"), _("Last visit"), _("Tries"), _("Why"), _("More often"))
    lines = (
        (
            row.address,
            row.names,
            row.due_on.isoformat(),
            row.last_met_on.isoformat() if row.last_met_on else "",
            row.tries,
            str(OUTCOMES[row.why]) if row.why else _("nobody has been there"),
            _("yes") if row.special else "",
        )
        for row in rows
    )
    taken = workbook(_("Missed homes"), headings, lines, request.now)
    visits.note_taken(request.actor, area.pk, taken.rows, request.now)
    return taken.answer


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="visit.plan")
def plan(request: Request) -> HttpResponse:
    """Choose a place, tick its households and who is to visit them; they are shared out evenly."""
    form = Form(request)
    if request.method == "POST":
        try:
            given = visits.share_out(request.actor, form.ids("household"), form.ids("visitor"), request.now)
            messages.success(request, _("{n} households were given to their visitors.").format(n=given))
            return SeeOther(request.get_full_path())
        except DomainError as error:
            form.refuse(error)
    return _plan(request, form)


def _plan(request: Request, form: Form, of: Any = None) -> HttpResponse:
    area = of or _planned(request)
    estate = area if area.level_id == "estate" else None
    kind, key, within = _within(request, area)
    ready = estate is not None or kind == "grid"
    community = places.community_of(area.path)
    return page(
        request,
        "visits/plan.html",
        status=form.status,
        area=area,
        crumbs=_crumbs(request, area.path),
        below=[] if estate else places.children(area, request.now, limit=500),
        buildings=places.buildings(estate, limit=200) if estate else [],
        grids=places.grids(area, request.now) if community is not None and community.pk == area.pk else [],
        households=rounds.households_of(kind, key, request.now) if ready else [],
        visitors=rounds.visitors_at(area.path, request.now) if ready else [],
        within=within,
        form=form,
        chosen=set(request.POST.getlist("household")),
        chosen_visitors=set(request.POST.getlist("visitor")),
        rhythm=rounds.rhythm_of(area.path),
        traits=list(TRAITS.items()),
        words=WORDS,
    )


def _planned(request: Request) -> Any:
    """The area of the address in which the actor plans; without one, the topmost of theirs."""
    code = request.GET.get("area", "")[:24]
    if code:
        return places.managed_area(request.actor, code, "visit.plan")
    roots = places.managed_roots(request.actor, request.now, "visit.plan")
    if not roots:
        raise NotFound("There is no such area.", code="no-area")
    return roots[0]


def _within(request: Request, area: Any) -> tuple[str, UUID, str]:
    """(kind, id, name) of the part of the area that is shown: a building, a grid, or all of it."""
    kind, _colon, text = request.GET.get("in", "").partition(":")
    if kind == "building":
        building = places.building(places.as_id(text))
        if building.estate_id != area.pk:
            raise NotFound("There is no such building.", code="no-building")
        return kind, building.pk, building.name
    if kind == "grid":
        grid = places.grid(places.as_id(text))
        if grid.community_id != area.pk:
            raise NotFound("There is no such grid.", code="no-grid")
        return kind, grid.pk, grid.name
    return "area", area.pk, ""


@require_POST
@policy(permission="visit.plan")
def rhythm(request: Request) -> HttpResponse:
    """How often the households of an area are visited."""
    form = Form(request)
    area = places.managed_area(request.actor, form.text("area")[:24], "visit.plan")
    try:
        wanted = Rhythm(_days(form, "every_days"), _days(form, "special_days"), frozenset(_traits(request)))
        visits.set_rhythm(request.actor, area.pk, wanted, request.now)
    except DomainError as error:
        form.refuse(error)
        return _plan(request, form, area)
    messages.success(request, _("The rhythm is set; what is due was counted anew."))
    return SeeOther(f"/desk/visits/plan/?area={area.code}")


def _days(form: Form, field: str) -> int:
    text = form.text(field)
    if not text.isdecimal() or len(text) > 4:
        raise Invalid("Between one day and a year, please.", field=field, code="rhythm-days")
    return int(text)


def _traits(request: Request) -> list[str]:
    given = request.POST.getlist("special")
    if set(given) - TRAITS.keys():
        raise Invalid("There is no such trait of a household.", field="special", code="trait-unknown")
    return given

"""Grids of a community: sets of buildings with the worker who is responsible."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongxin.kernel.errors import Invalid, NotFound
from tongxin.people.queries.of_places import workers_of_grids
from tongxin.places import operations, queries, rules
from tongxin.web.places.edit import FRESH, READ_OR_WRITE, attempt, text
from tongxin.web.places.views import COMMUNITY, PERMISSION, crumbs, may_see
from tongxin.web.policy import policy
from tongxin.web.request import Request
from tongxin.web.shell import page


@require_http_methods(READ_OR_WRITE)
@policy(permission=PERMISSION)
def index(request: Request, code: str) -> HttpResponse:
    """The grids of a community, the buildings in none, and a form for a new grid."""
    community = queries.managed_area(request.actor, code)
    if community.level_id != COMMUNITY:
        raise NotFound("Grids belong to communities.", code="wrong-level")
    context = dict(FRESH)
    if request.method == "POST":

        def deed() -> str:
            made = operations.make_grid(request.actor, community.id, text(request, "name"), request.now)
            return f"/desk/places/grids/{made.id}/"

        response, context = attempt(request, deed, _("The grid is made. Now choose its buildings."))
        if response is not None:
            return response
    grids = queries.grids(community, request.now)
    return page(
        request,
        "places/grids.html",
        status=context.pop("status"),
        community=community,
        crumbs=crumbs(community.path, (_("Grids"), "")),
        grids=grids,
        workers=workers_of_grids([grid.id for grid in grids], request.now),
        left_out=[b for b in queries.buildings_of_community(community, request.now) if b.grid_id is None],
        **context,
    )


@require_http_methods(READ_OR_WRITE)
@policy(permission=PERMISSION)
def grid(request: Request, grid_id: UUID) -> HttpResponse:
    """A grid: its name and its buildings."""
    found = queries.grid(grid_id)
    may_see(request, found.community.path)
    up = f"/desk/places/areas/{found.community.code}/grids/"

    def deed() -> str:
        do = request.POST.get("do", "")
        if do == "close":
            tomorrow = rules.local_day(request.now) + timedelta(days=1)
            operations.close_grid(request.actor, found.id, tomorrow, request.now)
        elif do == "rename":
            operations.rename_grid(request.actor, found.id, text(request, "name"), request.now)
        elif do == "buildings":
            chosen = [queries.as_id(value) for value in request.POST.getlist("buildings")]
            operations.assign_buildings_to_grid(request.actor, found.id, chosen, request.now)
        else:
            raise Invalid("Please choose.", field="do", code="not-chosen")
        return up

    context = dict(FRESH)
    if request.method == "POST":
        response, context = attempt(request, deed, _("Saved."))
        if response is not None:
            return response
        found = queries.grid(grid_id)
    buildings = queries.buildings_of_community(found.community, request.now)
    estates: dict[str, list[object]] = {}
    for row in buildings:
        estates.setdefault(row.estate.name, []).append(row)
    return page(
        request,
        "places/grid.html",
        status=context.pop("status"),
        grid=found,
        crumbs=crumbs(found.community.path, (_("Grids"), up), (found.name, "")),
        estates=estates,
        workers=workers_of_grids([found.id], request.now).get(found.id, []),
        **context,
    )

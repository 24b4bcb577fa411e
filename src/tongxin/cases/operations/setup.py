"""What an office sets up: routes and answer templates. Each change is on the record; old routes keep their dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.cases.models import AnswerTemplate, Category, Route, RouteTurn
from tongxin.cases.rules import Mode
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Invalid, NotFound
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import clean_line, clean_text
from tongxin.kernel.times import local_day
from tongxin.people.models import Service
from tongxin.places.models import Area
from tongxin.record.operations import append_entry

PERMISSION = "case.configure"


@dataclass(frozen=True, slots=True)
class RouteData:
    """Where cases of a category go. Exactly one of: an organisation, a kind of service (whoever serves the place at
    that moment), the pool, or the members of a rotation."""

    organisation_id: UUID | None = None
    service: str = ""
    mode: str = Mode.ASSIGNED
    automatic: bool = False
    members: Sequence[UUID] = ()


def _area(area_id: UUID) -> Area:
    area = Area.objects.filter(pk=area_id, valid_until=None).first()
    if area is None:
        raise NotFound("There is no such area.")
    return area


def _category(code: str) -> Category | None:
    if not code:
        return None
    category = Category.objects.filter(code=code).first()
    if category is None:
        raise Invalid("Please choose what it is about.", field="category")
    return category


def _check(data: RouteData) -> None:
    if data.mode not in set(Mode):
        raise Invalid("Choose how cases are given.", field="mode")
    if data.service and data.service not in Service.Kind.values:
        raise Invalid("Choose what kind of service it is.", field="service")
    named = {
        Mode.POOL: not data.organisation_id and not data.service and not data.members,
        Mode.ROTATION: len(data.members) > 1 and not data.organisation_id and not data.service,
        Mode.ASSIGNED: bool(data.organisation_id) != bool(data.service) and not data.members,
    }
    if not named[Mode(data.mode)]:
        raise Invalid(
            "Choose one: an organisation, whoever serves the place, the pool, or several in turn.", field="mode"
        )


@transaction.atomic
def set_route(actor: Actor, area_id: UUID, category: str, data: RouteData, now: datetime) -> Route:
    """Say who gets cases of a category (``""``: of all) in an area from today on; the route before it ends today."""
    area = _area(area_id)
    actor.require(PERMISSION, area.path)
    _check(data)
    chosen = _category(category)
    _end(area, chosen, now)
    route = Route.objects.create(
        id=uuid7(now),
        area=area,
        category=chosen,
        organisation_id=data.organisation_id,
        service=data.service,
        mode=data.mode,
        automatic=data.automatic,
        since=local_day(now),
    )
    RouteTurn.objects.bulk_create(
        RouteTurn(id=uuid7(now), route=route, organisation_id=organisation, position=position)
        for position, organisation in enumerate(data.members)
    )
    append_entry(
        actor=actor,
        verb="route.set",
        subject=("route", route.id),
        area_path=area.path,
        now=now,
        data={
            "category": category, "organisation": data.organisation_id, "service": data.service, "mode": data.mode,
            "automatic": data.automatic, "members": list(data.members),
        },
        new=True,
    )  # fmt: skip
    return route


def _end(area: Area, category: Category | None, now: datetime) -> None:
    today = local_day(now)
    running = Route.objects.filter(area=area, category=category, until=None)
    # What began today was never in force for a whole day: it is replaced, its entry in the record stays.
    running.filter(since__gte=today).delete()
    running.update(until=today)


@transaction.atomic
def end_route(actor: Actor, route_id: UUID, now: datetime) -> None:
    """Take a route away: cases then go by the next fitting one, at last to the desk."""
    route = Route.objects.select_related("area", "category").filter(pk=route_id, until=None).first()
    if route is None:
        raise NotFound("There is no such route.")
    actor.require(PERMISSION, route.area.path)
    _end(route.area, route.category, now)
    append_entry(actor=actor, verb="route.ended", subject=("route", route_id), area_path=route.area.path, now=now)


@transaction.atomic
def save_template(
    actor: Actor,
    area_id: UUID,
    now: datetime,
    *,
    name: str,
    text: str,
    category: str = "",
    template_id: UUID | None = None,
) -> AnswerTemplate:
    """Keep a ready text for answers in an area, for a category or for all."""
    area = _area(area_id)
    actor.require("case.desk", area.path)
    template = AnswerTemplate.objects.filter(pk=template_id, area=area).first() if template_id else None
    if template_id and template is None:
        raise NotFound("There is no such template.")
    template = template or AnswerTemplate(id=uuid7(now), area=area)
    template.category = _category(category)
    template.name, template.text = clean_line(name, 40), clean_text(text, 2000)
    if not template.name or not template.text:
        raise Invalid("Please give a name and a text.", field="name")
    template.save()
    append_entry(
        actor=actor, verb="template.saved", subject=("template", template.id), area_path=area.path, now=now,
        data={"name": template.name, "category": category},
    )  # fmt: skip
    return template

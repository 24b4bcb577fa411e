"""What an office sets up: categories, time limits, routes, ready answers. Each change is on the record.

Categories and time limits hold for the whole installation, so they take ``case.configure`` over its topmost area;
routes and answers take it over their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongxin.cases import rules, rules_questions
from tongxin.cases.models import AnswerTemplate, Category, ClockRule, Route, RouteTurn
from tongxin.cases.queries.state import route_state
from tongxin.cases.rules_limits import ClockKind
from tongxin.cases.rules_texts import fit_text
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import clean_line
from tongxin.kernel.times import local_day
from tongxin.kernel.worktime import MAX_AMOUNT, Unit
from tongxin.people.models import Organisation, Service
from tongxin.places.models import Area
from tongxin.record.operations import append_entry
from tongxin.record.rules import REMOVED

PERMISSION = "case.configure"
_CODE = re.compile(r"[a-z][a-z0-9_.]{1,29}")
QUESTION_KINDS = rules_questions.KINDS
MAX_QUESTIONS = 10


def _require_everywhere(actor: Actor) -> str:
    """The path of the topmost area, if the actor may set up the whole installation. Raises :class:`NotAllowed`."""
    paths = list(Area.objects.filter(parent=None, valid_until=None).order_by("path").values_list("path", flat=True))
    for path in paths:
        if actor.may(PERMISSION, path):
            return path
    raise NotAllowed(
        "This holds for all areas; the level above sets it up.", code="no-permission", permission=PERMISSION
    )


def _entry(actor: Actor, verb: str, kind: str, key: UUID, path: str, now: datetime, data: Mapping[str, Any]) -> None:
    append_entry(actor=actor, verb=verb, subject=(kind, key), area_path=path, now=now, data=dict(data))


@dataclass(frozen=True, slots=True)
class CategoryData:
    """A category as a form gives it. ``questions``: code, label, kind, options, required of each."""

    name: str
    name_en: str = ""
    hint: str = ""
    icon: str = ""
    urgency: str = "normal"
    position: int = 0
    needs_verification: bool = False
    public: bool = True
    is_service: bool = False
    is_active: bool = True
    questions: Sequence[Mapping[str, Any]] = ()
    skills: Sequence[str] = ()
    call_script: str = ""


@transaction.atomic
def add_category(actor: Actor, code: str, data: CategoryData, now: datetime, *, parent: str = "") -> Category:
    """A new category, at the top or below another. Its code is for ever: cases and files name it."""
    path = _require_everywhere(actor)
    if not _CODE.fullmatch(code):
        raise Invalid("A code is made of small letters, digits, dots and underscores.", field="code")
    if Category.objects.filter(code=code).exists():
        raise Conflict("This code is taken.", code="code-taken")
    above = Category.objects.filter(code=parent).first() if parent else None
    if parent and above is None:
        raise Invalid("Choose a category that exists.", field="parent")
    row = Category(id=uuid7(now), code=code, parent=above, path=f"{above.path if above else ''}{code}/")
    if len(row.path) > 130:
        raise Invalid("This is too deep.", field="parent")
    _fill_category(row, data)
    row.save(force_insert=True)
    _entry(actor, "category.added", "category", row.id, path, now, _told(row))
    return row


@transaction.atomic
def edit_category(actor: Actor, code: str, data: CategoryData, now: datetime) -> Category:
    """Change a category. Cases keep the clocks that they have; later steps go by what holds then."""
    path = _require_everywhere(actor)
    row = Category.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise NotFound("There is no such category.")
    _fill_category(row, data)
    row.save()
    _entry(actor, "category.edited", "category", row.id, path, now, _told(row))
    return row


def _told(row: Category) -> dict[str, Any]:
    names = ("code", "path", "name", "urgency", "position", "needs_verification", "public", "is_service", "is_active")
    return {name: getattr(row, name) for name in names} | {"questions": len(row.questions), "skills": row.skills}


def _fill_category(row: Category, data: CategoryData) -> None:
    row.name = clean_line(data.name, 40)
    if not row.name:
        raise Invalid("Please give it a name.", field="name")
    if data.urgency not in set(rules.Urgency):
        raise Invalid("Please choose how urgent it is.", field="urgency")
    row.name_en, row.hint = clean_line(data.name_en, 60), clean_line(data.hint, 100)
    row.icon, row.urgency = clean_line(data.icon, 20), data.urgency
    row.position = max(0, min(int(data.position), 9999))
    row.needs_verification, row.public = data.needs_verification, data.public
    row.is_service, row.is_active = data.is_service, data.is_active
    row.questions = _questions(data.questions)
    row.call_script = fit_text(data.call_script, 1000, "call_script")
    row.skills = list(dict.fromkeys(word for skill in data.skills if (word := clean_line(skill, 20))))[:5]


def _questions(given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Extra questions, checked: each with a code of its own, a label, a known kind, and options where it needs them."""
    if len(given) > MAX_QUESTIONS:
        raise Invalid("At most ten questions; people stop after three.", field="questions")
    found: list[dict[str, Any]] = []
    for number, raw in enumerate(given, 1):
        label, kind = clean_line(str(raw.get("label", "")), 80), str(raw.get("kind", "text"))
        options = [clean_line(str(option), 40) for option in raw.get("options", ()) if clean_line(str(option), 40)]
        code = str(raw.get("code") or f"q{number}")
        if not label or kind not in QUESTION_KINDS or not _CODE.fullmatch(code):
            raise Invalid("A question needs words and a kind.", field="questions")
        if kind in {"choice", "choices"} and len(options) < 2:
            raise Invalid("A question to choose from needs two answers at least.", field="questions")
        if code in {question["code"] for question in found}:
            raise Invalid("Two questions have the same code.", field="questions")
        found.append(
            {"code": code, "label": label, "kind": kind, "options": options, "required": bool(raw.get("required"))}
        )
    return found


@transaction.atomic
def set_clock_rule(
    actor: Actor, *, category: str, urgency: str, kind: str, amount: int | None, unit: str, now: datetime
) -> None:
    """A time limit for a category ("" for all), an urgency and a kind of clock; ``amount`` None goes back to the default."""
    path = _require_everywhere(actor)
    if urgency not in set(rules.Urgency) or kind not in set(ClockKind):
        raise Invalid("Choose which time limit it is.", field="kind")
    chosen = Category.objects.filter(code=category).first() if category else None
    if category and chosen is None:
        raise Invalid("Choose a category that exists.", field="category")
    rows = ClockRule.objects.filter(category=chosen, urgency=urgency, kind=kind)
    told: dict[str, Any] = {"category": category, "urgency": urgency, "clock": kind, "amount": amount}
    row = rows.select_for_update().first()
    if amount is None:
        if row is None:
            return
        key = row.id
        row.delete()
    else:
        if unit not in set(Unit) or not 1 <= amount <= min(MAX_AMOUNT, 1000):
            raise Invalid("A time limit is between 1 and 1,000 of a unit.", field="amount")
        told["unit"] = unit
        row = row or ClockRule(id=uuid7(now), category=chosen, urgency=urgency, kind=kind)
        row.amount, row.unit = amount, unit
        row.save()
        key = row.id
    _entry(actor, "clock_rule.set", "clock_rule", key, path, now, told)


@dataclass(frozen=True, slots=True)
class RouteData:
    """A route. Either ``organisation``, or ``service``: whoever serves the place then; neither for the pool."""

    category: str = ""
    organisation: UUID | None = None
    service: str = ""
    mode: str = rules.Mode.ASSIGNED
    automatic: bool = False
    members: tuple[UUID, ...] = ()


@transaction.atomic
def set_route(actor: Actor, area_id: UUID, data: RouteData, now: datetime) -> Route:
    """Who gets cases of a category in an area from today on; the route before it ends today. ``members`` take turns."""
    area = Area.objects.filter(pk=area_id, valid_until=None).first()
    if area is None:
        raise Invalid("Please choose where it is.", field="area")
    actor.require(PERMISSION, area.path)
    category = Category.objects.filter(code=data.category).first() if data.category else None
    if data.category and category is None:
        raise Invalid("Choose a category that exists.", field="category")
    organisation = _checked_target(data)
    if (same := _the_same(area, category, data, organisation)) is not None:
        return same
    _end(actor, Route.objects.select_for_update(of=("self",)).select_related("area").filter(
        area=area, category=category, until=None), now)  # fmt: skip
    row = Route.objects.create(
        id=uuid7(now), area=area, category=category, organisation_id=organisation, service=data.service,
        mode=data.mode, automatic=data.automatic, since=local_day(now),
    )  # fmt: skip
    RouteTurn.objects.bulk_create(
        RouteTurn(id=uuid7(now), route=row, organisation_id=member, position=position)
        for position, member in enumerate(data.members)
    )
    told = {
        "category": data.category, "organisation": str(organisation or ""), "service": data.service, "mode": data.mode,
        "automatic": data.automatic, "members": [str(member) for member in data.members],
    }  # fmt: skip
    append_entry(actor=actor, verb="route.set", subject=("route", row.id), area_path=area.path, now=now, data=told,
                 state=route_state(row, data.members), new=True)  # fmt: skip
    return row


def _the_same(area: Area, category: Category | None, data: RouteData, organisation: UUID | None) -> Route | None:
    """The route in force if it says just this: a form that is sent twice sets nothing anew."""
    row = Route.objects.filter(
        area=area, category=category, until=None, service=data.service, mode=data.mode, automatic=data.automatic
    ).first()
    if (
        row is None
        or row.organisation_id != organisation
        or list(row.turns.order_by("position").values_list("organisation_id", flat=True)) != list(data.members)
    ):
        return None
    return row


def _checked_target(data: RouteData) -> UUID | None:
    """The organisation of a route, checked against its mode."""
    if data.mode not in set(rules.Mode):
        raise Invalid("Choose how it is given.", field="mode")
    if data.service and data.service not in Service.Kind.values:
        raise Invalid("There is no such service.", field="service")
    wanted = {*data.members, *([data.organisation] if data.organisation else [])}
    if Organisation.objects.filter(pk__in=wanted, until=None).count() != len(wanted):
        raise Invalid("This organisation does not exist any more.", field="organisation")
    if data.mode == rules.Mode.ROTATION and len(set(data.members)) < 2:
        raise Invalid("Taking turns needs two members at least.", field="members")
    if data.mode == rules.Mode.ASSIGNED and bool(data.organisation) == bool(data.service):
        raise Invalid("Choose an organisation or a service, one of both.", field="organisation")
    return data.organisation if data.mode == rules.Mode.ASSIGNED else None


def _end(actor: Actor, rows: Any, now: datetime) -> None:
    """End routes today; one that began today never was."""
    today = local_day(now)
    for row in rows:
        key, path, state = row.id, row.area.path, REMOVED
        if row.since >= today:
            row.delete()
        else:
            row.until = today
            row.save(update_fields=["until"])
            state = route_state(row, list(row.turns.order_by("position").values_list("organisation_id", flat=True)))
        append_entry(actor=actor, verb="route.ended", subject=("route", key), area_path=path, now=now, state=state)


@transaction.atomic
def end_route(actor: Actor, route_id: UUID, now: datetime) -> None:
    """End a route today: what it named goes by the next one upward, or to the desk."""
    row = Route.objects.select_for_update(of=("self",)).select_related("area").filter(pk=route_id, until=None).first()
    if row is None:
        raise NotFound("There is no such route.")
    actor.require(PERMISSION, row.area.path)
    _end(actor, [row], now)


@transaction.atomic
def save_template(
    actor: Actor, *, area_id: UUID, name: str, text: str, category: str = "", template_id: UUID | None = None,
    now: datetime,
) -> AnswerTemplate:  # fmt: skip
    """A ready answer for an area and, if wanted, a category. Desks keep their own."""
    area = Area.objects.filter(pk=area_id, valid_until=None).first()
    if area is None:
        raise Invalid("Please choose where it is.", field="area")
    _require_templates(actor, area.path)
    chosen = Category.objects.filter(code=category).first() if category else None
    if category and chosen is None:
        raise Invalid("Choose a category that exists.", field="category")
    name, text = clean_line(name, 40), fit_text(text, 2000)
    if not name:
        raise Invalid("Please give it a name.", field="name")
    if not text:
        raise Invalid("Please write the answer.", field="text")
    if template_id is not None:
        row = _template(actor, template_id)
    else:
        same = AnswerTemplate.objects.filter(area=area, category=chosen, name=name, text=text).first()
        if same is not None:  # a form that is sent twice
            return same
        row = AnswerTemplate(id=uuid7(now))
    row.area, row.category, row.name, row.text = area, chosen, name, text
    row.save()
    _entry(actor, "template.saved", "answer_template", row.id, area.path, now, {"name": name, "category": category})
    return row


@transaction.atomic
def delete_template(actor: Actor, template_id: UUID, now: datetime) -> None:
    """Throw a ready answer away."""
    row = _template(actor, template_id)
    key, path = row.id, row.area.path
    row.delete()
    _entry(actor, "template.deleted", "answer_template", key, path, now, {})


def _template(actor: Actor, template_id: UUID) -> AnswerTemplate:
    row = AnswerTemplate.objects.select_for_update(of=("self",)).select_related("area").filter(pk=template_id).first()
    if row is None:
        raise NotFound("There is no such answer.")
    _require_templates(actor, row.area.path)
    return row


def _require_templates(actor: Actor, path: str) -> None:
    if not actor.may("case.desk", path):
        actor.require(PERMISSION, path)

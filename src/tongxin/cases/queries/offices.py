"""Who sits where today, as cases need to know: at the desks that see a case, and in the bodies that can take one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from tongxin.cases import rules_clocks
from tongxin.cases.models import Case, Route, RouteTurn
from tongxin.kernel.times import local_day
from tongxin.people.models import Appointment, Organisation, Service
from tongxin.people.roles import ROLES
from tongxin.places import rules as place_rules
from tongxin.places.models import Area
from tongxin.places.queries import below
from tongxin.record.kept import kept

HANDLING: Final = tuple(role for role, permissions in ROLES.items() if "case.handle" in permissions)
DESKING: Final = tuple(role for role, permissions in ROLES.items() if "case.desk" in permissions)
MAX_TOLD: Final = 50


def _in_force(today: date) -> QuerySet[Appointment]:
    """Offices held today."""
    return Appointment.objects.filter(Q(until=None) | Q(until__gt=today), since__lte=today)


@kept(Appointment, Area)
def _desks(area_path: str, today: date) -> list[tuple[str, UUID, UUID]]:
    """Who sits at the desks of an area and above it: whom to tell. What they may do is asked of their offices."""
    rows = _in_force(today).filter(role__in=DESKING, area__path__in=list(place_rules.lineage_paths(area_path)))
    return list(rows.values_list("area__path", "person_id", "organisation_id"))


def desks_of(case: Case, now: datetime) -> list[tuple[str, list[tuple[UUID, UUID]]]]:
    """The desks that see a case: :func:`desks_at`."""
    return desks_at(case.area_path, case.complained_of, now)


def desks_at(area_path: str, complained_of: Iterable[str], now: datetime) -> list[tuple[str, list[tuple[UUID, UUID]]]]:
    """The desks that see a case at a place, from the first one up: path, and (person, organisation) of who sits there
    today and is not complained of. One query."""
    rows = _desks(area_path, local_day(now))
    about = set(complained_of)
    sitting: dict[str, list[tuple[UUID, UUID]]] = {}
    for path, person, organisation in rows:
        if str(organisation) not in about:
            sitting.setdefault(path, []).append((person, organisation))
    return [(path, sitting[path]) for path in rules_clocks.desks_upward(area_path, sitting)]


def deciding_path(case: Case, needed: int, now: datetime) -> str:
    """Path of the area whose desk decides on a case of which ``needed`` levels above the first desk have to. One
    query."""
    upward = [path for path, _ in desks_of(case, now)]
    return rules_clocks.escalate_to(upward or [rules_clocks.path_above_first_desk(case.area_path)], needed)


def highest_desk_depth(area_path: str, now: datetime) -> int:
    """How deep the highest desk at or above an area lies; the area's own depth where there is none. One query."""
    rows = _desks(area_path, local_day(now))
    return min((path.count("/") for path, *_ in rows), default=area_path.count("/")) - 1


def members(organisation: UUID, now: datetime) -> list[UUID]:
    """Those who handle cases for an organisation today, fifty at most."""
    return _members(organisation, local_day(now))


@kept(Appointment)
def _members(organisation: UUID, today: date) -> list[UUID]:
    rows = _in_force(today).filter(organisation_id=organisation, role__in=HANDLING)
    return list(rows.values_list("person_id", flat=True).distinct()[:MAX_TOLD])


def handler_of(organisation: UUID, person: UUID, now: datetime) -> str | None:
    """The name, as the register has it, of somebody who handles cases for the organisation today; None if they do
    not. One query."""
    rows = _in_force(local_day(now)).filter(organisation_id=organisation, person_id=person, role__in=HANDLING)
    return rows.filter(person__erased_at=None).values_list("person__name", flat=True).first()


def staffed(today: date) -> Q:
    """Organisations for which somebody handles cases today: nobody else could take one."""
    exists = Q(until=None) | Q(until__gt=today)
    return exists & Q(pk__in=_in_force(today).filter(role__in=HANDLING).values("organisation_id"))


def of_place(area_path: str) -> Q:
    """Organisations that may have to do with a place: those of its areas and of those below its community, whoever
    serves it, and whom its routes name."""
    above = list(place_rules.lineage_paths(area_path))
    routes = Route.objects.filter(until=None, area__path__in=above)
    return (
        Q(area__path__in=above)
        | below(above[min(rules_clocks.FIRST_DESK_DEPTH, len(above) - 1)], "area__path")
        | Q(pk__in=Service.objects.filter(until=None, area__path__in=above).values("organisation_id"))
        | Q(pk__in=routes.filter(organisation__isnull=False).values("organisation_id"))
        | Q(pk__in=RouteTurn.objects.filter(route__in=routes).values("organisation_id"))
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an organisation can take a case: does somebody handle cases for it today, has it to do with the place."""

    staffed: bool
    near: bool


def standing(organisation: UUID, area_path: str, now: datetime) -> Standing | None:
    """The standing of an organisation at a place; None if it does not exist today. One query."""
    today = local_day(now)
    rows = Organisation.objects.filter(Q(until=None) | Q(until__gt=today), pk=organisation).annotate(
        able=ExpressionWrapper(staffed(today), output_field=BooleanField()),
        near=ExpressionWrapper(of_place(area_path), output_field=BooleanField()),
    )
    found = rows.values_list("able", "near").first()
    return Standing(bool(found[0]), bool(found[1])) if found is not None else None

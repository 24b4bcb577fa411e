"""Where people, homes and organisations belong: the area paths in which a permission over them must be held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from functools import reduce
from operator import or_
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.people.models import Ownership, Person, ReportIn, Residence, Tenancy
from tongxin.places.models import Area, Home
from tongxin.places.queries import below

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day_of(now: datetime) -> date:
    """The day in Asia/Shanghai."""
    return now.astimezone(SHANGHAI).date()


def current(on: date, prefix: str = "") -> Q:
    """Rows (or rows reached through ``prefix``) whose period holds the day."""
    return Q(**{f"{prefix}since__lte": on}) & (Q(**{f"{prefix}until": None}) | Q(**{f"{prefix}until__gt": on}))


def home_with_place(home_id: UUID) -> Home:
    """A home with its building and estate loaded. Raises :class:`NotFound`."""
    home = Home.objects.select_related("unit__building__estate__parent").filter(pk=home_id).first()
    if home is None:
        raise NotFound("There is no such home.", code="no-home")
    return home


def community_of(home: Home) -> Area:
    """The community of a home: its estate's parent, or the area itself where buildings stand right in a community."""
    estate = home.unit.building.estate
    return estate.parent if estate.level_id == "estate" and estate.parent is not None else estate


def path_of(home: Home) -> str:
    """The area path of a home: its estate's."""
    return home.unit.building.estate.path


def address_of(home: Home) -> str:
    """The home as people say it: 国瑞小区 5栋 2单元 301."""
    building = home.unit.building
    return " ".join(part for part in (building.estate.name, building.name, home.unit.name, home.name) if part)


def within(paths: Iterable[str], field: str) -> Q:
    """Rows whose path (reached by ``field``) lies in one of the areas; nothing at all without areas."""
    return reduce(or_, (below(path, field) for path in paths), Q(pk__in=[]))


def areas_of_people(person_ids: Iterable[UUID], on: date) -> dict[UUID, tuple[str, ...]]:
    """The area paths to which each person belongs on a day: community, homes lived in, rented or owned, report-in.

    Five queries, however many persons.
    """
    ids = list(person_ids)
    found: dict[UUID, set[str]] = defaultdict(set)
    for person_id, path in Person.objects.filter(pk__in=ids, community__isnull=False).values_list(
        "pk", "community__path"
    ):
        found[person_id].add(path)
    live = current(on) & Q(person__in=ids)
    home = "home__unit__building__estate__path"
    rows = (
        Residence.objects.filter(live).values_list("person_id", f"household__{home}"),
        Tenancy.objects.filter(live).values_list("person_id", home),
        Ownership.objects.filter(live).values_list("person_id", home),
        ReportIn.objects.filter(live).values_list("person_id", "community__path"),
    )
    for queryset in rows:
        for person_id, path in queryset:
            found[person_id].add(path)
    return {person_id: tuple(sorted(found[person_id])) for person_id in ids}


def areas_of_person(person_id: UUID, on: date) -> tuple[str, ...]:
    """The area paths to which one person belongs; see :func:`areas_of_people`."""
    return areas_of_people([person_id], on)[person_id]


def permitted_path(actor: Actor, permission: str, paths: Iterable[str]) -> str | None:
    """The first of the paths in which the actor holds the permission; the system always finds one (maybe empty)."""
    paths = list(paths)
    if actor.is_system:
        return paths[0] if paths else ""
    return next((path for path in paths if actor.may(permission, path)), None)


def sign_in_rows(person_id: UUID) -> QuerySet[Person, UUID]:
    """The ids of a person's rows made at sign-in, for use inside another query."""
    return Person.objects.filter(same_as=person_id).values_list("pk", flat=True)


def rows_of_person(person_id: UUID) -> QuerySet[Person, UUID]:
    """The same with the person's own, as one set of rows that an index finds."""
    return Person.objects.filter(Q(pk=person_id) | Q(same_as=person_id)).values_list("pk", flat=True)


def identities_of(person_id: UUID) -> list[UUID]:
    """The person's id and those of rows made at sign-in before the register knew them: one human being.

    Whoever asks for “my matters” asks for all of these.
    """
    return [person_id, *sign_in_rows(person_id)]

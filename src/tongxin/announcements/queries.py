"""Reads of announcements: for the desk, for the door, for everybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, TextField
from django.db.models.functions import Cast

from tongxin.announcements import rules
from tongxin.announcements.models import Announcement, Group, QuietHours, Recipient
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.notifications.senders import channel_ready
from tongxin.people.models import (
    Appointment,
    Household,
    Ownership,
    Person,
    ReportIn,
    Residence,
    Service,
    Tenancy,
)
from tongxin.people.queries.areas import address_of, current, day_of, within
from tongxin.people.queries.organisations import property_company_of
from tongxin.places.models import Area, Building, Home
from tongxin.places.queries import below
from tongxin.places.rules import lineage_paths

PAGE, MOST_AT_DOOR, MOST_AREAS = 30, 400, 300
WRITE, DOOR = "announce.write", "people.verify"
SHOWN = ("publishing", "published", "withdrawn")
STAFF = ("community_worker", "community_secretary", "grid_worker", "police_officer", "street_officer", "county_officer")
_ESTATE = "home__unit__building__estate__path"


# Whom it is for.


def _homes(row: Announcement, day: date) -> QuerySet[Home]:
    """The homes that are meant: in the area, among the places picked."""
    homes = Home.objects.filter(below(row.area_path, "unit__building__estate__path"))
    if row.places:
        picked = Q(pk__in=[])
        for kind, key in row.places:
            picked |= Q(**{{"area": "unit__building__estate", "building": "unit__building", "unit": "unit"}[kind]: key})
        homes = homes.filter(picked)
    return homes


def _households(row: Announcement, day: date) -> QuerySet[Household]:
    """The households with one of the traits asked for."""
    live = Household.objects.filter(current(day)).annotate(said=Cast("traits", TextField()))
    return live.filter(reduce(or_, (_trait(text, day) for text in row.traits)))


def _trait(text: str, day: date) -> Q:
    code, years = rules.trait(text)
    if code in {"elder", "child"}:
        born = rules.born_until(day, years)
        who = {"person__birth_date__lte": born} if code == "elder" else {"person__birth_date__gt": born}
        return Q(pk__in=Residence.objects.filter(current(day), **who).values("household"))
    return Q(said__contains=f'"{code}"')


def _offices(role: str, row: Announcement, day: date) -> QuerySet[Any]:
    live = Appointment.objects.filter(current(day))
    here = below(row.area_path, "area__path")
    if role == "building_heads":
        return live.filter(here, role="building_head").values("person")
    if role == "staff":
        return live.filter(here, role__in=STAFF).values("person")
    if role == "party_members":
        rows = ReportIn.objects.filter(current(day), below(row.area_path, "community__path"))
        return rows.exclude(received_by=None).values("person")
    serving = Service.objects.filter(current(day), below(row.area_path, "area__path")).values("organisation")
    return live.filter(organisation__in=serving).values("person")


def audience(row: Announcement, day: date) -> QuerySet[Person]:
    """Everyone whom an announcement is for on a day, each once, in no order."""
    homes = _homes(row, day)
    residents = Residence.objects.filter(current(day), current(day, "household__"))
    if row.traits:
        households = _households(row, day)
        residents = residents.filter(household__in=households.values("pk"))
        homes = homes.filter(pk__in=households.values("home"))
    meant = homes.values("pk")
    asked = {
        "residents": residents.filter(household__home__in=meant),
        "owners": Ownership.objects.filter(current(day), home__in=meant, person__isnull=False),
        "tenants": Tenancy.objects.filter(current(day), home__in=meant),
    }
    wanted = [
        Q(pk__in=asked[role].values("person") if role in asked else _offices(role, row, day)) for role in row.roles
    ]
    return Person.objects.filter(reduce(or_, wanted, Q(pk__in=[])), erased_at=None, same_as=None)


@dataclass(frozen=True, slots=True)
class Preview:
    """How many an announcement would reach and by what; small numbers are not said exactly."""

    people: str
    households: str
    app: str
    sms: str
    wechat: str
    none: str
    nobody: bool
    left_out: tuple[str, ...]


def preview(row: Announcement, now: datetime) -> Preview:
    """Counts alone, by six queries: they grow with the audience, so this is for the page that asks for them."""
    day = day_of(now)
    people = audience(row, day)
    total = people.count()
    app = people.filter(account__is_active=True)
    chosen = [name for name in row.channels if channel_ready(name)]
    phone, wechat = Q(phone_cipher__isnull=False), Q(account__wechat__openid_cipher__isnull=False)
    silent = people.exclude(account__is_active=True)
    households = Household.objects.filter(
        current(day), home__in=_homes(row, day).values("pk"), residences__person__in=people.values("pk")
    )
    return Preview(
        people=rules.shown_count(total),
        households=rules.shown_count(households.distinct().count()),
        app=rules.shown_count(app.count()),
        sms=rules.shown_count(people.filter(phone).count() if "sms" in chosen else 0),
        wechat=rules.shown_count(people.filter(wechat).count() if "wechat" in chosen else 0),
        none=rules.shown_count(silent.exclude(phone).count() if "sms" in chosen else silent.count()),
        nobody=total == 0,
        left_out=tuple(name for name in row.channels if name not in chosen),
    )


def homes_of(row: Announcement, people: Sequence[UUID], day: date) -> dict[UUID, tuple[UUID, UUID]]:
    """(home, building) where each of these people is found at the door: where they live, else what they own or rent."""
    homes = _homes(row, day).values("pk")
    found: dict[UUID, tuple[UUID, UUID]] = {}
    for rows, home in (
        (Ownership.objects.filter(current(day), person__in=people, home__in=homes), "home"),
        (Tenancy.objects.filter(current(day), person__in=people, home__in=homes), "home"),
        (Residence.objects.filter(current(day), person__in=people, household__home__in=homes), "household__home"),
    ):
        for person, key, building in rows.values_list("person", home, f"{home}__unit__building"):
            found[person] = (key, building)
    return found


# Where one may write.


def may_write(actor: Actor, area: Area, now: datetime) -> bool:
    """Whether the actor may announce in an area; a property company's people only to the estates that it serves."""
    if not actor.may(WRITE, area.path):
        return False
    grants = [grant for grant in actor.grants if grant.covers(WRITE, area.path)]
    if actor.is_system or any(grant.role != "company_manager" for grant in grants):
        return True
    return property_company_of(area.pk, day_of(now)) in {grant.organisation_id for grant in grants}


def areas_to_write_to(actor: Actor, now: datetime, text: str = "") -> list[tuple[str, str]]:
    """(id, name) of areas for the form: those of the office and two levels below, or those a search finds."""
    rows = Area.objects.filter(within(sorted(set(actor.areas_with(WRITE))), "path"), valid_until=None)
    served = {grant.organisation_id for grant in actor.grants if grant.role == "company_manager"}
    if not any(grant.role != "company_manager" for grant in actor.grants if WRITE in grant.permissions):
        rows = rows.filter(
            pk__in=Service.objects.filter(current(day_of(now)), organisation__in=served, kind="property").values("area")
        )
    if text:
        rows = rows.filter(name__contains=text)
    names = rows.order_by("depth", "path").values_list("pk", "name", "parent__name")[:MOST_AREAS]
    return [(str(key), f"{name}（{above}）" if above else name) for key, name, above in names]


def buildings_of(area_id: UUID) -> list[tuple[str, str]]:
    """(id, name) of an estate's buildings, to pick some."""
    rows = Building.objects.filter(estate=area_id).order_by("sort_key", "pk")
    return [(str(key), name) for key, name in rows.values_list("pk", "name")[: rules.MOST_PLACES]]


def quiet_hours(path: str) -> rules.Quiet:
    """The quiet hours of a place: its own, or those of the nearest area above that has some, or the usual ones."""
    row = QuietHours.objects.filter(area__path__in=lineage_paths(path)).order_by("-area__depth").first()
    return rules.Quiet(row.start, row.end) if row is not None else rules.Quiet()


def groups_for(path: str) -> list[Group]:
    """Groups that belong to an area, to what lies below it, or to what is above it."""
    around = Q(area__path__in=lineage_paths(path)) | below(path, "area__path")
    return list(Group.objects.filter(around, ended_at=None).select_related("area", "tested").order_by("pk")[:50])


def groups_to_choose(area_id: str) -> list[Group]:
    """Groups that an announcement in an area may go to."""
    area = Area.objects.filter(pk=area_id).first()
    return groups_for(area.path) if area is not None else []


def groups_of(actor: Actor) -> list[Group]:
    """Groups in the actor's areas."""
    rows = Group.objects.filter(within(sorted(set(actor.areas_with(WRITE))), "area__path"), ended_at=None)
    return list(rows.select_related("area", "tested").order_by("-pk")[:100])


# The desk.


def for_desk(actor: Actor, announcement_id: UUID, now: datetime) -> Announcement:
    """One announcement for who may write there, or read its door list. NotFound otherwise."""
    row = Announcement.objects.select_related("area", "corrects").filter(pk=announcement_id).first()
    if row is None or not (may_write(actor, row.area, now) or _goes_there(actor, row)):
        raise NotFound("There is no such announcement.", code="no-announcement")
    return row


def _goes_there(actor: Actor, row: Announcement) -> bool:
    """Whether the actor goes from door to door where the announcement is for, in all of it or a part."""
    paths = list(actor.areas_with(DOOR))
    return any(path.startswith(row.area_path) or row.area_path.startswith(path) for path in paths)


def desk_page(actor: Actor, now: datetime, after: UUID | None = None) -> tuple[list[Announcement], UUID | None]:
    """Announcements of the actor's areas, the newest first, and the key of the next page; for who only goes from door to
    door, those that are out. Two queries at most."""
    rows = Announcement.objects.filter(_listed(actor, now))
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows.select_related("area").order_by("-pk")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def _listed(actor: Actor, now: datetime) -> Q:
    doors = sorted(set(actor.areas_with(DOOR)))
    listed = Q(state__in=SHOWN) & (within(doors, "area_path") | Q(area_path__in=_above(doors)))
    if not actor.may_somewhere(WRITE):
        return listed
    if any(grant.role != "company_manager" for grant in actor.grants if WRITE in grant.permissions):
        return listed | within(sorted(set(actor.areas_with(WRITE))), "area_path")
    return listed | Q(area__in=[UUID(key) for key, _name in areas_to_write_to(actor, now)])


def _above(paths: Iterable[str]) -> set[str]:
    return {above for path in paths for above in lineage_paths(path)}


UNREACHED = Q(notice=None) & (Q(channel="") | Q(delivery__state="failed"))
"""Neither the app nor a message reached them."""


@dataclass(frozen=True, slots=True)
class DoorCount:
    """How many of a building have to be told at the door, and how many were."""

    building_id: UUID | None
    name: str
    waiting: int
    told: int


def _doors(actor: Actor, row: Announcement) -> QuerySet[Recipient]:
    here = Recipient.objects.filter(UNREACHED, announcement=row)
    if actor.may(DOOR, row.area_path):
        return here
    return here.filter(within(sorted(set(actor.areas_with(DOOR))), "building__estate__path"))


def door_counts(actor: Actor, row: Announcement) -> list[DoorCount]:
    """By building, in the areas where the actor goes from door to door. One query."""
    rows = _doors(actor, row).values("building", "building__estate__name", "building__name")
    rows = rows.annotate(n=Count("pk"), told=Count("pk", filter=Q(door="told"))).order_by(
        "building__estate__name", "building__sort_key", "building"
    )
    return [
        DoorCount(
            one["building"],
            f"{one['building__estate__name'] or ''} {one['building__name'] or ''}".strip(),
            one["n"] - one["told"],
            one["told"],
        )
        for one in rows[:500]
    ]


@dataclass(frozen=True, slots=True)
class AtDoor:
    """Somebody to be told at their door."""

    id: UUID
    name: str
    age: int | None
    address: str
    door: str
    at: datetime | None
    by: str


def at_doors(actor: Actor, row: Announcement, building: UUID | None, now: datetime) -> list[AtDoor]:
    """Who of a building has to be told, door by door; at most some hundred. Three queries."""
    found = _doors(actor, row).filter(building=building)
    rows = list(
        found.select_related("home__unit__building__estate")
        .defer("home__unit__building__estate__shape", "home__unit__building__shape")
        .order_by(F("home__unit__sort_key").asc(nulls_last=True), "home__sort_key", "pk")[:MOST_AT_DOOR]
    )
    people = {person.pk: person for person in Person.objects.filter(pk__in=[one.person_id for one in rows])}
    by = dict(Person.objects.filter(pk__in={one.door_by for one in rows if one.door_by}).values_list("pk", "name"))
    today = day_of(now)
    return [
        AtDoor(
            one.pk,
            people[one.person_id].name,
            _age(people[one.person_id].birth_date, today),
            address_of(one.home) if one.home else "",
            one.door,
            one.door_at,
            by.get(one.door_by, "") if one.door_by else "",
        )
        for one in rows
        if one.person_id in people
    ]


def _age(born: date | None, today: date) -> int | None:
    return None if born is None else today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def name_of(person_id: UUID | None) -> str:
    """The name of who wrote or released it."""
    return Person.objects.filter(pk=person_id).values_list("name", flat=True).first() or "" if person_id else ""


def message_states(row: Announcement) -> dict[str, int]:
    """How many messages are in which state; what waits to be put together is ``waiting``. Two queries."""
    sent = row.recipients.exclude(channel="").order_by().values_list("delivery__state").annotate(n=Count("pk"))
    counts: dict[str, int] = {}
    for state, n in sent:
        counts[state or "waiting"] = counts.get(state or "waiting", 0) + n
    return counts


# Everybody.


def public_page(path: str, after: UUID | None = None, limit: int = PAGE) -> tuple[list[Announcement], UUID | None]:
    """What was announced in an area, above it and below it, the newest first; withdrawn ones too. One query."""
    if not path:
        return [], None  # an installation without places
    around = Q(area_path__in=lineage_paths(path)) | below(path, "area_path")
    rows = Announcement.objects.filter(around, state__in=SHOWN, is_public=True).exclude(published_at=None)
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows.select_related("area").annotate(corrected=Count("corrections")).order_by("-pk")[: limit + 1])
    shown: list[Announcement] = list(found[:limit])
    return shown, shown[-1].pk if len(found) > limit else None


def public_one(actor: Actor, announcement_id: UUID) -> Announcement:
    """One announcement for everybody, or for those whom it is for. NotFound for what is not out yet."""
    row = Announcement.objects.select_related("area", "corrects").filter(pk=announcement_id, state__in=SHOWN).first()
    if row is None or row.published_at is None or not (row.is_public or _is_for(actor, row)):
        raise NotFound("There is no such announcement.", code="no-announcement")
    return row


def _is_for(actor: Actor, row: Announcement) -> bool:
    if actor.may(WRITE, row.area_path):
        return True
    return actor.person_id is not None and row.recipients.filter(person_id=actor.person_id).exists()


def correction_of(row: Announcement) -> Announcement | None:
    """The announcement that corrects this one, once it is out."""
    return row.corrections.filter(state__in=SHOWN).order_by("pk").first()


# For verify.


def state_of(row: Announcement) -> dict[str, Any]:
    """What the record commits to: what was said, to whom, and where it stands."""
    return {
        "title": row.title,
        "text": row.text,
        "kind": row.kind,
        "audience": [row.area_id, row.roles, row.traits, row.places],
        "channels": row.channels,
        "state": row.state,
        "send_at": row.send_at,
        "written_by": row.written_by,
        "released_by": row.released_by,
    }


def states(keys: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The committed fields of the given announcements."""
    return {row.pk: state_of(row) for row in Announcement.objects.filter(pk__in=keys)}


def ids() -> Iterator[UUID]:
    """Ids of all announcements, in bounded memory."""
    return Announcement.objects.order_by("id").values_list("id", flat=True).iterator(chunk_size=2000)


def titles(keys: Iterable[UUID]) -> dict[UUID, str]:
    """Titles by id."""
    return dict(Announcement.objects.filter(pk__in=list(keys)).values_list("pk", "title"))

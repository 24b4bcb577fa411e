"""An estate came under another community: its people belong there now, and so does what they wait for."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict
from tongxin.people.models import (
    Appointment,
    FamilyRequest,
    Ownership,
    Person,
    ReportIn,
    Residence,
    Tenancy,
    VerificationRequest,
)
from tongxin.people.queries.areas import current, day_of
from tongxin.places.models import Area
from tongxin.record.operations import append_entry

PERMISSION = "places.manage"
_ESTATE = "home__unit__building__estate"


@transaction.atomic
def follow_estate(actor: Actor, estate_id: UUID, left_id: UUID, now: datetime) -> int:
    """Let the people of an estate that left the community ``left_id`` belong to its new one; how many they are.

    That is whoever lives, rents or owns there and has nothing else that ties them to the old community. Their
    report-ins, and requests that wait at a door of the estate, go along. One entry tells of all. Needs
    ``places.manage`` in the estate. Raises Conflict while an office of the old community is for one of its buildings.
    """
    estate = Area.objects.select_related("parent").get(pk=estate_id)
    actor.require(PERMISSION, estate.path)
    today = day_of(now)
    in_its_buildings = Appointment.objects.filter(Q(until=None) | Q(until__gt=today), building__estate=estate)
    if in_its_buildings.exclude(area=estate).exists():
        raise Conflict(
            "End the offices for its buildings first; the new community gives them anew.", code="offices-there"
        )
    others = Area.objects.filter(parent=left_id).values("pk")
    people = Person.objects.filter(_tied("", estate, now), community=left_id).exclude(_tied("__in", others, now))
    report_ins = ReportIn.objects.filter(until=None, community=left_id, person__in=people)
    counts = {"report_ins": report_ins.update(community=estate.parent)}
    for name, table in (("verifications", VerificationRequest), ("family_requests", FamilyRequest)):
        waiting = table.objects.filter(Q(**{_ESTATE: estate}), state="waiting", community=left_id)
        counts[name] = waiting.update(community=estate.parent)
    counts["people"] = people.update(community=estate.parent)
    append_entry(
        actor=actor,
        verb="people.followed",
        subject=("area", estate_id),
        area_path=estate.path,
        now=now,
        data={"left": left_id, **counts},
    )
    return counts["people"]


def _tied(lookup: str, estates: Any, now: datetime) -> Q:
    """Persons who live in, rent or own a home today whose estate is (or ``__in``) ``estates``."""
    today = current(day_of(now))
    home = {f"{_ESTATE}{lookup}": estates}
    household = {f"household__{_ESTATE}{lookup}": estates}
    return (
        Q(pk__in=Residence.objects.filter(today, **household).values("person"))
        | Q(pk__in=Tenancy.objects.filter(today, **home).values("person"))
        | Q(pk__in=Ownership.objects.filter(today, **home, person__isnull=False).values("person"))
    )

"""双报到: a party member reports in to the community where they live, whose branch receives them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from tongxin.kernel.text import clean_line
from tongxin.people.models import Person, ReportIn
from tongxin.people.operations._support import load_person, note
from tongxin.people.queries.areas import day_of
from tongxin.people.rules.trust import require_level
from tongxin.places.models import Area


def report_in(actor: Actor, community_id: UUID, *, home_unit: str, skills: str = "", now: datetime) -> ReportIn:
    """A party member reports in to the community where they live; ``home_unit`` is the party body at their work.

    Needs the level of a resident, and a home in that community. ``Conflict`` while another report-in runs.
    """
    require_level(actor, "report_in.ask")
    if actor.person_id is None:
        raise Invalid("A person asks for this, not a programme.", code="no-person")
    home_unit, skills = clean_line(home_unit, 100), clean_line(skills, 200)
    if not home_unit:
        raise Invalid("Write the party organisation at your work.", field="home_unit", code="home-unit-missing")
    community = Area.objects.filter(pk=community_id, valid_until=None).first()
    if community is None:
        raise NotFound("There is no such area.", code="no-area")
    if not any(path.startswith(community.path) for path in actor.home_paths):
        raise NotAllowed("You report in where you live.", code="report-in-elsewhere")
    with transaction.atomic():
        person = load_person(actor.person_id, lock=True)
        if ReportIn.objects.filter(person=person, until=None).exists():
            raise Conflict("You have reported in already. End that first.", code="reported-already")
        row = ReportIn.objects.create(
            person=person, community=community, home_unit=home_unit, skills=skills, since=day_of(now)
        )
        note(actor, "report_in.asked", ("report_in", row.pk), community.path, now, new=True, person=person.pk)
    return row


def _locked(row_id: UUID) -> ReportIn:
    row = ReportIn.objects.select_for_update(of=("self",)).select_related("community").filter(pk=row_id).first()
    if row is None:
        raise NotFound("There is no such report-in.", code="no-report-in")
    if row.until is not None:
        raise Conflict("This has already ended.", code="already-ended")
    return row


def receive_report_in(actor: Actor, row_id: UUID, *, now: datetime) -> ReportIn:
    """The branch receives a member who reported in: from now on they are known as party member. ``party.report_in``."""
    with transaction.atomic():
        row = _locked(row_id)
        actor.require("party.report_in", row.community.path)
        if row.person_id == actor.person_id:
            raise NotAllowed("Nobody receives themselves.", code="receive-oneself")
        if row.received_by is not None:
            raise Conflict("Somebody else has already received them.", code="received-already")
        row.received_by = actor.person_id
        row.save(update_fields=["received_by"])
        Person.objects.filter(pk=row.person_id).update(is_party_member=True)
        note(actor, "report_in.received", ("report_in", row.pk), row.community.path, now, person=row.person_id)
    return row


def end_report_in(actor: Actor, row_id: UUID, *, reason: str = "", on: date | None = None, now: datetime) -> ReportIn:
    """The member moves on, or the branch does not receive them (then with a reason). ``on`` is the first day without.

    The member themselves, or ``party.report_in`` in the community.
    """
    reason = clean_line(reason, 200)
    with transaction.atomic():
        row = _locked(row_id)
        if row.person_id != actor.person_id:
            actor.require("party.report_in", row.community.path)
            if not reason:
                raise Invalid("Write the reason: the person will read it.", field="reason", code="reason-missing")
        else:
            require_level(actor, "report_in.end")
        # A report-in of the same day has still been one: its period has at least one day.
        row.until = max(on or day_of(now), date.fromordinal(row.since.toordinal() + 1))
        row.save(update_fields=["until"])
        note(
            actor,
            "report_in.ended",
            ("report_in", row.pk),
            row.community.path,
            now,
            personal={"reason": reason} if reason else None,
            person=row.person_id,
            on=row.until,
        )
    return row

"""Levels of trust: somebody asks to be known as resident or owner of a home; the register or a visit decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from uuid import UUID

from django.db import transaction

from tongxin.files.operations import Upload, stage
from tongxin.files.rules import Purpose
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.kernel.text import clean_line
from tongxin.people import fields as stored
from tongxin.people.models import (
    Account,
    Appointment,
    FamilyLink,
    Household,
    Ownership,
    Person,
    ReportIn,
    Residence,
    SignInSession,
    Tenancy,
    VerificationRequest,
)
from tongxin.people.operations._owning import Owner, own, told
from tongxin.people.operations._support import load_person, note
from tongxin.people.queries.areas import community_of, current, day_of, home_with_place, path_of
from tongxin.people.queries.verification import holders_of
from tongxin.people.rules.trust import require_level
from tongxin.people.rules.verification import Claimed, Known, check_tries, same_person
from tongxin.places.models import Home
from tongxin.record.operations import append_entries

BY_REGISTER = "register"
BY_VISIT = "visit"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request. ``person_id`` is who the account is from now on.

    It differs from who asked if the register knew them: ``merged_from`` is then the row made at sign-in, and whoever
    keeps matters under a person's id asks ``queries.areas.identities_of``.
    """

    request: VerificationRequest
    confirmed: bool
    person_id: UUID
    merged_from: UUID | None = None


def request_verification(
    actor: Actor,
    kind: str,
    home_id: UUID,
    *,
    name: str,
    id_last_six: str = "",
    paper: Upload | None = None,
    now: datetime,
) -> Outcome:
    """Ask to be known as ``resident`` or ``owner`` of a home.

    If the register has somebody of that name at that home whose phone is the one that the account proved, or whose ID
    number ends with the six characters given, the account is theirs at once. Else the request waits for the grid
    worker, whatever did not match: the answer never tells which. ``paper`` shows the delivery of the home (picture
    or PDF). Errors: ``TooMany`` after five requests in a day; ``Conflict`` if one waits or the level is reached already.
    """
    require_level(actor, "verification.request")
    if actor.person_id is None:
        raise Invalid("A person asks for this, not a programme.", code="no-person")
    if kind not in VerificationRequest.Kind.values:
        raise Invalid("Choose resident or owner.", field="kind", code="kind-unknown")
    name = clean_line(name, 60)
    if not name:
        raise Invalid("Write your name as on your ID card.", field="name", code="name-missing")
    with transaction.atomic():
        home = home_with_place(home_id)
        person = load_person(actor.person_id, lock=True)
        mine = VerificationRequest.objects.filter(person=person)
        check_tries(mine.filter(created_at__gt=now - timedelta(days=1)).count())
        if mine.filter(kind=kind, home=home, state=VerificationRequest.State.WAITING).exists():
            raise Conflict("Your request is with the grid worker already.", code="request-waits")
        if person.pk in holders_of(home, kind, now):
            raise Conflict("You are known as such for this home already.", code="known-already")
        request = VerificationRequest.objects.create(
            person=person,
            kind=kind,
            home=home,
            community=community_of(home),
            claimed_name=name,
            created_at=now,
        )
        _attach(actor, request, paper, now)
        note(
            actor,
            "verification.requested",
            ("verification", request.pk),
            path_of(home),
            now,
            new=True,
            person=person.pk,
            kind=kind,
            home=home_id,
        )
        claimed = Claimed(name, stored.opened(person.phone_cipher, stored.PHONE), id_last_six)
        matched = _match(home, kind, claimed, person, now)
        if matched is None:
            return Outcome(request, False, person.pk)
        return _confirm_by_register(actor, request, person, matched, now)


def _attach(actor: Actor, request: VerificationRequest, paper: Upload | None, now: datetime) -> None:
    """Keep the paper with the request; raises what ``files`` raises for what cannot be taken."""
    if paper is None:
        return
    kept, drafts = stage(
        actor=actor,
        uploads=[paper],
        purpose=Purpose.EVIDENCE,
        owner=("verification", request.pk),
        area_path=path_of(request.home),
        now=now,
    )
    append_entries(drafts, now=now)
    request.evidence = kept[0].id
    request.save(update_fields=["evidence"])


def _match(home: Home, kind: str, claimed: Claimed, asking: Person, now: datetime) -> Person | None:
    """The one person of the register at this home who is the one who asks. Two that fit are for the grid worker."""
    candidates = Person.objects.filter(pk__in=holders_of(home, kind, now), erased_at=None, same_as=None)
    fitting = [
        row
        for row in candidates.exclude(pk=asking.pk)
        if same_person(
            Known(
                row.name,
                stored.opened(row.phone_cipher, stored.PHONE),
                stored.opened(row.id_number_cipher, stored.ID_NUMBER),
            ),
            claimed,
        )
    ]
    if len(fitting) != 1 or Account.objects.filter(person=fitting[0]).exists():
        return None
    # Somebody with a place of their own on the register is not merged away by a claim to be somebody else.
    return fitting[0] if not _on_register(asking) else None


def _on_register(person: Person) -> bool:
    """True if the row is more than a sign-in: it has homes, offices, family or an ID number."""
    return (
        person.id_number_index is not None
        or Residence.objects.filter(person=person).exists()
        or Tenancy.objects.filter(person=person).exists()
        or Ownership.objects.filter(person=person).exists()
        or Appointment.objects.filter(person=person).exists()
        or ReportIn.objects.filter(person=person).exists()
    )


def _confirm_by_register(
    actor: Actor, request: VerificationRequest, asking: Person, known: Person, now: datetime, by: str = BY_REGISTER
) -> Outcome:
    """The account, family links and requests of the row made at sign-in become those of the register's person."""
    _give_account(actor, asking, known, now)
    links = list(FamilyLink.objects.select_for_update().filter(child=asking, until=None))
    for link in links:
        link.child = known
    taken = FamilyLink.objects.filter(parent=known, until=None).values("child")
    asked = list(FamilyLink.objects.select_for_update().filter(parent=asking, until=None).exclude(child__in=taken))
    for link in asked:
        link.parent = known
    links += asked
    FamilyLink.objects.bulk_update(links, ["child", "parent"])
    VerificationRequest.objects.filter(person=asking).exclude(pk=request.pk).update(person=known)
    asking.same_as = known
    asking.save(update_fields=["same_as"])
    known.confirmed_at = known.confirmed_at or now
    known.trust_note = known.trust_note or by
    if known.phone_index is None or by == BY_VISIT:  # the number proved at sign-in is how they are reached
        known.phone_cipher, known.phone_index = asking.phone_cipher, asking.phone_index
    known.save()
    request.person = known
    _decide(actor, request, VerificationRequest.State.CONFIRMED, "", now)
    path = path_of(request.home)
    note(actor, "person.matched", ("person", known.pk), path, now, rows=links, sign_in_row=asking.pk, by=by)
    return Outcome(request, True, known.pk, asking.pk)


def _give_account(actor: Actor, asking: Person, known: Person, now: datetime) -> None:
    """The account that was proved becomes the person's. One that they had with an old number is closed with its sessions,
    so that whoever has that number now is nobody here."""
    old = Account.objects.filter(person=known).first()
    new = Account.objects.filter(person=asking).first()
    if old is not None:
        if old.username is not None or Appointment.objects.filter(current(day_of(now)), person=known).exists():
            raise Conflict(
                "This person holds an office and signs in for it. The administrator changes their phone.",
                code="holds-office",
            )
        SignInSession.objects.filter(account=old).delete()
        left = Person.objects.create(name=known.name, same_as=known, created_at=now)
        old.person, old.is_active = left, False
        old.save(update_fields=["person", "is_active"])
        note(actor, "account.closed", ("account", old.pk), known.community.path if known.community else "", now)
    if new is not None:
        new.person = known
        new.save(update_fields=["person"])


def _decide(actor: Actor, request: VerificationRequest, state: str, reason: str, now: datetime) -> None:
    request.state = state
    request.decided_at = now
    request.decided_by = actor.person_id
    request.reason = reason
    request.save()
    note(
        actor,
        f"verification.{state}",
        ("verification", request.pk),
        path_of(request.home),
        now,
        personal={"reason": reason} if reason else None,
        person=request.person_id,
        kind=request.kind,
        home=request.home_id,
    )


def _waiting(actor: Actor, request_id: UUID) -> VerificationRequest:
    request = VerificationRequest.objects.select_for_update().filter(pk=request_id).first()
    if request is None:
        raise NotFound("There is no such request.", code="no-request")
    request.home = home_with_place(request.home_id)
    actor.require("people.verify", path_of(request.home))
    if request.state != VerificationRequest.State.WAITING:
        raise Conflict("Somebody else has already decided this.", code="decided-already")
    if request.person_id == actor.person_id:
        raise Invalid("Nobody confirms themselves.", code="confirm-oneself")
    return request


def confirm(
    actor: Actor,
    request_id: UUID,
    *,
    now: datetime,
    household_id: UUID | None = None,
    share: Fraction = Fraction(1),
    paper: Upload | None = None,
    known_id: UUID | None = None,
) -> VerificationRequest:
    """Somebody who saw the person at the door (or the paper) confirms; needs ``people.verify`` at the home.

    ``known_id``: the register has them at this home already (under another phone, say, or with a slip in the name): the
    account becomes that person's, and nobody is written down twice. Otherwise a resident is written into the household
    named, or into one of their own. An owner needs the paper that shows the delivery of the home: given with the
    request, or ``paper`` now; they are owner by delivery with that ``share``.
    Errors: ``Conflict`` if decided already; :class:`Invalid` without the paper, or if the shares exceed the whole.
    """
    with transaction.atomic():
        request = _waiting(actor, request_id)
        person = load_person(request.person_id, lock=True)
        today = day_of(now)
        if known_id is not None:
            _confirm_by_register(actor, request, person, _known(request, known_id, now), now, BY_VISIT)
            return request
        if request.kind == VerificationRequest.Kind.OWNER:
            _attach(actor, request, paper, now)
            if request.evidence is None:
                raise Invalid(
                    "Add a picture of the paper that shows the delivery of the home.",
                    field="paper",
                    code="evidence-missing",
                )
            Home.objects.select_for_update().get(pk=request.home_id)
            rows = own(request.home, [Owner(share, person.pk)], source=Ownership.Source.DELIVERY, since=today)
            subject = ("home", request.home_id)
            note(actor, "ownership.delivered", subject, path_of(request.home), now, rows=rows, owners=told(rows))
        else:
            household = _household_for(request, household_id, now)
            Residence.objects.create(household=household, person=person, since=today)
        person.name = request.claimed_name
        person.community = request.community
        person.confirmed_at = person.confirmed_at or now
        person.trust_note = person.trust_note or BY_VISIT
        person.save()
        _decide(actor, request, VerificationRequest.State.CONFIRMED, "", now)
    return request


def _known(request: VerificationRequest, known_id: UUID, now: datetime) -> Person:
    """Somebody whom the register has at the home; a row with a place of its own is not merged away into theirs."""
    if known_id not in holders_of(request.home, request.kind, now):
        raise NotFound("There is no such person in this home.", code="no-person")
    if _on_register(request.person):
        raise Conflict(
            "Whoever asks is on the register with a home of their own already. Please ask at the desk.",
            code="on-register",
        )
    return load_person(known_id, lock=True)


def _household_for(request: VerificationRequest, household_id: UUID | None, now: datetime) -> Household:
    today = day_of(now)
    if household_id is None:
        return Household.objects.create(home=request.home, since=today)
    household = Household.objects.filter(current(today), pk=household_id, home=request.home).first()
    if household is None:
        raise NotFound("There is no such household.", code="no-household")
    return household


def refuse(actor: Actor, request_id: UUID, *, reason: str, now: datetime) -> VerificationRequest:
    """Refuse with a reason that the person reads; needs ``people.verify`` at the home."""
    reason = clean_line(reason, 300)
    if not reason:
        raise Invalid("Write the reason: the person will read it.", field="reason", code="reason-missing")
    with transaction.atomic():
        request = _waiting(actor, request_id)
        _decide(actor, request, VerificationRequest.State.REFUSED, reason, now)
    return request

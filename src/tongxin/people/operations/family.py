"""亲情账号: a child acts for a parent, after the parent's consent by a code or before the grid worker."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from tongxin.kernel.text import clean_line
from tongxin.people import fields as stored
from tongxin.people.models import FamilyLink, FamilyRequest, Person, Residence
from tongxin.people.operations._support import load_person, note, require_over_person
from tongxin.people.queries.areas import community_of, current, day_of, home_with_place
from tongxin.people.rules.trust import require_level
from tongxin.people.rules.verification import check_tries

MOST_PARENTS = 6  # parents, parents-in-law, and two to spare
CODE_REQUEST_LIVES = timedelta(hours=1)


def _child(actor: Actor, action: str, now: datetime) -> Person:
    require_level(actor, action)
    if actor.person_id is None:
        raise Invalid("A person asks for this, not a programme.", code="no-person")
    child = load_person(actor.person_id, lock=True)
    check_tries(FamilyRequest.objects.filter(child=child, created_at__gt=now - timedelta(days=1)).count())
    if FamilyLink.objects.filter(child=child, until=None).count() >= MOST_PARENTS:
        raise Conflict("You act for as many people as one account may.", code="too-many-parents")
    return child


def _refuse_linked(child: Person, parent: Person | None) -> None:
    if parent is not None and FamilyLink.objects.filter(child=child, parent=parent, until=None).exists():
        raise Conflict("You act for this person already.", code="linked-already")


def _only(rows: list[Person], child: Person) -> Person | None:
    rows = [row for row in rows if row.pk != child.pk]
    return rows[0] if len(rows) == 1 else None


def ask_by_code(actor: Actor, *, parent_name: str, parent_phone: str, now: datetime) -> tuple[UUID, bool]:
    """A child asks; gives back the request's id and whether that phone is the parent's, so that a code may go there.

    The caller (a journey) sends the code and shows the same page either way, so that nobody learns who lives where.
    Errors: ``TooMany`` after five requests in a day, ``Conflict`` if they are linked already, :class:`Invalid` for the
    child's own phone.
    """
    name, phone = clean_line(parent_name, 60), stored.clean_phone(parent_phone)
    if not name:
        raise Invalid("Write the person's name.", field="name", code="name-missing")
    if not phone:
        raise Invalid("Write the phone number that the register has of them.", field="phone", code="phone-missing")
    with transaction.atomic():
        child = _child(actor, "family.ask", now)
        if child.phone_index is not None and child.phone_index == stored.phone_index(phone):
            # Many an elder's number on the register is their child's: a code to it would be the child's own consent.
            raise Invalid(
                "This is your own phone, so a code to it would not show that they agree. Ask before the grid worker.",
                field="phone",
                code="own-phone",
            )
        fitting = Person.objects.filter(phone_index=stored.phone_index(phone), name=name, erased_at=None, same_as=None)
        parent = _only(list(fitting[:3]), child)
        _refuse_linked(child, parent)
        request = FamilyRequest.objects.create(
            child=child,
            parent=parent,
            parent_name=name,
            community=parent.community if parent else None,
            consent=FamilyLink.Consent.CODE,
            created_at=now,
        )
        _note_request(actor, request, now)
    return request.pk, parent is not None


def ask_grid_worker(actor: Actor, *, parent_name: str, home_id: UUID, now: datetime) -> FamilyRequest:
    """A child asks that the parent's consent be taken before the grid worker, who visits the parent at home."""
    name = clean_line(parent_name, 60)
    if not name:
        raise Invalid("Write the person's name.", field="name", code="name-missing")
    with transaction.atomic():
        child = _child(actor, "family.ask", now)
        home = home_with_place(home_id)
        living = Residence.objects.filter(current(day_of(now)), household__home=home, person__name=name)
        parent = _only([row.person for row in living.select_related("person")[:3]], child)
        _refuse_linked(child, parent)
        waiting = FamilyRequest.objects.filter(child=child, home=home, parent_name=name)
        if waiting.filter(state=FamilyRequest.State.WAITING, consent=FamilyLink.Consent.GRID_WORKER).exists():
            raise Conflict("Your request is with the grid worker already.", code="request-waits")
        request = FamilyRequest.objects.create(
            child=child,
            parent=parent,
            parent_name=name,
            home=home,
            community=community_of(home),
            consent=FamilyLink.Consent.GRID_WORKER,
            created_at=now,
        )
        _note_request(actor, request, now)
    return request


def _note_request(actor: Actor, request: FamilyRequest, now: datetime) -> None:
    path = request.community.path if request.community else ""
    note(
        actor,
        "family.asked",
        ("family_request", request.pk),
        path,
        now,
        new=True,
        child=request.child_id,
        parent=request.parent_id,
        consent=request.consent,
    )


def _waiting_for_code(actor: Actor, request_id: UUID, now: datetime) -> FamilyRequest:
    request = (
        FamilyRequest.objects.select_for_update(of=("self",))
        .select_related("parent")
        .filter(
            pk=request_id,
            child_id=actor.person_id,
            consent=FamilyLink.Consent.CODE,
            state=FamilyRequest.State.WAITING,
            created_at__gt=now - CODE_REQUEST_LIVES,
        )
        .first()
    )
    if request is None:
        raise NotFound("This request is over. Please begin again.", code="no-request")
    return request


def link_by_code(actor: Actor, request_id: UUID, *, proven_phone: str, now: datetime) -> FamilyLink:
    """The parent gave the code that went to their phone: the child may act for them.

    ``proven_phone`` is the phone that the code proves; only the journey that checked the code knows it. ``NotFound``
    for others' requests, decided ones, and after an hour.
    """
    require_level(actor, "family.ask")
    with transaction.atomic():
        request = _waiting_for_code(actor, request_id, now)
        parent = request.parent
        if parent is None or not proven_phone or stored.opened(parent.phone_cipher, stored.PHONE) != proven_phone:
            raise Invalid("The code is not right.", field="code", code="wrong-code")
        link = _link(actor, request.child_id, parent.pk, FamilyLink.Consent.CODE, None, now)
        _close(actor, request, FamilyRequest.State.LINKED, "", now)
    return link


def _close(actor: Actor, request: FamilyRequest, state: str, reason: str, now: datetime) -> None:
    request.state, request.reason, request.decided_at, request.decided_by = state, reason, now, actor.person_id
    request.save()


def _link(
    actor: Actor, child_id: UUID, parent_id: UUID | None, consent: str, witness: UUID | None, now: datetime
) -> FamilyLink:
    if parent_id is None:
        raise NotFound("There is no such person.", code="no-person")
    if child_id == parent_id:
        raise Invalid("Choose two different people.", field="parent", code="own-family")
    parent = load_person(parent_id)
    if FamilyLink.objects.filter(child_id=child_id, parent_id=parent_id, until=None).exists():
        raise Conflict("You act for this person already.", code="linked-already")
    link = FamilyLink.objects.create(
        child_id=child_id, parent_id=parent_id, consent=consent, witness=witness, since=now
    )
    path = parent.community.path if parent.community else ""
    note(
        actor,
        "family.linked",
        ("person", parent_id),
        path,
        now,
        link=link.pk,
        child=child_id,
        rows=[link],
        consent=consent,
        witness=witness,
    )
    return link


def link_before_worker(actor: Actor, child_id: UUID, parent_id: UUID, *, now: datetime) -> FamilyLink:
    """The parent consented before the grid worker, who says so; needs ``people.verify`` where the parent belongs.

    A worker is no witness to a link of their own.
    """
    if actor.person_id in (child_id, parent_id):
        raise NotAllowed("Nobody is witness in their own matter.", code="own-witness")
    with transaction.atomic():
        require_over_person(actor, "people.verify", parent_id, now)
        load_person(child_id)
        return _link(actor, child_id, parent_id, FamilyLink.Consent.GRID_WORKER, actor.person_id, now)


def decide_request(
    actor: Actor, request_id: UUID, *, consented: bool, reason: str = "", parent_id: UUID | None = None, now: datetime
) -> FamilyRequest:
    """What the parent told the grid worker; ``parent_id`` where the register's person was not found by the name.

    Needs ``people.verify`` in the community of the request. A refusal has a reason that the child reads.
    """
    reason = clean_line(reason, 300)
    if not consented and not reason:
        raise Invalid("Write the reason: the person will read it.", field="reason", code="reason-missing")
    with transaction.atomic():
        request = (
            FamilyRequest.objects.select_for_update(of=("self",))
            .select_related("community")
            .filter(pk=request_id, consent=FamilyLink.Consent.GRID_WORKER)
            .first()
        )
        if request is None or request.community is None:
            raise NotFound("There is no such request.", code="no-request")
        actor.require("people.verify", request.community.path)
        if request.state != FamilyRequest.State.WAITING:
            raise Conflict("Somebody else has already decided this.", code="decided-already")
        if consented:
            parent = request.parent_id or parent_id
            if parent is None:
                raise Invalid("Choose the person who consents.", field="parent", code="parent-missing")
            request.parent_id = parent
            link_before_worker(actor, request.child_id, parent, now=now)
        _close(actor, request, FamilyRequest.State.LINKED if consented else FamilyRequest.State.REFUSED, reason, now)
        note(
            actor,
            f"family.{request.state}",
            ("family_request", request.pk),
            request.community.path,
            now,
            personal={"reason": reason} if reason else None,
        )
    return request


def end_link(actor: Actor, link_id: UUID, *, now: datetime) -> FamilyLink:
    """Parent or child ends it, at any time and without a reason (个人信息保护法 15: as easily as it was given).

    Somebody with ``people.verify`` where the parent belongs may do so at the parent's word.
    """
    with transaction.atomic():
        link = (
            FamilyLink.objects.select_for_update(of=("self",))
            .select_related("parent__community")
            .filter(pk=link_id)
            .first()
        )
        if link is None:
            raise NotFound("There is no such family account.", code="no-link")
        community = link.parent.community
        if actor.person_id in (link.child_id, link.parent_id):
            require_level(actor, "family.end")
            path = community.path if community else ""
        else:
            path = require_over_person(actor, "people.verify", link.parent_id, now)
        if link.until is not None:
            raise Conflict("This has already ended.", code="already-ended")
        link.until = now
        link.save(update_fields=["until"])
        subject = ("person", link.parent_id)
        note(actor, "family.ended", subject, path, now, rows=[link], link=link.pk, child=link.child_id)
    return link

"""The handler's verbs: take, work, answer, or say why not."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from tongxin.cases import rules
from tongxin.cases.models import Assignment, Case, Petition, TaskLink
from tongxin.cases.operations import clocks, desk, notices, petitions
from tongxin.cases.operations.assignments import check_organisation, wait_for_taker
from tongxin.cases.operations.base import Opened, Said, check_person, open_case, step
from tongxin.cases.queries import pool
from tongxin.cases.rules import Verb
from tongxin.files.operations import Upload
from tongxin.kernel.actor import Actor
from tongxin.kernel.crypto import digest
from tongxin.kernel.errors import Invalid, NotAllowed, NotFound
from tongxin.kernel.identity import normalise_mobile
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import N_, clean_line
from tongxin.record.keys import field_cipher

LINK_DAYS = 7


@transaction.atomic
def claim_case(actor: Actor, case_id: UUID, now: datetime, *, start: bool = False, text: str = "") -> Case:
    """Take the case, from one's organisation or from the pool. The case's lock makes it one taker's only: the
    second is told who has it. ``start``: work begins at once."""
    opened = open_case(actor, case_id, now)
    given: dict[str, Any] = {"name": actor.name}
    if opened.facts.lead is None:
        _check_fit(opened)
        given["lead"] = _takes_for(opened)
    update = step(opened, Verb.CLAIM, given, Said(text=text))
    lead = opened.lead
    if lead is not None:
        lead.state, lead.claimed_at = Assignment.State.CLAIMED, now
        lead.organisation_id = opened.case.lead_id
        lead.person_id = actor.person_id
        lead.save(update_fields=["state", "claimed_at", "organisation", "person"])
    if start:
        opened.parties |= {rules.Party.HANDLER}  # a taker has just become one
        step(opened, Verb.START)
    notices.tell_parties(opened, update, N_("%(who)s has taken it: %(title)s"), who=actor.name)
    return opened.case


def _check_fit(opened: Opened) -> None:
    """Raise unless somebody is near and fit for an order in the pool. Whose it is already, the rules say."""
    free = opened.facts.mode is rules.Mode.POOL and opened.facts.state is rules.State.DISPATCHED
    if not free or rules.Party.TAKER not in opened.parties:
        return
    order = pool.order_of(opened.case)
    why = pool.why_not_take(order, pool.taker_of(opened.actor, order))
    if why is not None:
        raise NotAllowed(why.message, code=why.code)


def _takes_for(opened: Opened) -> UUID:
    """The organisation for which somebody takes an order from the pool."""
    for grant in opened.actor.grants:
        if grant.covers("case.handle", opened.case.area_path) and grant.organisation_id is not None:
            return grant.organisation_id
    raise NotAllowed("It is outside the areas where you help.")


@transaction.atomic
def start_work(actor: Actor, case_id: UUID, now: datetime, *, text: str = "") -> Case:
    """Begin the work."""
    opened = open_case(actor, case_id, now)
    step(opened, Verb.START, said=Said(text=text))
    return opened.case


@transaction.atomic
def answer_case(
    actor: Actor,
    case_id: UUID,
    now: datetime,
    *,
    text: str,
    explained: bool = False,
    before: Sequence[Upload] = (),
    after: Sequence[Upload] = (),
    documents: Sequence[Upload] = (),
) -> Case:
    """Say what was done, with photos before and after and the policy document where there is one.

    ``explained``: nothing can be done, and why. Where the category needs no check the resident is asked at once.
    """
    opened = open_case(actor, case_id, now)
    if opened.facts.state is rules.State.CLAIMED:
        step(opened, Verb.START)
    outcome = rules.Outcome.EXPLAINED if explained else rules.Outcome.SOLVED
    said = Said(text=text, data={"outcome": outcome, "before": len(before), "after": len(after)})
    photos = [
        *(("before", photo) for photo in before),
        *(("answer", photo) for photo in after),
        *(("policy", document) for document in documents),
    ]
    update = step(opened, Verb.ANSWER, {"text": text, "outcome": outcome}, said, photos=photos)
    lead = opened.lead
    if lead is not None:
        lead.state, lead.answer = Assignment.State.DONE, update.text
        lead.save(update_fields=["state", "answer"])
        lead.links.filter(ended_at=None).update(ended_at=now)
    if opened.facts.must_verify:
        notices.tell_desk(opened, update, N_("Answered, please check: %(title)s (%(number)s)"))
    else:
        opened.parties |= {rules.Party.SYSTEM}
        desk.ask(opened)
    return opened.case


@transaction.atomic
def answer_sub_task(actor: Actor, case_id: UUID, now: datetime, *, organisation: UUID, text: str,
                    photos: Sequence[Upload] = (), documents: Sequence[Upload] = ()) -> Case:  # fmt: skip
    """A co-handler answers for its own sub-task, with photos and the policy document where there is one."""
    opened = open_case(actor, case_id, now)
    if organisation not in actor.organisations():
        raise NotAllowed("This is for somebody else to do.")
    given = {"co_handler": organisation, "text": text}
    update = step(opened, Verb.CO_ANSWER, given, Said(text=text, data={"co": str(organisation)}),
                  photos=[*(("answer", photo) for photo in photos), *(("policy", paper) for paper in documents)])  # fmt: skip
    opened.case.assignments.filter(role=Assignment.Role.CO, organisation_id=organisation, ended_at=None).update(
        state=Assignment.State.DONE, answer=update.text, claimed_at=now
    )
    notices.tell_organisation(opened, update, opened.case.lead_id, N_("A co-handler has answered: %(title)s"))
    return opened.case


@transaction.atomic
def put_back(actor: Actor, case_id: UUID, now: datetime, *, reason: str) -> Case:
    """Give back into the pool what one took from it."""
    opened = open_case(actor, case_id, now)
    step(opened, Verb.PUT_BACK, {"reason": reason}, Said(note=reason))
    lead = opened.lead
    if lead is not None:
        lead.state, lead.organisation_id, lead.person_id, lead.claimed_at = Assignment.State.WAITING, None, None, None
        lead.save(update_fields=["state", "organisation", "person", "claimed_at"])
    return opened.case


@transaction.atomic
def object_to_dispatch(actor: Actor, case_id: UUID, now: datetime, *, reason: str) -> Case:
    """派单异议: the lead says that it is not theirs (Beijing ordinance, art. 12); the desk decides."""
    opened = open_case(actor, case_id, now)
    update = step(opened, Verb.OBJECT, {"reason": reason}, Said(note=reason))
    petitions.ask(opened, Petition.Kind.OBJECTION, reason)
    notices.tell_desk(opened, update, N_("Objection to the dispatch: %(title)s (%(number)s)"))
    return opened.case


@transaction.atomic
def request_extension(actor: Actor, case_id: UUID, now: datetime, *, reason: str, extra: int) -> Case:
    """Ask for more time, in the unit of the clock; only before it has run out."""
    opened = open_case(actor, case_id, now)
    clocks.check_extension(opened, extra)
    update = step(opened, Verb.REQUEST_EXTENSION, {"reason": reason, "extra": extra}, Said(note=reason))
    petitions.ask(opened, Petition.Kind.EXTENSION, reason, days=extra)
    notices.tell_desk(opened, update, N_("More time is asked for: %(title)s (%(number)s)"))
    return opened.case


@transaction.atomic
def request_suspension(actor: Actor, case_id: UUID, now: datetime, *, reason: str, review_on: date | None) -> Case:
    """挂账: ask to put off what cannot be solved now, with a day on which it is looked at again."""
    opened = open_case(actor, case_id, now)
    day = petitions.review_date(review_on, now)
    update = step(opened, Verb.REQUEST_SUSPENSION, {"reason": reason, "review_on": day}, Said(note=reason))
    petitions.ask(opened, Petition.Kind.SUSPENSION, reason, review_on=day)
    notices.tell_desk(opened, update, N_("Suspension is asked for: %(title)s (%(number)s)"))
    return opened.case


@transaction.atomic
def hand_over(
    actor: Actor,
    case_id: UUID,
    now: datetime,
    *,
    to_person: UUID | None = None,
    to_name: str = "",
    to_organisation: UUID | None = None,
    note: str = "",
) -> Case:
    """Hand the case to a colleague, a stand-in, or to the next organisation in charge, whose members take it anew."""
    opened = open_case(actor, case_id, now)
    given: dict[str, Any] = {"holder": to_person, "name": to_name}
    if to_person is not None:
        check_person(to_person)
    if to_organisation is not None:
        if opened.lead is None or opened.lead.organisation_id != to_organisation:
            if not opened.parties & {rules.Party.DESK, rules.Party.SUPERVISOR, rules.Party.SYSTEM}:
                # A lead that finds it is not theirs objects, and the desk decides (Beijing ordinance, art. 12).
                raise NotAllowed("Only the desk gives it to another organisation. You can object to the dispatch.")
            check_organisation(to_organisation, opened)
        given["lead"] = to_organisation
    update = step(opened, Verb.HAND_OVER, given, Said(note=note, data={"to": str(to_person or to_organisation)}))
    lead = opened.lead
    if lead is not None:
        lead.person_id = to_person
        if to_organisation is not None:
            lead.organisation_id = to_organisation
        lead.links.filter(ended_at=None).update(ended_at=now)
        lead.save(update_fields=["person", "organisation"])
        wait_for_taker(opened)
    notices.tell_organisation(opened, update, opened.case.lead_id, N_("Handed over to you: %(title)s (%(number)s)"))
    return opened.case


@transaction.atomic
def hand_to_worker(actor: Actor, case_id: UUID, now: datetime, *, name: str, phone: str) -> str:
    """Pass the task to a worker without an account: returns the secret of a link, told to their phone as well.

    The link ends with the answer, with a hand-over, or after seven days.
    """
    opened = open_case(actor, case_id, now)
    mobile, secret, link_id = normalise_mobile(phone), secrets.token_urlsafe(16), uuid7(now)
    worker_name = clean_line(name, 60)
    if not worker_name:
        raise Invalid("Please give the worker's name.", field="name")
    step(opened, Verb.HAND_TO_WORKER, {"worker": link_id}, Said(note=worker_name, data={"link": str(link_id)}))
    lead = opened.lead
    if lead is None:
        raise NotFound("There is no such case.")
    lead.links.filter(ended_at=None).update(ended_at=now)
    cipher = field_cipher()
    TaskLink.objects.create(
        id=link_id,
        assignment=lead,
        worker_name=worker_name,
        phone_cipher=cipher.encrypt(mobile, f"task-link:{link_id}"),
        token_hash=digest(secret.encode()),
        made_by=actor.person_id or actor.id,
        made_at=now,
        expires_at=now + timedelta(days=LINK_DAYS),
    )
    notices.text_worker(mobile, opened, secret)
    return secret


def link_actor(secret: str, now: datetime) -> tuple[Actor, UUID]:
    """(the worker as an actor, the case's id) for the secret of a task link; raises :class:`NotFound`."""
    link = (
        TaskLink.objects.select_related("assignment")
        .filter(token_hash=digest(secret.encode()), ended_at=None, expires_at__gt=now)
        .first()
    )
    if link is None:
        raise NotFound("This link has ended. Please ask whoever sent it for a new one.")
    return Actor(id=link.id, kind="link", name=link.worker_name), link.assignment.case_id

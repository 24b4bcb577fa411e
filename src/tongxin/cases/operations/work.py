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
from tongxin.cases.operations.assignments import check_organisation, colleague, end_links
from tongxin.cases.operations.base import OFFICES, Opened, Said, open_case, step
from tongxin.cases.operations.rows import co_handler, stage
from tongxin.cases.queries import pool
from tongxin.cases.rules import Verb
from tongxin.cases.rules_import import MAX_TEXT
from tongxin.files.operations import Upload
from tongxin.kernel.actor import Actor
from tongxin.kernel.crypto import digest
from tongxin.kernel.errors import Invalid, NotAllowed, NotFound
from tongxin.kernel.identity import normalise_mobile
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import N_, clean_line, clean_text
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
    if (lead := opened.lead) is not None:
        stage(
            opened, lead, state=Assignment.State.CLAIMED, claimed_at=now, person_id=actor.person_id,
            organisation_id=given.get("lead", opened.facts.lead),
        )  # fmt: skip
    update = step(opened, Verb.CLAIM, given, Said(text=text))
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
    if (lead := opened.lead) is not None:
        stage(opened, lead, state=Assignment.State.DONE, answer=clean_text(text, MAX_TEXT))
    update = step(opened, Verb.ANSWER, {"text": text, "outcome": outcome}, said, photos=photos)
    if lead is not None:
        end_links(lead, opened)
    if opened.facts.must_verify:
        notices.tell_deciders(opened, update, N_("Answered, please check: %(title)s (%(number)s)"))
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
    if (own := co_handler(opened, organisation)) is not None:
        stage(opened, own, state=Assignment.State.DONE, answer=clean_text(text, MAX_TEXT), claimed_at=now)
    update = step(opened, Verb.CO_ANSWER, given, Said(text=text, data={"co": str(organisation)}),
                  photos=[*(("answer", photo) for photo in photos), *(("policy", paper) for paper in documents)])  # fmt: skip
    notices.tell_organisation(opened, update, opened.case.lead_id, N_("A co-handler has answered: %(title)s"))
    return opened.case


@transaction.atomic
def put_back(actor: Actor, case_id: UUID, now: datetime, *, reason: str) -> Case:
    """Give back into the pool what one took from it."""
    opened = open_case(actor, case_id, now)
    if (lead := opened.lead) is not None:
        stage(opened, lead, state=Assignment.State.WAITING, organisation_id=None, person_id=None, claimed_at=None)
    step(opened, Verb.PUT_BACK, {"reason": reason}, Said(note=reason))
    return opened.case


@transaction.atomic
def object_to_dispatch(actor: Actor, case_id: UUID, now: datetime, *, reason: str) -> Case:
    """派单异议: the lead says that it is not theirs (Beijing ordinance, art. 12); the desk decides."""
    opened = open_case(actor, case_id, now)
    petitions.ask(opened, Petition.Kind.OBJECTION, reason)
    update = step(opened, Verb.OBJECT, {"reason": reason}, Said(note=reason))
    notices.tell_deciders(opened, update, N_("Objection to the dispatch: %(title)s (%(number)s)"))
    return opened.case


@transaction.atomic
def request_extension(actor: Actor, case_id: UUID, now: datetime, *, reason: str, extra: int) -> Case:
    """Ask for more time, in the unit of the clock; only before it has run out."""
    opened = open_case(actor, case_id, now)
    clocks.check_extension(opened, extra)
    petitions.ask(opened, Petition.Kind.EXTENSION, reason, days=extra)
    update = step(opened, Verb.REQUEST_EXTENSION, {"reason": reason, "extra": extra}, Said(note=reason))
    notices.tell_deciders(opened, update, N_("More time is asked for: %(title)s (%(number)s)"))
    return opened.case


@transaction.atomic
def request_suspension(actor: Actor, case_id: UUID, now: datetime, *, reason: str, review_on: date | None) -> Case:
    """挂账: ask to put off what cannot be solved now, with a day on which it is looked at again."""
    opened = open_case(actor, case_id, now)
    day = petitions.review_date(review_on, now)
    petitions.ask(opened, Petition.Kind.SUSPENSION, reason, review_on=day)
    update = step(opened, Verb.REQUEST_SUSPENSION, {"reason": reason, "review_on": day}, Said(note=reason))
    notices.tell_deciders(opened, update, N_("Suspension is asked for: %(title)s (%(number)s)"))
    return opened.case


@transaction.atomic
def hand_over(
    actor: Actor,
    case_id: UUID,
    now: datetime,
    *,
    to_person: UUID | None = None,
    to_organisation: UUID | None = None,
    note: str = "",
) -> Case:
    """Hand the case to a colleague, a stand-in, or to the next organisation in charge, whose members take it anew. The
    clocks go on.

    A colleague is somebody who handles cases for the lead today; their name comes from the register. What nobody has
    taken yet is only named to them: they still take it themselves. Raises :class:`Invalid` naming the field.
    """
    opened = open_case(actor, case_id, now)
    lead = opened.lead
    given: dict[str, Any] = {}
    lawful = rules.refusal(opened.facts, Verb.HAND_OVER, opened.parties) is None
    if lawful and to_person is not None and to_person == opened.case.holder_id:
        return opened.case  # sent twice: they have it
    if to_organisation is not None and (lead is None or lead.organisation_id != to_organisation):
        if not opened.parties & OFFICES:
            # A lead that finds it is not theirs objects, and the desk decides (Beijing ordinance, art. 12).
            raise NotAllowed("Only the desk gives it to another organisation. You can object to the dispatch.")
        check_organisation(to_organisation, opened)
    body = to_organisation or (lead.organisation_id if lead is not None else None)
    if body is not None and (to_person or to_organisation):
        given["lead"] = body
    if to_person is not None and lawful:  # where it is not, the step says why
        name = colleague(body, to_person, now, field="to_person")
        if opened.facts.state is not rules.State.DISPATCHED:
            given |= {"holder": to_person, "name": name}
    if lead is not None:
        stage(opened, lead, person_id=to_person, organisation_id=body)
    update = step(opened, Verb.HAND_OVER, given, Said(note=note, data={"to": str(to_person or to_organisation)}))
    if lead is not None:
        end_links(lead, opened)
    notices.tell_organisation(
        opened, update, opened.case.lead_id, N_("Handed over to you: %(title)s (%(number)s)"), only=to_person
    )
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

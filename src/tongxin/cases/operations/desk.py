"""The desk's verbs: accept or decline, dispatch, check the answer, decide what is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from tongxin.cases import rules
from tongxin.cases.models import Assignment, Case, Category, SearchText, Update
from tongxin.cases.operations import calls, gather, notices, route
from tongxin.cases.operations.about import set_about, tell_next_desk
from tongxin.cases.operations.assignments import assign, co_assignment, end_lead
from tongxin.cases.operations.base import Opened, Said, open_case, step
from tongxin.cases.operations.levels import open_for
from tongxin.cases.operations.publish import no_longer_public
from tongxin.cases.operations.rows import co_handler, stage
from tongxin.cases.operations.submit import search_body
from tongxin.cases.queries.facts import practice_of
from tongxin.cases.queries.parties import unspoken
from tongxin.cases.rules import Verb
from tongxin.files.operations import Upload
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Invalid, NotAllowed, TooMany
from tongxin.kernel.text import N_
from tongxin.kernel.times import SHANGHAI
from tongxin.people.queries.organisations import partner_units


@transaction.atomic
def accept_case(actor: Actor, case_id: UUID, now: datetime, *, note: str = "") -> Case:
    """Accept: the desk is responsible from here on (Beijing ordinance, art. 14)."""
    opened = open_case(actor, case_id, now)
    update = step(opened, Verb.ACCEPT, said=Said(note=note))
    notices.tell_parties(opened, update, N_("Accepted: %(title)s. We will tell you who takes it."), but=actor.person_id)
    return opened.case


@transaction.atomic
def decline_case(actor: Actor, case_id: UUID, now: datetime, *, reason: str, elsewhere: str) -> Case:
    """Decline, with the reason and where to go instead; both go to the reporter."""
    opened = open_case(actor, case_id, now)
    said = Said(text=f"{reason}\n{elsewhere}")
    update = step(opened, Verb.DECLINE, {"reason": reason, "elsewhere": elsewhere}, said, tallies=("declined",))
    notices.tell_parties(opened, update, N_("Not accepted: %(title)s. %(reason)s"), ends=True, reason=reason)
    return opened.case


@transaction.atomic
def answer_directly(
    actor: Actor, case_id: UUID, now: datetime, *, text: str, explained: bool = False, photos: Sequence[Upload] = (),
    documents: Sequence[Upload] = (),
) -> Case:  # fmt: skip
    """Answer at first contact 即办, with the policy document where there is one: the resident is asked at once."""
    opened = open_case(actor, case_id, now)
    given = {"text": text, "outcome": rules.Outcome.EXPLAINED if explained else rules.Outcome.SOLVED}
    attached = [*(("answer", photo) for photo in photos), *(("policy", document) for document in documents)]
    update = step(opened, Verb.ANSWER_DIRECTLY, given, Said(text=text), photos=attached)
    _asked(opened, update)
    return opened.case


@transaction.atomic
def dispatch_case(
    actor: Actor,
    case_id: UUID,
    now: datetime,
    *,
    lead: UUID | None = None,
    person: UUID | None = None,
    pool: bool = False,
    co_handlers: Sequence[tuple[UUID, str]] = (),
    note: str = "",
    reason: str = "",
    whistle: bool = False,
) -> Case:
    """Give the case to a lead, or into the pool; with co-handlers and their sub-tasks where several must act.

    A case already given away is re-dispatched, for which ``reason`` is needed. ``whistle``: the co-handlers are called
    in 吹哨 (Beijing ordinance, art. 16), see :func:`rules.may_whistle`.
    """
    opened = open_case(actor, case_id, now)
    _check_whistle(opened, whistle, [organisation for organisation, _ in co_handlers])
    who: dict[str, Any] = {"lead": lead, "person": person, "pool": pool, "co_handlers": co_handlers}
    route.took_turn(opened.case, lead, now)
    dispatch(opened, **who, note=note, reason=reason, whistle=whistle)
    return opened.case


def _check_whistle(opened: Opened, whistle: bool, called: Sequence[UUID]) -> None:
    if not whistle:
        return
    if not called:
        raise Invalid("Choose whom you whistle in.", field="co1", code="whistle-whom")
    partners = partner_units(opened.case.area_path, opened.now)
    if not rules.may_whistle(opened.parties, set(called), partners):
        raise NotAllowed(
            "The community whistles in the units of its general party committee; whom else, the street does.",
            code="not-a-partner",
        )


def dispatch(
    opened: Opened,
    *,
    lead: UUID | None = None,
    person: UUID | None = None,
    pool: bool = False,
    mode: str = rules.Mode.ASSIGNED,
    co_handlers: Sequence[tuple[UUID, str]] = (),
    note: str = "",
    reason: str = "",
    whistle: bool = False,
    by_route: bool = False,
) -> None:
    """The dispatch within a transaction that is already open; see :func:`dispatch_case`."""
    if opened.facts.state is rules.State.SUBMITTED:
        step(opened, Verb.ACCEPT)
    again = opened.facts.state in rules.WITH_HANDLER
    given: dict[str, Any] = {"co_handlers": frozenset(organisation for organisation, _ in co_handlers), "mode": mode}
    given |= {"pool": True} if pool else {"lead": lead}
    if again:
        given["reason"] = reason
    former = opened.case.lead_id
    end_lead(opened)
    taken = assign(opened, lead, person=person, mode=rules.Mode.POOL if pool else mode, by_route=by_route)
    for organisation, task in co_handlers:
        co_assignment(opened, organisation, task, whistle=whistle)
    given["whistle"] = whistle and bool(co_handlers)
    data = {"lead": str(lead) if lead else None, "pool": pool, "by_route": by_route,
            "co": [str(organisation) for organisation, _ in co_handlers]}  # fmt: skip
    said = Said(text=reason, note=note, data=data)
    update = step(opened, Verb.REDISPATCH if again else Verb.DISPATCH, given, said)
    if again and former != taken.organisation_id:  # it is theirs no longer: the notice leads to their list
        message = N_("Given to somebody else, you need not go on: %(title)s (%(number)s)")
        notices.tell_organisation(opened, update, former, message, link="/work/")
    notices.tell_organisation(opened, update, taken.organisation_id, N_("A case for you: %(title)s (%(number)s)"))
    if pool:
        notices.tell_pool(opened, update, N_("Who can help? %(title)s (%(number)s)"))
    for organisation, _ in co_handlers:
        notices.tell_organisation(opened, update, organisation, N_("Please help with: %(title)s (%(number)s)"))
    notices.tell_parties(opened, update, N_("%(title)s has been passed to those who will deal with it."))


@transaction.atomic
def add_co_handler(
    actor: Actor, case_id: UUID, now: datetime, *, organisation: UUID, task: str, whistle: bool = False
) -> Case:
    """Call in a co-handler with a sub-task and a clock of its own."""
    opened = open_case(actor, case_id, now)
    _check_whistle(opened, whistle, [organisation])
    given = {"co_handler": organisation, "task": task, "whistle": whistle}
    data = {"co": str(organisation), "whistle": whistle}
    co_assignment(opened, organisation, task, whistle=whistle)
    update = step(opened, Verb.ADD_CO_HANDLER, given, Said(text=task, data=data))
    notices.tell_organisation(opened, update, organisation, N_("Please help with: %(title)s (%(number)s)"))
    return opened.case


@transaction.atomic
def waive_co_handler(actor: Actor, case_id: UUID, now: datetime, *, organisation: UUID, reason: str) -> Case:
    """Let a co-handler's sub-task go, so that the lead can answer without it."""
    opened = open_case(actor, case_id, now)
    given = {"co_handler": organisation, "reason": reason}
    if (waived := co_handler(opened, organisation)) is not None:
        stage(opened, waived, state=Assignment.State.WAIVED, ended_at=now)
    update = step(opened, Verb.WAIVE_CO_HANDLER, given, Said(text=reason, data={"co": str(organisation)}))
    message = N_("Your part is not needed any more: %(title)s. %(reason)s")
    notices.tell_organisation(opened, update, organisation, message, reason=reason, link="/work/")
    return opened.case


@transaction.atomic
def verify_answer(actor: Actor, case_id: UUID, now: datetime, *, note: str = "") -> Case:
    """The desk has looked and finds it done; the resident is asked."""
    opened = open_case(actor, case_id, now)
    step(opened, Verb.VERIFY, said=Said(note=note))
    ask(opened)
    return opened.case


@transaction.atomic
def ask_resident(actor: Actor, case_id: UUID, now: datetime) -> Case:
    """Ask the people concerned whether it is solved."""
    opened = open_case(actor, case_id, now)
    ask(opened)
    return opened.case


@transaction.atomic
def remind_resident(actor: Actor, case_id: UUID, now: datetime) -> Case:
    """Ask once more those who have not said a word; not before the days that the area settled have passed."""
    opened = open_case(actor, case_id, now)
    again = _asked_again_from(opened)
    if again is not None and now < again:
        raise TooMany(
            "They were asked already; they can be asked again from %(day)s.", code="asked-lately",
            day=f"{again.astimezone(SHANGHAI):%m-%d %H:%M}",
        )  # fmt: skip
    update = step(opened, Verb.REMIND)
    notices.tell_parties(
        opened, update, N_("We asked you before: %(title)s. Is it solved?"), asks=True,
        only=unspoken(opened.case.answered_at),
    )  # fmt: skip
    return opened.case


def _asked_again_from(opened: Opened) -> datetime | None:
    """From when a case that waits for a word may ask again; None if it does not wait."""
    asked_at = opened.case.asked_at
    if opened.facts.state is not rules.State.AWAITING or asked_at is None:
        return None
    return asked_at + timedelta(days=practice_of(opened.case.area_path).remind_days or 0)


def ask(opened: Opened) -> None:
    """The question to the resident, within a transaction that is already open."""
    _asked(opened, step(opened, Verb.ASK_RESIDENT))


def _asked(opened: Opened, update: Update) -> None:
    """The question goes to everyone concerned, by the channel that reaches them."""
    notices.tell_parties(opened, update, N_("Answered: %(title)s. Is it solved?"), asks=True)
    calls.plan_helped(opened)
    if opened.facts.children_open:
        gather.ask_gathered(opened)


@transaction.atomic
def send_back(actor: Actor, case_id: UUID, now: datetime, *, reason: str) -> Case:
    """The check found it not done: back to the handler."""
    opened = open_case(actor, case_id, now)
    if opened.lead is not None:
        stage(opened, opened.lead, state=Assignment.State.CLAIMED)
    update = step(opened, Verb.SEND_BACK, {"reason": reason}, Said(text=reason))
    notices.tell_organisation(
        opened, update, opened.case.lead_id, N_("Sent back: %(title)s. %(reason)s"), reason=reason
    )
    return opened.case


@transaction.atomic
def reclassify_case(
    actor: Actor,
    case_id: UUID,
    now: datetime,
    *,
    category: str = "",
    urgency: str = "",
    about: Sequence[UUID] | None = None,
    note: str = "",
) -> Case:
    """Change the category, the urgency or whom it is about; clocks that still run follow, and so does who may see it."""
    opened = open_case(actor, case_id, now)
    case, before = opened.case, opened.case.complained_of
    given: dict[str, Any] = {"category": category, "urgency": urgency}
    data: dict[str, Any] = {"category": category, "urgency": urgency}
    if category:
        chosen = Category.objects.filter(code=category, is_active=True).first()
        if chosen is None:
            raise Invalid("Please choose what it is about.", field="category")
        if chosen.pk != case.category_id:
            no_longer_public(opened)  # the desk looks at it anew
        case.category = chosen
    if urgency:
        if urgency not in set(rules.Urgency):
            raise Invalid("Please choose how urgent it is.", field="urgency")
        case.urgency = urgency
    if about is not None:
        set_about(opened, about)
        given |= {
            "about": frozenset(UUID(body) for body in case.complained_of),
            "category": category or case.category.code,
        }
        data["about"] = case.complained_of
    update = step(opened, Verb.RECLASSIFY, given, Said(note=note, data=data))
    if about is not None:
        tell_next_desk(opened, update, before)
    SearchText.objects.filter(case=case).update(body=search_body(case))
    return case


@transaction.atomic
def urge_case(actor: Actor, case_id: UUID, now: datetime, *, text: str = "", on_behalf_of: UUID | None = None) -> Case:
    """催办: whoever waits says so; the handler and the desk are told. How
    often the same person may is the area's to settle."""
    opened = open_for("case.urge", actor, case_id, now, on_behalf_of=on_behalf_of)
    hours = practice_of(opened.case.area_path).urge_hours or 0
    urged = opened.case.updates.filter(verb=Verb.URGE, actor_id=actor.person_id or actor.id)
    if urged.filter(recorded_at__gt=now - timedelta(hours=hours)).exists():
        raise TooMany("You have urged it today. They have been told.")
    update = step(opened, Verb.URGE, said=Said(text=text), tallies=("urged",))
    notices.tell_organisation(opened, update, opened.case.lead_id, N_("Urged: %(title)s (%(number)s)"))
    notices.tell_desk(opened, update, N_("Urged: %(title)s (%(number)s)"))
    return opened.case


@transaction.atomic
def supervise_case(actor: Actor, case_id: UUID, now: datetime, *, reason: str) -> Case:
    """督办: the case stands under supervision until that is lifted; its answer is verified before it is believed."""
    opened = open_case(actor, case_id, now)
    update = step(opened, Verb.SUPERVISE, {"reason": reason}, Said(text=reason), tallies=("supervised",))
    message = N_("Under supervision: %(title)s. %(reason)s")
    notices.tell_organisation(opened, update, opened.case.lead_id, message, reason=reason)
    return opened.case


@transaction.atomic
def lift_supervision(actor: Actor, case_id: UUID, now: datetime, *, reason: str) -> Case:
    """End the supervision."""
    opened = open_case(actor, case_id, now)
    step(opened, Verb.LIFT_SUPERVISION, {"reason": reason}, Said(note=reason))
    return opened.case


@transaction.atomic
def escalate_case(actor: Actor, case_id: UUID, now: datetime, *, reason: str) -> Case:
    """Take the case one level higher."""
    opened = open_case(actor, case_id, now)
    escalate(opened, reason)
    return opened.case


def escalate(opened: Opened, reason: str, *, note: str | None = None) -> None:
    """One level higher, within a transaction that is already open. ``note`` is for people, if the reason is a code."""
    said = Said(note=reason if note is None else note)
    update = step(opened, Verb.ESCALATE, {"reason": reason}, said, tallies=("escalated",))
    notices.tell_desk(opened, update, N_("Escalated to you: %(title)s (%(number)s)"), levels_up=opened.case.raised)


@transaction.atomic
def add_note(actor: Actor, case_id: UUID, now: datetime, *, text: str, internal: bool = True,
             photos: Sequence[Upload] = ()) -> Case:  # fmt: skip
    """A note for the offices, or a word for all concerned."""
    opened = open_for("case.add", actor, case_id, now)
    said = Said(note=text) if internal else Said(text=text)
    step(opened, Verb.NOTE, {"text": text}, said, photos=[("answer", photo) for photo in photos])
    return opened.case

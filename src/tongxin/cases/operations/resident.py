"""The verbs of those whom a case concerns. They have the last word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongxin.cases import rules
from tongxin.cases.models import Assignment, CallBack, Case, Party, TallyDelta
from tongxin.cases.operations import calls, choices, notices, own_work
from tongxin.cases.operations.assignments import let_go, take_back
from tongxin.cases.operations.base import Opened, Said, counted, open_case, step
from tongxin.cases.operations.levels import is_public, open_for, open_to_reopen
from tongxin.cases.operations.publish import no_longer_public
from tongxin.cases.operations.rows import stage
from tongxin.cases.queries.parties import is_person, rows_of
from tongxin.cases.rules import Verb
from tongxin.cases.rules_public import TAKES_BACK
from tongxin.cases.rules_texts import fit_line
from tongxin.files.operations import Upload
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import N_
from tongxin.notifications import operations as notifications
from tongxin.people.rules.trust import require_level

TRIES = 3


def own_party(opened: Opened) -> Party:
    """The row of the person whose word it is: the actor, or whom they act for.

    Who has an own part speaks for themselves; only a helper without one speaks for the reporter, who may not be in the
    register. From here on the actor is nothing else to the case than that.
    """
    rows = opened.case.parties.filter(disowned_at=None).order_by("id")
    party = rows.filter(rows_of(opened.actor, opened.on_behalf_of)).first()
    helps = rules.Party.HELPER in opened.parties
    if party is None and helps and opened.on_behalf_of is None:
        party = rows.filter(role=Party.Role.REPORTER).first()
    elif party is not None and opened.on_behalf_of is None:
        opened.parties -= {rules.Party.HELPER}
    if party is None:
        raise NotAllowed("This is for somebody else to do.")
    return party


def speak(opened: Opened, party: Party, word: str, *, rating: int | None, text: str) -> tuple[str, ...]:
    """Put down what somebody says (and how they rate); returns the figures that a rating adds. Everybody's last rating
    counts, once: what an earlier one added is taken off on its own day."""
    earlier, earlier_at = party.rating, party.answered_at
    party.word, party.answered_at = word, opened.now
    party.reason = fit_line(text, 500, "reason") if word == Party.Word.NOT_SOLVED else ""
    if rating is not None:
        if rating not in set(rules.Rating):
            raise Invalid("Choose one of the five grades.", field="rating")
        party.rating, party.rating_text = rating, fit_line(text, 500)
    party.save()
    if rating is None:
        return ()
    if earlier is not None:
        TallyDelta.objects.bulk_create(counted(opened.case, earlier_at or opened.now, ("-rated", f"-rated:{earlier}")))
    return "rated", f"rated:{rating}"


@transaction.atomic
def confirm_solved(
    actor: Actor,
    case_id: UUID,
    now: datetime,
    *,
    rating: int | None = None,
    text: str = "",
    on_behalf_of: UUID | None = None,
    own_choice: str = "",
    paper: Sequence[Upload] = (),
) -> Case:
    """“Solved.” The reporter's word closes the case; a joiner's is noted as theirs.

    A helper records the person's own choice: ``own_choice`` says how it was given (``choices.WAYS``), ``paper`` shows
    what they signed.
    """
    opened = open_for("case.confirm", actor, case_id, now, on_behalf_of=on_behalf_of)
    party = own_party(opened)
    own_work.check_not_own(opened)
    signed = choices.evidence(opened, party, own_choice, paper)
    rated = speak(opened, party, Party.Word.SOLVED, rating=rating, text=text)
    said = Said(text=text, data=_said_data(rating, own_choice))
    if choices.helps(opened):
        own_work.log_call(opened, party, own_choice, solved=True, rating=rating, note=text)
    joiner_only = party.role == Party.Role.JOINED and opened.facts.joiners_speak_beside
    if joiner_only:
        given = {"rating": rating or rules.Rating.SATISFIED, "own_choice": own_choice}
        update = step(opened, Verb.RATE, given, said, party=party, tallies=rated, photos=signed)
        if party.person_id is not None:
            notifications.withdraw(("case", case_id), now=now, people=[party.person_id])
    else:
        given = {"rating": rating, "own_choice": own_choice}
        update = step(opened, Verb.CONFIRM, given, said, party=party, tallies=("solved", *rated), photos=signed)
    if choices.helps(opened):
        choices.tell_person(opened, update, party)
    _call_back_done(party)
    calls.plan_after_word(opened, party)
    return opened.case


@transaction.atomic
def say_not_solved(
    actor: Actor,
    case_id: UUID,
    now: datetime,
    *,
    reason: str,
    rating: int | None = None,
    photos: Sequence[Upload] = (),
    on_behalf_of: UUID | None = None,
    own_choice: str = "",
    paper: Sequence[Upload] = (),
) -> Case:
    """“Not solved.” The case goes back to work; the second time one level higher, under supervision.

    A joiner's word is noted as theirs and told to the desk.
    """
    opened = open_for("case.confirm", actor, case_id, now, on_behalf_of=on_behalf_of)
    party = own_party(opened)
    if opened.facts.is_suggestion and opened.facts.times_reopened and party.role == Party.Role.REPORTER:
        raise Conflict(
            "It was done anew once. Say your last word on the page of your suggestions.", code="suggestion-done-anew"
        )
    if rating is not None:  # that it is not solved, whoever answered may write down as well
        own_work.check_not_own(opened)
    signed = choices.evidence(opened, party, own_choice, paper)
    rated = speak(opened, party, Party.Word.NOT_SOLVED, rating=rating, text=reason)
    given = {"reason": reason, "own_choice": own_choice}
    said = Said(text=reason, data=_said_data(rating, own_choice))
    if party.role == Party.Role.JOINED and opened.facts.joiners_speak_beside:
        # The reporter has the last word; the desk learns of the neighbour's before.
        pictures = [*(("report", photo) for photo in photos), *signed]
        update = step(opened, Verb.NOTE, {"text": reason}, said, party=party, tallies=rated, photos=pictures)
        if choices.helps(opened):
            choices.tell_person(opened, update, party)
        notices.tell_desk(opened, update, N_("A neighbour who joined says it is not solved: %(title)s (%(number)s)"))
        return opened.case
    taken = take_back(opened, helpers=True)
    if choices.helps(opened):
        own_work.log_call(opened, party, own_choice, solved=False, rating=rating, note=reason)
    update = step(
        opened,
        Verb.NOT_SOLVED,
        given,
        said,
        party=party,
        tallies=("not_solved", *rated),
        photos=[*(("report", photo) for photo in photos), *signed],
    )
    if choices.helps(opened):
        choices.tell_person(opened, update, party)
    _reopened(opened, update, taken)
    return opened.case


@transaction.atomic
def reopen_case(
    actor: Actor, case_id: UUID, now: datetime, *, reason: str, photos: Sequence[Upload] = (),
    on_behalf_of: UUID | None = None, own_choice: str = "", paper: Sequence[Upload] = (),
) -> Case:  # fmt: skip
    """Anyone affected may reopen a closed case within the window, with a reason. A neighbour who had no part in it
    joins with it: they are told and asked from then on."""
    opened = open_to_reopen(actor, case_id, now, on_behalf_of=on_behalf_of)
    joined = _joins_by_reopening(opened)
    # The offices reopen in their own name; a helper alone does it for somebody.
    party = own_party(opened) if choices.helps(opened) and (on_behalf_of or own_choice) else None
    signed = choices.evidence(opened, party, own_choice, paper) if party is not None else []
    given = {"reason": reason, "own_choice": own_choice, "joins": joined is not None}
    data = {"own_choice": own_choice} if own_choice else {}
    if joined is not None:
        data["party"] = str(joined.id)
    taken = take_back(opened, helpers=True)
    if party is not None:
        own_work.log_call(opened, party, own_choice, solved=False, rating=None, note=reason)
    update = step(
        opened,
        Verb.REOPEN,
        given,
        Said(text=reason, data=data),
        party=joined,
        tallies=("reopened", "joined") if joined is not None else ("reopened",),
        photos=[*(("report", photo) for photo in photos), *signed],
    )
    if party is not None:
        choices.tell_person(opened, update, party)
    _reopened(opened, update, taken)
    return opened.case


def _joins_by_reopening(opened: Opened) -> Party | None:
    """The row of a neighbour who is nothing else to the case yet; it stands only if the rules then let them reopen."""
    if opened.parties != {rules.Party.AFFECTED}:
        return None
    return _new_joiner(opened, opened.on_behalf_of or opened.actor.person_id, hidden=False)


def _new_joiner(opened: Opened, person: UUID | None, *, hidden: bool) -> Party:
    """Somebody joins, or joins again after leaving."""
    before = opened.case.parties.filter(is_person(person)).order_by("id").last()
    party = before or Party(id=uuid7(opened.now), case=opened.case, person_id=person, first_case=opened.case)
    party.role, party.hidden, party.joined_at, party.disowned_at = Party.Role.JOINED, hidden, opened.now, None
    party.helper_id = opened.actor.person_id if opened.on_behalf_of else None
    party.save(force_insert=before is None)
    return party


def _reopened(opened: Opened, update: Any, taken: list[Assignment]) -> None:
    """Those who helped have done their part; they may be called in anew."""
    before = opened.case.lead_id
    message = N_("Not solved yet: %(title)s (%(number)s)")
    notices.tell_co_handlers(opened, update, message, link="/work/")
    let_go(opened, taken)
    opened.case.call_backs.filter(done_at=None).delete()
    # It is theirs no longer until it is given to them anew: the notice leads to their list.
    notices.tell_organisation(opened, update, before, message, link="/work/")
    notices.tell_desk(
        opened, update, N_("Not solved yet, please deal with it: %(title)s (%(number)s)"), levels_up=opened.case.raised
    )


@transaction.atomic
def rate_case(
    actor: Actor, case_id: UUID, now: datetime, *, rating: int, text: str = "", on_behalf_of: UUID | None = None,
    own_choice: str = "", paper: Sequence[Upload] = (),
) -> Case:  # fmt: skip
    """Rate how it was dealt with, five grades; once said it may be said better, the last counts."""
    opened = open_for("case.rate", actor, case_id, now, on_behalf_of=on_behalf_of)
    party = own_party(opened)
    own_work.check_not_own(opened)
    word = party.word or Party.Word.NONE
    signed = choices.evidence(opened, party, own_choice, paper)
    rated = speak(opened, party, word, rating=rating, text=text)
    given = {"rating": rating, "own_choice": own_choice}
    said = Said(text=text, data=_said_data(rating, own_choice))
    update = step(opened, Verb.RATE, given, said, party=party, tallies=rated, photos=signed)
    if choices.helps(opened):
        choices.tell_person(opened, update, party)
    if rating <= calls.LOW:
        calls.plan_after_word(opened, party)
    return opened.case


@transaction.atomic
def withdraw_case(
    actor: Actor, case_id: UUID, now: datetime, *, reason: str = "", on_behalf_of: UUID | None = None,
    own_choice: str = "", paper: Sequence[Upload] = (),
) -> Case:  # fmt: skip
    """Take the report back. Where others joined, it goes on in their name."""
    opened = open_for("case.withdraw", actor, case_id, now, on_behalf_of=on_behalf_of)
    party = own_party(opened)
    signed, by_helper = choices.evidence(opened, party, own_choice, paper), choices.helps(opened)
    joined = party.role == Party.Role.JOINED
    verb = Verb.LEAVE if joined else Verb.WITHDRAW
    if joined and rules.Party.HELPER in opened.parties and not own_choice.strip():
        raise rules.Incomplete("Something is missing: %(field)s.", field="own_choice")
    if joined:
        opened.parties |= {rules.Party.JOINER}
    party.disowned_at = now
    party.save(update_fields=["disowned_at"])
    if verb in TAKES_BACK:
        no_longer_public(opened)
    data = {"party": str(party.id)} | ({"own_choice": own_choice} if own_choice else {})
    said = Said(text=reason, data=data)
    if by_helper:
        own_work.log_call(opened, party, own_choice, solved=None, rating=None, note=reason)
    update = step(opened, verb, {"own_choice": own_choice}, said, tallies=("withdrawn",), photos=signed)
    if by_helper:
        choices.tell_person(opened, update, party)
    notices.tell_organisation(opened, update, opened.case.lead_id, N_("Withdrawn by the reporter: %(title)s"))
    notices.tell_co_handlers(opened, update, N_("Withdrawn by the reporter: %(title)s"))
    return opened.case


@transaction.atomic
def join_case(
    actor: Actor, case_id: UUID, now: datetime, *, text: str = "", hidden: bool = False,
    on_behalf_of: UUID | None = None,
) -> Case:  # fmt: skip
    """“Me too” 附议: told and asked like the reporter. It takes the level of trust “resident”."""
    public = {rules.Party.AFFECTED} if is_public(case_id) else ()  # wherever one lives, one may join what is public
    opened = open_case(actor, case_id, now, on_behalf_of=on_behalf_of, extra=public)
    if on_behalf_of is None or rules.Party.HELPER not in opened.parties:  # who helps somebody else is in office
        require_level(actor, "case.join")
    person = on_behalf_of or actor.person_id
    before = opened.case.parties.filter(is_person(person)).order_by("id").last()
    if before is not None and before.disowned_at is None:
        return opened.case
    party = _new_joiner(opened, person, hidden=hidden)
    said = Said(text=text, data={"party": str(party.id)})
    update = step(opened, Verb.JOIN, None, said, party=party, tallies=("joined",))
    if on_behalf_of is not None and on_behalf_of != actor.person_id:
        message = N_("%(who)s joined this in your name: %(title)s (%(number)s). You can take it back.")
        notices.tell_one(opened, update, on_behalf_of, message, who=actor.name)
    return opened.case


@transaction.atomic
def add_word(
    actor: Actor, case_id: UUID, now: datetime, *, text: str, photos: Sequence[Upload] = (),
    on_behalf_of: UUID | None = None,
) -> Case:  # fmt: skip
    """Those concerned add something on their own account; whoever deals with it, or the desk, is told."""
    opened = open_for("case.add", actor, case_id, now, on_behalf_of=on_behalf_of)
    own_party(opened)
    update = step(opened, Verb.NOTE, {"text": text}, Said(text=text), photos=[("report", photo) for photo in photos])
    if opened.case.lead_id is not None:
        notices.tell_organisation(opened, update, opened.case.lead_id, N_("The reporter has added: %(title)s"))
    else:
        notices.tell_desk(opened, update, N_("The reporter has added: %(title)s"))
    return opened.case


@transaction.atomic
def disown_case(actor: Actor, case_id: UUID, now: datetime, *, reason: str = "") -> Case:
    """“Not mine”: a report that a helper filed in one's name. It goes on in the helper's own."""
    opened = open_for("case.disown", actor, case_id, now)
    rows = opened.case.parties.filter(rows_of(actor), role=Party.Role.REPORTER, disowned_at=None)
    party = rows.first()
    no_longer_public(opened)
    update = step(opened, Verb.NOT_MINE, None, Said(note=reason), tallies=("disowned",))
    if party is not None:
        helper = party.helper_id
        party.disowned_at = now
        party.save(update_fields=["disowned_at"])
        if helper is not None and not opened.case.parties.filter(person_id=helper).exists():
            Party.objects.create(id=uuid7(now), case=opened.case, person_id=helper, joined_at=now)
    notices.tell_desk(opened, update, N_("“Not mine”, says the person named: %(title)s (%(number)s)"), levels_up=1)
    return opened.case


@transaction.atomic
def record_call_back(
    actor: Actor,
    call_back_id: UUID,
    now: datetime,
    *,
    result: str,
    contacted: bool | None = None,
    solved: bool | None = None,
    rating: int | None = None,
    note: str = "",
) -> Case:
    """回访: what the person said on the telephone. Their own word, recorded by whoever rang."""
    opened = _case_of_call(actor, call_back_id, now)
    actor.require("case.callback", opened.case.area_path)
    if solved or rating is not None:
        own_work.check_not_own(opened)
    row = CallBack.objects.select_related("party").filter(pk=call_back_id, done_at=None).first()
    if row is None:  # somebody else has rung meanwhile, or the person spoke themselves
        raise Invalid("This call is done already.")
    if result not in CallBack.Result.values:
        raise Invalid("Choose what came of the call.", field="result")
    row.attempts += 1
    if result != CallBack.Result.REACHED and row.attempts < TRIES:
        # Every try is on the record, and the next one is another day's.
        row.due_at = max(row.due_at, now + calls.SOON)
        row.save(update_fields=["attempts", "due_at"])
        tried = Said(note=note, data={"result": result, "attempt": row.attempts}, audience="staff")
        step(opened, Verb.CALL_BACK, {"result": result}, tried)
        return opened.case
    row.result, row.contacted, row.solved, row.rating = result, contacted, solved, rating
    row.note, row.done_by, row.done_at = fit_line(note, 1000, "note"), actor.person_id, now
    row.save()
    stage(opened, row)
    data = {"result": result, "attempt": row.attempts, "contacted": contacted, "solved": solved, "rating": rating}
    step(opened, Verb.CALL_BACK, {"result": result}, Said(note=note, data=data), tallies=("called_back",))
    if result == CallBack.Result.REACHED:
        _word_by_phone(opened, row)
    return opened.case


def _case_of_call(actor: Actor, call_back_id: UUID, now: datetime) -> Opened:
    """The case of a call, under its lock: the call is looked at after it, so that it is done once."""
    case_id = CallBack.objects.filter(pk=call_back_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise Invalid("This call is done already.")
    return open_case(actor, case_id, now)


def _word_by_phone(opened: Opened, row: CallBack) -> None:
    """The person's own word, as it was said on the telephone, where the case still takes it."""
    party, state = row.party, opened.facts.state
    joined = party.role == Party.Role.JOINED
    opened.on_behalf_of = party.person_id
    # It is their word and not the office's, whatever else the actor is to the case; who worked on it stays barred.
    workers = opened.parties & {rules.Party.HANDLER, rules.Party.CO_HANDLER}
    opened.parties = workers | {rules.Party.JOINER if joined else rules.Party.HELPER}
    beside = joined and opened.facts.joiners_speak_beside  # the reporter has the last word
    if row.solved is False and (state is rules.State.AWAITING or _may(opened, Verb.REOPEN)):
        _not_solved_by_phone(opened, row, beside and state is rules.State.AWAITING)
    elif row.solved is True and state is rules.State.AWAITING:
        rated = speak(opened, party, Party.Word.SOLVED, rating=row.rating, text=row.note)
        verb = Verb.RATE if beside else Verb.CONFIRM
        tallies = rated if beside else ("solved", *rated)
        rating = row.rating or (rules.Rating.SATISFIED if beside else None)
        _by_phone(opened, row, verb, {"rating": rating}, tallies)
    elif row.rating is not None and _may(opened, Verb.RATE):
        rated = speak(opened, party, party.word, rating=row.rating, text=row.note)
        _by_phone(opened, row, Verb.RATE, {"rating": row.rating}, rated)


def _not_solved_by_phone(opened: Opened, row: CallBack, beside: bool) -> None:
    """It goes back to work; said beside a reporter who has not spoken, the desk is told."""
    said = row.note or "call-back"
    rated = speak(opened, row.party, Party.Word.NOT_SOLVED, rating=row.rating, text=said)
    if beside:
        update = _by_phone(opened, row, Verb.NOTE, {"text": said}, rated)
        notices.tell_desk(opened, update, N_("A neighbour who joined says it is not solved: %(title)s (%(number)s)"))
        return
    verb = Verb.NOT_SOLVED if opened.facts.state is rules.State.AWAITING else Verb.REOPEN
    taken = take_back(opened, helpers=True)
    update = _by_phone(opened, row, verb, {"reason": said}, ("not_solved", *rated))
    _reopened(opened, update, taken)


def _by_phone(opened: Opened, row: CallBack, verb: Verb, given: dict[str, Any], tallies: tuple[str, ...]) -> Any:
    said = Said(text=row.note if row.solved is False else "", data=_said_data(row.rating, "call-back"))
    return step(opened, verb, given | {"own_choice": "call-back"}, said, party=row.party, tallies=tallies)


def _may(opened: Opened, verb: Verb) -> bool:
    return rules.refusal(opened.facts, verb, opened.parties) is None


def _call_back_done(party: Party) -> None:
    """Who has spoken themselves need not be rung any more."""
    party.call_backs.filter(done_at=None).delete()


def _said_data(rating: int | None, own_choice: str) -> dict[str, Any]:
    data: dict[str, Any] = {"rating": rating}
    if own_choice:
        data["own_choice"] = own_choice
    return data

"""What a page says of a case: sentences as a neighbour would say them, never states of the database."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple, Protocol

from django.utils.functional import Promise

from tongxin.cases.queries.timeline import Line
from tongxin.cases.queries.view import CaseView
from tongxin.cases.rules import Outcome, Rating, State, Verb
from tongxin.people.roles import ROLE_NAMES
from tongxin.web import times
from tongxin.web.speech import gettext as _
from tongxin.web.speech import gettext_lazy


class Standing(Protocol):
    """What every line about a case has: mine, public, nearby."""

    @property
    def state(self) -> State: ...
    @property
    def lead_name(self) -> str: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def due_kind(self) -> str: ...


class Chip(NamedTuple):
    """Words and tone of a chip."""

    text: str
    tone: str


_ENDED: Final = {
    Outcome.SOLVED: gettext_lazy("Solved"),
    Outcome.EXPLAINED: gettext_lazy("Explained"),
    Outcome.UNANSWERED: gettext_lazy("Closed without your word"),
    Outcome.DECLINED: gettext_lazy("Not accepted"),
    Outcome.WITHDRAWN: gettext_lazy("Withdrawn"),
}


def _ended(outcome: str) -> str:
    words = _ENDED.get(Outcome(outcome) if outcome else Outcome.SOLVED)
    return _("Closed") if words is None else str(words)


_STANDS: Final = {
    State.SUBMITTED: gettext_lazy("Waits for the community to accept it"),
    State.ACCEPTED: gettext_lazy("Accepted, is being passed on"),
    State.DECLINED: gettext_lazy("Not accepted"),
    State.ANSWERED: gettext_lazy("Done, is being checked"),
    State.VERIFIED: gettext_lazy("Done, is being checked"),
    State.AWAITING: gettext_lazy("Waits for the reporter's word"),
    State.REOPENED: gettext_lazy("Is being dealt with again"),
    State.SUSPENDED: gettext_lazy("Put off for now"),
    State.WITHDRAWN: gettext_lazy("Withdrawn"),
    State.MERGED: gettext_lazy("Dealt with together with others"),
}


def where(state: State, who: str = "", outcome: str = "", pool: bool = False) -> str:
    """Where it stands, in few words: “城管执法局办理中”."""
    if state is State.DISPATCHED:
        if pool or not who:
            return _("Waits for somebody near to take it")
        return _("Passed to {who}").format(who=who)
    if state is State.CLAIMED:
        return _("{who} has taken it").format(who=who) if who else _("Somebody has taken it")
    if state is State.IN_PROGRESS:
        return _("{who} is working on it").format(who=who) if who else _("Being worked on")
    if state is State.CLOSED:
        return _ended(outcome)
    return str(_STANDS[state])


def deadline_counts(state: State, due_kind: str) -> bool:
    """True where the nearest deadline is one that a resident waits for."""
    return state not in {State.AWAITING, State.SUSPENDED} and due_kind not in {"resident_answer", "info"}


def note(row: Standing, now: datetime, *, outcome: str = "", holder: str = "", pool: bool = False) -> str:
    """The line below a case's title in a list: “城管执法局办理中 · 周四 17:00 前”."""
    parts = [where(row.state, row.lead_name or holder, outcome, pool)]
    if row.due_at is not None and deadline_counts(row.state, row.due_kind):
        late = row.due_at <= now
        parts.append(str(times.left(row.due_at, now)) if late else times.until(row.due_at, now))
    return " · ".join(parts)


def days_left(due_at: datetime | None, now: datetime) -> int:
    """Whole days until then, at least one."""
    return max(1, int((due_at - now).total_seconds()) // 86_400) if due_at is not None else 1


def who_has_it(view: CaseView) -> str:
    """“李师傅 · 国瑞物业”, or whichever of the two is known."""
    lead = view.lead.name if view.lead else ""
    return " · ".join(part for part in (view.holder_name, lead) if part)


def chip(view: CaseView, now: datetime) -> Chip:
    """The chip on top of a case's page."""
    if view.question and view.waits_for_me:
        return Chip(_("A question for you"), "turn")
    if view.waits_for_me:
        return Chip(_("Waits for your word, {n} days").format(n=days_left(view.due_at, now)), "turn")
    tones = {State.CLOSED: "done", State.DECLINED: "error", State.SUSPENDED: "warn"}
    who = view.lead.name if view.lead else view.holder_name
    text = where(view.state, who, view.outcome or "", view.mode == "pool")
    tone = tones.get(view.state, "info")
    return Chip(text, "plain" if view.outcome is Outcome.UNANSWERED or view.state is State.WITHDRAWN else tone)


def step_labels(view: CaseView) -> list[str]:
    """The five steps a resident sees."""
    last = _("You confirm")
    if view.state is State.AWAITING and view.mine:
        last = _("Your word")
    elif view.state is State.CLOSED:
        last = _("Closed")
    elif not view.mine:
        last = _("Confirmed")
    return [_("Reported"), _("Accepted"), _("Taken"), _("Dealt with"), last]


def sentence(view: CaseView, now: datetime) -> str:
    """Where it stands, as one would say it at the door, and what comes next."""
    desk = view.desk.name if view.desk else _("The community")
    who = f"{view.lead.name if view.lead else ''}{view.holder_name}" or _("Somebody")
    until = times.until(view.due_at, now) if view.due_at and view.due_at > now else ""
    values = {"desk": desk, "who": who, "until": until, "lead": view.lead.name if view.lead else desk}
    return _sentence(view, until, now).format(**values)


def _sentence(view: CaseView, until: str, now: datetime) -> str:
    state = view.state
    if state is State.SUBMITTED:
        return _("{desk} will say {until} whether it is accepted.") if until else _("{desk} has not accepted it yet.")
    if state in {State.ACCEPTED, State.REOPENED}:
        if state is State.REOPENED:
            return _("{desk} is arranging anew who deals with it.")
        return _("{desk} has accepted it and is arranging who deals with it.")
    if state is State.DISPATCHED:
        if view.mode == "pool" or view.lead is None:
            return _("Those near who can help have been told; the first to take it does it.")
        return _("{lead} has it and will take it {until}.") if until else _("{lead} has it and has not taken it yet.")
    if state in {State.CLAIMED, State.IN_PROGRESS}:
        return (
            _("{who} is on it, {until}.")
            if until
            else _("{who} is on it; the time has run out, the office above knows.")
        )
    if state in {State.ANSWERED, State.VERIFIED}:
        return _("{who} says it is done; {desk} is checking before you are asked.")
    if state is State.AWAITING:
        return _("{who} says it is done. Please have a look.") if view.mine else _("{who} says it is done.")
    if state is State.SUSPENDED:
        day = times.day_words(view.review_on, times.local(now).date()) if view.review_on else ""
        return _("It cannot be solved now. It will be looked at again on {day}.").replace("{day}", day)
    if state is State.MERGED and view.parent:
        return _("Others have the same trouble; it is solved for all together. You will be asked yourself.")
    if state is State.DECLINED:
        return _("The reason, and where to go instead, stand below.")
    if state is State.CLOSED and view.outcome is Outcome.UNANSWERED:
        return _("We asked twice and heard nothing. It is closed, and does not count as satisfied.")
    return ""


def emergency_label(label: str) -> str:
    """What an emergency number is for."""
    return {
        "Fire": _("Fire"),
        "Ambulance": _("Ambulance"),
        "Police": _("Police"),
        "Gas leak: leave first, then ring outside": _("Gas leak: leave first, then ring outside"),
    }[label]


_RATINGS: Final = {
    Rating.VERY_SATISFIED: gettext_lazy("Very satisfied"),
    Rating.SATISFIED: gettext_lazy("Satisfied"),
    Rating.FAIR: gettext_lazy("Fairly satisfied"),
    Rating.DISSATISFIED: gettext_lazy("Dissatisfied"),
    Rating.VERY_DISSATISFIED: gettext_lazy("Very dissatisfied"),
}


def rating_word(rating: int) -> str:
    """One of the five grades."""
    return str(_RATINGS[Rating(rating)])


def ratings() -> list[dict[str, str]]:
    """The five grades as options of equal size."""
    return [{"value": str(int(grade)), "label": rating_word(grade)} for grade in sorted(Rating, reverse=True)]


_FOLLOWS_AT_ONCE = {Verb.ASK_RESIDENT: Verb.ANSWER, Verb.START: Verb.CLAIM}


def worth_showing(lines: list[Line]) -> list[Line]:
    """The lines without those that only say again what the one before them said at the same moment."""
    older: list[Line | None] = [*lines[1:], None]
    return [
        line
        for line, before in zip(lines, older, strict=True)
        if _says_something(line)
        and (line.text or line.photos or before is None or line.at != before.at or not _follows(line, before))
    ]


def _says_something(line: Line) -> bool:
    return bool(line_said(line) or line.note or line.photos)


def _follows(line: Line, before: Line) -> bool:
    return line.verb in _FOLLOWS_AT_ONCE and _FOLLOWS_AT_ONCE[Verb(line.verb)] == before.verb


def helper_words(helper: str, role: str, person: str) -> str:
    """Both names of what somebody did for another: “王敏（网格员）代刘桂兰”."""
    as_who = _("{name} ({role})").format(name=helper, role=ROLE_NAMES[role]) if role in ROLE_NAMES else helper
    return _("{helper} for {person}").format(helper=as_who, person=person or _("the reporter"))


def line_who(line: Line) -> list[str]:
    """Who did it: “国瑞物业 · 李师傅”, “王敏（网格员）代刘桂兰”."""
    if line.helper and (line.name or line.who == "me"):
        return [
            part for part in (line.organisation, helper_words(line.name or _("You"), line.role, line.for_name)) if part
        ]
    if line.who == "me":
        return [part for part in (line.organisation, _("You")) if part]
    if line.who == "system":
        return [_("Tongxin")]
    if line.who == "resident":
        return [line.name or (_("A neighbour") if line.verb == Verb.JOIN else _("Reporter"))]
    return [part for part in (line.organisation, line.name) if part] or [_("The office")]


_SAYS: Final[dict[str, str | Promise]] = {
    Verb.SUBMIT: gettext_lazy("Reported it."),
    Verb.ACCEPT: gettext_lazy("Accepted."),
    Verb.DECLINE: gettext_lazy("Not accepted."),
    Verb.CLAIM: gettext_lazy("Took it."),
    Verb.START: gettext_lazy("Began the work."),
    Verb.ANSWER: gettext_lazy("Answered."),
    Verb.ANSWER_DIRECTLY: gettext_lazy("Answered."),
    Verb.CO_ANSWER: gettext_lazy("Answered for their part."),
    Verb.SEND_BACK: gettext_lazy("The check found it not done; it goes back."),
    Verb.ASK_RESIDENT: gettext_lazy("Asked the reporter whether it is solved."),
    Verb.CONFIRM: gettext_lazy("It is solved."),
    Verb.NOT_SOLVED: gettext_lazy("It is not solved."),
    Verb.RATE: gettext_lazy("Rated how it was dealt with."),
    Verb.REOPEN: gettext_lazy("Opened it again."),
    Verb.WITHDRAW: gettext_lazy("Took the report back."),
    Verb.LEAVE: gettext_lazy("Took the “me too” back."),
    Verb.JOIN: gettext_lazy("Me too."),
    Verb.URGE: gettext_lazy("Urged."),
    Verb.SUPERVISE: gettext_lazy("Put it under supervision."),
    Verb.APPROVE_EXTENSION: gettext_lazy("Gave more time."),
    Verb.APPROVE_SUSPENSION: gettext_lazy("Put it off for now."),
    Verb.RESUME: gettext_lazy("Took it up again."),
    Verb.MERGE: gettext_lazy("Gathered it with others of the same kind."),
    Verb.SEPARATE: gettext_lazy("It goes on by itself again."),
    Verb.GATHER: gettext_lazy("Gathered others of the same kind."),
    Verb.REQUEST_INFO: gettext_lazy("Asks for more."),
    Verb.PROVIDE_INFO: gettext_lazy("Added what was asked for."),
    Verb.LAPSE_INFO: gettext_lazy("Goes on without what was asked for."),
    Verb.REMIND: gettext_lazy("Asked the reporter again."),
    Verb.CLOSE_UNANSWERED: gettext_lazy("Closed, as nobody answered. It can be opened again."),
    Verb.CLOSE_COMMON: gettext_lazy("Closed: everybody has been asked."),
    Verb.PUT_BACK: gettext_lazy("Gave it back for others to take."),
    Verb.ESCALATE: gettext_lazy("Took it one level higher."),
    Verb.HAND_OVER: gettext_lazy("Handed it over."),
    Verb.HAND_TO_WORKER: gettext_lazy("Passed it to a worker's phone."),
    Verb.OBJECT: gettext_lazy("Says it is not theirs to do."),
    Verb.UPHOLD_OBJECTION: gettext_lazy("Took it back from them."),
    Verb.REJECT_OBJECTION: gettext_lazy("It stays with them."),
    Verb.REQUEST_EXTENSION: gettext_lazy("Asks for more time."),
    Verb.REJECT_EXTENSION: gettext_lazy("Gave no more time."),
    Verb.REQUEST_SUSPENSION: gettext_lazy("Asks to put it off."),
    Verb.REJECT_SUSPENSION: gettext_lazy("Did not put it off."),
    Verb.RECLASSIFY: gettext_lazy("Changed its kind or urgency."),
    Verb.CALL_BACK: gettext_lazy("Rang the reporter."),
    Verb.LIFT_SUPERVISION: gettext_lazy("Ended the supervision."),
    Verb.WAIVE_CO_HANDLER: gettext_lazy("Let a sub-task go."),
    Verb.VERIFY: gettext_lazy("Looked: it is done."),
    Verb.NOT_MINE: gettext_lazy("Says it was not they who reported it."),
}
"""What a step says by itself."""


def _given(line: Line) -> str:
    if line.verb in {Verb.DISPATCH, Verb.REDISPATCH}:
        if line.data.get("pool") or not line.to:
            return _("Offered to those near who can help.")
        again = line.verb == Verb.REDISPATCH
        return (_("Passed on to {who} instead.") if again else _("Passed to {who}.")).format(who=line.to)
    if line.verb == Verb.HAND_OVER and line.to:
        return _("Handed over to {who}, who goes on with it.").format(who=line.to)
    return _("Asked {who} to help.").format(who=line.to) if line.verb == Verb.ADD_CO_HANDLER and line.to else ""


_SAYS_ITSELF = frozenset(
    {
        Verb.SUBMIT,
        Verb.CLAIM,
        Verb.START,
        Verb.ANSWER,
        Verb.ANSWER_DIRECTLY,
        Verb.NOTE,
        Verb.PROVIDE_INFO,
        Verb.REQUEST_INFO,
        Verb.CO_ANSWER,
        Verb.JOIN,
    }
)


def line_said(line: Line) -> str:
    """What the line says: the step, and the words that came with it."""
    if line.text and line.verb in _SAYS_ITSELF:
        return line.text
    said = _given(line) or str(_SAYS.get(line.verb, ""))
    rating = line.data.get("rating")
    if isinstance(rating, int) and rating in set(Rating):
        said = f"{said} {rating_word(rating)}"
    return "\n".join(part for part in (said.strip(), line.text) if part)


_PHOTOS: Final[dict[str, str | Promise]] = {
    "report": gettext_lazy("Photo of the report"),
    "before": gettext_lazy("Before"),
    "answer": gettext_lazy("After"),
    "evidence": gettext_lazy("Evidence"),
    "policy": gettext_lazy("Policy document"),
    "document": gettext_lazy("Document"),
}


def photo_words(purpose: str) -> str:
    """What a picture is: its words for who cannot see it, and its caption."""
    return str(_PHOTOS[purpose]) if purpose in _PHOTOS else _("Photo")


def line_photos(line: Line) -> list[dict[str, object]]:
    """The pictures of a line for ``ui.photos``; those being prepared are left out."""
    labelled = len({photo.purpose for photo in line.photos}) > 1
    return [
        {
            "src": photo.src,
            "href": photo.href or photo.src,
            "alt": photo_words(photo.purpose),
            "caption": photo_words(photo.purpose) if labelled else "",
        }
        for photo in line.photos
        if photo.src
    ]


_STEPS = {
    "suggestion": gettext_lazy("A deputy's suggestion: supervised until it is answered."),
    "settlement-sheet": gettext_lazy("A signed sheet was recorded; somebody else checks it."),
    "settlement-checked": gettext_lazy("A signed sheet was checked against its record."),
}


def noted(note: str) -> str:
    """A note for the offices in words: what the clockwork wrote is no note of a person."""
    if note == "area-moved":
        return _("The area lies under another one now; who has this matter has no longer to do with the place.")
    if note in _STEPS:
        return str(_STEPS[note])
    if not note.startswith("overdue:"):
        return note
    return {
        "accept": _("Nobody accepted it in time."),
        "dispatch": _("Nobody passed it on in time."),
        "claim": _("Nobody took it in time."),
        "resolve": _("It was not answered in time."),
        "co_task": _("A co-handler did not answer in time."),
        "whistle": _("Whom the street called in did not answer in time."),
        "verify": _("The answer was not checked in time."),
        "objection": _("The objection was not decided in time."),
    }.get(note.removeprefix("overdue:"), _("The time for it ran out."))

"""The steps of a case as the desk offers them: what each is called, what comes with it, which operation it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.functional import Promise

from tongxin.cases.operations import desk, gather, people, petitions, publish, resident, spoken, work
from tongxin.cases.queries.detail import Detail
from tongxin.cases.rules import Party, Verb, refusal
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, DomainError, NotAllowed
from tongxin.web.desk import forms, giving, sight_forms
from tongxin.web.desk.people_form import AddPeople
from tongxin.web.speech import gettext_lazy as _

Run = Callable[[Actor, Detail, datetime, dict[str, Any], forms.StepForm], object]
Text = str | Promise


@dataclass(frozen=True, slots=True)
class Step:
    """One step. It is offered while any of ``verbs`` is lawful; ``form`` None: one click does it. ``key``: its letter.
    ``for_resident``: it records the reporter's own word."""

    name: str
    verbs: tuple[Verb, ...]
    label: Text
    sign: str
    done: Text
    run: Run
    form: type[forms.StepForm] | None = None
    key: str = ""
    for_resident: bool = False
    main: bool = True  # may be the filled one
    rare: bool = False  # stands behind “more”


def _id(detail: Detail) -> UUID:
    return detail.case.id


def _plain(operation: Callable[..., object], *names: str) -> Run:
    """An operation that takes the form's fields as they are."""
    return lambda actor, detail, now, data, form: operation(
        actor, _id(detail), now, **{name: data[name] for name in names}
    )


def _dispatch(actor: Actor, detail: Detail, now: datetime, data: dict[str, Any], form: forms.StepForm) -> object:
    co_handlers = form.co_handlers() if isinstance(form, giving.Dispatch) else []
    pool = data["to"] == "pool"
    return desk.dispatch_case(
        actor,
        _id(detail),
        now,
        lead=None if pool else UUID(data["to"]),
        pool=pool,
        co_handlers=co_handlers,
        note=data["note"],
        reason=data.get("reason", ""),
        whistle=data.get("whistle", False),
    )


def _co_handler(actor: Actor, detail: Detail, now: datetime, data: dict[str, Any], form: forms.StepForm) -> object:
    return desk.add_co_handler(
        actor,
        _id(detail),
        now,
        organisation=data["organisation"],
        task=data["task"],
        whistle=data.get("whistle", False),
    )


def _hand_over(actor: Actor, detail: Detail, now: datetime, data: dict[str, Any], form: forms.StepForm) -> object:
    person, organisation = data["to"]
    return work.hand_over(actor, _id(detail), now, to_person=person, to_organisation=organisation, note=data["note"])


def _note(actor: Actor, detail: Detail, now: datetime, data: dict[str, Any], form: forms.StepForm) -> object:
    return desk.add_note(
        actor, _id(detail), now, text=data["text"], internal=data["audience"] != "parties", photos=data["photos"]
    )


def _decide(kind: str) -> Run:
    return lambda actor, detail, now, data, form: petitions.decide_petition(
        actor,
        _id(detail),
        now,
        kind=kind,
        grant=data["grant"] == "1",
        reason=data["reason"],
        review_on=data.get("review_on"),
    )


def _gather(actor: Actor, detail: Detail, now: datetime, data: dict[str, Any], form: forms.StepForm) -> object:
    return gather.gather_cases(actor, _id(detail), data["cases"], now)


def _merge(actor: Actor, detail: Detail, now: datetime, data: dict[str, Any], form: forms.StepForm) -> object:
    return gather.gather_cases(actor, data["into"], [_id(detail)], now, reason=data["reason"])


def _for_whom(detail: Detail) -> UUID | None:
    """The reporter's person; None where the reporter is not in the register (the helper's word then goes for them)."""
    reporter = detail.reporter
    return reporter.person_id if reporter is not None else None


def _word(actor: Actor, detail: Detail, now: datetime, data: dict[str, Any], form: forms.StepForm) -> object:
    said = {
        "on_behalf_of": _for_whom(detail),
        "own_choice": data["own_choice"],
        "paper": data["paper"],
        "rating": data["rating"],
    }
    if data["word"] == "solved":
        return resident.confirm_solved(actor, _id(detail), now, text=data["reason"], **said)
    if Verb.NOT_SOLVED in detail.for_resident:
        return resident.say_not_solved(actor, _id(detail), now, reason=data["reason"], **said)
    said.pop("rating")
    return resident.reopen_case(actor, _id(detail), now, reason=data["reason"], **said)


def _withdraw(actor: Actor, detail: Detail, now: datetime, data: dict[str, Any], form: forms.StepForm) -> object:
    return resident.withdraw_case(
        actor,
        _id(detail),
        now,
        reason=data["reason"],
        on_behalf_of=_for_whom(detail),
        own_choice=data["own_choice"],
        paper=data["paper"],
    )


def _information(actor: Actor, detail: Detail, now: datetime, data: dict[str, Any], form: forms.StepForm) -> object:
    return petitions.provide_information(actor, _id(detail), now, text=data["text"], on_behalf_of=_for_whom(detail))


def _publish(actor: Actor, detail: Detail, now: datetime, data: dict[str, Any], form: forms.StepForm) -> object:
    words = {name: data[name] for name in ("title", "text", "place")}
    return publish.publish_case(actor, _id(detail), now, public=True, **words)


def _unpublish(actor: Actor, detail: Detail, now: datetime, data: dict[str, Any], form: forms.StepForm) -> object:
    return publish.publish_case(actor, _id(detail), now, public=False)


def _about(actor: Actor, detail: Detail, now: datetime, data: dict[str, Any], form: forms.StepForm) -> object:
    return desk.reclassify_case(actor, _id(detail), now, about=data["about"], note=data["note"])


_V = Verb
STEPS: Final[tuple[Step, ...]] = (
    Step("objection", (_V.UPHOLD_OBJECTION, _V.REJECT_OBJECTION), _("Decide the objection"), "alert",
         _("Decided; they are told."), _decide("objection"), forms.Decide),
    Step("extension", (_V.APPROVE_EXTENSION, _V.REJECT_EXTENSION), _("Decide on more time"), "clock",
         _("Decided; they are told."), _decide("extension"), forms.Decide),
    Step("suspension", (_V.APPROVE_SUSPENSION, _V.REJECT_SUSPENSION), _("Decide the suspension"), "pause",
         _("Decided; they are told."), _decide("suspension"), forms.DecideSuspension),
    Step("accept", (_V.ACCEPT,), _("Accept"), "check", _("Accepted; the resident is told."),
         lambda actor, detail, now, data, form: desk.accept_case(actor, _id(detail), now), key="a"),
    Step("dispatch", (_V.DISPATCH, _V.ACCEPT), _("Dispatch"), "arrow-right",
         _("Dispatched; they and the resident are told."), _dispatch, giving.Dispatch, key="d"),
    Step("verify", (_V.VERIFY,), _("Checked: it is done"), "check", _("Checked; the resident is asked."),
         _plain(desk.verify_answer, "note"), forms.Noted),
    Step("ask", (_V.ASK_RESIDENT,), _("Ask the resident"), "chat", _("The resident is asked."),
         _plain(desk.ask_resident)),
    Step("resume", (_V.RESUME,), _("Take up again"), "refresh", _("Taken up again; the handler is told."),
         _plain(petitions.resume_case, "note"), forms.Noted),
    Step("word", (_V.CONFIRM, _V.NOT_SOLVED, _V.REOPEN), _("Record the resident's word"), "edit",
         _("Recorded, with both names."), _word, forms.WordOfResident, for_resident=True),
    Step("information", (_V.PROVIDE_INFO,), _("Record the resident's information"), "edit",
         _("Recorded; the clocks go on."), _information, forms.Question, for_resident=True),
    Step("send-back", (_V.SEND_BACK,), _("Send back"), "arrow-left", _("Sent back to the handler."),
         _plain(desk.send_back, "reason"), forms.Reason, main=False),
    Step("answer", (_V.ANSWER_DIRECTLY,), _("Answer at once"), "chat", _("Answered; the resident is asked."),
         _plain(desk.answer_directly, "text", "explained", "photos", "documents"), forms.AnswerDirectly, main=False),
    Step("supervise", (_V.SUPERVISE,), _("Supervise"), "flag", _("Under supervision; the handler is told."),
         _plain(desk.supervise_case, "reason"), forms.Reason, key="e"),
    Step("urge", (_V.URGE,), _("Urge them"), "bell", _("Urged; the handler is told."),
         _plain(desk.urge_case, "text"), forms.MaybeSaid, key="u"),
    Step("redispatch", (_V.REDISPATCH,), _("Dispatch anew"), "arrow-right", _("Dispatched anew; they are told."),
         _dispatch, giving.Dispatch, key="d", main=False),
    Step("co-handler", (_V.ADD_CO_HANDLER,), _("Call in a co-handler"), "whistle", _("Called in; they are told."),
         _co_handler, giving.AddCoHandler, main=False),
    Step("hand-over", (_V.HAND_OVER,), _("Hand over"), "users", _("Handed over; they are told."), _hand_over,
         giving.HandOver, main=False, rare=True),
    Step("remind", (_V.REMIND,), _("Ask the resident again"), "chat", _("The resident is asked again."),
         _plain(desk.remind_resident), main=False),
    Step("reopen", (_V.REOPEN,), _("Reopen"), "refresh", _("Reopened; it waits to be dispatched."),
         _plain(resident.reopen_case, "reason"), forms.Reason, main=False),
    Step("waive", (_V.WAIVE_CO_HANDLER,), _("Let a sub-task go"), "cross", _("The lead can answer without them."),
         _plain(desk.waive_co_handler, "organisation", "reason"), giving.WaiveCoHandler, main=False, rare=True),
    Step("lift", (_V.LIFT_SUPERVISION,), _("Lift the supervision"), "flag", _("The supervision is lifted."),
         _plain(desk.lift_supervision, "reason"), forms.Reason, main=False),
    Step("request-information", (_V.REQUEST_INFO,), _("Ask the resident for information"), "chat",
         _("Asked; the clocks stand still."), _plain(petitions.request_information, "text"), forms.Question,
         main=False, rare=True),
    Step("decline", (_V.DECLINE,), _("Do not accept"), "cross", _("Not accepted; the resident is told where to go."),
         _plain(desk.decline_case, "reason", "elsewhere"), forms.Decline, main=False),
    Step("escalate", (_V.ESCALATE,), _("One level higher"), "chevron-up", _("The level above is told."),
         _plain(desk.escalate_case, "reason"), forms.Reason, main=False, rare=True),
    Step("gather", (_V.GATHER,), _("Gather others into it"), "merge", _("Gathered; their reporters are told."),
         _gather, forms.Gather, main=False, rare=True),
    Step("merge", (_V.MERGE,), _("Into a common matter"), "merge", _("Gathered; the reporter is told."), _merge,
         forms.Merge, main=False, rare=True),
    Step("separate", (_V.SEPARATE,), _("Out of the common matter"), "arrow-left", _("It goes on by itself."),
         _plain(gather.separate_case, "reason"), forms.Reason, main=False),
    Step("reclassify", (_V.RECLASSIFY,), _("Reclassify"), "edit", _("Reclassified; running clocks follow."),
         _plain(desk.reclassify_case, "category", "urgency", "note"), forms.Reclassify, main=False, rare=True),
    Step("write-down", (), _("Write down what was said"), "edit", _("Written down; the recording stays."),
         _plain(spoken.write_down, "text"), forms.WriteDown, main=False),
    Step("note", (_V.NOTE,), _("Note"), "edit", _("Noted."), _note, forms.Note, main=False, rare=True),
    Step("withdraw", (_V.WITHDRAW,), _("The resident withdraws it"), "cross", _("Withdrawn."), _withdraw,
         forms.Withdraw, for_resident=True, main=False, rare=True),
    Step("people", (_V.JOIN,), _("Add people"), "users", _("Added; each of them is told."),
         _plain(people.add_people, "people", "reason"), AddPeople, for_resident=True, main=False, rare=True),
    Step("about", (_V.RECLASSIFY,), _("Whom it is about"), "shield", _("Noted; they no longer see who reported it."),
         _about, sight_forms.About, main=False, rare=True),
    Step("publish", (), _("Make public, masked"), "eye", _("Public now, masked."), _publish, sight_forms.Publish, main=False,
         rare=True),
    Step("unpublish", (), _("No longer public"), "eye-off", _("No longer public."), _unpublish, main=False, rare=True),
)  # fmt: skip
AT_DESK: Final = frozenset({Party.DESK, Party.LOWER_DESK, Party.SUPERVISOR})
BY_NAME: Final = {step.name: step for step in STEPS}


def offered(detail: Detail) -> list[Step]:
    """The steps that are lawful now for the reader, the most likely first."""
    found = [step for step in STEPS if _is_lawful(step, detail)]
    late = detail.case.due_at is not None and detail.late
    if late:  # what runs late is seen to first: supervised by the level above, urged by the desk
        pressing = [s for s in found if s.name in {"supervise", "urge"}][:1] if detail.with_handler else []
        found = pressing + [s for s in found if s not in pressing]
    return found


def _is_lawful(step: Step, detail: Detail) -> bool:
    if step.name in {"publish", "unpublish"}:
        fits = detail.may_publish if step.name == "publish" else detail.case.is_public
        return bool(AT_DESK & detail.parties) and fits
    if step.name == "write-down":
        return bool(AT_DESK & detail.parties) and any(shot.voice for shot in detail.shots)
    if step.for_resident:
        desk = bool(AT_DESK & detail.parties)
        if step.name == "people" and not desk:
            return False
        if step.name in {"word", "withdraw"} and Party.HANDLER in detail.parties and not desk:
            return False  # it judges their own body's work
        return any(verb in detail.for_resident for verb in step.verbs)
    if step.name == "dispatch" and Verb.ACCEPT in detail.verbs:
        return bool(AT_DESK & detail.parties)
    own = {"reporter", "joiner", "helper"} & {str(p) for p in detail.parties}
    if step.name == "reopen" and own and not AT_DESK & detail.parties:
        return False
    return any(verb in detail.verbs for verb in step.verbs)


def why_not(step: Step, detail: Detail) -> DomainError:
    """Why a step that is not offered cannot be done: where the case stands, or that it is for somebody else."""
    found = [why for verb in step.verbs if (why := refusal(detail.facts, verb, detail.parties)) is not None]
    if found and all(why.code != "not-yours" for why in found):
        return Conflict(found[0].message, code=found[0].code)
    return NotAllowed("This is for somebody else to do.", code="not-yours")


@dataclass(frozen=True, slots=True)
class Bar:
    """The steps as buttons: the filled one, some beside it, the rest behind “more”."""

    main: Step | None
    beside: tuple[Step, ...]
    more: tuple[Step, ...]


def bar(detail: Detail, beside: int = 3) -> Bar:
    """The buttons of a case."""
    steps = offered(detail)
    main = next((step for step in steps if step.main), None)
    rest = [step for step in steps if step is not main]
    shown = [step for step in rest if not step.rare][:beside]
    return Bar(main, tuple(shown), tuple(step for step in rest if step not in shown))


def keys(bar_: Bar) -> Iterable[Step]:
    """The steps that have a letter."""
    return [step for step in (bar_.main, *bar_.beside, *bar_.more) if step is not None and step.key]

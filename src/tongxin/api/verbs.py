"""The verbs on a case as calls: `POST /cases/{number}/{verb}`. One row says what comes with it and what is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from ninja import Schema

from tongxin.api.schemas import verbs as s
from tongxin.api.schemas.cases import CaseState, HandedToWorker, case_state
from tongxin.cases.operations import desk, gather, petitions, photos, publish, resident, work
from tongxin.cases.queries.calls import check_call
from tongxin.cases.queries.numbers import case_ids, current_state
from tongxin.files import queries as files
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound

Files = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Call:
    """One verb asked for: who, of which case, when, with what."""

    actor: Actor
    case: UUID
    now: datetime
    data: Any
    files: Files

    def run(self, operation: Callable[..., Any], *names: str, **more: Any) -> Any:
        """Call an operation with the fields that it takes under the same names."""
        given = {name: getattr(self.data, name) for name in names}
        return operation(self.actor, self.case, self.now, **given, **more)

    def photos(self, name: str = "photos") -> list[Any]:
        """The files of a part."""
        return list(self.files.get(name, ()))


@dataclass(frozen=True, slots=True)
class VerbRow:
    """A verb: its name in the address, what it is, what it takes, and what it does."""

    name: str
    summary: str
    schema: type[Schema]
    act: Callable[[Call], Any]
    files: frozenset[str] = frozenset()
    answer: type[Schema] = CaseState


_PHOTOS: Final = frozenset({"photos"})
_DOCUMENTS: Final = frozenset({"documents"})
_PAPER: Final = frozenset({"paper"})
_HELPED: Final = ("on_behalf_of", "own_choice")


def state_after(case: Any) -> Schema:
    """What most verbs answer with."""
    return CaseState(**case_state(case))


def _hand_to_worker(call: Call) -> Any:
    secret = call.run(work.hand_to_worker, "name", "phone")
    return f"/t/{secret}"


def _note(call: Call) -> Any:
    internal = call.data.internal and bool(call.actor.grants)
    return call.run(desk.add_note, "text", internal=internal, photos=call.photos())


def _dispatch(call: Call) -> Any:
    helpers = [(one.organisation, one.task) for one in call.data.co_handlers]
    return call.run(desk.dispatch_case, "lead", "person", "pool", "note", "reason", "whistle", co_handlers=helpers)


def _reclassify(call: Call) -> Any:
    return call.run(
        desk.reclassify_case, "note", "about", category=call.data.category or "", urgency=call.data.urgency or ""
    )


def _gather(call: Call) -> Any:
    return gather.gather_cases(call.actor, call.case, case_ids(call.data.cases), call.now, reason=call.data.reason)


def _call_back(call: Call) -> Any:
    data = call.data
    check_call(call.case, data.call)
    return resident.record_call_back(
        call.actor, data.call, call.now, result=data.result, contacted=data.contacted, solved=data.solved,
        rating=data.rating, note=data.note,
    )  # fmt: skip


def _photo(call: Call, *, public: bool) -> Any:
    check_photo(call.case, call.data.photo)
    photos.release_photo(call.actor, call.data.photo, call.now, public=public)
    return current_state(call.case)


def check_photo(case: UUID, photo: UUID) -> None:
    """Raise :class:`NotFound` for a photo of another matter, and for a document."""
    if photos.case_of(photo) != case or files.get(photo).is_document:
        raise NotFound("There is no such file.")


def _answer(call: Call) -> Any:
    return call.run(
        work.answer_case, "text", "explained",
        before=call.photos("before"), after=call.photos("after"), documents=call.photos("documents"),
    )  # fmt: skip


RESIDENT: Final = (
    VerbRow("confirm", "“Solved”: the reporter's word closes the case", s.Confirm,
            lambda c: c.run(resident.confirm_solved, "rating", "text", *_HELPED, paper=c.photos("paper")), _PAPER),
    VerbRow("not-solved", "“Not solved”: back to work; the second time one level higher", s.NotSolved,
            lambda c: c.run(resident.say_not_solved, "reason", "rating", *_HELPED, photos=c.photos(),
                            paper=c.photos("paper")), _PHOTOS | _PAPER),
    VerbRow("rate", "Rate in five grades", s.Rate,
            lambda c: c.run(resident.rate_case, "rating", "text", *_HELPED, paper=c.photos("paper")), _PAPER),
    VerbRow("reopen", "Open a closed case again within its window", s.Reopen,
            lambda c: c.run(resident.reopen_case, "reason", *_HELPED, photos=c.photos(), paper=c.photos("paper")),
            _PHOTOS | _PAPER),
    VerbRow("withdraw", "Take the report or the “me too” back", s.Withdraw,
            lambda c: c.run(resident.withdraw_case, "reason", *_HELPED, paper=c.photos("paper")), _PAPER),
    VerbRow("join", "“Me too”: be told and asked like the reporter", s.Join,
            lambda c: c.run(resident.join_case, "text", "hidden", "on_behalf_of")),
    VerbRow("urge", "Urge: the handler and the desk are told", s.Urge,
            lambda c: c.run(desk.urge_case, "text", "on_behalf_of")),
    VerbRow("provide-information", "Add what was asked for; the clocks go on", s.ProvideInformation,
            lambda c: c.run(petitions.provide_information, "text", "on_behalf_of", photos=c.photos()), _PHOTOS),
    VerbRow("not-mine", "“Not mine”: a report that a helper filed in one's name", s.OptionalReason,
            lambda c: c.run(resident.disown_case, "reason")),
)  # fmt: skip

HANDLER: Final = (
    VerbRow("claim", "Take the case; the second to try is told who has it", s.Claim,
            lambda c: c.run(work.claim_case, "start", "text")),
    VerbRow("start", "Begin the work", s.Start, lambda c: c.run(work.start_work, "text")),
    VerbRow("answer", "Say what was done", s.Answer, _answer, frozenset({"before", "after", "documents"})),
    VerbRow("answer-sub-task", "Answer as a co-handler", s.AnswerSubTask,
            lambda c: c.run(work.answer_sub_task, "organisation", "text", photos=c.photos(),
                            documents=c.photos("documents")), _PHOTOS | _DOCUMENTS),
    VerbRow("object", "Object to the dispatch; the desk decides", s.OnlyReason,
            lambda c: c.run(work.object_to_dispatch, "reason")),
    VerbRow("request-extension", "Ask for more time", s.RequestExtension,
            lambda c: c.run(work.request_extension, "reason", "extra")),
    VerbRow("request-suspension", "Ask to put it off", s.RequestSuspension,
            lambda c: c.run(work.request_suspension, "reason", "review_on")),
    VerbRow("put-back", "Give back into the pool what was taken from it", s.OnlyReason,
            lambda c: c.run(work.put_back, "reason")),
    VerbRow("hand-over", "Hand the case over", s.HandOver,
            lambda c: c.run(work.hand_over, "to_person", "to_organisation", "note")),
    VerbRow("hand-to-worker", "Pass it to a worker without an account", s.HandToWorker, _hand_to_worker,
            answer=HandedToWorker),
    VerbRow("request-information", "Ask the reporter; the clocks stand still", s.OnlyText,
            lambda c: c.run(petitions.request_information, "text")),
    VerbRow("resume", "Take a suspended case up again", s.OnlyNote, lambda c: c.run(petitions.resume_case, "note")),
    VerbRow("note", "Add a word or a note", s.AddNote, _note, _PHOTOS),
)  # fmt: skip

DESK: Final = (
    VerbRow("accept", "Accept", s.OnlyNote, lambda c: c.run(desk.accept_case, "note")),
    VerbRow("decline", "Decline, and say where to go instead", s.Decline,
            lambda c: c.run(desk.decline_case, "reason", "elsewhere")),
    VerbRow("answer-directly", "Answer at first contact", s.AnswerDirectly,
            lambda c: c.run(desk.answer_directly, "text", "explained", photos=c.photos(),
                            documents=c.photos("documents")), _PHOTOS | _DOCUMENTS),
    VerbRow("dispatch", "Give it to a lead or into the pool, with co-handlers", s.Dispatch, _dispatch),
    VerbRow("add-co-handler", "Call in a co-handler", s.AddCoHandler,
            lambda c: c.run(desk.add_co_handler, "organisation", "task", "whistle")),
    VerbRow("waive-co-handler", "Go on without a co-handler", s.WaiveCoHandler,
            lambda c: c.run(desk.waive_co_handler, "organisation", "reason")),
    VerbRow("verify", "Find the answer done; the resident is asked", s.OnlyNote,
            lambda c: c.run(desk.verify_answer, "note")),
    VerbRow("ask-resident", "Ask whether it is solved", s.Nothing, lambda c: c.run(desk.ask_resident)),
    VerbRow("remind", "Ask once more those who have not said a word", s.Nothing, lambda c: c.run(desk.remind_resident)),
    VerbRow("call-back", "Note what came of a call, and what they said", s.CallBack, _call_back),
    VerbRow("release-photo", "Show a photo to everybody, in its blurred form", s.OfPhoto,
            lambda c: _photo(c, public=True)),
    VerbRow("hide-photo", "Take a released photo back", s.OfPhoto, lambda c: _photo(c, public=False)),
    VerbRow("send-back", "Find the answer not done", s.OnlyReason, lambda c: c.run(desk.send_back, "reason")),
    VerbRow("reclassify", "Change category or urgency; running clocks follow", s.Reclassify, _reclassify),
    VerbRow("decide", "Decide an objection, an extension or a suspension", s.Decide,
            lambda c: c.run(petitions.decide_petition, "kind", "grant", "reason")),
    VerbRow("supervise", "Put under supervision", s.OnlyReason, lambda c: c.run(desk.supervise_case, "reason")),
    VerbRow("lift-supervision", "End the supervision", s.OnlyReason,
            lambda c: c.run(desk.lift_supervision, "reason")),
    VerbRow("escalate", "One level higher", s.OnlyReason, lambda c: c.run(desk.escalate_case, "reason")),
    VerbRow("publish", "Show to the public, masked, or take back", s.Publish,
            lambda c: c.run(publish.publish_case, "public", "title", "text", "place")),
    VerbRow("gather", "Gather further cases into this common matter", s.Gather, _gather),
    VerbRow("separate", "Take a case out of its common matter", s.OnlyReason,
            lambda c: c.run(gather.separate_case, "reason")),
)  # fmt: skip

TAGGED: Final = (("Residents", RESIDENT), ("Handlers", HANDLER), ("Desk", DESK))

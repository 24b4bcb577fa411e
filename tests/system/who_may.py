"""Who may do what to a case: every step there is, the states in which it is open, and to whom. In one table.

Written from the stories and the law, not from ``cases.rules``: the tests hold one against the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from tests.system.matrix import DESK, HANDLERS, HELPERS, KEEPERS
from tongxin.cases.operations import desk, gather, people, petitions, photos, publish, resident, work
from tongxin.cases.operations.choices import IN_PERSON
from tongxin.cases.rules import Verb as V
from tongxin.kernel.actor import Actor

STAGES: Final = (
    "submitted", "accepted", "dispatched", "pool", "claimed", "from pool", "in_progress", "objected", "more time",
    "put off", "asked for words", "co-handled", "with worker", "answered", "awaiting", "closed", "declined", "reopened",
    "suspended", "merged", "withdrawn", "supervised", "joined", "for her",
)  # fmt: skip
"""Cases as they stand in mid-story. Each begins with 欧阳隐雪's report; 国瑞物业 leads from “dispatched” on."""

LEAD: Final = HANDLERS - DESK - {"grid_worker", "police_officer"}
"""Who sits in the body that has the case; grid worker and police officer sit elsewhere."""
HOLDER: Final = frozenset({"handler"})
REPORTER: Final = frozenset({"reporter"})
JOINER: Final = frozenset({"joiner"})
CO: Final = frozenset({"co-handler"})
LINK: Final = frozenset({"worker"})
SYSTEM: Final = frozenset({"system"})
NEIGHBOURS: Final = frozenset({"owner", "resident"})
HELPING: Final = HELPERS - LEAD
"""Who records her word; not the one whose work it judges."""

_DESK_STAGES = ("submitted", "accepted", "reopened", "joined", "for her")
_OPEN_TO_LEAD = ("dispatched", "pool", "claimed", "from pool", "in_progress", "more time", "put off", "with worker",
                 "asked for words", "co-handled", "supervised")  # fmt: skip
_TAKEN = ("claimed", "from pool", "in_progress", "objected", "more time", "put off", "asked for words", "co-handled",
          "with worker", "supervised")  # fmt: skip
_WITH_LEAD = ("dispatched", "pool", *_TAKEN)
_UNANSWERED = (*_DESK_STAGES, *_WITH_LEAD, "suspended")
_AFTER_WORK = ("answered", "awaiting", "closed", "suspended")
_RUNNING = (*_UNANSWERED, "answered", "awaiting")
_WORDS = {"text": "看过了"}
_WHY = {"reason": "情况如此"}

Act = Callable[[Actor, Any, Any], Any]


@dataclass(frozen=True)
class Step:
    """One thing that somebody can do. ``may``: to whom it is open in each stage; elsewhere to nobody."""

    name: str
    verbs: frozenset[V]
    act: Act
    may: dict[str, frozenset[str]]


def _step(name: str, verbs: set[V], act: Act, *may: tuple[tuple[str, ...], frozenset[str]]) -> Step:
    return Step(name, frozenset(verbs), act, {stage: who for stages, who in may for stage in stages})


def _plain(operation: Callable[..., Any], **given: Any) -> Act:
    return lambda actor, case, scene: operation(actor, case, scene.now, **given)


def _for_her(operation: Callable[..., Any], **given: Any) -> Act:
    """On her behalf, with her own recorded choice."""
    return lambda actor, case, scene: operation(
        actor, case, scene.now, on_behalf_of=scene.reporter.pk, own_choice=IN_PERSON, **given
    )


def _later() -> date:
    return date.today() + timedelta(days=60)


def _decide(kind: str, grant: bool) -> Act:
    return _plain(petitions.decide_petition, kind=kind, grant=grant, reason="查过了")


STEPS: Final = (
    _step("accept", {V.ACCEPT}, _plain(desk.accept_case), (("submitted", "joined", "for her"), DESK | SYSTEM)),
    _step("decline", {V.DECLINE}, _plain(desk.decline_case, reason="不归我们", elsewhere="请找供电公司"),
          (("submitted", "joined", "for her"), DESK)),
    _step("dispatch", {V.DISPATCH}, lambda a, c, s: desk.dispatch_case(a, c, s.now, lead=s.company.pk),
          (_DESK_STAGES, DESK | SYSTEM)),
    _step("dispatch anew", {V.REDISPATCH},
          lambda a, c, s: desk.dispatch_case(a, c, s.now, lead=s.bureau.pk, reason="换一家"),
          (tuple(x for x in _WITH_LEAD if x != "co-handled"), DESK | SYSTEM), (_DESK_STAGES, DESK | SYSTEM)),
    _step("answer at once", {V.ANSWER_DIRECTLY}, _plain(desk.answer_directly, text="已答复"),
          (("submitted", "accepted", "joined", "for her"), DESK)),
    _step("take", {V.CLAIM}, _plain(work.claim_case), (("dispatched",), LEAD), (("pool",), HANDLERS - DESK | CO)),
    _step("begin", {V.START}, _plain(work.start_work), (("claimed", "from pool"), HOLDER)),
    _step("answer", {V.ANSWER, V.ASK_RESIDENT}, _plain(work.answer_case, text="换了灯头"),
          (tuple(x for x in _TAKEN if x not in {"objected", "co-handled", "with worker"}), HOLDER),
          (("with worker",), HOLDER | LINK)),
    _step("answer for one's part", {V.CO_ANSWER},
          lambda a, c, s: work.answer_sub_task(a, c, s.now, organisation=s.bureau.pk, text="已通知"),
          (("co-handled",), CO)),
    _step("put back", {V.PUT_BACK}, _plain(work.put_back, **_WHY), (("from pool",), HOLDER)),
    _step("object", {V.OBJECT}, _plain(work.object_to_dispatch, **_WHY),
          (tuple(x for x in _WITH_LEAD if x not in {"pool", "from pool", "objected"}), LEAD),
          (("with worker",), LEAD | LINK)),
    _step("ask for more time", {V.REQUEST_EXTENSION}, _plain(work.request_extension, extra=1, **_WHY),
          (tuple(x for x in _TAKEN if x != "more time"), HOLDER), (("with worker",), HOLDER | LINK)),
    _step("ask to put it off", {V.REQUEST_SUSPENSION}, _plain(work.request_suspension, review_on=_later(), **_WHY),
          (tuple(x for x in _TAKEN if x != "put off"), HOLDER), (("with worker",), HOLDER | LINK)),
    _step("hand to a worker", {V.HAND_TO_WORKER}, _plain(work.hand_to_worker, name="小刘", phone="13907199034"),
          (_TAKEN, HOLDER), (("with worker",), HOLDER | LINK)),
    _step("hand over", {V.HAND_OVER}, lambda a, c, s: work.hand_over(a, c, s.now, to_organisation=s.company.pk),
          ((*_TAKEN, "dispatched", "answered", "suspended"), LEAD | DESK | SYSTEM),
          (("pool",), DESK | SYSTEM), (("with worker",), LEAD | DESK | SYSTEM | LINK)),
    _step("uphold the objection", {V.UPHOLD_OBJECTION}, _decide("objection", True), (("objected",), DESK)),
    _step("reject the objection", {V.REJECT_OBJECTION}, _decide("objection", False), (("objected",), DESK)),
    _step("give more time", {V.APPROVE_EXTENSION}, _decide("extension", True), (("more time",), DESK)),
    _step("give no more time", {V.REJECT_EXTENSION}, _decide("extension", False), (("more time",), DESK)),
    _step("put it off", {V.APPROVE_SUSPENSION}, _decide("suspension", True), (("put off",), DESK)),
    _step("not put it off", {V.REJECT_SUSPENSION}, _decide("suspension", False), (("put off",), DESK)),
    _step("take up again", {V.RESUME}, _plain(petitions.resume_case), (("suspended",), LEAD | DESK | SYSTEM)),
    _step("ask her", {V.REQUEST_INFO}, _plain(petitions.request_information, text="哪一层？"),
          (_DESK_STAGES, DESK), (tuple(x for x in _TAKEN if x != "asked for words"), LEAD | DESK),
          (("with worker",), LEAD | DESK | LINK)),
    _step("tell what was asked", {V.PROVIDE_INFO}, _plain(petitions.provide_information, text="三层"),
          (("asked for words",), REPORTER)),
    _step("record what she tells", {V.PROVIDE_INFO},
          lambda a, c, s: petitions.provide_information(a, c, s.now, text="三层", on_behalf_of=s.reporter.pk),
          (("asked for words",), HELPERS | REPORTER)),
    _step("call in another", {V.ADD_CO_HANDLER},
          lambda a, c, s: desk.add_co_handler(a, c, s.now, organisation=s.third.pk, task="到场"),
          (("accepted",), DESK | SYSTEM), (("pool",), DESK | SYSTEM),
          (("dispatched", *_TAKEN), LEAD | DESK | SYSTEM), (("with worker",), LEAD | DESK | SYSTEM | LINK)),
    _step("let their part go", {V.WAIVE_CO_HANDLER},
          lambda a, c, s: desk.waive_co_handler(a, c, s.now, organisation=s.bureau.pk, reason="不需要了"),
          (("co-handled",), DESK)),
    _step("find it done", {V.VERIFY}, _plain(desk.verify_answer), (("answered",), DESK)),
    _step("send it back", {V.SEND_BACK}, _plain(desk.send_back, **_WHY), (("answered",), DESK)),
    _step("remind", {V.REMIND}, _plain(desk.remind_resident), (("awaiting",), DESK | SYSTEM)),
    _step("say solved", {V.CONFIRM}, _plain(resident.confirm_solved, rating=5), (("awaiting",), REPORTER)),
    _step("say not solved", {V.NOT_SOLVED}, _plain(resident.say_not_solved, **_WHY), (("awaiting",), REPORTER)),
    _step("rate", {V.RATE}, _plain(resident.rate_case, rating=4), (("awaiting", "closed"), REPORTER)),
    _step("record that she says solved", {V.CONFIRM}, _for_her(resident.confirm_solved, rating=5),
          (("awaiting",), HELPING | REPORTER)),
    _step("record that she says not solved", {V.NOT_SOLVED}, _for_her(resident.say_not_solved, **_WHY),
          (("awaiting",), HELPING | REPORTER)),
    _step("reopen", {V.REOPEN}, _plain(resident.reopen_case, **_WHY),
          (("closed", "declined"), REPORTER | NEIGHBOURS | DESK | JOINER)),
    _step("withdraw", {V.WITHDRAW}, _plain(resident.withdraw_case),
          ((*_UNANSWERED, "merged"), REPORTER), (("joined",), REPORTER | JOINER)),
    _step("leave", {V.LEAVE}, _plain(resident.withdraw_case, reason="与我无关了"),
          ((*_UNANSWERED, "merged"), REPORTER), (("joined",), REPORTER | JOINER)),
    _step("join", {V.JOIN}, _plain(resident.join_case), (_RUNNING, NEIGHBOURS | JOINER),
          (("joined",), NEIGHBOURS), (("for her",), NEIGHBOURS | JOINER)),
    _step("add people", {V.JOIN},
          lambda a, c, s: people.add_people(a, c, s.now, people=[s.town.things["person_id"].pk], reason="同一栋楼"),
          (tuple(x for x in _RUNNING if x != "supervised"), DESK), (("supervised",), KEEPERS)),
    _step("urge", {V.URGE}, _plain(desk.urge_case),
          (tuple(x for x in _RUNNING if x != "awaiting"), REPORTER | DESK), (("joined",), REPORTER | DESK | JOINER),
          (("for her",), REPORTER | DESK | HELPERS)),
    _step("supervise", {V.SUPERVISE}, _plain(desk.supervise_case, **_WHY),
          (tuple(x for x in _RUNNING if x != "supervised"), KEEPERS)),
    _step("supervise no longer", {V.LIFT_SUPERVISION}, _plain(desk.lift_supervision, **_WHY),
          (("supervised",), KEEPERS)),
    _step("raise", {V.ESCALATE}, _plain(desk.escalate_case, **_WHY), (_RUNNING, DESK | SYSTEM)),
    _step("gather others", {V.GATHER, V.MERGE},
          lambda a, c, s: gather.gather_cases(a, c, [s.cases["spare"]], s.now),
          ((*(x for x in _UNANSWERED if x not in {"submitted", "joined", "for her"}), "answered"), DESK)),
    _step("separate", {V.SEPARATE}, _plain(gather.separate_case, **_WHY), (("merged",), DESK | SYSTEM)),
    _step("reclassify", {V.RECLASSIFY}, _plain(desk.reclassify_case, urgency="urgent"), (_UNANSWERED, DESK),
          (("supervised",), KEEPERS)),
    _step("release a photo", {V.RELEASE_PHOTO},
          lambda a, c, s: photos.release_photo(a, s.photos[c], s.now, public=True), (STAGES, DESK)),
    _step("hide a photo", {V.HIDE_PHOTO},
          lambda a, c, s: photos.release_photo(a, s.photos[c], s.now, public=False), (STAGES, DESK)),
    _step("ring and note it", {V.CALL_BACK},
          lambda a, c, s: resident.record_call_back(a, s.calls[c], s.now, result="reached", contacted=True),
          (("awaiting", "closed"), DESK)),
    _step("say that it is not hers", {V.NOT_MINE}, _plain(resident.disown_case), (("for her",), REPORTER)),
    _step("publish", set(), _plain(publish.publish_case, public=True),
          (tuple(x for x in STAGES if x != "withdrawn"), DESK)),
    _step("note", {V.NOTE}, _plain(desk.add_note, text="看过了"),
          (STAGES, DESK | REPORTER), ((*_WITH_LEAD, *_AFTER_WORK), DESK | REPORTER | LEAD),
          (("declined", "pool"), DESK | REPORTER), (("co-handled",), DESK | REPORTER | LEAD | CO),
          (("with worker",), DESK | REPORTER | LEAD | LINK), (("joined",), DESK | REPORTER | JOINER),
          (("for her",), DESK | REPORTER | HELPERS), (("withdrawn",), DESK)),
    _step("add a word", {V.NOTE}, _plain(resident.add_word, text="今天还没人来"),
          (tuple(x for x in STAGES if x != "withdrawn"), REPORTER), (("joined",), REPORTER | JOINER),
          (("for her",), REPORTER | HELPERS)),
    _step("record that she rates it", {V.RATE}, _for_her(resident.rate_case, rating=4),
          (("awaiting", "closed"), HELPING | REPORTER)),
    _step("record that she wants it opened again", {V.REOPEN}, _for_her(resident.reopen_case, **_WHY),
          (("closed",), HELPING | REPORTER), (("declined",), HELPERS | REPORTER)),
    _step("record that she takes it back", {V.WITHDRAW}, _for_her(resident.withdraw_case),
          ((*_UNANSWERED, "merged"), HELPING | REPORTER), ((*_DESK_STAGES, "pool", "merged"), HELPERS | REPORTER)),
)  # fmt: skip

ONLY_BY_THE_CLOCK: Final = frozenset({V.CLOSE_UNANSWERED, V.CLOSE_COMMON, V.LAPSE_INFO})
"""What no person does: `cases.operations.due` does it when time has run out, or when everybody gathered was asked."""

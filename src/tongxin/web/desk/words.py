"""What the desk says for the codes of the data."""

from __future__ import annotations

import functools
from typing import Final

from django.utils.functional import Promise

from tongxin.cases.queries.detail import Detail, Line
from tongxin.cases.queries.queue import Filter, Row
from tongxin.cases.rules import Party, Verb
from tongxin.web.cases import words as everywhere
from tongxin.web.cases.words import helper_words
from tongxin.web.speech import gettext_lazy as _

Words = dict[str, str | Promise]

CHIPS: Final[Words] = {
    "": _("Most urgent first"),
    "submitted": _("To accept"),
    "dispatch": _("To dispatch"),
    "claim": _("To be taken"),
    "working": _("Under way"),
    "verify": _("To check"),
    "confirm": _("To confirm"),
    "overdue": _("Overdue"),
    "raised": _("Raised to us"),
    "supervised": _("Supervised"),
    "suspended": _("Suspended"),
    "common": _("Common matters"),
    "closed": _("Closed"),
    "mine": _("Waiting for me"),
    "petitions": _("To decide"),
    "all": _("All, newest first"),
}
RAISED_TO: Final[dict[int, str | Promise]] = {
    0: _("The city decides"),
    1: _("The county decides"),
    2: _("The street decides"),
}
"""By depth of the area to which a case was raised."""
STATES: Final[Words] = {
    "submitted": _("To accept"),
    "accepted": _("To dispatch"),
    "declined": _("Not accepted"),
    "dispatched": _("To be taken"),
    "claimed": _("Taken"),
    "in_progress": _("Under way"),
    "answered": _("To check"),
    "verified": _("Checked"),
    "awaiting": _("Resident to confirm"),
    "closed": _("Closed"),
    "reopened": _("Reopened, to dispatch"),
    "suspended": _("Suspended"),
    "withdrawn": _("Withdrawn"),
    "merged": _("Gathered"),
}
OUTCOMES: Final[Words] = {
    "solved": _("Solved"),
    "explained": _("Explained"),
    "unanswered": _("No answer from the resident"),
    "declined": _("Not accepted"),
    "withdrawn": _("Withdrawn"),
    "merged": _("Gathered"),
    "joined": _("Joined another"),
}
URGENCIES: Final[Words] = {
    "emergency": _("Emergency (2 hours)"),
    "urgent": _("Urgent (24 hours)"),
    "normal": _("Normal (3 working days)"),
    "complex": _("Complex (5 working days)"),
}
CHANNELS: Final[Words] = {
    "app": _("Online"),
    "desk": _("At the desk"),
    "grid": _("Grid worker"),
    "phone": _("Telephone"),
    "wechat": _("WeChat group"),
    "paper": _("Letter"),
    "visit": _("Visit"),
    "hotline": _("Hotline"),
    "deputy": _("Deputy"),
    "api": _("Other system"),
    "import": _("Imported"),
}
CLOCKS: Final[Words] = {
    "accept": _("Accept"),
    "dispatch": _("Dispatch"),
    "claim": _("Take"),
    "resolve": _("Resolve"),
    "co_task": _("Sub-task"),
    "whistle": _("Sub-task, called in by the street"),
    "verify": _("Check"),
    "resident_answer": _("Resident's word"),
    "info": _("Information from the resident"),
    "objection": _("Decide the objection"),
    "review": _("Review of the suspension"),
}
CLOCK_STATES: Final[Words] = {
    "running": _("runs"),
    "paused": _("stands still"),
    "met": _("in time"),
    "missed": _("too late"),
    "fell_away": _("fell away"),
}
UNITS: Final[Words] = {
    "urgent_hours": _("hours, day and night"),
    "work_hours": _("working hours"),
    "work_days": _("working days"),
    "calendar_days": _("calendar days"),
}
HOLDING: Final[Words] = {
    "waiting": _("to be taken"),
    "claimed": _("taken"),
    "done": _("answered"),
    "waived": _("waived"),
    "ended": _("taken back"),
}
MODES: Final[Words] = {"assigned": _("Given"), "pool": _("Pool"), "rotation": _("In turn")}
PETITIONS: Final[Words] = {
    "objection": _("Objection to the dispatch"),
    "extension": _("More time"),
    "suspension": _("Suspension"),
    "information": _("Information"),
}
SERVICES: Final[Words] = {
    "property": _("Property company of the place"),
    "department": _("Department in charge"),
    "partner": _("Partner unit"),
    "volunteers": _("Volunteer team"),
    "other": _("Other service"),
}
BECAUSE: Final[Words] = {
    "silent": _("asked, no answer"),
    "sample": _("by sample"),
    "low_rating": _("low rating"),
    "helped": _("somebody else reported for them"),
    "word": _("their word taken by telephone"),
}
ROUTE_BECAUSE: Final = (
    _("The route for this kind of matter at this place."),
    _("The nearest route for this kind of matter."),
    _("No route fits; the desk decides."),
    _("The desk is complained of; the level above decides."),
)
"""What the routing says of its choice (``rules_routing``)."""
QUESTION_KINDS: Final[Words] = {
    "text": _("words"),
    "choice": _("one of"),
    "choices": _("several of"),
    "yes_no": _("yes or no"),
    "number": _("number"),
}
DID: Final[Words] = {
    "submit": _("reported it"),
    "accept": _("accepted it"),
    "answer_directly": _("answered at once"),
    "dispatch": _("dispatched it"),
    "claim": _("took it"),
    "start": _("began the work"),
    "answer": _("answered"),
    "uphold_objection": _("upheld the objection"),
    "verify": _("checked the answer"),
    "ask_resident": _("asked the resident"),
    "confirm": _("says: solved"),
    "not_solved": _("says: not solved"),
    "send_back": _("sent it back"),
    "close_unanswered": _("closed it without an answer of the resident"),
    "close_common": _("closed the common matter"),
    "reopen": _("reopened it"),
    "redispatch": _("dispatched it anew"),
    "put_back": _("put it back into the pool"),
    "approve_suspension": _("agreed to suspend it"),
    "resume": _("took it up again"),
    "merge": _("gathered it into a common matter"),
    "separate": _("took it out of the common matter"),
    "decline": _("did not accept it"),
    "withdraw": _("withdrew it"),
    "leave": _("no longer joins"),
    "reject_objection": _("rejected the objection"),
    "object": _("objects to the dispatch"),
    "provide_info": _("added information"),
    "request_info": _("asked for information"),
    "lapse_info": _("went on without the information"),
    "request_extension": _("asks for more time"),
    "approve_extension": _("gave more time"),
    "reject_extension": _("gave no more time"),
    "request_suspension": _("asks to suspend it"),
    "reject_suspension": _("did not suspend it"),
    "add_co_handler": _("called in a co-handler"),
    "co_answer": _("answered for the sub-task"),
    "waive_co_handler": _("let a sub-task go"),
    "hand_over": _("handed it over"),
    "hand_to_worker": _("passed it to a worker"),
    "join": _("joined"),
    "urge": _("urges"),
    "rate": _("rated it"),
    "remind": _("asked the resident again"),
    "call_back": _("rang back"),
    "supervise": _("put it under supervision"),
    "lift_supervision": _("lifted the supervision"),
    "escalate": _("took it one level higher"),
    "gather": _("gathered others into it"),
    "reclassify": _("reclassified it"),
    "release_photo": _("released a photo"),
    "hide_photo": _("took a photo back"),
    "note": _("noted"),
    "not_mine": _("says: not mine"),
}


def listed(words: Words) -> list[tuple[str, str]]:
    """As options of a field."""
    return [(code, str(text)) for code, text in words.items()]


@functools.lru_cache(1024)
def chip_href(wanted: Filter, chip: str) -> str:
    """The address of a chip: the same place and narrowing, another list."""
    query = wanted.with_show(chip).query()
    return f"/desk/?{query}" if query else "/desk/"


def labels_of(row: Row) -> list[str]:
    """What stands behind a title in the queue."""
    found: list[str | Promise] = []
    if row.kind == "common":
        found.append(_("Common matter"))
    if row.petitions:
        found.append(_("to decide"))
    if row.supervised:
        found.append(_("Supervised"))
    if row.raised_to in RAISED_TO:
        found.append(RAISED_TO[row.raised_to])
    if row.co_handlers:
        found.append(str(_("{n} together")).format(n=row.co_handlers + 1))
    if row.by_helper:
        found.append(_("reported for somebody"))
    if row.joiners:
        found.append(str(_("{n} joined")).format(n=row.joiners))
    if row.mode == "pool":
        found.append(_("Pool"))
    if row.times_reopened:
        found.append(_("reopened"))
    if row.hidden:
        found.append(_("Name hidden"))
    return [str(label) for label in found]


def who_of(row: Row) -> str:
    """Who has a case of the queue."""
    if row.state in {"submitted", "accepted", "reopened"}:
        return str(STATES[row.state])
    if not row.lead:
        return row.holder or str(STATES[row.state])
    return row.lead


def by_whom(line: Line) -> str:
    """Who did it; with both names where it was done for somebody else: “王敏（网格员）代刘桂兰”."""
    return helper_words(line.who, line.role, line.for_name) if line.on_behalf and line.who else line.who


def says(line: Line) -> str:
    """What a line of the timeline did, in words."""
    if line.verb == "note" and "written_down" in line.data:
        return str(_("wrote down what was said"))
    if line.verb == "note" and "public" in line.data:
        return str(_("made it public") if line.data["public"] else _("no longer public"))
    return str(DID.get(line.verb, line.verb))


def noted(note: str) -> str:
    """A note for the offices in words."""
    return everywhere.noted(note)


def work_of(shown: Detail) -> str:
    """What the reader's own part in the work is called: it is done on the handler's page. Empty if it is not theirs."""
    if not {Party.HANDLER, Party.CO_HANDLER, Party.TAKER} & shown.parties:
        return ""
    if Verb.CLAIM in shown.verbs:
        return str(_("Take it"))
    return str(_("Deal with it, answer")) if {Verb.START, Verb.ANSWER, Verb.CO_ANSWER} & set(shown.verbs) else ""

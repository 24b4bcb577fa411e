"""Words of deputies' pages: kinds, ways, grades, where a suggestion stands."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongxin.cases.queries.suggestions import Standing
from tongxin.cases.rules import State
from tongxin.web import times

KINDS = {
    "congress": gettext_lazy("Deputy of the people's congress"),
    "consultative": gettext_lazy("Member of the political consultative conference"),
    "party": gettext_lazy("Party delegate"),
}
WAYS = {
    "in_person": gettext_lazy("in person"),
    "phone": gettext_lazy("by phone"),
    "meeting": gettext_lazy("at a meeting"),
    "page": gettext_lazy("on my public page"),
}
GRADES = {
    "satisfied": gettext_lazy("Satisfied"),
    "basically": gettext_lazy("Basically satisfied"),
    "not_satisfied": gettext_lazy("Not satisfied"),
}
FILTERS = {
    "all": gettext_lazy("All"),
    "open": gettext_lazy("On their way"),
    "late": gettext_lazy("Late"),
    "answered": gettext_lazy("Answered"),
    "ended": gettext_lazy("Ended"),
}
_UNANSWERED = {State.SUBMITTED, State.ACCEPTED}


def stands(one: Standing) -> str:
    """Where it stands, as one says it."""
    if not one.open:
        return str(GRADES[one.grade]) if one.grade else _("Ended")
    if one.state is State.AWAITING:
        return _("Answered; the deputy has the word")
    if one.state in {State.ANSWERED, State.VERIFIED}:
        return _("Answered; being checked")
    if one.state is State.REOPENED or (one.times_reopened and one.state not in _UNANSWERED):
        return _("Done anew")
    if one.state in _UNANSWERED:
        return _("Filed; to be handed over")
    return _("With {body}").format(body=one.lead) if one.lead else _("Being dealt with")


def tone(one: Standing) -> str:
    """The chip's tone: late before everything else."""
    if one.late:
        return "late"
    if not one.open:
        return "done" if one.grade in {"satisfied", "basically"} else "plain"
    return "info" if one.state is State.AWAITING else "plain"


def until(one: Standing, now: datetime) -> str:
    """By when it is answered, or when it was."""
    if one.answered_at is not None:
        said = _("answered on {day}").format(day=f"{times.local(one.answered_at):%Y-%m-%d}")
        return f"{said} · {_('late')}" if one.late else said
    if one.answer_by is None or not one.open:
        return ""
    said = _("to be answered by {day}").format(day=f"{times.local(one.answer_by):%Y-%m-%d}")
    return f"{said} · {_('{n} days late').format(n=(now - one.answer_by).days + 1)}" if one.late else said

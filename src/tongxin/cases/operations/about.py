"""Whom a case complains about: bodies of the place alone, and never so many that nobody is left to deal with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from tongxin.cases import rules
from tongxin.cases.models import Update
from tongxin.cases.operations import notices
from tongxin.cases.operations.base import Opened
from tongxin.cases.queries.bodies import bodies_about
from tongxin.cases.queries.offices import desks_at
from tongxin.kernel.errors import Invalid, NotAllowed
from tongxin.kernel.text import N_

MOST = 5


def check_about(bodies: Iterable[UUID], area_path: str, now: datetime) -> list[str]:
    """The ids as they are kept. Raises :class:`Invalid` (field ``complained_of``) for a body that neither serves the
    place nor is its office, for more than five, and where every desk that could deal with it would be left out."""
    wanted = list(dict.fromkeys(bodies))
    if not wanted:
        return []
    if len(wanted) > MOST:
        raise Invalid("At most five bodies can be complained of at once.", field="complained_of")
    known = {body.id for body in bodies_about(area_path, now)}
    if not set(wanted) <= known:
        raise Invalid("Choose whom it is about from those in charge of the place.", field="complained_of")
    about = [str(body) for body in wanted]
    if desks_at(area_path, [], now) and not desks_at(area_path, about, now):
        raise Invalid(
            "No desk would be left to deal with it. Please turn to the level above, or ring 12345.",
            field="complained_of",
            code="nobody-left",
        )
    return about


def set_about(opened: Opened, bodies: Iterable[UUID]) -> None:
    """Note whom the case is about (unsaved), before the step that says so. What was complained of before is taken
    back by the level above alone."""
    case = opened.case
    about = check_about(bodies, case.area_path, opened.now)
    if set(case.complained_of) - set(about) and not opened.parties & {rules.Party.SUPERVISOR, rules.Party.SYSTEM}:
        raise NotAllowed("Whom it is about is taken back by the level above alone.", code="higher-decides")
    case.complained_of = about


def tell_next_desk(opened: Opened, update: Update, before: list[str]) -> None:
    """Tell the desk that deals with it from now on, where the first one has become the one complained of."""
    was = desks_at(opened.case.area_path, before, opened.now)
    now = desks_at(opened.case.area_path, opened.case.complained_of, opened.now)
    if now and was[:1] != now[:1]:
        notices.tell_desk(opened, update, N_("A complaint about the desk below comes to you: %(title)s (%(number)s)"))

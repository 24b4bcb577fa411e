"""A case opened by somebody for whom it takes a level of trust, and not an office."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tongxin.cases import rules
from tongxin.cases.models import Case
from tongxin.cases.operations.base import OFFICES, Opened, open_case
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.people.rules.trust import require_level

_AT_WORK = OFFICES | {rules.Party.HELPER, rules.Party.HANDLER, rules.Party.CO_HANDLER}
_PROVED = frozenset({"slip", "link"})
"""Kinds of actors who have proved themselves otherwise: by the code to the phone that was noted, by a worker's link."""


def open_for(action: str, actor: Actor, case_id: UUID, now: datetime, *, on_behalf_of: UUID | None = None) -> Opened:
    """:func:`open_case` for one of ``people.rules.trust.ACTIONS``; raises ``TrustTooLow`` beside what that raises.

    Of a public matter everybody may know: who has no part in it learns what level that would take.
    """
    try:
        opened = open_case(actor, case_id, now, on_behalf_of=on_behalf_of)
    except NotFound:
        if is_public(case_id):
            require_level(actor, action)
        raise
    if actor.kind not in _PROVED and not opened.parties & _AT_WORK:
        require_level(actor, action)
    return opened


def open_to_reopen(actor: Actor, case_id: UUID, now: datetime, *, on_behalf_of: UUID | None = None) -> Opened:
    """One's own matter takes less than a neighbour's, in which one has no part but that one lives there."""
    try:
        opened = open_for("case.reopen", actor, case_id, now, on_behalf_of=on_behalf_of)
    except NotFound:
        if is_public(case_id):
            require_level(actor, "case.reopen_as_neighbour")
        raise
    if opened.parties == {rules.Party.AFFECTED}:
        require_level(actor, "case.reopen_as_neighbour")
    return opened


def is_public(case_id: UUID) -> bool:
    """True if everybody may see the case."""
    return Case.objects.filter(pk=case_id, is_public=True).exists()

"""Helping without choosing: where a choice decides rights, only the person themselves chooses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from tongxin.kernel.errors import NotAllowed

How = Literal["self", "signed_paper", "spoken"]


@dataclass(frozen=True, slots=True)
class Choice:
    """How a choice came about: ``self``, ``signed_paper`` (whose picture is kept with the step) or ``spoken``.

    ``chooser`` is whose choice it is; ``recorded_by`` who wrote it down, the same person when they chose themselves.
    """

    chooser: UUID
    recorded_by: UUID
    how: How


def check_choice(*, chooser: UUID, recorded_by: UUID, signed_paper: bool = False, spoken: bool = False) -> Choice:
    """Say how the choice came about, or raise :class:`NotAllowed`.

    A helper (family account, grid worker) records what the person signed, and gives the paper's picture with it.
    ``spoken``: before the worker, or in a call to the person's own phone by the call-back desk, which has its own
    permission; the case asks for that permission before it says so here. A helper's own word is never the person's
    choice.
    """
    if chooser == recorded_by:
        return Choice(chooser, recorded_by, "self")
    if signed_paper:
        return Choice(chooser, recorded_by, "signed_paper")
    if spoken:
        return Choice(chooser, recorded_by, "spoken")
    raise NotAllowed("Only the person decides this. Add a photo of the paper that they signed.", code="own-choice-only")

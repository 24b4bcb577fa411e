"""What somebody may see of a case. Asked once for a page; the timeline and the photos follow from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tongxin.cases import rules
from tongxin.cases.models import Case
from tongxin.cases.models import Party as Reporters
from tongxin.cases.rules import CaseFacts, Party
from tongxin.kernel.actor import Actor
from tongxin.kernel.masking import mask_name, mask_text
from tongxin.record.statements import Statement

_WORKERS: Final = frozenset({Party.HANDLER, Party.CO_HANDLER})
_OFFICE: Final = _WORKERS | {Party.DESK, Party.LOWER_DESK, Party.SUPERVISOR, Party.SYSTEM}
_OF_THE_CASE: Final = frozenset(Party) - {Party.AFFECTED}


@dataclass(frozen=True, slots=True)
class Access:
    """``concerned``: not a stranger. ``reporter``: who reported, and the words as they were said; else masked.
    ``notes``: what the offices write for one another. ``photos``: all; else those that staff released, and for who is
    asked whether it is solved (``answers``) those of the answer with its document. ``hidden``: persons who hid their name
    and stay unnamed also for who knows the others."""

    parties: frozenset[Party] = frozenset()
    concerned: bool = False
    reporter: bool = False
    notes: bool = False
    photos: bool = False
    answers: bool = False
    names: tuple[str, ...] = ()
    hidden: frozenset[UUID] = frozenset()

    def words(self, text: str, *further: str) -> str:
        """A text as this viewer may read it; ``further`` names are taken out of it as well."""
        if self.reporter or not text:
            return text
        for name in (*self.names, *(name for name in further if len(name) > 1)):
            text = text.replace(name, mask_name(name))
        return mask_text(text)

    def names_speaker(self, actor_id: UUID, on_behalf_of: UUID | None) -> bool:
        """True if a resident who spoke, or for whom somebody did, may be named."""
        return self.reporter and actor_id not in self.hidden and on_behalf_of not in self.hidden


PUBLIC: Final = Access()
"""What everybody may see."""


def strangers(case_ids: Iterable[UUID]) -> dict[UUID, Access]:
    """What everybody may read of many cases, for lists: the reporters' own names are masked in it too. One query."""
    names: dict[UUID, list[str]] = {case_id: [] for case_id in case_ids}
    for case_id, name, contact in _NAMES(list(names)) if names else ():
        names[case_id].append(name or contact or "")
    return {case_id: stranger(*found) for case_id, found in names.items()}


def stranger(*reporters: str) -> Access:
    """What everybody may read of a case that people of these names reported."""
    return Access(names=tuple(name for name in reporters if len(name) > 1))


_NAMES: Statement[tuple[UUID, str | None, str]] = Statement(
    lambda case_ids: Reporters.objects.filter(case_id__in=case_ids, role=Reporters.Role.REPORTER).values_list(
        "case_id", "person__name", "contact_name"
    )
)


def access_for(
    actor: Actor,
    case: Case,
    facts: CaseFacts,
    parties: frozenset[Party],
    reporters: Iterable[tuple[str, bool]],
    hidden_joiners: frozenset[UUID] = frozenset(),
) -> Access:
    """What the actor may see. ``reporters``: name and “hidden by name” of each person in whose name it was reported;
    ``hidden_joiners``: who joined and hid their name.

    A body complained of never sees the reporter (rules.may_see_reporter); a reader of the area does, unless the name
    is hidden from all but the desk.
    """
    reporters = list(reporters)
    hidden = case.reporter_hidden or any(hides for _, hides in reporters)
    conflict = bool(actor.organisations() & facts.complained_of)
    reads = actor.may("case.read", case.area_path) and not conflict
    sees = rules.may_see_reporter(parties, actor.organisations(), facts, name_hidden=hidden)
    sees = sees or (reads and (not hidden or actor.may("case.see_reporter", case.area_path)))
    if actor.kind == "link":  # a worker without an account does the work and need not know for whom
        sees = False
    sees_hidden = rules.may_see_reporter(parties - {Party.REPORTER}, actor.organisations(), facts, name_hidden=True)
    sees_hidden = sees_hidden or (reads and actor.may("case.see_reporter", case.area_path))
    return Access(
        parties=parties,
        concerned=bool(parties & _OF_THE_CASE) or reads,
        reporter=sees,
        notes=not conflict and actor.kind != "link" and (bool(parties & _OFFICE) or reads),
        photos=sees or bool(parties & _WORKERS),
        answers=Party.JOINER in parties,
        names=tuple(name for name, _ in reporters if len(name) > 1),
        hidden=frozenset() if sees_hidden else hidden_joiners,
    )

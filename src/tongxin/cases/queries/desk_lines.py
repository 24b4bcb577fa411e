"""What happened to a case, for the offices: with notes and all pictures, names only for who may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from tongxin.cases.models import Case, Update
from tongxin.cases.queries.concerned import Row, Sight, names_of
from tongxin.cases.rules import Verb
from tongxin.files import queries as files
from tongxin.files.queries import Picture
from tongxin.kernel.actor import SYSTEM_ID
from tongxin.record.statements import Statement

LINES: Final = 20


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture or document. ``src`` is empty while it is being prepared."""

    id: UUID
    src: str
    href: str
    purpose: str
    name: str
    width: int | None
    height: int | None
    document: bool
    public: bool
    blurred: int
    ready: bool
    taken_at: datetime | None = None  # as the camera said; with the place for those who may know the reporter
    lat: float | None = None
    lng: float | None = None
    voice: bool = False
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the timeline, for the offices: with notes. ``on_behalf``: said for somebody else, ``for_name``, in an
    office of ``role``."""

    id: UUID
    verb: str
    state: str
    at: datetime
    recorded_at: datetime
    who: str
    organisation: str
    system: bool
    on_behalf: bool
    for_name: str
    role: str
    text: str
    note: str
    data: dict[str, Any]
    shots: tuple[Shot, ...] = ()


def _updates(case_id: UUID) -> QuerySet[Update, Any]:
    return Update.objects.filter(case_id=case_id).order_by("-id").values_list(
        "id", "verb", "state", "occurred_at", "recorded_at", "actor_id", "actor_name", "organisation__short_name",
        "organisation__name", "on_behalf_of", "text", "note", "data", "files_count",
    )  # fmt: skip


_LATEST: Statement[tuple[Any, ...]] = Statement(lambda case_id: _updates(case_id)[: LINES + 1])
_EARLIER: Statement[tuple[Any, ...]] = Statement(
    lambda case_id, before: _updates(case_id).filter(id__lt=before)[: LINES + 1]
)


def lines_of(
    case: Case, now: datetime, before: UUID | None, sight: Sight, concerned: Sequence[Row]
) -> tuple[list[Line], UUID | None]:
    """A page of lines, the newest first, and the key of the next. One query; one more with files, and one where
    something was done for somebody who is not among ``concerned``."""
    found = _LATEST(case.pk) if before is None else _EARLIER(case.pk, before)
    earlier = found[LINES - 1][0] if len(found) > LINES else None
    found = found[:LINES]
    with_files = [row[0] for row in found if row[13]]
    pictures = files.of_owners("update", with_files) if with_files else {}
    names = names_of((row[9] for row in found), concerned, sight)
    lines = []
    for row in found:
        organisation = row[7] or row[8] or ""
        system = row[5] == SYSTEM_ID
        who = sight.who(row[5], row[6], office=bool(organisation) or system, on_behalf_of=row[9])
        unnamed = () if who else (row[6],)
        lines.append(
            Line(
                id=row[0],
                verb=row[1],
                state=row[2],
                at=row[3],
                recorded_at=row[4],
                who=who,
                organisation=organisation,
                system=system,
                on_behalf=row[9] != row[5] if row[9] is not None else row[1] == Verb.SUBMIT and "role" in row[12],
                for_name=names.get(row[9], ""),
                role=str(row[12].get("role", "")),
                text=sight.words(row[10], *unnamed),
                note=sight.words(row[11], *unnamed),
                data=row[12],
                shots=tuple(
                    shot(one, now, whole=sight.all_seen)
                    for one in pictures.get(row[0], ())
                    if _seen(one, row[9], sight)
                ),
            )
        )
    return lines, earlier


def _seen(picture: Picture, whose: UUID | None, sight: Sight) -> bool:
    """A paper that somebody signed shows their name, a voice tells it: they are for those who may know who it was."""
    if picture.state == "refused":
        return False
    tells_who = picture.purpose == "evidence" or picture.is_voice
    return not tells_who or (sight.sees and whose not in sight.ids)


def shot(picture: Picture, now: datetime, *, whole: bool = False) -> Shot:
    """A file with links for those who may see it unblurred; ``whole``: with where and when it was taken, which tells
    where the reporter was."""
    document = picture.is_document or picture.is_voice
    return Shot(
        id=picture.id,
        src="" if document else files.link(picture, "medium", now=now),
        href=files.link(picture, "original" if document else "large", now=now),
        purpose=picture.purpose,
        name=picture.name,
        width=picture.width,
        height=picture.height,
        document=document,
        public=picture.is_public,
        blurred=len(picture.blurred),
        ready=picture.state == "ready",
        taken_at=picture.taken_at if whole else None,
        lat=picture.lat if whole else None,
        lng=picture.lng if whole else None,
        voice=picture.is_voice,
        seconds=picture.seconds,
    )

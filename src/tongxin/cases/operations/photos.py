"""Releasing the photos of a case to the public, with what must not be seen made unrecognisable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.cases import rules
from tongxin.cases.models import Update
from tongxin.cases.operations.base import Said, open_case, step
from tongxin.cases.rules import Verb
from tongxin.files import operations as files
from tongxin.files import queries as kept
from tongxin.files.rules import Region
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotAllowed, NotFound


def case_of(attachment_id: UUID) -> UUID:
    """The case that a photo belongs to. Raises :class:`NotFound` for a file of anything else."""
    kind, owner = kept.get(attachment_id).owner
    found = Update.objects.filter(pk=owner).values_list("case_id", flat=True).first() if kind == "update" else None
    if found is None:
        raise NotFound("There is no such file.")
    return found


@transaction.atomic
def release_photo(actor: Actor, attachment_id: UUID, now: datetime, *, public: bool) -> UUID:
    """Let everybody see a photo in its blurred form, or take that back. Returns the case's id."""
    opened = open_case(actor, case_of(attachment_id), now)
    if public:
        _not_signed(attachment_id)
    verb = Verb.RELEASE_PHOTO if public else Verb.HIDE_PHOTO
    step(
        opened, verb, {"photo": attachment_id}, Said(data={"photo": str(attachment_id)}, audience=Update.Audience.STAFF)
    )
    act = files.release if public else files.withdraw
    act(actor=actor, attachment_id=attachment_id, area_path=opened.case.area_path, now=now)
    return opened.case.pk


def _not_signed(attachment_id: UUID) -> None:
    """What somebody signed shows their name, and is nobody else's to read."""
    if kept.get(attachment_id).purpose == "evidence":
        raise NotAllowed("A paper that somebody signed is not made public.")


def blur_photo(actor: Actor, attachment_id: UUID, regions: Sequence[Region], now: datetime) -> UUID:
    """Make rectangles of a photo's public form unrecognisable; staff keep the clear one. Returns the case's id.

    The picture is made anew outside of a transaction, since that takes a while.
    """
    with transaction.atomic():
        opened = open_case(actor, case_of(attachment_id), now)
        actor.require("file.release", opened.case.area_path)
        if rules.refusal(opened.facts, Verb.RELEASE_PHOTO, opened.parties) is not None:
            raise NotAllowed("This is for somebody else to do.")
    files.blur(actor=actor, attachment_id=attachment_id, regions=regions, area_path=opened.case.area_path, now=now)
    return opened.case.pk

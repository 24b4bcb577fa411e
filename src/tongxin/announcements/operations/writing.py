"""Write, send, release, withdraw."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from tongxin.announcements import queries, rules
from tongxin.announcements.models import Announcement, Recipient
from tongxin.announcements.operations._common import State, locked, note, require
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import clean_line
from tongxin.people.models import Organisation
from tongxin.places.models import Area, Building, Unit


def write_announcement(
    actor: Actor,
    area_id: UUID,
    draft: rules.Draft,
    *,
    now: datetime,
    corrects: UUID | None = None,
    once: UUID | None = None,
) -> Announcement:
    """Write an announcement, which goes nowhere yet; ``corrects`` is a published one that it will stand in for.
    ``once``: the key of the form; the same key again is the same announcement.

    ``announce.write`` in the area. Raises :class:`Invalid` for the field that is wrong.
    """
    area = Area.objects.filter(pk=area_id, valid_until=None).first()
    if area is None:
        raise Invalid("Please choose where it is.", field="area", code="no-area")
    require(actor, area, now)
    draft = draft.checked()
    _check_places(area, draft.places)
    groups = {str(group.pk) for group in queries.groups_for(area.path)}
    author = actor.person_id or actor.id
    with transaction.atomic():
        if once is not None and (same := Announcement.objects.filter(pk=once, written_by=author).first()) is not None:
            return same
        before = locked(actor, corrects, now) if corrects is not None else None
        if before is not None and before.state not in queries.SHOWN:
            raise Conflict("Only what is out can be corrected.", code="not-published")
        row = Announcement.objects.create(
            id=once or uuid7(now),
            area=area,
            area_path=area.path,
            organisation_name=_body(actor, area),
            title=draft.title,
            text=draft.text,
            kind=draft.kind,
            roles=list(draft.roles),
            traits=list(draft.traits),
            places=[list(place) for place in draft.places],
            channels=list(draft.channels),
            groups=[key for key in draft.groups if key in groups],
            valid_from=draft.valid_from,
            valid_until=draft.valid_until,
            is_public=draft.is_public,
            written_by=author,
            corrects=before,
            created_at=now,
        )
        note(actor, "written", row, now, new=True)
    return row


def _body(actor: Actor, area: Area) -> str:
    keys = [grant.organisation_id for grant in actor.grants if grant.covers(queries.WRITE, area.path)]
    row = Organisation.objects.filter(pk__in=[key for key in keys if key]).order_by("-area__depth").first()
    return row.name if row is not None else area.name


def _check_places(area: Area, places: Sequence[tuple[str, str]]) -> None:
    """What was picked lies in the area."""
    wanted: dict[str, set[UUID]] = defaultdict(set)
    try:
        for kind, key in places:
            wanted[kind].add(UUID(key))
    except ValueError:
        raise Invalid("Please choose from the list.", field="places", code="no-place") from None
    rows = {"area": (Area, "path"), "building": (Building, "estate__path"), "unit": (Unit, "building__estate__path")}
    for kind, keys in wanted.items():
        if kind not in rows:
            raise Invalid("Please choose from the list.", field="places", code="no-place")
        model, path = rows[kind]
        inside = model.objects.filter(pk__in=keys, **{f"{path}__startswith": area.path}).count()  # type: ignore[attr-defined]
        if inside != len(keys):
            raise Invalid("Please choose from the list.", field="places", code="no-place")


def throw_away(actor: Actor, announcement_id: UUID, *, now: datetime) -> None:
    """A draft, or what still waits for its release, is not sent after all."""
    with transaction.atomic():
        row = locked(actor, announcement_id, now)
        if row.state not in {State.DRAFT, State.WAITING, State.SCHEDULED}:
            raise Conflict("This is out already. Withdraw it, with a reason.", code="published-already")
        row.state, row.withdrawn_at = State.WITHDRAWN, now
        row.save(update_fields=["state", "withdrawn_at"])
        note(actor, "thrown_away", row, now)


def send_announcement(
    actor: Actor, announcement_id: UUID, *, at: datetime | None = None, now: datetime
) -> Announcement:
    """Send a draft now or at a time; for a street or larger it then waits for another person's release."""
    with transaction.atomic():
        row = locked(actor, announcement_id, now)
        if row.state != State.DRAFT:
            raise Conflict("This was sent already.", code="sent-already")
        if at is not None and at < now - timedelta(minutes=5):
            raise Invalid("This time has passed.", field="at", code="past")
        row.send_at = max(at or now, now)
        row.state = State.WAITING if rules.needs_second(row.area.level_id) else State.SCHEDULED
        row.save(update_fields=["send_at", "state"])
        note(actor, "sent", row, now, at=row.send_at.isoformat())
    return row


def release_announcement(actor: Actor, announcement_id: UUID, *, now: datetime) -> Announcement:
    """The second pair of eyes: another person of the same right releases it."""
    with transaction.atomic():
        row = locked(actor, announcement_id, now)
        if row.state != State.WAITING:
            raise Conflict("This does not wait for a release.", code="not-waiting")
        if (actor.person_id or actor.id) == row.written_by:
            raise NotAllowed("Another person has to release what you wrote.", code="own-announcement")
        row.state, row.released_by = State.SCHEDULED, actor.person_id or actor.id
        row.send_at = max(row.send_at or now, now)
        row.save(update_fields=["state", "released_by", "send_at"])
        note(actor, "released", row, now)
    return row


def withdraw_announcement(actor: Actor, announcement_id: UUID, *, reason: str, now: datetime) -> Announcement:
    """What is out is taken back: it stays to be read, marked so with the reason; messages that wait do not leave."""
    reason = clean_line(reason, 200)
    if not reason:
        raise Invalid("Write the reason: everybody will read it.", field="reason", code="reason-missing")
    with transaction.atomic():
        row = locked(actor, announcement_id, now)
        if row.state not in {State.PUBLISHING, State.PUBLISHED}:
            raise Conflict("Only what is out can be withdrawn.", code="not-published")
        row.state, row.withdrawn_at, row.reason = State.WITHDRAWN, now, reason
        row.save(update_fields=["state", "withdrawn_at", "reason"])
        Recipient.objects.filter(announcement=row, due_at__isnull=False).update(due_at=None)
        note(actor, "withdrawn", row, now, reason=reason)
    return row

"""The verbs of the hotline: take tickets in, note their case, adopt what changed, keep and send answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from tongxin.hotline import queries, rules
from tongxin.hotline.models import Answer, HotlineSource, Nonce, Ticket, Version
from tongxin.kernel.actor import SYSTEM, Actor
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.kernel.hashing import canonical_json
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import clean_line
from tongxin.places.queries import area as area_of
from tongxin.record.keys import field_cipher
from tongxin.record.operations import Draft, append_entries

SUBJECT = "hotline_ticket"
LEASE = timedelta(minutes=2)
WATCHED = timedelta(days=60)
"""How long after its end a case is looked at for having been taken up again."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A row that fits: its fields as :func:`rules.fitted` gave them, and all its columns as they came."""

    fields: Mapping[str, str]
    raw: Mapping[str, str]


@dataclass(slots=True)
class TakenIn:
    """How many tickets were new, came again with a change, or came again as they were."""

    new: int = 0
    changed: int = 0
    same: int = 0


def save_source(
    actor: Actor, source_id: UUID | None, *, name: str, slug: str, area_id: UUID, columns: Mapping[str, str],
    categories: Mapping[str, str], answers_url: str = "", secret: str = "", now: datetime,
) -> HotlineSource:  # fmt: skip
    """Set up a hotline, or edit one. An empty ``secret`` leaves it as it is. ``case.configure`` in its area.

    Raises :class:`Invalid` naming the field, :class:`Conflict` if the address is taken.
    """
    area = area_of(area_id)
    actor.require("case.configure", area.path)
    row = HotlineSource.objects.select_related("area").filter(pk=source_id).first() if source_id else None
    if source_id and row is None:
        raise NotFound("There is no such hotline.", code="no-hotline")
    if row is not None:
        actor.require("case.configure", row.area.path)
    new = row is None
    row = row or HotlineSource(id=uuid7(now))
    row.name, row.slug = clean_line(name, 60), slugify(slug)[:40]
    if not row.name:
        raise Invalid("Write a name.", field="name")
    if not row.slug:
        raise Invalid("Write a short name in Latin letters.", field="slug")
    if answers_url and urlsplit(answers_url).scheme not in {"http", "https"}:
        raise Invalid("This is no address.", field="answers_url")
    if secret and len(secret) < 16:
        raise Invalid("The secret has at least 16 characters.", field="secret")
    row.area, row.columns, row.categories, row.answers_url = area, dict(columns), dict(categories), answers_url[:300]
    if secret:
        row.secret_cipher = field_cipher().encrypt(secret, f"hotline:{row.id}")
    try:
        with transaction.atomic():
            row.save()
            told = {"slug": row.slug, "secret_set": bool(secret)}
            _note(actor, "hotline.source_set", ("hotline_source", row.pk), area.path, now, data=told, new=new)
    except IntegrityError:
        raise Conflict("Another hotline has this address.", code="hotline-taken") from None
    return row


@transaction.atomic
def take_in(actor: Actor, source: HotlineSource, incoming: Sequence[Incoming], now: datetime) -> TakenIn:
    """Take tickets in, all of them or none. A number that came before with the same content changes nothing; with
    other content it becomes a further version. ``hotline.manage`` in the hotline's area.

    Raises :class:`Invalid` for too many, or for a number twice.
    """
    actor.require("hotline.manage", source.area.path)
    if len(incoming) > rules.MOST_ROWS:
        raise Invalid("At most %(most)s tickets at once.", field="file", most=rules.MOST_ROWS)
    numbers = [one.fields["number"] for one in incoming]
    if len(set(numbers)) < len(numbers):
        raise Invalid("A number stands there twice.", field="file", code="number-twice")
    HotlineSource.objects.select_for_update().get(pk=source.pk)  # two deliveries of one hotline wait for one another
    known = {row.number: row for row in Ticket.objects.select_for_update().filter(source=source, number__in=numbers)}
    digests = dict(
        Version.objects.filter(ticket__in=[row.pk for row in known.values()])
        .order_by("nth")
        .values_list("ticket_id", "digest")
    )
    done, made, changed, versions, drafts = TakenIn(), [], [], [], []
    for one in incoming:
        row, digest = known.get(one.fields["number"]), _digest(one.fields)
        if row is not None and digests[row.pk] == digest:
            done.same += 1
            continue
        new = row is None
        if row is None:
            number = one.fields["number"]
            row = Ticket(id=uuid7(now), source=source, number=number, area_path=source.area.path, made_at=now)
            made.append(row)
        else:
            row.seen += 1
            row.changed = row.case_id is not None
            row.stage = Ticket.Stage.NEW if row.stage == Ticket.Stage.REFUSED else row.stage
            changed.append(row)
        version = _version(row, one, digest, now)
        versions.append(version)
        data = {"version": version.nth, "digest": digest}
        drafts.append(_draft(actor, "hotline.came", row, data=data, personal=dict(one.fields), new=new))
    Ticket.objects.bulk_create(made)
    Ticket.objects.bulk_update(changed, ["seen", "changed", "stage"])
    Version.objects.bulk_create(versions)
    if drafts:
        append_entries(drafts, now=now)
    done.new, done.changed = len(made), len(changed)
    return done


def _digest(fields: Mapping[str, str]) -> str:
    return sha256(canonical_json(dict(fields))).hexdigest()


def _version(row: Ticket, one: Incoming, digest: str, now: datetime) -> Version:
    version_id, cipher = uuid7(now), field_cipher()
    caller = {name: one.fields[name] for name in rules.CALLER}
    sealed = cipher.encrypt(json.dumps(caller, ensure_ascii=False), f"ticket:{version_id}")
    raw = cipher.encrypt(json.dumps(dict(one.raw), ensure_ascii=False), f"raw:{version_id}")
    said = {name: text for name, text in one.fields.items() if name not in rules.CALLER}
    return Version(
        id=version_id, ticket=row, nth=row.seen, fields=said, caller_cipher=sealed, raw_cipher=raw, digest=digest,
        came_at=now,
    )  # fmt: skip


def lock(ticket_id: UUID) -> tuple[Ticket, Version]:
    """A ticket under its lock with its latest version. Within a transaction. Raises :class:`NotFound`."""
    rows = Ticket.objects.select_for_update(of=("self",)).select_related("source__area")
    row = rows.filter(pk=ticket_id).first()
    if row is None:
        raise NotFound("There is no such ticket.", code="no-ticket")
    return row, row.versions.get(nth=row.seen)


def note_case(actor: Actor, row: Ticket, case_id: UUID, number: str, area_path: str, now: datetime) -> None:
    """The ticket became this case."""
    actor.require("hotline.manage", row.area_path)
    row.case_id, row.case_number, row.area_path = case_id, number, area_path
    row.stage, row.adopted, row.changed = Ticket.Stage.IN_HAND, row.seen, False
    row.save()
    append_entries([_draft(actor, "hotline.filed", row, data={"case": str(case_id)})], now=now)


def note_refused(actor: Actor, row: Ticket, why: str, now: datetime) -> None:
    """The ticket could not become a case; the desk is shown why."""
    actor.require("hotline.manage", row.area_path)
    row.stage, row.why = Ticket.Stage.REFUSED, why[:300]
    row.save()
    append_entries([_draft(actor, "hotline.refused", row, data={})], now=now)


def note_adopted(actor: Actor, row: Ticket, now: datetime, *, version: int) -> None:
    """The desk has looked at what the hotline changed. Raises :class:`Conflict` if it has changed again meanwhile."""
    actor.require("hotline.manage", row.area_path)
    if not row.changed:
        raise Conflict("Nothing waits to be adopted.", code="nothing-changed")
    if row.seen != version:
        raise Conflict("The hotline has changed it again. Please look at it anew.", code="changed-again")
    row.adopted, row.changed = row.seen, False
    row.save()
    append_entries([_draft(actor, "hotline.adopted", row, data={"version": row.adopted})], now=now)


@transaction.atomic
def keep_answers(
    ticket_id: UUID, bodies: Mapping[UUID, Mapping[str, Any]], *, version: int, answered: bool, is_open: bool,
    now: datetime,
) -> int:  # fmt: skip
    """Put what became of a case on its way to the hotline, once for each of its steps; how many were new.

    ``bodies``: by the step's id. ``version``: of the case, as it was read.
    """
    row, _ = lock(ticket_id)
    there = set(row.answers.values_list("update_id", flat=True))
    due = now if row.source.answers_url else None
    new = [
        Answer(id=uuid7(now), ticket=row, update_id=key, body={"number": row.number, **body}, next_at=due)
        for key, body in bodies.items()
        if key not in there
    ]
    Answer.objects.bulk_create(new)
    row.case_version, row.watch_until = version, None if is_open else now + WATCHED
    row.stage = Ticket.Stage.ANSWERED if answered else Ticket.Stage.IN_HAND
    row.save()
    drafts = [_draft(SYSTEM, "hotline.answered", row, data={"answer": str(one.id)}) for one in new]
    if drafts:
        append_entries(drafts, now=now)
    return len(new)


def claim_answers(now: datetime, limit: int = 20) -> list[Answer]:
    """Answers that are due to be sent, taken for a while so that nobody else sends them too."""
    with transaction.atomic():
        rows = Answer.objects.select_for_update(skip_locked=True, of=("self",)).select_related("ticket__source")
        found = list(rows.filter(next_at__lte=now).order_by("next_at")[:limit])
        for row in found:
            row.attempts += 1
            row.next_at = now + LEASE
        Answer.objects.bulk_update(found, ["attempts", "next_at"])
    return found


def note_sent(row: Answer, receipt: str, now: datetime) -> None:
    """The hotline took it."""
    row.state, row.sent_at, row.next_at, row.error = Answer.State.SENT, now, None, ""
    row.receipt = clean_line(receipt, 120)
    _note_answer(row, "hotline.sent", now)


def note_not_sent(row: Answer, error: str, now: datetime, *, wait_seconds: int = 0, paced: bool = False) -> None:
    """The hotline did not take it: again later, or no more. ``paced``: it only asked for patience, which costs no try."""
    if paced:
        row.attempts -= 1
    row.error = clean_line(error, 120)
    row.next_at = rules.retry_at(max(row.attempts, 1), now, wait_seconds)
    row.state = Answer.State.WAITING if row.next_at else Answer.State.FAILED
    _note_answer(row, "hotline.not_sent", now)


def _note_answer(row: Answer, verb: str, now: datetime) -> None:
    with transaction.atomic():
        row.save()
        data = {"answer": str(row.id), "attempts": row.attempts, "state": str(row.state)}
        append_entries([_draft(SYSTEM, verb, row.ticket, data=data)], now=now)


@transaction.atomic
def send_again(actor: Actor, ticket_id: UUID, now: datetime) -> None:
    """Send the answers that the hotline did not take once more, from the beginning. ``hotline.manage``."""
    row, _ = lock(ticket_id)
    actor.require("hotline.manage", row.area_path)
    again = row.answers.filter(state=Answer.State.FAILED).update(
        state=Answer.State.WAITING, attempts=0, next_at=now, error=""
    )
    if not again:
        raise Conflict("There is nothing to send again.", code="nothing-to-send")
    append_entries([_draft(actor, "hotline.sent_again", row, data={"answers": again})], now=now)


@transaction.atomic
def take_away(actor: Actor, source_slug: str, now: datetime) -> list[tuple[dict[str, str], dict[str, Any]]]:
    """(columns as they came, latest answer) of all answered tickets of a hotline that the actor may read, for the sheet
    that goes back: on the record, since the callers' numbers stand in it. At most :data:`rules.MOST_ROWS`."""
    source = queries.source_of(source_slug)
    if not actor.may_somewhere("hotline.manage") or source not in queries.sources(actor):
        raise NotFound("There is no such hotline.", code="no-hotline")
    mine = Ticket.objects.filter(queries.may_read(actor), source=source).values("pk")
    rows = Answer.objects.filter(ticket__in=mine).select_related("ticket").order_by("-id")[: rules.MOST_ROWS]
    latest: dict[UUID, Answer] = {}
    for row in rows:
        latest.setdefault(row.ticket_id, row)
    versions = {one.ticket_id: one for one in Version.objects.filter(ticket__in=list(latest)).order_by("nth")}
    Answer.objects.filter(pk__in=[row.pk for row in latest.values()]).update(taken_at=now)
    told = {"answers": len(latest)}
    _note(actor, "hotline.taken_away", ("hotline_source", source.pk), source.area.path, now, data=told)
    return [(queries.raw_of(versions[key]), row.body) for key, row in latest.items()]


def spend_nonce(source: HotlineSource, nonce: str, now: datetime) -> bool:
    """True the first time that this hotline uses it."""
    try:
        with transaction.atomic():
            Nonce.objects.create(source=source, nonce=nonce, at=now)
    except IntegrityError:
        return False
    return True


def forget_nonces(now: datetime) -> int:
    """Drop those so old that their time alone has them refused."""
    return Nonce.objects.filter(at__lt=now - 3 * rules.SKEW).delete()[0]


def _draft(
    actor: Actor, verb: str, row: Ticket, *, data: Mapping[str, Any], personal: Mapping[str, Any] | None = None,
    new: bool = False,
) -> Draft:  # fmt: skip
    return Draft(
        actor=actor, verb=verb, subject=(SUBJECT, row.pk), area_path=row.area_path, data=data, personal=personal,
        state=queries.ticket_state(row), new=new,
    )  # fmt: skip


def _note(
    actor: Actor, verb: str, subject: tuple[str, UUID], path: str, now: datetime, *, data: Mapping[str, Any],
    new: bool = False,
) -> None:  # fmt: skip
    append_entries([Draft(actor=actor, verb=verb, subject=subject, area_path=path, data=data, new=new)], now=now)

"""The background half of imports: read and check a file, write what was confirmed. Every step can be taken up again."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Hashable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from tongxin.kernel.actor import Actor
from tongxin.places.imports import sheets
from tongxin.places.imports.operations import OVER, State, forget_staged, importer_of, seal, subject, unseal
from tongxin.places.imports.spec import MAX_ROWS, Importer, Prepared, StagedRow
from tongxin.places.models import ImportBatch, ImportFile, ImportPack, ImportProblem
from tongxin.places.rules import N_, Problem
from tongxin.record.operations import append_entry

Clock = Callable[[], datetime]
Progress = Callable[[ImportBatch], None]

PACK_ROWS = 500
KEPT_PROBLEMS = 1_000
LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 4

log = logging.getLogger(__name__)


class _Lost(Exception):
    """The batch was cancelled, or another worker has taken it over: stop without a trace."""


def advance(clock: Clock, batch_id: UUID | None = None, progress: Progress | None = None) -> bool:
    """Take the oldest batch that waits (or the one named) one step further: from uploaded to ready, or to done.

    Returns False where nothing waits. Called by the worker again and again; takes up to a minute for 100,000 rows, in
    which others wait at most for the final transaction. ``clock`` gives the time: leases are renewed during a step.
    """
    batch = _claimed(clock(), batch_id)
    if batch is None:
        return False
    step = _Step(batch, clock, progress)
    try:
        step.check() if batch.state == State.CHECKING else step.write()
    except _Lost:
        log.info("import %s was taken away", batch.id)
    return True


def _claimed(now: datetime, batch_id: UUID | None) -> ImportBatch | None:
    """A batch that is due, leased to us."""
    waiting = [State.UPLOADED, State.CHECKING, State.CONFIRMED, State.WRITING]
    due = ImportBatch.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), state__in=waiting)
    if batch_id is not None:
        due = due.filter(id=batch_id)
    if not due.exists():
        return None
    with transaction.atomic():
        batch = due.select_for_update(skip_locked=True, of=("self",)).select_related("area").order_by("id").first()
        if batch is None:
            return None
        batch.attempts += 1
        batch.lease_until = now + LEASE
        reading = batch.state in (State.UPLOADED, State.CHECKING)
        batch.state = State.CHECKING if reading else State.WRITING
        if batch.attempts > MAX_ATTEMPTS:
            _refuse(batch, N_("The file could not be worked through in several attempts."), {}, now)
            return None
        batch.save()
    return batch


def _refuse(batch: ImportBatch, message: str, params: dict[str, object], now: datetime) -> None:
    batch.state, batch.lease_until, batch.finished_at = State.REFUSED, None, now
    batch.message, batch.message_params = message, params
    batch.save()
    forget_staged(batch)


class _Step:
    """One step of one batch under its lease."""

    def __init__(self, batch: ImportBatch, clock: Clock, progress: Progress | None) -> None:
        self.batch = batch
        self.clock = clock
        self.progress = progress
        self.importer: Importer = importer_of(batch)
        self.context = self.importer.context(batch.area, clock())
        self.state = batch.state

    def beat(self, **changes: object) -> None:
        """Store how far we are and hold the lease for longer, unless the batch is no longer ours."""
        mine = ImportBatch.objects.filter(id=self.batch.id, state=self.state, lease_until=self.batch.lease_until)
        until = self.clock() + LEASE
        if not mine.update(lease_until=until, **changes):
            raise _Lost
        self.batch.lease_until = until
        for name, value in changes.items():
            setattr(self.batch, name, value)
        if self.progress:
            self.progress(self.batch)

    # Checking.

    def check(self) -> None:
        """Read, check and stage all rows; ends in READY or REFUSED."""
        batch = self.batch
        with transaction.atomic():
            batch.packs.all().delete()
            batch.problems.all().delete()
            stored = ImportFile.objects.get(batch=batch).content
        try:
            table = sheets.read_table(unseal(bytes(stored), batch.id), self.importer.columns)
            columns = {key: [table.cell(key, 0)[:-1], heading] for key, heading in table.headings.items()}
            self.beat(columns=columns, unused=table.unused[:30], progress=0, progress_total=table.total)
            checking = _Checking(self, table)
            checking.run()
        except sheets.Unreadable as error:
            with transaction.atomic():
                _refuse(batch, error.message, error.params, self.clock())
            return
        self.beat(**checking.counts(), state=State.READY, attempts=0)
        ImportBatch.objects.filter(id=batch.id, state=State.READY).update(lease_until=None)

    # Writing.

    def rows(self) -> Iterator[StagedRow]:
        """The staged rows in the order of the file, pack by pack."""
        done = 0
        for number in self.batch.packs.order_by("number").values_list("number", flat=True):
            pack = ImportPack.objects.get(batch=self.batch, number=number)
            rows = json.loads(unseal(bytes(pack.content), self.batch.id))
            yield from (StagedRow(row, values) for row, values in rows)
            done += len(rows)
            self.beat(progress=done)

    def write(self) -> None:
        """Write all staged rows in one transaction; ends in DONE, or in UPLOADED where somebody else was faster."""
        batch = self.batch
        prepared = self.importer.prepare(self.rows(), self.context, self.clock())
        now = self.clock()
        try:
            with transaction.atomic():
                self._write(prepared, now)
        except IntegrityError:
            # What the file adds came into the register meanwhile, or what it builds on has gone: look again.
            log.info("import %s met a change of the register and is checked again", batch.id, exc_info=True)
            self.beat(
                state=State.UPLOADED,
                message=N_("The register changed after the check, so the file was checked again."),
                attempts=0,
            )
            ImportBatch.objects.filter(id=batch.id, state=State.UPLOADED).update(lease_until=None)
            return
        forget_staged(batch)
        if self.progress:
            self.progress(batch)

    def _write(self, prepared: Prepared, now: datetime) -> None:
        batch = self.batch
        mine = ImportBatch.objects.select_for_update().filter(
            id=batch.id, state=State.WRITING, lease_until=batch.lease_until
        )
        if not mine.exists():
            raise _Lost
        counts = dict(prepared.write(now))
        batch.state, batch.lease_until, batch.finished_at = State.DONE, None, now
        batch.progress, batch.result, batch.message = batch.rows_good, counts, ""
        batch.save()
        append_entry(
            actor=Actor(id=batch.actor_id, kind=batch.actor_kind, name=batch.actor_name),
            verb="import.written",
            subject=subject(batch),
            area_path=batch.area.path,
            now=now,
            data={
                "kind": batch.kind,
                "sha256": batch.sha256,
                "made": counts,
                "left_out": batch.rows_bad,
                **prepared.told,
            },
        )


class _Checking:
    """The pass over a file's rows: counts, packs of good rows, problems of bad ones."""

    def __init__(self, step: _Step, table: sheets.Table) -> None:
        self.step = step
        self.table = table
        self.seen: dict[Hashable, int] = {}
        self.read = self.good = self.bad = self.there = self.packs = self.kept = 0
        self.waiting: list[StagedRow] = []
        self.problems: list[ImportProblem] = []

    def counts(self) -> dict[str, int]:
        """What the batch's row says of the pass."""
        return {
            "rows_read": self.read,
            "rows_good": self.good,
            "rows_bad": self.bad,
            "rows_there": self.there,
            "progress": self.read,
        }

    def run(self) -> None:
        """Go through the whole file. Raises Unreadable for one without rows or with too many."""
        for number, cells in self.table.rows:
            self.read += 1
            if self.read > MAX_ROWS:
                raise sheets.Unreadable("The file has more than %(limit)d rows. Split it.", limit=MAX_ROWS)
            self._row(number, cells)
            if self.read % PACK_ROWS == 0:
                self._flush()
        if self.read == 0:
            raise sheets.Unreadable("There is no row below the headings.")
        self._flush()

    def _row(self, number: int, cells: dict[str, str]) -> None:
        importer = self.step.importer
        broken = [key for key, text in cells.items() if sheets.SPREADSHEET_ERROR.fullmatch(text)]
        if broken:
            problems = [Problem(key, N_("The cell holds an error of the spreadsheet.")) for key in broken]
            self._refused(number, problems)
            return
        complete = {column.key: cells.get(column.key, "") for column in importer.columns}
        values, found = importer.check(complete, self.step.context)
        if values is None:
            self._refused(number, list(found))
            return
        key = importer.key(values)
        if key is not None:
            first = self.seen.setdefault(key, number)
            if first != number:
                column = next(c.key for c in reversed(importer.columns) if c.required)
                self._refused(number, [Problem(column, N_("The same as row %(row)d."), {"row": first})])
                return
        self.waiting.append(StagedRow(number, values))

    def _refused(self, number: int, problems: list[Problem]) -> None:
        self.bad += 1
        for problem in problems:
            if self.kept < KEPT_PROBLEMS:
                self.kept += 1
                self.problems.append(
                    ImportProblem(
                        batch=self.step.batch,
                        row=number,
                        cell=self.table.cell(problem.column, number),
                        message=problem.message,
                        params=dict(problem.params),
                    )
                )

    def _flush(self) -> None:
        """Stage what was read since the last time: one short transaction."""
        batch, rows = self.step.batch, self.waiting
        there = self.step.importer.there(rows, self.step.context)
        for number, problem in there.items():
            self._refused(number, [problem])
        good = [(row.number, dict(row.values)) for row in rows if row.number not in there]
        self.there += len(there)
        self.good += len(good)
        sealed = seal(json.dumps(good, ensure_ascii=False).encode(), batch.id) if good else b""
        with transaction.atomic():
            if good:
                self.packs += 1
                ImportPack.objects.create(batch=batch, number=self.packs, content=sealed)
            ImportProblem.objects.bulk_create(self.problems)
            self.step.beat(**self.counts())
        self.waiting, self.problems = [], []


def clean_up(now: datetime) -> int:
    """Delete what a crash left behind of batches that are over, and the staged rows of previews left for 30 days."""
    forgotten = ImportBatch.objects.filter(state=State.READY, created_at__lt=now - timedelta(days=30))
    forgotten.update(state=State.CANCELLED, finished_at=now)
    staged = Q(file__isnull=False) | Q(packs__isnull=False)
    over = list(ImportBatch.objects.filter(staged, state__in=OVER).distinct()[:100])
    for batch in over:
        forget_staged(batch)
    return len(over)

"""Reads of imports, for those who may make them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Q

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.places.imports.operations import importer_of, unseal
from tongxin.places.imports.spec import importer_for
from tongxin.places.models import ImportBatch, ImportProblem
from tongxin.places.queries import below

PAGE = 20
PREVIEW_ROWS = 10
PROBLEMS_PAGE = 100


def batch(actor: Actor, batch_id: UUID) -> ImportBatch:
    """A batch with its area. Raises NotFound where the actor may not work on it."""
    found = ImportBatch.objects.select_related("area").filter(id=batch_id).first()
    if found is None or not actor.may(importer_of(found).permission, found.area.path):
        raise NotFound("There is no such import.", code="no-import")
    return found


def batches(actor: Actor, kind: str, before: UUID | None = None) -> Sequence[ImportBatch]:
    """The newest batches of a kind in the actor's areas, twenty at a time; ``before``: the last id of the last page."""
    rows = ImportBatch.objects.filter(kind=kind).select_related("area").order_by("-id")
    if not actor.is_system:
        allowed = Q(pk__in=[])
        for path in actor.areas_with(importer_for(kind).permission):
            allowed |= below(path, "area__path")
        rows = rows.filter(allowed)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return list(rows[:PAGE])


def problems(found: ImportBatch, after: tuple[int, int] | None = None) -> Sequence[ImportProblem]:
    """A hundred problems in the order of the rows; ``after`` is (row, id) of the last one before."""
    rows = ImportProblem.objects.filter(batch=found).order_by("row", "id")
    if after is not None:
        rows = rows.filter(Q(row__gt=after[0]) | Q(row=after[0], id__gt=after[1]))
    return list(rows[:PROBLEMS_PAGE])


def first_rows(found: ImportBatch) -> list[tuple[int, Mapping[str, Any]]]:
    """The first good rows of a batch that waits for confirmation, as its importer shows them: (row number, values)."""
    pack = found.packs.order_by("number").first()
    if pack is None:
        return []
    rows = json.loads(unseal(bytes(pack.content), found.id))
    shown = importer_of(found).shown
    return [(number, shown(values)) for number, values in islice(rows, PREVIEW_ROWS)]

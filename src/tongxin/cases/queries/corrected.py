"""What staff put right: the rows from which a classifier learns. Read from the cases, so that an erasure reaches them."""

from __future__ import annotations

from collections.abc import Iterator

from tongxin.cases.models import Case, Update
from tongxin.cases.rules import Verb


def corrected() -> Iterator[tuple[str, str]]:
    """(masked text, code of the category) of every case whose category staff changed, as it is now. In bounded memory."""
    changed = Update.objects.filter(verb=Verb.RECLASSIFY).exclude(data__category="").values("case_id")
    rows = Case.objects.filter(id__in=changed).order_by("id").values_list("public_text", "category__code")
    return rows.iterator(chunk_size=2000)


def corrected_count() -> int:
    """How many cases :func:`corrected` gives."""
    changed = Update.objects.filter(verb=Verb.RECLASSIFY).exclude(data__category="")
    return changed.values("case_id").distinct().count()


def closed() -> Iterator[tuple[str, str]]:
    """(masked text, code of the category) of every case that was closed: what an installation learnt by itself."""
    rows = Case.objects.filter(open=False, answered_at__isnull=False).order_by("id")
    return rows.values_list("public_text", "category__code").iterator(chunk_size=2000)

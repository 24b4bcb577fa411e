"""Names of reporters, so that a list can take them out of people's own words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q

from tongxin.cases.models import Party
from tongxin.kernel.masking import mask_name, mask_text


def names_in(numbers: Iterable[str], *, hidden_only: bool) -> dict[str, list[str]]:
    """Names of those in whose name these cases were reported, by number. One query."""
    rows = Party.objects.filter(case__number__in=list(numbers), role=Party.Role.REPORTER)
    if hidden_only:
        rows = rows.filter(Q(hidden=True) | Q(case__reporter_hidden=True))
    found: dict[str, list[str]] = defaultdict(list)
    for number, name, contact in rows.values_list("case__number", "person__name", "contact_name"):
        if len(name or contact or "") > 1:
            found[number].append(name or contact)
    return found


def veiled(text: str, names: Iterable[str]) -> str:
    """A text without these names, telephones and numbers of papers and cars."""
    for name in names:
        text = text.replace(name, mask_name(name))
    return mask_text(text)

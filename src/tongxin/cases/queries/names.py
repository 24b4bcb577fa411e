"""Names of reporters, so that a list can take them out of people's own words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from tongxin.cases.models import Party
from tongxin.kernel.actor import Actor
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


def hidden_from(actor: Actor, case_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Of these cases those whose reporter the actor may not know, with the names that must not be read. One query.

    Hidden by name from all but the desk, or complaining about a body of the actor's.
    """
    mine = {str(body) for body in actor.organisations()}
    rows = Party.objects.filter(case_id__in=list(case_ids), role=Party.Role.REPORTER)
    columns = ("case_id", "case__area_path", "case__complained_of", "hidden", "case__reporter_hidden")
    found: dict[UUID, list[str]] = {}
    for case_id, path, bodies, *hides, name, contact in rows.values_list(*columns, "person__name", "contact_name"):
        if mine & set(bodies) or (any(hides) and not actor.may("case.see_reporter", path)):
            names = found.setdefault(case_id, [])
            if len(name or contact or "") > 1:
                names.append(name or contact)
    return found

"""The register and the organisations as Excel workbooks: by those entitled, on the record, numbers masked."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tongxin.people.operations.taken import note_taken
from tongxin.people.queries.taken import every_organisation, every_person
from tongxin.web.people.words import GENDERS, KIND_NAMES
from tongxin.web.policy import policy
from tongxin.web.request import Request
from tongxin.web.workbook import MOST, workbook


@require_POST
@policy(permission="people.export")
def people(request: Request) -> Any:
    """The people of a search, numbers masked."""
    text, address = request.POST.get("q", "")[:60], request.POST.get("address", "")[:120]
    found = every_person(request.actor, text=text, address=address, now=request.now, most=MOST + 1)
    headings = (_("Full name"), _("Gender"), _("Age"), _("Where they live"), _("Phone"), _("Party member"))
    rows = (
        (
            row.name,
            str(GENDERS[row.gender]),
            row.age,
            row.address,
            row.phone,
            _("yes") if row.is_party_member else "",
        )
        for row in found
    )
    taken = workbook(_("Residents"), headings, rows, request.now)
    # A search may be for a number, which the record must not keep.
    kind = "address" if address else "search" if text else "all"
    note_taken(request.actor, what="people", filter_=kind, rows=taken.rows, cut=taken.cut, now=request.now)
    return taken.answer


@require_POST
@policy(permission="people.export")
def organisations(request: Request) -> Any:
    """The organisations of a filter."""
    kind, text = request.POST.get("kind", "")[:24], request.POST.get("q", "")[:60]
    found = every_organisation(request.actor, kind=kind, text=text, now=request.now, most=MOST + 1)
    shown = kind if kind in KIND_NAMES else "search" if text else "all"
    headings = (_("Name"), _("Kind"), _("Area"), _("Telephone"))
    rows = ((row.name, str(KIND_NAMES[row.kind]), row.area, row.phone) for row in found)
    taken = workbook(_("Organisations"), headings, rows, request.now)
    note_taken(request.actor, what="organisations", filter_=shown, rows=taken.rows, cut=taken.cut, now=request.now)
    return taken.answer

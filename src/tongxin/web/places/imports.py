"""Imports on the desk: upload, look at what was found, confirm, watch it being written."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tongxin.kernel.errors import DomainError, Invalid
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import safe_cell
from tongxin.places import queries as places
from tongxin.places.imports import operations, queries
from tongxin.places.imports.spec import MAX_FILE_BYTES, MAX_ROWS, importer_for
from tongxin.places.imports.template import workbook
from tongxin.places.rules import N_
from tongxin.web.errors import message_of
from tongxin.web.places.edit import READ_OR_WRITE
from tongxin.web.places.views import PERMISSION, crumbs
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOVING = ("uploaded", "checking", "confirmed", "writing")
TITLES = {
    "uploaded": N_("The file has arrived"),
    "checking": N_("The file is being checked"),
    "refused": N_("The file could not be taken"),
    "ready": N_("Checked. Nothing is written yet"),
    "confirmed": N_("It is about to be written"),
    "writing": N_("It is being written"),
    "done": N_("Written"),
    "cancelled": N_("Cancelled"),
}
TONES = {"refused": "error", "ready": "turn", "done": "done", "cancelled": "plain"}


@require_http_methods(READ_OR_WRITE)
@policy(permission=PERMISSION)
def index(request: Request) -> HttpResponse:
    """Upload a file; below, the imports so far."""
    kind = request.POST.get("kind") or request.GET.get("kind") or "homes"
    importer = importer_for(kind[:20])
    error = field = ""
    status = 200
    code = request.POST.get("area") or request.GET.get("area", "")
    if request.method == "POST":
        try:
            return _upload(request, kind, code)
        except DomainError as refused:
            if refused.status == 403:
                raise
            error, status = message_of(refused), refused.status
            field = refused.field if isinstance(refused, Invalid) else "area"
    before = request.GET.get("before")
    rows = queries.batches(request.actor, kind, places.as_id(before) if before else None)
    more = f"?{urlencode({'kind': kind, 'before': rows[-1].id})}" if len(rows) == queries.PAGE else ""
    return page(
        request,
        "places/imports.html",
        status=status,
        kind=kind,
        title=_(importer.title),
        columns=[(column.titles[0], column.required, column.example) for column in importer.columns],
        area=_prefilled(code),
        areas=_areas(request, importer.permission),
        once=uuid7(request.now),
        batches=rows,
        more=more,
        titles={key: _(words) for key, words in TITLES.items()},
        tones=TONES,
        limits={"mb": MAX_FILE_BYTES // (1024 * 1024), "rows": MAX_ROWS},
        error=error,
        error_field=field,
    )


def _prefilled(code: str) -> Any:
    try:
        return places.area_by_code(code[:24]) if code else None
    except DomainError:
        return None


def _areas(request: Request, permission: str) -> list[tuple[str, str]]:
    """Communities and estates to choose from, where they are few; elsewhere one starts from the community's page."""
    found = []
    for root in places.managed_roots(request.actor, request.now, permission)[:5]:
        if root.level_id in ("community", "estate"):
            found.append((root.code, root.name))
            found += [(estate.code, f"{root.name} {estate.name}") for estate in places.estates(root, request.now)]
    return found


def _upload(request: Request, kind: str, code: str) -> HttpResponse:
    file = request.FILES.get("file")
    if file is None:
        raise Invalid("Please choose a file.", field="file", code="no-file")
    if file.size and file.size > MAX_FILE_BYTES:
        limit = MAX_FILE_BYTES // (1024 * 1024)
        raise Invalid("The file is larger than %(limit)d MB.", field="file", status=413, limit=limit)
    if not code:
        raise Invalid("Please choose the community or estate.", field="area", code="no-area")
    area = places.area_by_code(code[:24])
    once = places.as_id(request.POST.get("once", ""))
    batch = operations.upload_import(request.actor, kind, area.id, file.name or "", file.read(), request.now, once=once)
    return SeeOther(f"/desk/places/imports/{batch.id}/")


@require_http_methods(READ_OR_WRITE)
@policy(permission=PERMISSION)
def batch(request: Request, batch_id: UUID) -> HttpResponse:
    """One import: how far it is, what was found, and what to do now."""
    found = queries.batch(request.actor, batch_id)
    if request.method == "POST":
        return _decided(request, found)
    after = request.GET.get("after", "").split("-")
    key = (int(after[0]), int(after[1])) if len(after) == 2 and all(part.isdigit() for part in after) else None
    problems = queries.problems(found, key)
    importer = importer_for(found.kind)
    shown = queries.first_rows(found) if found.state == "ready" and key is None else []
    heads = [(column.key, found.columns.get(column.key, ["", column.titles[0]])[1]) for column in importer.columns]
    more = ""
    if len(problems) == queries.PROBLEMS_PAGE:
        more = f"?after={problems[-1].row}-{problems[-1].id}#problems"
    return page(
        request,
        "places/import.html",
        batch=found,
        title=_(TITLES[found.state]),
        tone=TONES.get(found.state, "info"),
        moving=found.state in MOVING,
        message=_(found.message) % found.message_params if found.message else "",
        crumbs=crumbs(
            found.area.path, (_("Imports"), f"/desk/places/imports/?kind={found.kind}"), (found.file_name, "")
        ),
        problems=[(row.cell, _(row.message) % row.params) for row in problems],
        more=more,
        columns=[{"label": _("Row")}, *({"label": heading} for _key, heading in heads)],
        rows=[[number, *(_cell(values.get(key)) for key, _heading in heads)] for number, values in shown],
        made=[(_(name.capitalize()), count) for name, count in found.result.items()],
    )


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _decided(request: Request, found: Any) -> HttpResponse:
    here = f"/desk/places/imports/{found.id}/"
    try:
        if request.POST.get("do") == "cancel":
            operations.cancel_import(request.actor, found.id, request.now)
            messages.success(request, _("Cancelled. Nothing was written."))
            return SeeOther(f"/desk/places/imports/?kind={found.kind}")
        good_only = request.POST.get("do") == "good"
        operations.confirm_import(request.actor, found.id, request.now, good_rows_only=good_only)
    except DomainError as error:
        messages.error(request, message_of(error))
    return SeeOther(here)


@require_GET
@policy(permission=PERMISSION)
def template(request: Request, kind: str) -> HttpResponse:
    """The empty file with the expected columns."""
    importer = importer_for(kind)
    response = HttpResponse(workbook(importer), content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(_(importer.title))}.xlsx"
    return response


@require_GET
@policy(permission=PERMISSION)
def problems_file(request: Request, batch_id: UUID) -> HttpResponse:
    """The problems as a CSV file, to send to whoever keeps the list."""
    found = queries.batch(request.actor, batch_id)
    target = io.StringIO()
    target.write("\ufeff")
    writer = csv.writer(target)
    writer.writerow([_("Cell"), _("What is wrong")])
    after = None
    while rows := queries.problems(found, after):
        writer.writerows([row.cell, safe_cell(_(row.message) % row.params)] for row in rows)
        after = (rows[-1].row, rows[-1].id)
    response = HttpResponse(target.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(_('Problems'))}-{found.id}.csv"
    return response

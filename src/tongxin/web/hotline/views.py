"""The hotline at the desk: sheets in, tickets beside their cases, answers out, and how each hotline is set up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tongxin.cases.queries.outward import standing
from tongxin.hotline import operations, queries, rules
from tongxin.hotline.sheets import read_sheet
from tongxin.journeys.hotline import adopt
from tongxin.kernel.errors import DomainError, Invalid
from tongxin.places.queries import managed_roots
from tongxin.web.hotline import words
from tongxin.web.people.forms import Form
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page
from tongxin.web.workbook import moment, workbook

MOST_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Shown:
    """What came of a sheet: looked through only, or taken in."""

    rows: int
    problems: list[tuple[str, str]]
    done: operations.TakenIn | None = None


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="hotline.read")
def desk(request: Request) -> HttpResponse:
    """Tickets by what they wait for; a sheet is looked through, or taken in, all of it or nothing."""
    form, shown = Form(request), None
    if request.method == "POST":
        try:
            shown = _sheet(request, form)
        except DomainError as error:
            form.refuse(error)
    show = request.GET.get("show", "all")
    show = show if show in queries.SHOWN else "all"
    rows, more = queries.tickets(request.actor, show=show, after=_key(request.GET.get("after", "")))
    found = queries.sources(request.actor)
    return page(
        request,
        "hotline/list.html",
        status=form.status,
        form=form,
        shown=shown,
        rows=rows,
        more=f"?show={show}&after={more}" if more else "",
        filters=[{"href": f"?show={key}", "label": words.SHOW[key], "current": key == show} for key in queries.SHOWN],
        takes=[(one.slug, one.name) for one in found if request.actor.may("hotline.manage", one.area.path)],
        gives=[(one.slug, one.name) for one in found] if request.actor.may_somewhere("hotline.manage") else [],
        configures=request.actor.may_somewhere("case.configure"),
        words=words,
    )


def _key(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _sheet(request: Request, form: Form) -> Shown:
    source = queries.source_of(form.text("source"))
    request.actor.require("hotline.manage", source.area.path)
    sent: Any = request.FILES.get("file")
    if sent is None:
        raise Invalid("Choose a file.", field="file")
    if sent.size > MOST_BYTES:
        raise Invalid("The file is too large.", field="file")
    sheet = read_sheet(sent.read(), source.columns)
    if not sheet.incoming:
        raise Invalid("There is no ticket in this file.", field="file")
    problems = [(cell, _(text)) for cell, text in sheet.problems]
    if problems or form.text("do") != "take":
        return Shown(len(sheet.incoming), problems)
    done = operations.take_in(request.actor, source, sheet.incoming, request.now)
    return Shown(len(sheet.incoming), [], done)


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="hotline.read")
def ticket(request: Request, ticket_id: UUID) -> HttpResponse:
    """A ticket beside its case: what the hotline changed, and what went back."""
    form = Form(request)
    row = queries.ticket_page(request.actor, ticket_id)
    if request.method == "POST":
        try:
            _do(request, ticket_id, form)
            return SeeOther(reverse("hotline-ticket", args=[ticket_id]))
        except DomainError as error:
            form.refuse(error)
    case = standing(row.case_id) if row.case_id is not None else ("", "", None, None)
    return page(
        request,
        "hotline/ticket.html",
        status=form.status,
        form=form,
        row=row,
        facts=_facts(row),
        differences=[(words.FIELDS[name], _said(name, a), _said(name, b)) for name, (a, b) in row.difference.items()],
        given=case[2],
        ours=case[3],
        manages=request.actor.may_somewhere("hotline.manage"),
        failed=any(one.state == "failed" for one in row.answers),
        words=words,
    )


def _do(request: Request, ticket_id: UUID, form: Form) -> None:
    if form.text("do") == "adopt":
        try:
            version = int(form.text("version"))
        except ValueError:
            raise Invalid("Please load the page anew.", field="version") from None
        adopt(request.actor, ticket_id, request.now, version=version)
    elif form.text("do") == "send":
        operations.send_again(request.actor, ticket_id, request.now)
    else:
        raise Invalid("Please choose.", field="do", code="not-chosen")


def _facts(row: queries.Page) -> list[tuple[Any, str]]:
    said = {name: _said(name, text) for name, text in row.fields.items() if text}
    names = ("received", "address", "category", "reply", "confidential", "withdrawn")
    facts: list[tuple[Any, str]] = [(words.FIELDS["name"], " ".join(filter(None, (row.caller, row.phone))))]
    return facts + [(words.FIELDS[name], said[name]) for name in names if said.get(name)]


def _said(name: str, text: str) -> str:
    if name in {"received", "deadline"} and text:
        return moment(datetime.fromisoformat(text))
    if name in {"confidential", "withdrawn"}:
        return _("yes") if text else _("no")
    return text or "–"


@require_POST
@policy(permission="hotline.manage")
def answers(request: Request) -> Any:
    """The sheet that goes back: the columns that came, and what became of each ticket. Marked and on the record."""
    rows = operations.take_away(request.actor, request.POST.get("source", "")[:40], request.now)
    headings = list(dict.fromkeys(heading for raw, _body in rows for heading in raw)) + list(rules.ANSWER_HEADINGS)
    lines = (
        [raw.get(name, "") for name in headings[: -len(rules.ANSWER_HEADINGS)]] + _filled(body) for raw, body in rows
    )
    return workbook(_("Answers to the hotline"), headings, lines, request.now).answer


def _filled(body: Mapping[str, Any]) -> list[str]:
    return [
        words.SHEET_KINDS[body["kind"]],
        body["text"],
        moment(datetime.fromisoformat(body["at"])),
        body["unit"],
        words.SHEET_WORD.get(body["word"], ""),
        words.SHEET_RATING.get(body["rating"], ""),
        body["case"],
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="case.configure")
def sources(request: Request) -> HttpResponse:
    """How each hotline is set up: its area, headings, words, address and secret."""
    found = {str(one.pk): one for one in queries.sources(request.actor)}
    edited = found.get(request.GET.get("edit", ""))
    form = Form(request, **(_initial(edited) if edited is not None else {}))
    if request.method == "POST":
        try:
            _save(request, form)
            return SeeOther(reverse("hotline-sources"))
        except DomainError as error:
            form.refuse(error)
    areas = managed_roots(request.actor, request.now, "case.configure")
    return page(
        request,
        "hotline/sources.html",
        status=form.status,
        form=form,
        rows=list(found.values()),
        edited=edited,
        areas=[(str(one.pk), one.name) for one in areas],
        usual="、".join(titles[0] for titles in rules.FIELDS.values()),
    )


def _initial(row: Any) -> dict[str, str]:
    return {
        "id": str(row.pk), "name": row.name, "slug": row.slug, "area": str(row.area_id), "answers_url": row.answers_url,
        "columns": "\n".join(f"{rules.FIELDS[key][0]} = {own}" for key, own in row.columns.items()),
        "categories": "\n".join(f"{key} = {code}" for key, code in row.categories.items()),
    }  # fmt: skip


def _save(request: Request, form: Form) -> None:
    usual = {title: key for key, titles in rules.FIELDS.items() for title in titles}
    columns = {}
    for name, own in _pairs(form, "columns").items():
        if name not in usual:
            raise Invalid("No such usual heading: %(name)s", field="columns", name=name)
        columns[usual[name]] = own
    operations.save_source(
        request.actor, form.id_or_none("id"), name=form.text("name"), slug=form.text("slug"), area_id=form.id("area"),
        columns=columns, categories=_pairs(form, "categories"), answers_url=form.text("answers_url"),
        secret=form.text("secret"), now=request.now,
    )  # fmt: skip


def _pairs(form: Form, name: str) -> dict[str, str]:
    lines = [line.partition("=") for line in form.text(name).splitlines() if line.strip()]
    return {left.strip()[:60]: right.strip()[:60] for left, sign, right in lines if sign and left.strip()}

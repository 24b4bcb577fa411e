"""A case with many parties, at the desk: one settlement, who has signed it, who has not, and the signed sheets."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongxin.cases.operations import settlement as operations
from tongxin.cases.operations.desktop import note_export
from tongxin.cases.queries import settlement as queries
from tongxin.cases.queries.view import CaseView
from tongxin.cases.rules_settlement import FILTERS
from tongxin.kernel.errors import DomainError, Invalid
from tongxin.web import speech
from tongxin.web.cases.drafts import as_uuid
from tongxin.web.cases.papers import _head, _moment, _pdf
from tongxin.web.desk.common import desk_page
from tongxin.web.people.forms import Form
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.workbook import moment, workbook

LABELS = {
    "all": gettext_lazy("All"),
    "open": gettext_lazy("Not yet"),
    "accepted": gettext_lazy("Signed"),
    "refused": gettext_lazy("Does not agree"),
    "check": gettext_lazy("To be checked"),
}
WAYS = {"screen": gettext_lazy("on the screen"), "paper": gettext_lazy("on paper")}


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="case.desk|case.supervise")
def parties(request: Request, number: str) -> HttpResponse:
    """The list with its figures; to put a settlement before all, to record a signed sheet, to check one."""
    view, form = queries.collective(request.actor, number, request.now), Form(request)
    if request.method == "POST":
        try:
            messages.success(request, _do(request, view, form))
            return SeeOther(request.get_full_path())
        except DomainError as error:
            form.refuse(error)
    return _page(request, view, form)


def _do(request: Request, view: CaseView, form: Form) -> str:
    act, told = form.text("act"), (request.actor, view.id, request.now)
    if act == "propose":
        operations.propose_settlement(*told, text=form.text("text"))
        return _("Put before all of them; each is told.")
    if act in {"sheet", "sheet-page"}:
        paper = request.FILES.getlist("paper")
        signed = form.ids("parties" if act == "sheet" else "shown")
        n = operations.record_sheet(*told, parties=signed, paper=paper)
        return _("Recorded: {n}. It counts once somebody else has checked it.").format(n=n)
    if act in {"right", "wrong"}:
        n = operations.check_sheet(*told, sheet=form.id("sheet"), right=act == "right")
        return (_("Checked: {n}.") if act == "right" else _("Taken back: {n}.")).format(n=n)
    raise Invalid("Choose what you want to do.", field="act")


def _page(request: Request, view: CaseView, form: Form) -> HttpResponse:
    which, text = request.GET.get("which", "all"), request.GET.get("q", "")[:30]
    which = which if which in FILTERS else "all"
    standing = queries.proposed(view.id)
    key = standing.id if standing else None
    rows, more = queries.parties(view.id, key, which=which, text=text, after=as_uuid(request.GET.get("after", "")))
    tally = queries.tally(view.id, key)
    counts = {"all": tally.parties, "open": tally.silent, "accepted": tally.accepted, "refused": tally.refused,
              "check": tally.to_check}  # fmt: skip

    def link(**changed: str) -> str:
        return "?" + urlencode({k: v for k, v in {"which": which, "q": text, **changed}.items() if v})

    return desk_page(
        request,
        "desk/parties.html",
        status=form.status,
        case=view,
        form=form,
        standing=standing,
        tally=tally,
        rows=rows,
        which=which,
        text=text,
        filters=[
            {"href": link(which=one), "label": f"{LABELS[one]} {counts[one]}", "current": one == which}
            for one in FILTERS
        ],
        more=link(after=str(more)) if more else "",
        sheets=queries.sheets(request.actor, key) if tally.to_check else [],
        ways=WAYS,
        may_export=request.actor.may("case.export", view.area_path),
    )


@require_POST
@policy(permission="case.export")
def take_away(request: Request, number: str) -> Any:
    """All parties with their word as Excel, on the record."""
    view = queries.collective(request.actor, number, request.now)
    request.actor.require("case.export", view.area_path)
    standing = queries.proposed(view.id)
    headings = (_("No."), _("Name"), _("Word"), _("How"), _("When"), _("Reason"), _("Recorded by"))
    found = queries.every_party(view.id, standing.id if standing else None)
    rows = (
        (nth, row.name, _said(row), str(WAYS.get(row.way, "")), moment(row.said_at), row.reason, row.recorded_by)
        for nth, row in enumerate(found, start=1)
    )
    taken = workbook(_("Parties"), headings, rows, request.now)
    note_export(
        request.actor, query=f"list=parties&case={view.number}", rows=taken.rows, cut=taken.cut, areas=(view.area_path,),
        now=request.now,
    )  # fmt: skip
    return taken.answer


def _said(row: queries.PartyLine) -> str:
    if row.to_check:
        return _("To be checked")
    return {"accepted": _("Signed"), "refused": _("Does not agree")}.get(row.word, _("Not yet"))


@require_safe
@policy(permission="case.desk|case.supervise")
def sheet(request: Request, number: str) -> HttpResponse:
    """The settlement with a line to sign for each party that has not said a word yet; screens' words stand in it."""
    view = queries.collective(request.actor, number, request.now)
    standing = queries.proposed(view.id)
    with speech.override(settings.LANGUAGE_CODE):
        data = _head(
            _("Settlement: signatures of all parties"), view.number, view.desk.name if view.desk else view.area_name
        )
        found = queries.every_party(view.id, standing.id if standing else None)
        data |= {
            "rows": [
                [_("What"), view.title],
                [_("Where"), view.place],
                [_("Proposed by"), f"{standing.by} {_moment(standing.at)}" if standing else ""],
                [_("Printed on"), _moment(request.now)],
            ],
            "text_title": _("The settlement"),
            "text": standing.text if standing else "",
            "heads": [_("No."), _("Name"), _("Signature (or fingerprint)"), _("Date")],
            "parties": [[str(nth), row.name, _given(row)] for nth, row in enumerate(found, start=1)],
            "statement": _("I have read the settlement above, or it was read to me, and I agree to it for myself."),
        }
        return _pdf("settlement.typ", data, _("Settlement"), request.now)


def _given(row: queries.PartyLine) -> str:
    """What already stands in the line."""
    if not row.word or row.to_check or row.said_at is None:
        return ""
    way = str(WAYS[row.way])
    return f"{_said(row)} · {way} · {_moment(row.said_at)}"

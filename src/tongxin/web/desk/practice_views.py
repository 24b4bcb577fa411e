"""What an area settles for itself: how long one may reopen, how often one is asked, whether photos carry a watermark."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tongxin.cases.operations.practice import set_practice
from tongxin.cases.queries import setup as queries
from tongxin.cases.rules_practice import BOUNDS, Practice
from tongxin.kernel.errors import DomainError
from tongxin.web.cases.drafts import as_uuid
from tongxin.web.desk.common import desk_page, errors_of
from tongxin.web.desk.forms import choice, drawn
from tongxin.web.errors import message_of
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request

ADDRESS = "/desk/settings/practice/"
LABELS = {
    "reopen_days": gettext_lazy("Days in which anyone affected may reopen"),
    "asks": gettext_lazy("How often a silent resident is asked in all"),
    "remind_days": gettext_lazy("Days between two questions to the same resident"),
    "extension_days": gettext_lazy("Days that an extension adds at most"),
    "warn_percent": gettext_lazy("Per cent of a time limit after which it warns"),
    "urge_hours": gettext_lazy("Hours between two urgings by the same person"),
    "sample_percent": gettext_lazy("Per cent of solved matters whose reporter is rung all the same"),
    "suggestion_months": gettext_lazy("Months in which a deputy's suggestion is answered"),
    "suggestion_complex_months": gettext_lazy("Months for a suggestion that is complex"),
}
WATERMARK = (("", gettext_lazy("as above")), ("1", gettext_lazy("yes")), ("0", gettext_lazy("no")))


class PracticeForm(forms.Form):
    """Empty fields leave it to the area above."""

    watermark = choice(
        gettext_lazy("Time and place drawn into the photos of an answer"), kind="radio", required=False,
        options=WATERMARK,
    )  # fmt: skip

    def __init__(self, *args: Any, above: Practice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in LABELS.items():
            least, most = BOUNDS[name]
            help_text = _("Empty: {n}, as above").format(n=getattr(above, name))
            field = forms.IntegerField(label=label, required=False, help_text=help_text)
            self.fields[name] = drawn(field, "number", min=least, max=most)

    def practice(self) -> Practice:
        data = self.cleaned_data
        return Practice(
            **{name: data[name] for name in LABELS}, watermark={"1": True, "0": False}.get(data["watermark"])
        )


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="case.configure")
def practice(request: Request) -> HttpResponse:
    """What one area settled, and what it has from above."""
    where = request.GET.get("where", "")
    areas = queries.areas_to_configure(request.actor, where)
    key = as_uuid(request.POST.get("area", request.GET.get("area", ""))) or (UUID(areas[0][0]) if areas else None)
    if key is None:
        return desk_page(request, "desk/settings/practice.html", form=None, areas=areas, where=where, errors=[])
    area, own, above = queries.practice(request.actor, key)
    initial: dict[str, Any] = {name: getattr(own, name) for name in LABELS}
    initial["watermark"] = {True: "1", False: "0"}.get(own.watermark, "")  # type: ignore[arg-type]
    form = PracticeForm(request.POST or None, initial=initial, above=above)
    if request.method == "POST" and form.is_valid():
        try:
            set_practice(request.actor, key, form.practice(), request.now)
        except DomainError as error:
            field = getattr(error, "field", "")
            form.add_error(field if field in form.fields else None, message_of(error))
        else:
            messages.success(request, _("Saved. Cases that run keep the limits that they have."))
            return SeeOther(f"{ADDRESS}?area={key}")
    return desk_page(
        request,
        "desk/settings/practice.html",
        status=422 if form.is_bound else 200,
        form=form,
        area=area,
        areas=areas,
        where=where,
        errors=errors_of(form),
    )

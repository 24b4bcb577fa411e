"""The form by which the desk adds people of the register to a case."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tongxin.people.queries.register import match_lines
from tongxin.web.desk.forms import StepForm, line, text, tick


class AddPeople(StepForm):
    """People of the register, pasted one a line: a name, a phone or an ID number."""

    people = text(
        _("Whom it concerns as well, one a line"), longest=20_000,
        help_text=_("Name, phone or ID number, as on the register; paste the column of a sheet. At most 500."),
    )  # fmt: skip
    leave_out = tick(_("Leave out whom the register does not know, or knows twice"))
    reason = line(_("Why"))

    def clean(self) -> None:
        lines = [line for line in self.cleaned_data.get("people", "").splitlines() if line.strip()]
        found, left = match_lines(self.actor, lines, self.now)
        self.cleaned_data["people"] = found
        if left and not self.cleaned_data.get("leave_out"):
            self.add_error("people", _("Not found, or not clear who: {names}").format(names="、".join(left[:20])))

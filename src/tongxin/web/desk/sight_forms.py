"""Forms of the steps that decide who may see what of a case: whom it is about, and what everybody reads."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from tongxin.cases.queries.bodies import bodies_about
from tongxin.cases.queries.view import released_words
from tongxin.web.desk.forms import StepForm, as_id, drawn, line, text


class About(StepForm):
    """Whom the case complains about: bodies of the place."""

    about = drawn(forms.Field(label=_("Whom it is about"), required=False), "checks")
    note = line(_("Note for the offices"), required=False)

    def prepare(self) -> None:
        case = self.detail.case
        found = bodies_about(case.area_path, self.now)
        self.options("about", [(str(body.id), body.name, "") for body in found])
        if not self.is_bound:
            self.initial["about"] = list(case.complained_of)

    @property
    def notices(self) -> list[tuple[str, str]]:
        return [("info", str(_("They will neither see who reported it nor deal with it alone.")))]

    def clean_about(self) -> list[UUID]:
        return [as_id(value) for value in self.data.getlist("about")] if hasattr(self.data, "getlist") else []


class Publish(StepForm):
    """What everybody will read: masked by the program, read and mended by the desk."""

    title = line(_("What it is called"), longest=80)
    place = line(_("Where"), required=False)
    text = text(_("What everybody reads"), longest=10_000)

    def prepare(self) -> None:
        if not self.is_bound:
            words = released_words(self.detail.case)
            self.initial.update(title=words.title, text=words.text, place=words.place)

    @property
    def notices(self) -> list[tuple[str, str]]:
        said = _("So it will stand on the public page. Read it: no names, telephones, house numbers of anybody's home.")
        return [("warn", str(said))]

"""Forms of the desk. A field says itself how it is drawn: ``kind``, ``options`` and further attributes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from tongxin.cases.queries import choices
from tongxin.cases.queries.asked import pending
from tongxin.cases.queries.detail import Detail
from tongxin.cases.queries.queue import chosen as chosen_ids
from tongxin.cases.queries.scope import scope_of
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import DomainError
from tongxin.web.desk import words
from tongxin.web.speech import gettext_lazy as _

Options = Sequence[tuple[Any, ...]]


def drawn(field: forms.Field, kind: str = "text", options: Options = (), **attrs: Any) -> Any:
    """The field, drawn as ``kind`` (see ``ui.field``)."""
    field.kind, field.options, field.attrs = kind, options, attrs  # type: ignore[attr-defined]
    return field


def line(label: Any, *, required: bool = True, help_text: Any = "", longest: int = 200) -> Any:
    return drawn(
        forms.CharField(label=label, required=required, help_text=help_text, max_length=longest), maxlength=longest
    )


def text(label: Any, *, required: bool = True, help_text: Any = "", longest: int = 2000) -> Any:
    return drawn(
        forms.CharField(label=label, required=required, help_text=help_text, max_length=longest), "textarea",
        maxlength=longest,
    )  # fmt: skip


def tick(label: Any, help_text: Any = "") -> Any:
    return drawn(forms.BooleanField(label=label, required=False, help_text=help_text), "checkbox")


def choice(
    label: Any, *, kind: str = "select", required: bool = True, options: Options = (), help_text: Any = ""
) -> Any:
    return drawn(forms.CharField(label=label, required=required, help_text=help_text), kind, options)


class ManyFiles(forms.FileField):
    """Several files of one name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=_ManyInput(), required=False, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        found = data if isinstance(data, list | tuple) else [data]
        return [forms.FileField.clean(self, one, initial) for one in found if one]


class _ManyInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else []


def photos() -> Any:
    return drawn(ManyFiles(label=_("Photos")), "file", accept="image/jpeg,image/png,image/webp", multiple=True)


def documents() -> Any:
    """The policy document that an answer rests on."""
    field = ManyFiles(label=_("The policy document, if one applies"))
    return drawn(field, "file", accept="application/pdf,image/jpeg,image/png", multiple=True)


def paper() -> Any:
    """The picture of what somebody signed, for who records it."""
    label = _("Photo of the paper they signed")
    return drawn(ManyFiles(label=label), "file", accept="image/jpeg,image/png,image/webp")


def check_paper(form: forms.Form) -> None:
    """What was signed is shown."""
    if form.cleaned_data.get("own_choice") == "signed" and not form.cleaned_data.get("paper"):
        form.add_error("paper", _("Add a photo of the paper that they signed."))


def as_id(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise ValidationError(_("Please choose from the list.")) from None


class StepForm(forms.Form):
    """What comes with a step. ``detail`` is the case; subclasses fill options in :meth:`prepare`."""

    def __init__(self, *args: Any, detail: Detail, actor: Actor, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.detail, self.actor, self.now = detail, actor, now
        self.prepare()

    def prepare(self) -> None:
        """Fill in what there is to choose from."""

    def options(self, name: str, options: Options) -> None:
        self.fields[name].options = list(options)  # type: ignore[attr-defined]

    @property
    def notices(self) -> list[tuple[str, str]]:
        """(tone, words) above the form."""
        return []


class Nothing(StepForm):
    """A step that needs a click only."""


class Noted(StepForm):
    note = text(_("Note for the offices"), required=False, longest=500)


class Reason(StepForm):
    reason = text(_("Reason"), longest=500)


class MaybeSaid(StepForm):
    text = text(_("What you want to say"), required=False, longest=500)


class Question(StepForm):
    text = text(_("What do you need to know?"), help_text=_("The resident is asked; the clocks stand still meanwhile."))


class WriteDown(StepForm):
    text = text(
        _("What was said"), longest=5000,
        help_text=_("In their own words, as you hear them. Those concerned read it; the recording stays beside it."),
    )  # fmt: skip


ELSEWHERE = (
    (_("12345 hotline"), _("Please call 12345: this is beyond the community.")),
    (_("Police"), _("Please call 110 or go to the police station.")),
    (_("Court or arbitration"), _("Please turn to the court or to arbitration; legal aid is at 12348.")),
    (_("Petition office"), _("Please turn to the petition office of the county.")),
)


class Decline(StepForm):
    reason = text(_("Why it is not accepted"), longest=500)
    elsewhere = text(
        _("Where to go instead"), longest=500, help_text=_("With the telephone or the address; the resident reads it.")
    )

    @property
    def templates(self) -> list[tuple[str, str]]:
        return [(str(name), str(words)) for name, words in ELSEWHERE]

    template_target = "elsewhere"


class AnswerDirectly(StepForm):
    text = text(_("Answer"), help_text=_("The resident reads it and is asked whether it is solved."))
    explained = tick(_("Nothing can be done; this explains why"))
    photos = photos()
    documents = documents()
    template_target = "text"

    def prepare(self) -> None:
        self._templates: list[tuple[str, str]] | None = None

    @property
    def templates(self) -> list[tuple[str, str]]:
        if self._templates is None:
            case = self.detail.case
            found = choices.templates(case.area_path, case.category.path)
            self._templates = [(name, said) for _key, name, said in found]
        return self._templates


class Reclassify(StepForm):
    category = choice(_("What it is about"))
    urgency = choice(_("How urgent"), kind="radio", options=words.listed(words.URGENCIES))
    note = line(_("Note for the offices"), required=False)

    def prepare(self) -> None:
        case = self.detail.case
        self.options("category", [(c.code, "　" * c.depth + c.name) for c in choices.categories()])
        self.initial.setdefault("category", case.category.code)
        self.initial.setdefault("urgency", case.urgency)
        self.options("urgency", words.listed(words.URGENCIES))


class Note(StepForm):
    text = text(_("Words"))
    audience = choice(
        _("For whom"),
        kind="radio",
        options=(("staff", _("for the offices only")), ("parties", _("for the people concerned too"))),
    )
    photos = photos()

    def prepare(self) -> None:
        self.initial.setdefault("audience", "staff")


class Gather(StepForm):
    """Which others go into this one."""

    cases = drawn(forms.Field(label=_("Matters of the same kind"), required=False), "checks")

    def prepare(self) -> None:
        found = choices.similar(self.detail.case, scope_of(self.actor))
        self.options(
            "cases", [(row.id, row.title, f"{row.number} · {row.place}") for row in found if row.kind != "common"]
        )
        if not self.is_bound:
            self.initial["cases"] = [str(row.id) for row in found if row.place == self.detail.case.place]

    def clean_cases(self) -> list[UUID]:
        try:
            return chosen_ids(self.data.getlist("cases") if hasattr(self.data, "getlist") else [])
        except DomainError as error:
            raise ValidationError(_(error.message)) from None


class Merge(StepForm):
    into = choice(_("Which common matter"), kind="radio")
    reason = text(_("Reason"), required=False, longest=500)

    def prepare(self) -> None:
        found = choices.common_matters(self.detail.case, scope_of(self.actor))
        self.options("into", [(row.id, row.title, f"{row.number} · {row.place}") for row in found])

    def clean_into(self) -> UUID:
        return as_id(self.cleaned_data["into"])


class Decide(StepForm):
    """Whether what is asked for is granted."""

    grant = choice(_("Decision"), kind="radio", options=(("1", _("Agree")), ("0", _("Refuse"))))
    reason = text(_("Reason"), required=False, longest=500, help_text=_("Whoever asked reads it."))
    review_on = drawn(forms.DateField(label=_("Look at it again on"), required=False), "date")
    asks_for = ""

    def prepare(self) -> None:
        if self.asks_for != "suspension":
            del self.fields["review_on"]
        else:
            asked = pending(self.detail.case.pk).get("suspension")
            self.initial.setdefault("review_on", asked.review_on.isoformat() if asked else "")

    def clean(self) -> None:
        if self.cleaned_data.get("grant") == "0" and not self.cleaned_data.get("reason"):
            self.add_error("reason", _("Say why it is refused."))


class DecideSuspension(Decide):
    """With the day on which it is looked at again: as asked for, or another."""

    asks_for = "suspension"


class WordOfResident(StepForm):
    """The reporter's own word, given on paper or by telephone, recorded by somebody else."""

    word = choice(
        _("What the resident says"), kind="radio", options=(("solved", _("Solved")), ("not_solved", _("Not solved")))
    )
    own_choice = choice(
        _("How it was given"),
        kind="radio",
        options=(
            ("signed", _("signed on paper")),
            ("phone", _("said by telephone")),
            ("in_person", _("said in person, before me")),
        ),
        help_text=_("You record the person's own choice; you never choose for them. Both names are on the record."),
    )
    paper = paper()
    rating = choice(
        _("How satisfied"),
        required=False,
        options=(
            ("5", _("very satisfied")),
            ("4", _("satisfied")),
            ("3", _("fair")),
            ("2", _("dissatisfied")),
            ("1", _("very dissatisfied")),
        ),
    )
    reason = text(_("In their words"), required=False, longest=500)

    def prepare(self) -> None:
        if "confirm" not in self.detail.for_resident:
            self.options("word", (("not_solved", _("Not solved")),))
            self.initial["word"] = "not_solved"

    def clean(self) -> None:
        check_paper(self)
        if self.cleaned_data.get("word") == "not_solved" and not self.cleaned_data.get("reason"):
            self.add_error("reason", _("Say in their words what is not solved."))

    def clean_rating(self) -> int | None:
        value = self.cleaned_data["rating"]
        return int(value) if value in {"1", "2", "3", "4", "5"} else None


class Withdraw(StepForm):
    own_choice = choice(
        _("How it was given"),
        kind="radio",
        options=(
            ("signed", _("signed on paper")),
            ("phone", _("said by telephone")),
            ("in_person", _("said in person")),
        ),
    )
    paper = paper()
    reason = text(_("In their words"), required=False, longest=500)

    def clean(self) -> None:
        check_paper(self)

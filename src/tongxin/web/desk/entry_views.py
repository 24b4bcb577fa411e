"""Quick entry: what somebody said in a WeChat group, by telephone or at the counter is a case in twenty seconds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tongxin.cases.operations.submit import Report, submit_case
from tongxin.cases.queries import choices
from tongxin.cases.queries.scope import scope_of
from tongxin.journeys.triage import suggest_categories
from tongxin.kernel.errors import DomainError
from tongxin.kernel.ids import uuid7
from tongxin.people.queries.register import search_people
from tongxin.places.queries import building
from tongxin.web.cases.where import Where, of_position
from tongxin.web.desk import words
from tongxin.web.desk.common import CASES, desk_page, errors_of, refuse, status_of
from tongxin.web.desk.forms import choice, drawn, line, photos, text, tick
from tongxin.web.errors import message_of
from tongxin.web.policy import SeeOther, policy
from tongxin.web.questions import answers_in, question_fields
from tongxin.web.request import Request
from tongxin.web.tiles import tiles

WHO = (
    ("none", gettext_lazy("nobody in particular")),
    ("contact", gettext_lazy("somebody with name and phone")),
    ("register", gettext_lazy("somebody on the register")),
)
CHANNELS = ("wechat", "phone", "desk", "grid", "visit", "paper")


class Entry(forms.Form):
    """One message, and as little else as possible."""

    text = text(gettext_lazy("What was said"), longest=5000)
    photos = photos()
    voice = drawn(forms.FileField(label=gettext_lazy("Or say it: a recording"), required=False), "file")
    place = choice(gettext_lazy("Where"), required=False)
    spot = line(gettext_lazy("More exactly"), required=False, longest=80)
    category = choice(gettext_lazy("What it is about"), kind="radio")
    urgency = choice(gettext_lazy("How urgent"), required=False)
    channel = choice(gettext_lazy("How it reached us"))
    who = choice(gettext_lazy("Whose matter it is"), kind="radio", options=WHO)
    contact_name = line(gettext_lazy("Name"), required=False, longest=60)
    contact_phone = line(gettext_lazy("Phone"), required=False, longest=20)
    person_text = line(gettext_lazy("Search the register by name or phone"), required=False, longest=60)
    person = choice(gettext_lazy("Who of them"), kind="radio", required=False)
    hidden = tick(gettext_lazy("Hide the name from all but the desk"))
    leave_open = tick(
        gettext_lazy("Leave these questions open"), gettext_lazy("Whoever deals with it asks what they need to know.")
    )
    about = choice(gettext_lazy("Whom it is about"), required=False)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90)
    lng = forms.FloatField(required=False, min_value=-180, max_value=180)
    once = forms.UUIDField(required=False)

    def __init__(self, *args: Any, request: Request, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.categories = choices.categories()
        said = str(self.data.get("text", ""))
        self.guesses = choices.guess_places(request.actor, said, request.now) if said else []
        rest = choices.areas_for_entry(request.actor, request.now)
        guessed = [(guess.value, guess.name) for guess in self.guesses]
        self.fields["place"].options = [*guessed, *rest]  # type: ignore[attr-defined]
        self.fields["category"].options = [  # type: ignore[attr-defined]
            (c.code, c.name, c.hint) for c in self.categories if c.depth == 0
        ]
        self.fields["urgency"].options = words.listed(words.URGENCIES)  # type: ignore[attr-defined]
        self.fields["channel"].options = [(c, words.CHANNELS[c]) for c in CHANNELS]  # type: ignore[attr-defined]
        self.fields["about"].options = choices.bodies_for_entry(request.actor, request.now)  # type: ignore[attr-defined]
        self.people: list[tuple[str, str, str]] = []
        wanted = str(self.data.get("person_text", "")).strip()
        if wanted:
            found = search_people(request.actor, text=wanted, now=request.now).rows[:8]
            self.people = [(str(row.id), row.name, f"{row.address} {row.phone}".strip()) for row in found]
        self.fields["person"].options = self.people  # type: ignore[attr-defined]
        if not self.is_bound:
            self.initial = {"channel": "wechat", "who": "none", **self.initial}

    def questions_of(self, code: str, errors: dict[str, str] | None = None) -> list[dict[str, Any]]:
        """A category's extra questions as fields; the browser does not insist, since they may be left open."""
        given = answers_in(self.data) if self.is_bound and self.data.get("category") == code else {}
        asked = next((c.questions for c in self.categories if c.code == code), ())
        return question_fields(asked, given, errors or {}, required=False)

    @property
    def asking(self) -> list[str]:
        """Codes of the categories that ask something."""
        return [c.code for c in self.categories if c.depth == 0 and c.questions]

    def clean(self) -> None:
        data = self.cleaned_data
        if not data.get("place"):
            picked = self._picked(data)
            if picked is not None:
                data["place"] = f"area:{picked.area_id}"
            elif len({guess.name for guess in self.guesses}) == 1 or self.guesses:
                data["place"] = self.guesses[0].value
            else:
                self.add_error("place", _("Please choose where it is."))
        if data.get("who") == "contact" and not (data.get("contact_name") and data.get("contact_phone")):
            self.add_error("contact_name", _("Name and phone, please; else choose “nobody in particular”."))
        if data.get("who") == "register" and not data.get("person"):
            if len(self.people) == 1:
                data["person"] = self.people[0][0]
            else:
                self.add_error("person", _("Search and choose the person."))

    @staticmethod
    def _picked(data: dict[str, Any]) -> Where | None:
        """The place of what was picked on the map."""
        lat, lng = data.get("lat"), data.get("lng")
        return of_position(lat, lng) if lat is not None and lng is not None else None

    def report(self) -> Report:
        """What the form says, as a report."""
        data, who = self.cleaned_data, self.cleaned_data["who"]
        kind, _colon, key = data["place"].partition(":")
        place = UUID(key)
        house = building(place) if kind == "building" else None
        return Report(
            text=data["text"],
            category=data["category"],
            area_id=house.estate_id if house else place,
            building_id=house.pk if house else None,
            place=data["spot"],
            urgency=data["urgency"],
            channel=data["channel"],
            for_person=UUID(data["person"]) if who == "register" else None,
            contact_name=data["contact_name"] if who == "contact" else "",
            contact_phone=data["contact_phone"] if who == "contact" else "",
            nobody=who == "none",
            hidden=data["hidden"] and who != "none",
            complained_of=(UUID(data["about"]),) if data["about"] else (),
            once=data["once"],
            photos=[*data["photos"], *([data["voice"]] if data["voice"] else [])],
            lat=data["lat"] if data["lng"] is not None else None,
            lng=data["lng"] if data["lat"] is not None else None,
            answers=answers_in(self.data),
            leave_open=data["leave_open"],
        )


_FIELDS = {
    "area": "place", "building": "place", "unit": "place", "home": "place", "position": "place", "file": "photos",
    "for_person": "person", "complained_of": "about",
}  # fmt: skip
"""Where a report's fields stand on the form; what has no place on it is said above the form."""


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="case.submit_for")
def new(request: Request) -> HttpResponse:
    """The form; sent with ``next`` it comes back empty for the next message."""
    if request.method != "POST" or request.POST.get("search"):
        data = {"initial": {"once": uuid7(request.now)}}
        form = Entry(request.POST, request=request) if request.method == "POST" else Entry(request=request, **data)
        if request.method == "POST":
            form.is_valid()
            form.errors.clear()
        return _page(request, form)
    form = Entry(request.POST, request.FILES, request=request)
    if form.is_valid():
        try:
            case = submit_case(request.actor, form.report(), request.now)
        except DomainError as error:
            field = getattr(error, "field", "") or ""
            field = _FIELDS.get(field, field)
            if field.startswith("answers."):
                return _page(request, form, status=error.status, asked={field: message_of(error)})
            refuse(form, error, field)
        except ValueError:
            form.add_error("place", _("Please choose where it is."))
        else:
            messages.success(request, _("{number} is filed.").format(number=case.number))
            return SeeOther("/desk/new/" if "another" in request.POST else f"{CASES}{case.number}/")
    return _page(request, form, status=status_of(form))


def _page(request: Request, form: Entry, status: int = 200, asked: dict[str, str] | None = None) -> HttpResponse:
    chosen = str(form.data.get("category", "")) if form.is_bound else ""
    errors = [*errors_of(form), *((f"f-{name}", said) for name, said in (asked or {}).items())]
    return desk_page(
        request,
        "desk/new.html",
        status=status,
        form=form,
        errors=errors,
        once=uuid7(request.now),
        words=words,
        tiles=tiles(),
        ground=f"/public/map.json?area={scope_of(request.actor).codes[0] if scope_of(request.actor).codes else ''}",
        chosen=chosen if chosen in form.asking else "",
        questions=form.questions_of(chosen, asked),
        others=[(code, form.questions_of(code)) for code in form.asking if code != chosen],
    )


@require_POST
@policy(permission="case.submit_for")
def guess(request: Request) -> JsonResponse:
    """Places that a text names and kinds that it may be of, while one types. The text goes in the body, not in a log."""
    found = choices.guess_places(request.actor, request.POST.get("text", ""), request.now)
    kinds = [[row.code, row.name] for row, _sure in suggest_categories(request.POST.get("text", ""))]
    return JsonResponse({"places": [[one.value, one.name] for one in found], "kinds": kinds})

"""What an office sets up: categories, time limits, routes, ready answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongxin.cases import rules
from tongxin.cases.operations import setup
from tongxin.cases.queries import choices
from tongxin.cases.queries import setup as queries
from tongxin.cases.rules_limits import ClockKind
from tongxin.kernel.errors import DomainError, Invalid
from tongxin.people.queries.organisations import find_for_choice
from tongxin.places.queries import keeps_all_places
from tongxin.web.desk import words
from tongxin.web.desk.common import desk_page, errors_of, refuse, status_of
from tongxin.web.desk.forms import choice, drawn, line, text, tick
from tongxin.web.errors import message_of
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request

SETTINGS = "/desk/settings/"
CONFIGURE = "case.configure"


@require_GET
@policy(permission="case.configure|system.administer|security.administer|people.appoint|token.manage|case.desk")
def index(request: Request) -> HttpResponse:
    """The doors."""
    may = request.actor.may_somewhere
    return desk_page(
        request,
        "desk/settings/index.html",
        configures=may(CONFIGURE),
        answers=may(CONFIGURE) or may("case.desk"),
        accounts=may("security.administer") or may("people.appoint"),
        administers=may("system.administer"),
        levels=keeps_all_places(request.actor, request.now),
        tokens=may("token.manage"),
    )


# Categories.


class CategoryForm(forms.Form):
    code = line(gettext_lazy("Code"), help_text=gettext_lazy("For ever, such as lighting.stairs"), longest=30)
    parent = choice(gettext_lazy("Below"), required=False)
    name = line(gettext_lazy("Name"), longest=40)
    name_en = line(gettext_lazy("Name in English"), required=False, longest=60)
    hint = line(gettext_lazy("Examples, as a resident would say them"), required=False, longest=100)
    icon = line(gettext_lazy("Sign"), required=False, longest=20)
    urgency = choice(gettext_lazy("How urgent, if nobody says otherwise"))
    position = drawn(forms.IntegerField(label=gettext_lazy("Order"), min_value=0, max_value=9999), "number")
    needs_verification = tick(gettext_lazy("The desk checks each answer before the resident is asked"))
    public = tick(gettext_lazy("Cases may be shown to the public, masked"))
    is_service = tick(gettext_lazy("An order for help, for volunteers to take"))
    skills = line(
        gettext_lazy("What it takes"), required=False,
        help_text=gettext_lazy("For orders in the pool, such as 电工、理发: who registered it may take them."),
    )  # fmt: skip
    call_script = text(
        gettext_lazy("What to ask when somebody is rung"), required=False, longest=1000,
        help_text=gettext_lazy("One question a line. Empty: as the kind above it, else the three usual ones."),
    )  # fmt: skip
    is_active = tick(gettext_lazy("In use"))

    def __init__(self, *args: Any, new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["urgency"].options = words.listed(words.URGENCIES)  # type: ignore[attr-defined]
        if new:
            tops = [(c.code, c.name) for c in choices.categories() if c.depth == 0]
            self.fields["parent"].options = tops  # type: ignore[attr-defined]
        else:
            del self.fields["code"], self.fields["parent"]

    def data_of(self, questions: list[dict[str, Any]]) -> setup.CategoryData:
        own = {name: value for name, value in self.cleaned_data.items() if name not in {"code", "parent", "skills"}}
        return setup.CategoryData(**own, questions=questions, skills=_several(self.cleaned_data["skills"]))


def _several(text: str) -> list[str]:
    """Words of a line, separated as people do it."""
    return [word for word in text.replace("，", "、").replace(",", "、").split("、") if word.strip()]


def _questions(given: Any) -> list[dict[str, Any]]:
    """The questions of the form's rows; empty rows are left out."""
    found = []
    for number in range(1, setup.MAX_QUESTIONS + 1):
        label = given.get(f"q{number}_label", "").strip()
        if label:
            options = _several(given.get(f"q{number}_options", ""))
            found.append(
                {
                    "code": given.get(f"q{number}_code") or f"q{number}",
                    "label": label,
                    "kind": given.get(f"q{number}_kind", "text"),
                    "options": [option for option in options if option.strip()],
                    "required": f"q{number}_required" in given,
                }
            )
    return found


@require_GET
@policy(permission=CONFIGURE)
def categories(request: Request) -> HttpResponse:
    """The tree."""
    return desk_page(
        request,
        "desk/settings/categories.html",
        categories=queries.all_categories(),
        may=queries.configures_everywhere(request.actor),
        words=words,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission=CONFIGURE)
def category(request: Request, code: str = "") -> HttpResponse:
    """A category, new or to be changed, with its extra questions."""
    row = queries.category(code) if code else None
    names = tuple(CategoryForm.base_fields)
    initial: dict[str, Any] = (
        {name: getattr(row, name) for name in names if name != "parent"} | {"skills": "、".join(row.skills)}
        if row
        else {
            "urgency": "normal",
            "public": True,
            "is_active": True,
            "position": 100,
            "parent": request.GET.get("in", ""),
        }
    )
    questions = list(row.questions) if row else []
    form = CategoryForm(request.POST or None, initial=initial, new=row is None)
    if request.method == "POST":
        questions = _questions(request.POST)
        if form.is_valid() and _save_category(request, form, code, questions):
            messages.success(request, _("Saved."))
            return SeeOther(f"{SETTINGS}categories/")
    return desk_page(
        request,
        "desk/settings/category.html",
        status=status_of(form),
        form=form,
        errors=errors_of(form),
        row=row,
        questions=questions,
        most=setup.MAX_QUESTIONS,
        kinds=words.listed(words.QUESTION_KINDS),
        may=queries.configures_everywhere(request.actor),
    )


def _save_category(request: Request, form: CategoryForm, code: str, questions: list[dict[str, Any]]) -> bool:
    try:
        if code:
            setup.edit_category(request.actor, code, form.data_of(questions), request.now)
        else:
            data = form.cleaned_data
            setup.add_category(request.actor, data["code"], form.data_of(questions), request.now, parent=data["parent"])
    except DomainError as error:
        _refused(form, error)
        return False
    return True


def _refused(form: forms.Form, error: DomainError) -> None:
    field = getattr(error, "field", "") or ""
    refuse(form, error, field)


# Time limits.


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission=CONFIGURE)
def limits(request: Request) -> HttpResponse:
    """Time limits by kind and urgency, for a category or for all; what is sent empty goes back to the default."""
    code = request.POST.get("category", request.GET.get("category", ""))
    error, status = "", 200
    if request.method == "POST":
        try:
            _save_limits(request, code)
        except DomainError as refused:
            error, status = message_of(refused), refused.status
        except ValueError:
            error, status = _("A time limit is a number."), 422
        else:
            messages.success(request, _("Saved. Cases that run keep the limits that they have."))
            return SeeOther(f"{SETTINGS}limits/?category={code}")
    rows = queries.limits(code)
    return desk_page(
        request,
        "desk/settings/limits.html",
        status=status,
        rows={(row.kind, row.urgency): row for row in rows},
        kinds=list(ClockKind),
        urgencies=list(rules.Urgency),
        units=words.listed(words.UNITS),
        categories=[(c.code, "　" * c.depth + c.name) for c in choices.categories()],
        category=code,
        may=queries.configures_everywhere(request.actor),
        words=words,
        error=error,
    )


def _save_limits(request: Request, code: str) -> None:
    """Set those limits of the page that differ from what holds."""
    given = request.POST
    for row in queries.limits(code):
        name = f"{row.kind}.{row.urgency}"
        if f"{name}.amount" not in given:
            continue
        text_ = given[f"{name}.amount"].strip()
        amount, unit = (int(text_) if text_ else None), given.get(f"{name}.unit", row.unit)
        if (amount, unit) == (row.amount, row.unit) or (amount is None and not row.own):
            continue
        setup.set_clock_rule(
            request.actor, category=code, urgency=row.urgency, kind=row.kind, amount=amount, unit=unit, now=request.now
        )


# Routes.


class RouteForm(forms.Form):
    area = choice(gettext_lazy("Where"))
    category = choice(gettext_lazy("What it is about"), required=False, help_text=gettext_lazy("Empty: for everything"))
    mode = choice(gettext_lazy("How it is given"), kind="radio")
    service = choice(gettext_lazy("Who serves the place"), required=False)
    organisation = choice(gettext_lazy("Or a certain organisation"), required=False)
    members = drawn(forms.Field(label=gettext_lazy("Who takes turns"), required=False), "checks")
    automatic = tick(gettext_lazy("At once, without the desk"))

    def __init__(self, *args: Any, request: Request, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.searched = str(self.data.get("org", "") or "")
        self.where = str(self.data.get("where", "") or "")
        found = [(str(key), name) for key, name in find_for_choice(request.actor, self.searched)]
        options: dict[str, Any] = {
            "area": queries.areas_to_configure(request.actor, self.where),
            "category": [(c.code, "　" * c.depth + c.name) for c in choices.categories()],
            "mode": words.listed(words.MODES),
            "service": words.listed(words.SERVICES),
            "organisation": found,
            "members": found,
        }
        for name, listed in options.items():
            self.fields[name].options = listed  # type: ignore[attr-defined]

    def clean_members(self) -> tuple[UUID, ...]:
        try:
            return tuple(UUID(key) for key in self.data.getlist("members"))  # type: ignore[attr-defined]
        except ValueError:
            raise forms.ValidationError(_("Please choose from the list.")) from None


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission=CONFIGURE)
def routes(request: Request) -> HttpResponse:
    """Routes in force, and a form for a new one; a search of organisations fills its lists."""
    search = request.POST.get("search")
    form = RouteForm(request.POST or None, initial={"mode": "assigned"}, request=request)
    if request.method == "POST" and not search and form.is_valid():
        try:
            _save_route(request, form.cleaned_data)
        except DomainError as error:
            _refused(form, error)
        except ValueError:
            form.add_error("organisation", _("Please choose from the list."))
        else:
            messages.success(request, _("The route holds from today."))
            return SeeOther(f"{SETTINGS}routes/")
    if search:
        form.is_valid()
        form.errors.clear()
    text = request.GET.get("q", "")
    rows, after = queries.routes(request.actor, text, request.GET.get("after", "")[:250])
    return desk_page(
        request,
        "desk/settings/routes.html",
        status=200 if search else status_of(form),
        form=form,
        errors=errors_of(form),
        routes=rows,
        text=text,
        more=f"?{urlencode({'q': text, 'after': after})}" if after else "",
        words=words,
    )


def _save_route(request: Request, data: dict[str, Any]) -> None:
    setup.set_route(
        request.actor,
        UUID(data["area"]),
        setup.RouteData(
            category=data["category"],
            organisation=UUID(data["organisation"]) if data["organisation"] else None,
            service=data["service"],
            mode=data["mode"],
            automatic=data["automatic"],
            members=data["members"],
        ),
        request.now,
    )


@require_POST
@policy(permission=CONFIGURE)
def end_route(request: Request, route_id: UUID) -> HttpResponse:
    """End a route today."""
    setup.end_route(request.actor, route_id, request.now)
    messages.success(request, _("The route ends today."))
    return SeeOther(f"{SETTINGS}routes/")


# Ready answers.


class TemplateForm(forms.Form):
    name = line(gettext_lazy("Name"), longest=40)
    area = choice(gettext_lazy("Where"))
    category = choice(gettext_lazy("What it is about"), required=False, help_text=gettext_lazy("Empty: for everything"))
    text = text(gettext_lazy("Answer"))

    def __init__(self, *args: Any, request: Request, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.where = str(self.data.get("where", "") or "")
        areas = queries.areas_to_configure(request.actor, self.where)
        now_chosen = str(self.initial.get("area", ""))
        if now_chosen and not self.where and now_chosen not in {key for key, _name in areas}:
            areas = [(now_chosen, str(self.initial.get("area_name", ""))), *areas]
        self.fields["area"].options = areas  # type: ignore[attr-defined]
        listed = [(c.code, "　" * c.depth + c.name) for c in choices.categories()]
        self.fields["category"].options = listed  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="case.desk|case.configure")
def templates(request: Request, template_id: UUID | None = None) -> HttpResponse:
    """Ready answers: the list, and a form for a new one or for the chosen one."""
    row = queries.template(request.actor, template_id) if template_id else None
    if request.method == "POST" and "delete" in request.POST and template_id:
        setup.delete_template(request.actor, template_id, request.now)
        messages.success(request, _("Thrown away."))
        return SeeOther(f"{SETTINGS}answers/")
    initial = (
        {
            "name": row.name,
            "area": str(row.area_id),
            "area_name": row.area.name,
            "category": row.category.code if row.category else "",
            "text": row.text,
        }
        if row
        else {}
    )
    form = TemplateForm(request.POST or None, initial=initial, request=request)
    search = request.POST.get("search")
    if search:
        form.is_valid()
        form.errors.clear()
    elif request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            setup.save_template(
                request.actor,
                area_id=_uuid(data["area"]),
                name=data["name"],
                text=data["text"],
                category=data["category"],
                template_id=template_id,
                now=request.now,
            )
        except DomainError as error:
            _refused(form, error)
        else:
            messages.success(request, _("Saved."))
            return SeeOther(f"{SETTINGS}answers/")
    return desk_page(
        request,
        "desk/settings/templates.html",
        status=status_of(form) if not search else 200,
        form=form,
        errors=errors_of(form),
        row=row,
        templates=queries.templates(request.actor),
    )


def _uuid(text_: str) -> UUID:
    try:
        return UUID(text_)
    except ValueError:
        raise Invalid("Please choose where it is.", field="area") from None

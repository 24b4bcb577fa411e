"""The Jinja2 environment of every page, for Django's Jinja2 backend (`OPTIONS["environment"]`).

Pages reach all components through one name: `{{ ui.chip(...) }}`, `{% call ui.sheet() %}`. Each macro lives
in one file under `templates/components/`; docs/faces.md lists them. Half of a list's time is its template, so what says
the same again and again is kept: words (`speech`), chips, icons, the token of a page's forms.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.template.backends.utils import csrf_input
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import get_language, ngettext, pgettext
from jinja2 import Environment, Template, Undefined, pass_context
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

from tongxin.web import levels, shell, times
from tongxin.web.speech import gettext, speaking

COMPONENT_FOLDER = "components/"
KEPT_COMPONENTS = frozenset({"chip"})
"""Components whose arguments are a few words: what they gave is kept."""
KEPT_MOST = 2048


class Missing(Undefined):
    """A name the page was not given: it may be tested, but writing it or walking over it is an error."""

    __str__ = __iter__ = __len__ = Undefined._fail_with_undefined_error


class Page(Template):
    """A template that knows its language while it is rendered."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        with speaking():
            return super().render(*args, **kwargs)


def one_token(request: HttpRequest) -> dict[str, Any]:
    """The hidden field of all forms of a page, made at the first: the token is masked anew for each page, not each form."""
    return {"csrf_input": SimpleLazyObject(lambda: csrf_input(request))}


def _kept(macro: Macro) -> Callable[..., Markup]:
    """The macro, asked once for the same words. ``typed``: text and HTML that read alike are not the same."""
    keep = functools.lru_cache(KEPT_MOST, typed=True)(macro)

    def component(*args: Any, **kwargs: Any) -> Markup:
        words = [str(arg) if isinstance(arg, Promise) else arg for arg in args]
        kept: Any = keep(*words, **kwargs)
        return cast("Markup", kept)

    return component


class Components:
    """All macros of `templates/components/`, by name. A name defined twice is refused."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._file_of: dict[str, str] = {}

    def _index(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for file in self._env.list_templates(filter_func=lambda name: name.startswith(COMPONENT_FOLDER)):
            for name, value in vars(self._env.get_template(file).module).items():
                if not isinstance(value, Macro) or name.startswith("_"):
                    continue
                if name in found:
                    raise RuntimeError(f"component {name} is defined in {found[name]} and in {file}")
                found[name] = file
        return found

    def __getattr__(self, name: str) -> Callable[..., Markup]:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._file_of:
            self._file_of = self._index()
        if name not in self._file_of:
            raise AttributeError(f"no component {name} in {COMPONENT_FOLDER}")
        found: Macro = getattr(self._env.get_template(self._file_of[name]).module, name)
        macro: Callable[..., Any] = _kept(found) if name in KEPT_COMPONENTS else found
        if not self._env.auto_reload:
            setattr(self, name, macro)  # found without coming here from then on
        return macro


def icon(name: str, label: str = "", size: str = "") -> Markup:
    """An icon of the sprite. Silent to a screen reader unless it carries the meaning alone, then with a label.

    `size` is `""` (as the text), `"s"` or `"l"`.
    """
    return _icon(name, str(label), size)


@functools.lru_cache(maxsize=1024)
def _icon(name: str, label: str, size: str) -> Markup:
    """A page has some sixty icons and few different ones."""
    css = f"icon icon-{size}" if size else "icon"
    voice = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="{}" {}><use href="{}#{}"></use></svg>').format(
        css, voice, static("tongxin/icons.svg"), name
    )


def attributes(values: dict[str, Any] | None) -> Markup:
    """HTML attributes from a mapping: True stands alone, False and None are left out, `_` becomes `-`."""
    parts = []
    for key, value in (values or {}).items():
        if value is None or value is False:
            continue
        name = escape(key.rstrip("_").replace("_", "-"))
        parts.append(Markup(" {}").format(name) if value is True else Markup(' {}="{}"').format(name, value))
    return Markup("").join(parts)


def _now(context: Context, given: dt.datetime | None) -> dt.datetime:
    moment: dt.datetime = given or context.get("now") or timezone.now()
    return moment


def _with_now(words: Callable[[dt.datetime, dt.datetime], Any]) -> Callable[..., Any]:
    """A filter that takes `now` from its argument, else from the page's context; None gives an empty string."""

    @pass_context
    def filter_(context: Context, moment: dt.datetime | None, now: dt.datetime | None = None) -> Any:
        return "" if moment is None else words(moment, _now(context, now))

    return filter_


@pass_context
def _day(context: Context, day: dt.date | None, now: dt.datetime | None = None) -> str:
    if day is None:
        return ""
    local_day = times.local(day).date() if isinstance(day, dt.datetime) else day
    return times.day_words(local_day, times.local(_now(context, now)).date())


def iso(moment: dt.datetime) -> str:
    """The moment for a `datetime` attribute, on the Asia/Shanghai clock."""
    return times.local(moment).isoformat(timespec="minutes")


def dots(parts: Iterable[str]) -> Markup:
    """Parts of one line with a middle dot between; empty ones are left out."""
    return Markup(" · ").join(part for part in parts if part)


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a named route."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


def html_language() -> str:
    """The language of the page for `<html lang>`: `zh-CN` or another tag as it stands."""
    language = get_language() or settings.LANGUAGE_CODE
    return "zh-CN" if language.startswith("zh") else language


def environment(**options: Any) -> Environment:
    """Build the environment. Escapes everything."""
    options.update(autoescape=True, undefined=Missing, trim_blocks=True, lstrip_blocks=True)
    env = Environment(**options)  # noqa: S701 (it is on: see the line above)
    env.template_class = Page
    env.globals.update(
        _=gettext,
        gettext=gettext,
        ngettext=ngettext,
        pgettext=pgettext,
        static=functools.cache(static),
        url=url,
        icon=icon,
        attributes=attributes,
        html_language=html_language,
        initial=shell.initial,
        lacking=levels.lacking,
        shown_tabs=shell.shown_tabs,
        deadline_words=times.deadline,
        default_shell=shell.Shell(),
        ui=Components(env),
    )
    env.filters.update(
        when=_with_now(times.when),
        stamp=times.stamp,
        due=_with_now(times.due),
        until=_with_now(times.until),
        left=_with_now(times.left),
        day=_day,
        iso=iso,
        dots=dots,
    )
    return env

"""The forms of the desk's announcements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms

from tongxin.announcements import queries, rules
from tongxin.web.announcements import words
from tongxin.web.desk.forms import choice, drawn, line, text, tick
from tongxin.web.request import Request
from tongxin.web.speech import gettext_lazy as _

SHANGHAI = ZoneInfo("Asia/Shanghai")


def _checks(label: Any, options: Mapping[str, Any], *, required: bool = False, help_text: Any = "") -> Any:
    field = forms.MultipleChoiceField(
        label=label, required=required, help_text=help_text, choices=list(options.items())
    )
    return drawn(field, "checks", list(options.items()))


def _years(label: Any) -> Any:
    return drawn(forms.IntegerField(label=label, required=False, min_value=1, max_value=110), "number")


def _date(label: Any) -> Any:
    return drawn(forms.DateField(label=label, required=False), "date")


class AnnouncementForm(forms.Form):
    """What is said, to whom, by which channels."""

    title = line(_("Title"), longest=rules.TITLE_MAX)
    text = text(_("Text"), longest=rules.TEXT_MAX)
    kind = choice(_("Kind"), kind="radio")
    valid_from = _date(_("Holds from"))
    valid_until = _date(_("Holds until"))
    area = choice(_("Where"))
    buildings = drawn(
        forms.MultipleChoiceField(label=_("Only these buildings"), required=False, help_text=_("None: all of them.")),
        "checks",
    )
    roles = _checks(_("For whom"), words.ROLES, required=True)
    elder = _years(_("Only households with somebody of this age or older"))
    child = _years(_("Only households with a child under this age"))
    traits = _checks(_("Only households of which the register says"), words.HOUSEHOLD)
    channels = _checks(
        _("Beside the notice in the app"),
        {name: words.CHANNELS[name] for name in rules.CHANNELS},
        help_text=_("Whoever can be reached by WeChat gets no text message; in an emergency both."),
    )
    groups = drawn(forms.MultipleChoiceField(label=_("Groups with a robot"), required=False), "checks")
    once = forms.UUIDField(required=False)
    is_public = tick(_("Everybody may read it on the notice board"))

    def __init__(self, *args: Any, request: Request, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.where = str(self.data.get("where", "") or "")
        areas = queries.areas_to_write_to(request.actor, request.now, self.where)
        self.fields["area"].options = areas  # type: ignore[attr-defined]
        self.fields["kind"].options = [  # type: ignore[attr-defined]
            (code, name, words.KIND_HELP[code]) for code, name in words.KINDS.items()
        ]
        area = str(self.data.get("area") or self.initial.get("area") or "")
        found = next((key for key, _name in areas if key == area), "")
        self._choose("buildings", queries.buildings_of(UUID(found)) if found else [])
        self._choose("groups", [(str(g.pk), g.name) for g in queries.groups_to_choose(found)] if found else [])

    def _choose(self, name: str, options: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices, field.options = options, options

    def clean(self) -> None:
        """What stands for nothing any more after another area was chosen is let go."""

    @property
    def draft(self) -> rules.Draft:
        """What was written, for the operation."""
        given = self.cleaned_data
        years = [f"{code}:{given[code]}" for code in ("elder", "child") if given.get(code)]
        return rules.Draft(
            title=given["title"],
            text=given["text"],
            kind=given["kind"],
            roles=tuple(given["roles"]),
            traits=(*years, *given["traits"]),
            places=tuple(("building", key) for key in given["buildings"]),
            channels=tuple(given["channels"]),
            groups=tuple(given["groups"]),
            valid_from=given["valid_from"],
            valid_until=given["valid_until"],
            is_public=given["is_public"],
        )


def initial_of(row: Any) -> dict[str, Any]:
    """An announcement as the form shows it, to write it anew."""
    years = {code: n for code, n in map(rules.trait, row.traits) if n}
    return {
        "title": row.title,
        "text": row.text,
        "kind": row.kind,
        "area": str(row.area_id),
        "roles": row.roles,
        "traits": [text for text in row.traits if ":" not in text],
        "buildings": [key for kind, key in row.places if kind == "building"],
        "channels": row.channels,
        "groups": row.groups,
        "valid_from": row.valid_from.isoformat() if row.valid_from else "",
        "valid_until": row.valid_until.isoformat() if row.valid_until else "",
        "is_public": row.is_public,
        **years,
    }


class GroupForm(forms.Form):
    """A group's robot, or a mailbox."""

    name = line(_("Name"), longest=40)
    area = choice(_("Where"))
    channel = choice(_("What it is"), kind="radio")
    key = line(
        _("Address of the robot, or the mailbox"),
        longest=300,
        help_text=_("As the group's settings show it. It is kept encrypted and never shown again."),
    )
    secret = line(_("Secret for the signature (DingTalk)"), required=False)

    def __init__(self, *args: Any, request: Request, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options: Any = [(name, words.CHANNELS[name]) for name in ("wecom", "dingtalk", "email")]
        self.fields["channel"].options = options  # type: ignore[attr-defined]
        self.fields["area"].options = queries.areas_to_write_to(request.actor, request.now)  # type: ignore[attr-defined]


class QuietForm(forms.Form):
    """The hours in which an area is left in peace."""

    quiet_area = choice(_("Where"))
    start = drawn(forms.TimeField(label=_("Quiet from"), initial=time(21)), "time")
    end = drawn(forms.TimeField(label=_("Quiet until"), initial=time(8)), "time")

    def __init__(self, *args: Any, request: Request, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = queries.areas_to_write_to(request.actor, request.now)
        self.fields["quiet_area"].options = options  # type: ignore[attr-defined]


def moment(text: str) -> datetime | None:
    """A time as the browser's field sends it, in Shanghai; None if empty. Raises ValueError."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI) if text else None

"""Forms for giving a case to somebody: dispatch, co-handlers and the whistle, hand-over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tongxin.cases.queries import choices
from tongxin.cases.rules import Party, may_whistle
from tongxin.people.queries.offices import handlers_of
from tongxin.people.queries.organisations import partner_units
from tongxin.web.desk.forms import StepForm, as_id, choice, line, text, tick
from tongxin.web.speech import gettext_lazy as _

_WHISTLE_HELP = _("Whistle 吹哨: they must come and answer within the limit.")


class Whistling(StepForm):
    """A step that may call organisations in by whistle: the street anybody, the community its partner units."""

    def whistled(self, found: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """The organisations to call in, partner units first and named as such; takes the whistle from who has none."""
        partners = {str(key) for key in partner_units(self.detail.case.area_path, self.now)}
        parties = frozenset(Party(one) for one in self.detail.parties)
        anybody = may_whistle(parties, {"anybody"}, set())
        if not anybody and not partners & {key for key, _name in found}:
            del self.fields["whistle"]
        elif not anybody:
            field: Any = self.fields["whistle"]
            field.label = _("Whistle them in 吹哨")
            field.help_text = _("For the units of your general party committee: they must come and answer in time.")
        marked = [(key, _("{name} · our partner unit").format(name=name)) for key, name in found if key in partners]
        return [*marked, *(row for row in found if row[0] not in partners)]


class CoHandlers(Whistling):
    """Up to three co-handlers, each with a sub-task."""

    def co_handlers(self) -> list[tuple[UUID, str]]:
        found = []
        for number in (1, 2, 3):
            key, task = self.cleaned_data.get(f"co{number}"), self.cleaned_data.get(f"task{number}", "")
            if key:
                found.append((as_id(key), task))
        return found

    def check_co_handlers(self) -> None:
        for number in (1, 2, 3):
            if self.cleaned_data.get(f"co{number}") and not self.cleaned_data.get(f"task{number}"):
                self.add_error(f"task{number}", _("Say what they are to do."))


class Dispatch(CoHandlers):
    """To whom: the route's proposal first, then the organisations of the place."""

    to = choice(_("To whom"), kind="radio")
    reason = text(_("Why it is given to somebody else"), required=False, longest=500)
    note = line(_("Note for them"), required=False)
    co1 = choice(_("Co-handler 1"), required=False)
    task1 = line(_("Sub-task 1"), required=False)
    co2 = choice(_("Co-handler 2"), required=False)
    task2 = line(_("Sub-task 2"), required=False)
    co3 = choice(_("Co-handler 3"), required=False)
    task3 = line(_("Sub-task 3"), required=False)
    whistle = tick(_("The street calls them in"), _WHISTLE_HELP)
    searched = ""

    def prepare(self) -> None:
        case = self.detail.case
        self.again = case.state in {"dispatched", "claimed", "in_progress"}
        self.searched = str(self.data.get("org", "") or self.initial.get("org", ""))
        self.suggested = choices.suggestion(case, self.now)
        excluded = self.detail.facts.complained_of
        found = choices.organisations(case.area_path, self.now, self.searched)
        first: list[tuple[str, str, str]] = []
        if self.suggested.organisation:
            first.append((self.suggested.organisation, self.suggested.name, str(_(self.suggested.because))))
        pool = ("pool", str(_("Into the pool: who is near and fit takes it")), "")
        if self.suggested.pool:
            first.append((pool[0], pool[1], str(_(self.suggested.because))))
        others = [(key, name, "") for key, name in found if key != self.suggested.organisation]
        self.options("to", [*first, *others, *([] if self.suggested.pool else [pool])])
        if first and not self.is_bound:
            self.initial.setdefault("to", first[0][0])
        called = self.whistled(found)
        for number in (1, 2, 3):
            self.options(f"co{number}", called)
        if not self.again:
            del self.fields["reason"]
        else:
            self.fields["reason"].required = True
        self._excluded = excluded

    @property
    def notices(self) -> list[tuple[str, str]]:
        found = []
        if self.suggested.desk:
            found.append(("info", str(_(self.suggested.because))))
        if self._excluded:
            found.append(
                (
                    "warn",
                    str(_("Somebody is complained of here: they cannot handle it alone and never see the reporter.")),
                )
            )
        return found

    def clean_to(self) -> str:
        value: str = self.cleaned_data["to"]
        if value != "pool":
            as_id(value)
        return value

    def clean(self) -> None:
        self.check_co_handlers()


class AddCoHandler(Whistling):
    organisation = choice(_("Organisation"))
    task = line(_("What they are to do"))
    whistle = tick(_("The street calls them in"), _WHISTLE_HELP)

    def prepare(self) -> None:
        case = self.detail.case
        taking_part = [holder.organisation_id for holder in self.detail.holders if holder.organisation_id]
        found = choices.organisations(case.area_path, self.now, excluded=taking_part, limit=100)
        self.options("organisation", self.whistled(found))

    def clean_organisation(self) -> UUID:
        return as_id(self.cleaned_data["organisation"])


class HandOver(StepForm):
    """To a colleague where it is, or to the next organisation in charge."""

    to = choice(_("Who goes on with it"), help_text=_("The time limits go on as they run."))
    note = line(_("Note for them"), required=False)

    def prepare(self) -> None:
        case = self.detail.case
        lead = case.lead_id
        people = [
            (f"person:{key}", f"{name}（{case.lead}）")
            for key, name in (handlers_of(lead, self.now) if lead is not None else [])
            if key != case.holder_id
        ]
        taking_part = [holder.organisation_id for holder in self.detail.holders if holder.organisation_id]
        bodies = choices.organisations(case.area_path, self.now, excluded=taking_part, limit=100)
        self.options("to", [*people, *((f"body:{key}", name) for key, name in bodies)])

    def clean_to(self) -> tuple[UUID | None, UUID | None]:
        """(person, organisation), one of both."""
        kind, _colon, key = self.cleaned_data["to"].partition(":")
        return (as_id(key), None) if kind == "person" else (None, as_id(key))


class WaiveCoHandler(StepForm):
    organisation = choice(_("Whose sub-task"), kind="radio")
    reason = text(_("Reason"), longest=500)

    def prepare(self) -> None:
        open_ones = [h for h in self.detail.holders if not h.lead and h.state in {"waiting", "claimed"}]
        self.options("organisation", [(h.organisation_id, h.name, h.task) for h in open_ones])

    def clean_organisation(self) -> UUID:
        return as_id(self.cleaned_data["organisation"])

"""What somebody typed into a form of the register, and what was wrong with it: nothing typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tongxin.kernel.errors import DomainError, Invalid
from tongxin.kernel.ids import uuid7
from tongxin.people.queries.areas import day_of
from tongxin.web.errors import message_of
from tongxin.web.request import Request

LONGEST = 2000


class Form:
    """The fields of a POST, or the values to begin with. ``refused`` holds the domain's answer for the page."""

    def __init__(self, request: Request, **initial: Any) -> None:
        self._request = request
        self._sent: Mapping[str, str] | None = request.POST if request.method == "POST" else None
        self._initial = initial
        self._now: datetime = request.now
        self.refused: DomainError | None = None

    def value(self, name: str) -> Any:
        """What stands in the field: as typed, else the initial value."""
        if self._sent is not None and (name in self._sent or name not in self._initial):
            return self._sent.get(name, "")
        return self._initial.get(name, "")

    def text(self, name: str) -> str:
        """The text that was sent."""
        return (self._sent or {}).get(name, "").strip()[:LONGEST]

    def flag(self, name: str) -> bool:
        """Whether a check box was ticked."""
        return bool(self.text(name))

    def day(self, name: str) -> date:
        """A day as the browser's date field sends it; today if empty. Raises :class:`Invalid` for the field."""
        text = self.text(name)
        if not text:
            return day_of(self._now)
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise Invalid("This is not a date.", field=name, code="not-a-date") from None

    def day_or_none(self, name: str) -> date | None:
        """A day, or None if the field is empty."""
        return self.day(name) if self.text(name) else None

    def id(self, name: str) -> UUID:
        """The id of something chosen. Raises :class:`Invalid` if nothing, or nonsense, was sent."""
        try:
            return UUID(self.text(name))
        except ValueError:
            raise Invalid("Please choose.", field=name, code="not-chosen") from None

    def id_or_none(self, name: str) -> UUID | None:
        """The id of something chosen, or None if the field is empty."""
        return self.id(name) if self.text(name) else None

    def refuse(self, error: DomainError) -> None:
        """Remember why nothing was done."""
        self.refused = error

    def error(self, name: str) -> str:
        """The message that belongs to a field."""
        field = getattr(self.refused, "field", "")
        return message_of(self.refused) if self.refused is not None and field == name else ""

    def ids(self, name: str) -> list[UUID]:
        """The ids of several chosen things. Raises :class:`Invalid` for nonsense."""
        try:
            return [UUID(text) for text in self._request.POST.getlist(name)]
        except ValueError:
            raise Invalid("Please choose.", field=name, code="not-chosen") from None

    @property
    def once(self) -> str:
        """The key under which a form that creates something does so once."""
        return self.text("once") or str(uuid7())

    @property
    def once_id(self) -> UUID | None:
        """The key as sent."""
        return self.id_or_none("once")

    def message(self, *fields: str) -> str:
        """The message that belongs to none of the fields drawn, for the top of the form."""
        if self.refused is None or (getattr(self.refused, "field", "") in fields and fields):
            return ""
        return message_of(self.refused)

    @property
    def status(self) -> int:
        """The status of a page with this form."""
        return self.refused.status if self.refused is not None else 200

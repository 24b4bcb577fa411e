"""Reading rows of past cases as other systems export them. PURE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tongxin.cases.rules_texts import fit_text
from tongxin.kernel.errors import Invalid
from tongxin.kernel.text import clean_line
from tongxin.kernel.times import SHANGHAI

_FORMATS: Final = (
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%S", "%Y.%m.%d %H:%M:%S", "%Y.%m.%d", "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日",
    "%Y%m%d",
)  # fmt: skip
MAX_TEXT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Past:
    """One report of the past, and its reply if there was one."""

    id: str
    user: str
    title: str
    text: str
    at: datetime
    reply: str = ""
    replied_at: datetime | None = None


def parse_time(text: str) -> datetime:
    """An aware time from any of the usual spellings, meant as local time. Raises :class:`Invalid`."""
    words = " ".join(text.replace("\u3000", " ").split())
    for form in _FORMATS:
        try:
            return datetime.strptime(words, form).replace(tzinfo=SHANGHAI)
        except ValueError:
            continue
    raise Invalid("This is not a date: %(text)s", field="time", text=words[:40] or "–")


def past_of(row: Mapping[str, Any], now: datetime) -> Past:
    """A row as a past case. A missing reply, title or user is no fault; a missing text, id or date is.

    Raises :class:`Invalid` with what is wrong with the row.
    """
    cells = {name: str(row.get(name) or "") for name in ("id", "user", "title", "time", "text", "reply", "reply_time")}
    past_id = clean_line(cells["id"], 40)
    if not past_id:
        raise Invalid("The id is missing.", field="id")
    text = fit_text(cells["text"], MAX_TEXT)
    title = clean_line(cells["title"], 80)
    if not text and not title:
        raise Invalid("The text is missing.", field="text")
    at = parse_time(cells["time"])
    reply = fit_text(cells["reply"], MAX_TEXT, "reply")
    # A reply without a date of its own is as old as the report at least; that is all that can be said.
    replied_at = (parse_time(cells["reply_time"]) if cells["reply_time"].strip() else at) if reply else None
    if replied_at is not None and replied_at < at:
        raise Invalid("The reply is older than the report.", field="reply_time")
    if max(at, replied_at or at) > now:
        raise Invalid("The date lies in the future.", field="time")
    return Past(past_id, clean_line(cells["user"], 60), title, text or title, at, reply, replied_at)

"""What a hotline's message must carry, what changed between two versions of a ticket, and where it lies. PURE."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from tongxin.kernel.text import N_, clean_line, clean_text
from tongxin.kernel.times import SHANGHAI

SKEW: Final = timedelta(minutes=5)
"""How far the sender's clock may be from ours."""


def signature(secret: bytes, time: str, nonce: str, body: bytes) -> str:
    """HMAC-SHA256 of ``time.nonce.body`` in hexadecimal."""
    return hmac.new(secret, f"{time}.{nonce}.".encode() + body, hashlib.sha256).hexdigest()


def is_signed(secret: bytes, time: str, nonce: str, body: bytes, given: str, now: datetime) -> bool:
    """Whether the message is its sender's and of now. ``time``: seconds since 1970. That a nonce is taken once is the
    caller's to see to."""
    if not (time.isascii() and time.isdigit() and len(time) <= 12 and 8 <= len(nonce) <= 64):
        return False
    near = abs(now.timestamp() - int(time)) <= SKEW.total_seconds()
    return near and hmac.compare_digest(signature(secret, time, nonce, body).encode(), given.encode(errors="replace"))


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Field → (as it was, as it is), for the fields that differ; one that is missing counts as empty."""
    fields = dict.fromkeys((*before, *after))
    pairs = {name: (before.get(name, ""), after.get(name, "")) for name in fields}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _stands_in(name: str, address: str) -> bool:
    """Whether the name stands there, and not as the end of a longer number: 3号楼 is not in 13号楼."""
    at = address.find(name)
    while at >= 0:
        if not (name[0].isdigit() and at and address[at - 1].isdigit()):
            return True
        at = address.find(name, at + 1)
    return False


def place_named(address: str, names: Iterable[tuple[str, str]]) -> str | None:
    """Of (key, name), the key of the longest name that the address contains. None if none does, or if two places of
    that length do: then a person decides."""
    found = [(len(name), key) for key, name in names if name and _stands_in(name, address)]
    longest = max((length for length, _ in found), default=0)
    keys = {key for length, key in found if length == longest}
    return keys.pop() if len(keys) == 1 else None


FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "number": ("工单编号", "工单号", "编号"),
    "name": ("来电人", "来电人姓名", "诉求人", "姓名"),
    "phone": ("联系电话", "来电号码", "联系方式", "电话"),
    "received": ("来电时间", "受理时间", "登记时间"),
    "address": ("事发地址", "诉求地址", "地址"),
    "text": ("诉求内容", "工单内容", "内容"),
    "category": ("诉求类型", "诉求类别", "问题分类"),
    "deadline": ("办理时限", "办结时限", "截止时间"),
    "confidential": ("是否保密", "保密"),
    "reply": ("是否回复", "回复要求"),
    "withdrawn": ("是否撤回", "撤单"),
}
"""Field → headings under which hotlines usually send it, the likeliest first."""
CALLER: Final = ("name", "phone")
ANSWER_HEADINGS: Final = ("办理状态", "办理结果", "答复时间", "办理单位", "是否解决", "满意度", "系统编号")
MOST_ROWS: Final = 2_000
MAX_TEXT: Final = 10_000
_YES: Final = frozenset({"是", "保密", "需要", "已撤回", "撤回", "1", "y", "yes", "true"})
RETRY_MINUTES: Final = (1, 5, 15, 60, 240)
"""How long to wait after each attempt that failed; after the last it stands as failed."""


def is_yes(text: str) -> bool:
    """Whether a cell says yes in one of the usual ways."""
    return text.strip().lower() in _YES


def fitted(row: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """(fields, problems by field) of a row: lines cleaned, times as ISO with their offset, yes and no as ``"1"`` and
    ``""``. Problems are English message ids."""
    fields = {name: clean_line(str(row.get(name) or ""), 200) for name in FIELDS}
    fields["text"] = clean_text(str(row.get("text") or ""), MAX_TEXT)
    problems = {}
    if not fields["number"] or len(fields["number"]) > 60:
        problems["number"] = N_("The number is missing or too long.")
    if not fields["text"]:
        problems["text"] = N_("The text is missing.")
    for name in ("received", "deadline"):
        if fields[name]:
            moment = read_time(fields[name], end=name == "deadline")
            if moment is None:
                problems[name] = N_("This is not a date.")
            else:
                fields[name] = moment.isoformat()
    for name in ("confidential", "withdrawn"):
        fields[name] = "1" if is_yes(fields[name]) else ""
    return fields, problems


def read_time(text: str, *, end: bool = False) -> datetime | None:
    """A moment as hotlines write it, local time unless it says otherwise; a day alone is its first minute, or for
    ``end`` its last. None for what is no time."""
    words = " ".join(text.replace("/", "-").replace("年", "-").replace("月", "-").replace("日", " ").split())
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            found = datetime.strptime(words, form)
        except ValueError:
            continue
        if form == "%Y-%m-%d" and end:
            found = found.replace(hour=23, minute=59)
        return found.replace(tzinfo=SHANGHAI)
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=SHANGHAI)


def retry_at(attempts: int, now: datetime, wait_seconds: int = 0) -> datetime | None:
    """When to try again after so many attempts, no earlier than the hotline asked; None when it was the last."""
    if attempts > len(RETRY_MINUTES):
        return None
    return now + max(timedelta(minutes=RETRY_MINUTES[attempts - 1]), timedelta(seconds=wait_seconds))

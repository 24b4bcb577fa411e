"""What is known of somebody between the steps of signing in. It lives in the browser's session for a short while."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tongxin.people.operations.sessions import begin_session
from tongxin.people.operations.wechat import link_wechat
from tongxin.record.keys import field_cipher
from tongxin.web.policy import SeeOther, safe_next
from tongxin.web.request import Request, client_address

LIVES = timedelta(minutes=15)
KEY = "pending"


def begin(request: Request, **what: Any) -> None:
    """Note the first step, and keep where to go on afterwards and a WeChat user who waits to be linked."""
    before = read(request)
    kept = {key: before[key] for key in ("next", "wechat", "openid") if key in before}
    wanted = safe_next(request, "")
    if wanted:
        kept["next"] = wanted
    write(request, **kept, **what)


def write(request: Request, **what: Any) -> None:
    """Replace what is noted."""
    request.session[KEY] = {**what, "until": (request.now + LIVES).isoformat()}
    if request.account is None:
        request.session.set_expiry(int(LIVES.total_seconds()))


def read(request: Request) -> dict[str, Any]:
    """What is noted and still valid."""
    pending = request.session.get(KEY) or {}
    if not pending or datetime.fromisoformat(pending["until"]) <= request.now:
        return {}
    return dict(pending)


def seal_phone(phone: str) -> str:
    """A proved phone as it may lie in the session: encrypted."""
    return field_cipher().encrypt(phone, "sign-in.pending").hex()


def open_phone(sealed: str) -> str:
    """The phone in clear."""
    return field_cipher().decrypt(bytes.fromhex(sealed), "sign-in.pending")


def finish(request: Request, account_id: UUID, *, way: str, strong: bool, default: str = "/") -> SeeOther:
    """Sign in and go on to where the person wanted to go."""
    pending = read(request)
    if "wechat" in pending and not strong:
        sealed = bytes.fromhex(pending.get("openid", ""))
        link_wechat(account_id, bytes.fromhex(pending["wechat"]), now=request.now, sealed=sealed)
    enter(request, account_id, way=way, strong=strong)
    return SeeOther(pending.get("next") or default)


def enter(request: Request, account_id: UUID, *, way: str, strong: bool) -> None:
    """Sign in, and stay."""
    begin_session(
        request.session,
        account_id,
        way=way,
        strong=strong,
        user_agent=request.headers.get("User-Agent", ""),
        address=client_address(request),
        now=request.now,
    )

"""Signing in by WeChat: OAuth 2 as 微信开放平台 (a web page shows a QR code) and 公众号 (inside WeChat) speak it.

WeChat tells who somebody is for WeChat; who they are for us is proved once by their phone.
``TONGXIN_WECHAT_OPEN_URL`` and ``TONGXIN_WECHAT_API_URL`` may point elsewhere, such as to the tests' stand-in.
"""

from __future__ import annotations

import logging
from urllib.parse import urlencode

import httpx
from django.conf import settings

from tongxin.kernel.errors import DomainError
from tongxin.people.operations.wechat import openid_index, sealed_openid

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 5.0
# 40029 invalid code, 40163 code used already, 42003 code expired: the person only has to begin again.
CODE_OVER = frozenset({40029, 40163, 42003})


class WeChatFailed(DomainError):
    """WeChat did not answer, or not in a way that can be understood."""

    status = 502
    code = "wechat-failed"


def wechat_offered() -> bool:
    """True if this installation has an app of its own with WeChat."""
    return bool(settings.WECHAT_APP_ID)


def authorize_address(state: str, back: str, *, inside: bool) -> str:
    """Where to send the browser. ``inside``: it is WeChat's own, which asks without a QR code."""
    path, scope = ("/connect/oauth2/authorize", "snsapi_base") if inside else ("/connect/qrconnect", "snsapi_login")
    # WeChat checks the order of the parameters.
    query = urlencode(
        {
            "appid": settings.WECHAT_APP_ID,
            "redirect_uri": back,
            "response_type": "code",
            "scope": scope,
            "state": state,
        }
    )
    return f"{settings.WECHAT_OPEN_URL}{path}?{query}#wechat_redirect"


def exchange(code: str) -> tuple[bytes, bytes]:
    """The hash of the openid that a code stands for, and the openid sealed to send messages to, if that is done here.
    :class:`WeChatFailed` with what to do if there is none."""
    query = {
        "appid": settings.WECHAT_APP_ID,
        "secret": settings.WECHAT_SECRET,
        "code": code,
        "grant_type": "authorization_code",
    }
    try:
        answer = httpx.get(f"{settings.WECHAT_API_URL}/sns/oauth2/access_token", params=query, timeout=TIMEOUT_SECONDS)
        told = answer.raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        logger.warning("WeChat does not answer: %s", type(error).__name__)
        raise WeChatFailed("WeChat does not answer. Please sign in with your phone.") from None
    if not isinstance(told, dict):
        raise WeChatFailed("WeChat does not answer. Please sign in with your phone.")
    if told.get("errcode"):
        logger.warning("WeChat refused: %s", told.get("errcode"))
        if told["errcode"] in CODE_OVER:
            raise WeChatFailed(
                "This took too long for WeChat. Please begin again.", code="wechat-code-over", status=400
            )
        raise WeChatFailed("WeChat refused. Please sign in with your phone.")
    openid = told.get("openid")
    if not isinstance(openid, str) or not openid:
        raise WeChatFailed("WeChat refused. Please sign in with your phone.")
    return openid_index(openid), sealed_openid(openid)

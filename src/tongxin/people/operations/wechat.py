"""WeChat as a way in: an openid stands for an account once its owner proved their phone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, NotFound
from tongxin.people.fields import OPENID
from tongxin.people.models import WeChatLink
from tongxin.people.operations.sessions import note_account, self_of
from tongxin.people.queries.signin import account_of
from tongxin.people.rules.trust import require_level
from tongxin.record.keys import field_cipher


def openid_index(openid: str) -> bytes:
    """What is kept of an openid."""
    return field_cipher().blind_index(openid, "people.wechat.openid")


def sealed_openid(openid: str) -> bytes:
    """The openid as it is kept to send messages to; empty where no messages are sent by this WeChat app."""
    same_app = settings.WECHAT_MESSAGES == "account" and settings.WECHAT_ACCOUNT_ID == settings.WECHAT_APP_ID
    return field_cipher().encrypt(openid, OPENID) if same_app else b""


def keep_openid(index: bytes, sealed: bytes) -> None:
    """Remember how to reach somebody whose link is older than the messages. Nothing if there is nothing to keep."""
    if sealed:
        WeChatLink.objects.filter(pk=index, openid_cipher=None).update(openid_cipher=sealed)


def link_wechat(account_id: UUID, index: bytes, *, now: datetime, sealed: bytes = b"") -> None:
    """From now on this WeChat user is this account, and only this one; an older link of the account ends.

    ``sealed``: the openid as :func:`sealed_openid` gives it, to send messages to.
    :class:`Conflict` if the WeChat user is linked with somebody else: that one has to end it first.
    """
    account = account_of(account_id)
    if account is None:
        raise NotFound("There is no such account.", code="no-account")
    with transaction.atomic():
        link = WeChatLink.objects.select_for_update().filter(pk=index).first()
        if link is not None and link.account_id != account_id:
            raise Conflict("This WeChat is linked with another account.", code="wechat-taken")
        if link is None:
            WeChatLink.objects.filter(account_id=account_id).delete()
            WeChatLink.objects.create(
                openid_index=index, account_id=account_id, openid_cipher=sealed or None, linked_at=now
            )
            note_account(self_of(account), "wechat_linked", account, now)


def unlink_wechat(actor: Actor, *, now: datetime) -> None:
    """End the link of one's own account. :class:`NotFound` if there is none."""
    require_level(actor, "account.keep")
    with transaction.atomic():
        link = (
            WeChatLink.objects.select_for_update(of=("self",))
            .select_related("account__person__community")
            .filter(account__person=actor.person_id or actor.id)
            .first()
        )
        if link is None:
            raise NotFound("No WeChat is linked.", code="no-wechat")
        link.delete()
        note_account(actor, "wechat_unlinked", link.account, now)

"""Sessions, codes, second factors and limits: what signing in needs. Everything secret is hashed or encrypted."""

from __future__ import annotations

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _

from tongxin.kernel.ids import uuid7
from tongxin.people.models.register import Account


class SignInSession(AbstractBaseSession):
    """A signed-in browser, or one about to sign in. The cookie's key is stored only as a hash.

    The columns repeat what the signed session data says, so that a person's sessions can be listed and ended.
    """

    id = models.UUIDField(unique=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="sessions")
    way = models.CharField(max_length=10, blank=True, help_text=_("phone, wechat, password or demo"))
    strong = models.BooleanField(default=False, help_text=_("passed the second factor"))
    device = models.CharField(max_length=80, blank=True)
    address_prefix = models.CharField(max_length=50, blank=True, help_text=_("never the whole address"))
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["account", "-seen_at"], name="session_of_account")]


class SignInCode(models.Model):
    """A code of six digits on its way to a phone. Only a keyed hash is kept; the phone is encrypted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purpose = models.CharField(max_length=20, help_text=_("a code serves one purpose only"))
    phone_cipher = models.BinaryField()
    code_hash = models.BinaryField(max_length=32)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)


class SignInLimit(models.Model):
    """How often something was tried in the present window, by a keyed hash of whom it concerns."""

    key = models.CharField(primary_key=True, max_length=64)
    count = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True, help_text=_("of the window"))


class SecondFactor(models.Model):
    """An authenticator (TOTP, RFC 6238) of a member of staff. It counts from its confirmation on."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="second_factor")
    secret_cipher = models.BinaryField()
    last_step = models.BigIntegerField(default=0, help_text=_("a code is taken once"))
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)


class RecoveryCode(models.Model):
    """A code for the day on which the authenticator is lost. Each works once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.BinaryField(max_length=32)
    used_at = models.DateTimeField(null=True)


class WeChatLink(models.Model):
    """A WeChat user known as an account, by a keyed hash of the openid.

    The openid itself is kept, encrypted, only where this installation sends messages by that very WeChat app.
    """

    openid_index = models.BinaryField(primary_key=True, max_length=32)
    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="wechat")
    openid_cipher = models.BinaryField(null=True, help_text=_("encrypted; to send messages to"))
    linked_at = models.DateTimeField()

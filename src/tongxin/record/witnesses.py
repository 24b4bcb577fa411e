"""Witnesses outside: whoever keeps the seals where this house's operator cannot reach them.

``TONGXIN_WITNESS_URLS`` are posted to, each seal once, as JSON signed like text messages (``notifications/senders.py``)::

    POST  {"count": …, "day": "2026-11-22", "from": "https://…", "hash": "…", "prev_hash": "…", "root": "…", "sealed_at": "…Z"}
    X-Tongxin-Time: 1763769600                     seconds since 1970
    X-Tongxin-Signature: hex HMAC-SHA-256 of "<time>.<body>" under TONGXIN_WITNESS_SECRET

2xx means kept; anything else is tried again. ``hash`` is SHA-256 over count, day, prev_hash, root and sealed_at as canonical
JSON (``rules.seal_hash``), so a witness can compute it. ``TONGXIN_WITNESS_MAIL`` gets the same by electronic mail.
"""

from __future__ import annotations

import hashlib
import hmac
import smtplib
import ssl
import time
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from tongxin.kernel.hashing import canonical_json
from tongxin.record import rules
from tongxin.record.models import Seal

TIMEOUT_SECONDS = 15.0
MAILTO = "mailto:"


class NotTaken(Exception):
    """The witness did not say yes; it is asked again later. The message says why."""


def configured() -> list[str]:
    """All witnesses of this installation, as ``https://…`` and ``mailto:…``."""
    return [*settings.WITNESS_URLS, *(f"{MAILTO}{address}" for address in settings.WITNESS_MAIL)]


def shown(witness: str) -> str:
    """A witness by its address or host: a path may hold a secret."""
    return witness.removeprefix(MAILTO) if witness.startswith(MAILTO) else urlsplit(witness).hostname or witness


def send(witness: str, seal: Seal) -> None:
    """Bring a seal to a witness. Raises :class:`NotTaken` unless it says yes."""
    if witness.startswith(MAILTO):
        _mail(witness.removeprefix(MAILTO), seal)
    else:
        _post(witness, seal)


def told(seal: Seal) -> dict[str, object]:
    """What a witness gets, all that it takes to compute the seal's hash."""
    return {
        "from": settings.PUBLIC_URL,
        "day": seal.day,
        "count": seal.count,
        "root": seal.root,
        "prev_hash": seal.prev_hash,
        "sealed_at": seal.sealed_at,
        "hash": seal.hash,
    }


def _post(url: str, seal: Seal) -> None:
    body = canonical_json(told(seal))
    at = str(int(time.time()))
    signature = hmac.new(settings.WITNESS_SECRET.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "X-Tongxin-Time": at,
        "X-Tongxin-Signature": signature,
    }
    try:
        answer = httpx.post(url, content=body, headers=headers, timeout=TIMEOUT_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotTaken(type(error).__name__) from error
    if not answer.is_success:
        raise NotTaken(f"status {answer.status_code}")


def _mail(address: str, seal: Seal) -> None:
    message = _message(address, seal)
    try:
        with _smtp() as server:
            if settings.SMTP_SECURITY == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.SMTP_USER:
                server.login(settings.SMTP_USER, settings.SMTP_PASSWORD)
            # Whoever is refused is raised: there is one addressee.
            server.send_message(message)
    except smtplib.SMTPResponseException as error:
        raise NotTaken(f"SMTP {error.smtp_code}") from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise NotTaken(type(error).__name__) from error


def _smtp() -> smtplib.SMTP:
    where = (settings.SMTP_HOST, settings.SMTP_PORT)
    if settings.SMTP_SECURITY == "tls":
        return smtplib.SMTP_SSL(*where, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    return smtplib.SMTP(*where, timeout=TIMEOUT_SECONDS)


def _message(address: str, seal: Seal) -> EmailMessage:
    """The mail, in the language of the place. One line of it is what ``tongxin verify --seal`` takes."""
    message = EmailMessage()
    message["From"], message["To"] = settings.MAIL_FROM, address
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = make_msgid(domain=settings.MAIL_FROM.partition("@")[2])
    facts = {"from": settings.PUBLIC_URL, "day": seal.day.isoformat(), "count": seal.count}
    with override(settings.LANGUAGE_CODE):
        message["Subject"] = _("Seal of %(day)s: %(from)s") % facts
        message.set_content(
            "\n".join(
                [
                    _("%(from)s has sealed its record of %(day)s, %(count)s entries.") % facts,
                    _(
                        "Please keep this mail. With the next line anybody can later show that the day was not rewritten:"
                    ),
                    "",
                    rules.seal_line(seal.day, seal.hash),
                    "",
                    canonical_json(told(seal)).decode(),
                ]
            )
        )
    return message

"""E-mail by the office's own server: TLS as ``TONGXIN_SMTP_SECURITY`` says, one ``Message-ID`` per message for ever."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from django.conf import settings
from django.utils import timezone

from tongxin.notifications.senders.base import TIMEOUT_SECONDS, Message, Refused, SlowDown, Unreachable

SLOW: Final = frozenset({421, 450, 451, 452})


def _letter(message: Message) -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"] = " ".join((message.title or message.text[:40]).split())
    letter["From"], letter["To"] = settings.MAIL_FROM, message.to
    letter["Date"] = format_datetime(timezone.now())
    letter["Message-ID"] = f"<{message.id}@{settings.MAIL_FROM.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(f"{message.text}\n\n{message.link}\n" if message.link else f"{message.text}\n")
    return letter


class Mail:
    """One letter to one mailbox. The receipt is its Message-ID."""

    keeps_text = False

    def send(self, message: Message) -> str:
        letter = _letter(message)
        try:
            with _connected() as server:
                if settings.SMTP_USER:
                    server.login(settings.SMTP_USER, settings.SMTP_PASSWORD)
                server.send_message(letter)
        except smtplib.SMTPRecipientsRefused as error:
            code, _words = next(iter(error.recipients.values()), (550, b""))
            raise _refusal(code) from error
        except smtplib.SMTPAuthenticationError as error:
            raise Unreachable("the mail server does not know us") from error
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(type(error).__name__) from error
        return str(letter["Message-ID"])


def _refusal(code: int) -> Exception:
    if code in SLOW:
        return SlowDown(f"status {code}", 300)
    return Unreachable(f"status {code}") if 400 <= code < 500 else Refused(f"status {code}")


def _connected() -> smtplib.SMTP:
    host, port, how = settings.SMTP_HOST, settings.SMTP_PORT, settings.SMTP_SECURITY
    if how == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    if how == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except (smtplib.SMTPException, OSError):
            server.close()
            raise
    return server

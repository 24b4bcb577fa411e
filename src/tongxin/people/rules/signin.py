"""The rules of signing in: codes, limits, the second factor, and how a session is described to its owner."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import secrets
import struct
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote, urlencode

CODE_DIGITS: Final = 6
CODE_LIVES: Final = timedelta(minutes=5)
CODE_TRIES: Final = 5
CHOICE_LIVES: Final = timedelta(minutes=10)

TOTP_STEP_SECONDS: Final = 30
TOTP_DIGITS: Final = 6
TOTP_DRIFT_STEPS: Final = 1  # one step before and after: telephones' clocks differ (RFC 6238, 5.2)
TOTP_SECRET_BYTES: Final = 20

RECOVERY_CODES: Final = 10
# No letters or digits that handwriting confuses.
RECOVERY_ALPHABET: Final = "34679ACDEFHJKMNPQRTVWXY"
RECOVERY_LENGTH: Final = 10  # 45 bits


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` times within ``window``, counted from the first."""

    name: str
    most: int
    window: timedelta


# A phone's codes are counted by where they are asked from, so that a stranger elsewhere uses up their own allowance. What
# strangers can have sent to a phone in a day is bounded all the same; beside that stands what a browser may ask for that
# has proved this very phone before.
ONE_CODE_A_MINUTE = Limit("code-minute", 1, timedelta(seconds=60))
CODES_FROM_PLACE = Limit("code-place", 5, timedelta(days=1))
CODES_OF_PHONE = Limit("code-phone", 10, timedelta(days=1))
CODES_OF_BROWSER = Limit("code-browser", 5, timedelta(days=1))
CODES_OF_KNOWN = Limit("code-known", 10, timedelta(days=1))
MOST_CODES_A_DAY: Final = CODES_OF_PHONE.most + CODES_OF_KNOWN.most
# Whole districts share one address behind a telephone company's network, so these are wide.
CODES_OF_ADDRESS = Limit("code-address", 60, timedelta(hours=1))
TRIES_OF_PHONE = Limit("code-try", 20, timedelta(hours=1))  # from one place, or in one browser that is known
TRIES_OF_ADDRESS = Limit("try-address", 200, timedelta(hours=1))
PROOFS_OF_PERSON = Limit("proof", 5, timedelta(days=1))
PASSWORDS_FROM_ONE_PLACE = Limit("password-place", 5, timedelta(minutes=15))
PASSWORDS_OF_NAME = Limit("password-name", 30, timedelta(hours=1))
SECOND_FACTORS = Limit("second-factor", 5, timedelta(minutes=15))


Spent = tuple[tuple[Limit, str], ...]
"""What one try uses up: limits, each with whom it counts."""


def spent_by_code(*, phone: str, purpose: str, place: str, browser: str) -> Spent:
    """What asking for a code uses up. ``browser``: its id if it has proved the phone before, else empty."""
    if browser:
        return (
            (ONE_CODE_A_MINUTE, f"{purpose}:{phone}:{browser}"),
            (CODES_OF_BROWSER, f"{phone}:{browser}"),
            (CODES_OF_KNOWN, phone),
        )
    return (
        (CODES_OF_ADDRESS, place),
        (ONE_CODE_A_MINUTE, f"{purpose}:{phone}:{place}"),
        (CODES_FROM_PLACE, f"{phone}:{place}"),
        (CODES_OF_PHONE, phone),
    )


def place_of(address: str) -> str:
    """Where somebody asks from, as it is counted: an IPv4 address, or the 64 bits of an IPv6 one that a subscriber has."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def counted(count: int, ends_at: datetime | None, limit: Limit, now: datetime) -> tuple[int, datetime, bool]:
    """The count and end of the window after one more try, and whether that try is within the limit.

    A window that has ended begins anew. Beyond the limit nothing more is counted, so nobody is locked for ever.
    """
    if ends_at is None or now >= ends_at:
        return 1, now + limit.window, True
    if count >= limit.most:
        return count, ends_at, False
    return count + 1, ends_at, True


def new_code() -> str:
    """Six random digits, leading zeros included."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def typed_digits(text: str) -> str:
    """What somebody typed as a code: half width, without spaces and dashes."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum()).upper()


def new_totp_secret() -> bytes:
    """A secret for an authenticator (RFC 4226, 4: 160 bits)."""
    return secrets.token_bytes(TOTP_SECRET_BYTES)


def totp_step(now: datetime) -> int:
    """The number of the time step."""
    return int(now.timestamp()) // TOTP_STEP_SECONDS


def totp(secret: bytes, step: int) -> str:
    """The code of a step (RFC 6238 with HMAC-SHA-1, which is what every authenticator speaks)."""
    mac = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = mac[-1] & 0x0F
    number = struct.unpack(">I", mac[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**TOTP_DIGITS:0{TOTP_DIGITS}d}"


def matching_step(secret: bytes, typed: str, now: datetime, last_step: int) -> int | None:
    """The step to which the typed code belongs, or None. A step up to ``last_step`` was used already (RFC 6238, 5.2)."""
    present, code = totp_step(now), typed_digits(typed)
    for step in range(present - TOTP_DRIFT_STEPS, present + TOTP_DRIFT_STEPS + 1):
        if step > last_step and hmac.compare_digest(totp(secret, step).encode(), code.encode()):
            return step
    return None


def totp_text(secret: bytes) -> str:
    """The secret as it is typed into an authenticator: base32 without padding."""
    return base64.b32encode(secret).decode().rstrip("=")


def totp_address(secret: bytes, issuer: str, name: str) -> str:
    """The otpauth address for the QR code."""
    label = f"{quote(issuer)}:{quote(name)}"
    query = urlencode({"secret": totp_text(secret), "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{label}?{query}"


def new_recovery_codes() -> list[str]:
    """Ten codes, each in two halves to be read and copied."""
    half = RECOVERY_LENGTH // 2
    raw = ["".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    return [f"{code[:half]}-{code[half:]}" for code in raw]


def shown_of_shared_phone(name: str) -> str:
    """A name among those who share a phone: the first character hidden, for families share their surname.

    张秀英 → *秀英. Who holds the phone recognises their own, a stranger with a recycled number learns no full name.
    """
    return f"*{name[1:]}" if len(name) > 1 else "*"


def address_prefix(address: str) -> str:
    """Where a session is, roughly: 120.36.x.x, or the first 48 bits of an IPv6 address. Never the whole address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return address_prefix(str(ip.ipv4_mapped))
        return str(ipaddress.ip_network((ip, 48), strict=False)).removesuffix("/48")
    first, second, *_ = str(ip).split(".")
    return f"{first}.{second}.x.x"


_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("iPad", "iPad"),
    ("iPhone", "iPhone"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg", "Edge"),
    ("HuaweiBrowser", "华为浏览器"),
    ("MiuiBrowser", "小米浏览器"),
    ("QQBrowser", "QQ浏览器"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def device_words(user_agent: str) -> str:
    """The browser and system as their owner knows them: “微信 · Android”. Empty if neither is recognised."""
    found = (next((words for sign, words in known if sign in user_agent), "") for known in (_BROWSERS, _SYSTEMS))
    return " · ".join(part for part in found if part)

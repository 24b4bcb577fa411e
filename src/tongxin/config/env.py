"""Settings come from the environment and fail loudly.

``NAME_FILE`` may stand for ``NAME`` where the value is a secret: it then holds the path of a file with the value.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

PREFIX = "TONGXIN_"
_FOR_DEVELOPMENT = (
    "TONGXIN_TEST_", "TONGXIN_BENCH_", "TONGXIN_SHARED_", "TONGXIN_WRITE_", "TONGXIN_SCREENSHOTS", "TONGXIN_CHROMIUM",
    "TONGXIN_API_EXAMPLES",
)  # fmt: skip
"""What tests and benchmarks read, which load these settings too."""
_read: set[str] = set()


class SettingsError(SystemExit):
    """A setting is missing or wrong. The message names the variable and says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(f"tongxin: {message}")


def text(name: str, default: str | None = None, environ: Mapping[str, str] = os.environ) -> str:
    """The value of ``name``; raises :class:`SettingsError` when absent and without default."""
    _read.add(name)
    value = environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise SettingsError(f"{name} is not set. See docs/operations.md.")
    return default


def secret(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """A secret from ``name`` or from the file that ``name_FILE`` names; both at once is an error."""
    _read.update({name, f"{name}_FILE"})
    direct, file = environ.get(name, "").strip(), environ.get(f"{name}_FILE", "").strip()
    if direct and file:
        raise SettingsError(f"both {name} and {name}_FILE are set; keep one.")
    if file:
        try:
            direct = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{name}_FILE cannot be read: {error}.") from error
    if not direct:
        raise SettingsError(f"neither {name} nor {name}_FILE is set. See docs/operations.md.")
    return direct


def field_key(name: str = "TONGXIN_FIELD_KEY", environ: Mapping[str, str] = os.environ) -> bytes:
    """The key that encrypts phones and ID numbers: 32 bytes, base64."""
    try:
        key = base64.b64decode(secret(name, environ), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SettingsError(f"{name} is not base64.") from error
    if len(key) != 32:
        raise SettingsError(f"{name} must be 32 bytes in base64, not {len(key)}.")
    return key


def port(name: str = "TONGXIN_PORT", environ: Mapping[str, str] = os.environ) -> int:
    """A TCP port, 8000 unless told."""
    value = text(name, "8000", environ)
    if not _digits(value) or not 0 < int(value) < 65536:
        raise SettingsError(f"{name} must be a port from 1 to 65535, not {value!r}.")
    return int(value)


def number(name: str, default: int, environ: Mapping[str, str] = os.environ) -> int:
    """A whole number above zero."""
    value = text(name, str(default), environ)
    if not _digits(value) or int(value) == 0:
        raise SettingsError(f"{name} must be a whole number above zero, not {value!r}.")
    return int(value)


def _digits(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 10


def address(name: str, default: str, environ: Mapping[str, str] = os.environ) -> str:
    """The address that people type and posters print: ``https://host``, perhaps with a port, without a path."""
    value = text(name, default, environ).rstrip("/")
    try:
        parts = urlsplit(value)
        wrong = parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0
    except ValueError:
        wrong = True
    if wrong or parts.path or parts.query or parts.fragment or parts.username:
        raise SettingsError(f"{name} must be an address such as https://tongxin.example.cn, not {value!r}.")
    return value


def words(name: str, default: str = "", environ: Mapping[str, str] = os.environ) -> list[str]:
    """Words with commas between them."""
    return [word.strip() for word in text(name, default or ",", environ).split(",") if word.strip()]


def choice(name: str, choices: tuple[str, ...], default: str, environ: Mapping[str, str] = os.environ) -> str:
    """One of a few words."""
    value = text(name, default, environ)
    if value not in choices:
        raise SettingsError(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def flag(name: str, default: bool = False, environ: Mapping[str, str] = os.environ) -> bool:
    """A yes/no setting: 1/true/yes/on or 0/false/no/off."""
    value = text(name, "1" if default else "0", environ).lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise SettingsError(f"{name} must be 1 or 0, not {value!r}.")


def addresses(name: str, check: Callable[[str, str], str], environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Several addresses with commas between, each passed through ``check``; none when the name is not set."""
    found = [value.strip() for value in text(name, ",", environ).split(",") if value.strip()]
    return tuple(dict.fromkeys(check(name, value) for value in found))


def web_address(name: str, value: str) -> str:
    """An address under HTTPS; plain HTTP on this machine alone, where nobody can listen in between."""
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise SettingsError(f"{name} holds {value!r}, which is not an address: {error}.") from error
    here = host in {"127.0.0.1", "localhost", "::1"}
    if not host or parts.scheme not in {"https", "http"} or (parts.scheme == "http" and not here) or len(value) > 300:
        raise SettingsError(f"{name} must hold addresses that begin with https://, not {value!r}.")
    return value


def mail_address(name: str, value: str) -> str:
    """An address of electronic mail."""
    local, _at, domain = value.partition("@")
    if not local or "." not in domain or not value.isascii() or set(value) & set(' \t\r\n<>,;"') or "@" in domain:
        raise SettingsError(f"{name} must hold mail addresses such as archive@example.org, not {value!r}.")
    return value


def database(url: str) -> dict[str, Any]:
    """Django's database settings for ``sqlite:////absolute/path`` or ``postgres://user:pass@host:port/name?host=/socket``."""
    parts, port_number = _split(url)
    if parts.scheme == "sqlite" and not (parts.path.startswith("//") and parts.path.strip("/")):
        raise SettingsError(
            "TONGXIN_DATABASE_URL must name the file by its whole path, with four strokes: sqlite:////srv/tongxin.sqlite3."
        )
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": "/" + unquote(parts.path).lstrip("/"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                # Writers queue at BEGIN instead of failing at their first write with "database is locked".
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
                    "PRAGMA recursive_triggers=ON; PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456"
                ),
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        query: dict[str, Any] = dict(parse_qsl(parts.query))
        if query.pop("prepare", "on") != "off":
            # The same statements come again and again, and to plan one takes longer than to run it: the server keeps
            # those it has seen three times on a connection. PgBouncer older than 1.22 needs ?prepare=off.
            query |= {"server_side_binding": True, "prepare_threshold": 3}
        return {
            "ENGINE": "tongxin.record.postgresql",
            "NAME": unquote(parts.path.lstrip("/")) or "tongxin",
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": query.pop("host", parts.hostname or ""),
            "PORT": str(port_number or query.pop("port", "") or ""),
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": query,
        }
    raise SettingsError("TONGXIN_DATABASE_URL must begin with sqlite:/// or postgres://.")


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError as error:
        raise SettingsError(f"TONGXIN_DATABASE_URL is not an address: {error}.") from error


def refuse_unknown(further: tuple[str, ...] = (), environ: Mapping[str, str] = os.environ) -> None:
    """Raise :class:`SettingsError` for a name that nothing reads: most likely one that is spelt wrong.

    ``further``: names that are read only where another setting asks for it.
    """
    known = _read | {*further, *(f"{name}_FILE" for name in further)}
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known and not name.startswith(_FOR_DEVELOPMENT):
            raise SettingsError(f"{name} is no setting. See docs/operations.md.")

"""The installation's keys, derived once per process from the field key, which lives outside the database."""

from __future__ import annotations

from functools import cache
from uuid import UUID

from django.conf import settings

from tongxin.kernel.crypto import FieldCipher, keyed_digest


@cache
def _cipher(key: bytes) -> FieldCipher:
    return FieldCipher(key)


def field_cipher() -> FieldCipher:
    """The cipher for personal fields."""
    return _cipher(settings.FIELD_KEY)


@cache
def _derived(key: bytes, purpose: str) -> bytes:
    return keyed_digest(key, f"tongxin {purpose}".encode())


def derived_key(purpose: str) -> bytes:
    """32 bytes for one purpose, such as ``record head v1``; different purposes have unrelated keys."""
    return _derived(settings.FIELD_KEY, purpose)


def head_key() -> bytes:
    """The key that vouches for the ends of chains."""
    return derived_key("record head v1")


def part_context(entry_id: UUID) -> str:
    """Binds an encrypted personal part to its entry."""
    return f"record.personal.{entry_id}"

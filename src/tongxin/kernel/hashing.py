"""Hashes that outsiders can recompute: canonical JSON, salted commitments, Merkle trees of RFC 6962."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from uuid import UUID

from tongxin.kernel.crypto import digest, keyed_digest

SALT_BYTES = 16
_MAX_DECIMAL_DIGITS = 100
_LEAF = b"\x00"
_NODE = b"\x01"


def canonical_json(obj: object) -> bytes:
    """The one spelling of `obj` as JSON: keys sorted by code point, no spaces, UTF-8 unescaped.

    Aware datetimes become UTC with microseconds and `Z`, dates ISO, UUIDs and Fractions strings, Decimals
    strings without needless zeros, enums their value. Reading the result back and writing it again gives the
    same bytes, so a hash survives storage in a JSON column. Raises TypeError for floats (two machines may
    print them differently) and anything else, for keys that are not strings; ValueError for naive datetimes
    and for what is no finite number or no Unicode text.
    """
    text = json.dumps(_plain(obj), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


_PLAIN = frozenset({type(None), bool, int, str})


def _plain(obj: object) -> object:
    if type(obj) in _PLAIN:  # nearly everything; the rest is asked for one by one
        return obj
    match obj:
        case Enum():
            return _plain(obj.value)
        case None | bool() | int() | str():
            return obj
        case datetime():
            if obj.tzinfo is None:
                raise ValueError("canonical JSON needs aware datetimes")
            return obj.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
        case date():
            return obj.isoformat()
        case UUID() | Fraction():
            return str(obj)
        case Decimal():
            return _decimal(obj)
        case Mapping():
            return {_key(key): _plain(value) for key, value in obj.items()}
        case list() | tuple():
            return [_plain(item) for item in obj]
    raise TypeError(f"canonical JSON does not take {type(obj).__name__}")


def _key(key: object) -> str:
    if type(key) is str:
        return key
    if not isinstance(key, str):
        raise TypeError("canonical JSON needs keys that are strings")
    return str(key.value) if isinstance(key, Enum) else key


def _decimal(number: Decimal) -> str:
    if not number.is_finite() or abs(number.adjusted()) > _MAX_DECIMAL_DIGITS:
        raise ValueError("canonical JSON takes finite decimals of ordinary size")
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if number == 0 else text


def new_salt() -> bytes:
    """A random salt for one commitment; erasing it later makes the commitment say nothing (个人信息保护法
    47)."""
    return secrets.token_bytes(SALT_BYTES)


def commit(value: object, salt: bytes) -> str:
    """A commitment in hexadecimal to `value` (as canonical JSON): binding, and hiding for as long as the salt
    is secret.

    Raises ValueError for a salt under 16 bytes, because short personal values can be guessed without one.
    """
    if len(salt) < SALT_BYTES:
        raise ValueError(f"a salt has at least {SALT_BYTES} bytes")
    return keyed_digest(salt, canonical_json(value)).hex()


def _leaf_hash(leaf: bytes) -> bytes:
    return digest(_LEAF + leaf)


def _node_hash(left: bytes, right: bytes) -> bytes:
    return digest(_NODE + left + right)


def _parents(level: Sequence[bytes]) -> list[bytes]:
    """The level above; an odd last node moves up unchanged, which gives the split of RFC 6962 at powers of
    two."""
    paired = [_node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
    return [*paired, level[-1]] if len(level) % 2 else paired


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of RFC 6962, section 2.1, with the installation's hash; of no leaves the hash of
    nothing."""
    if not leaves:
        return digest(b"")
    level = [_leaf_hash(leaf) for leaf in leaves]
    while len(level) > 1:
        level = _parents(level)
    return level[0]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The sibling hashes from leaf `index` up to the root (RFC 6962, section 2.1.1). Raises IndexError."""
    if not 0 <= index < len(leaves):
        raise IndexError("no such leaf")
    proof: list[bytes] = []
    level = [_leaf_hash(leaf) for leaf in leaves]
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            proof.append(level[sibling])
        level = _parents(level)
        index //= 2
    return proof


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that `leaf` is number `index` of the `size` leaves under `root` (RFC 9162,
    section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, position, last = _leaf_hash(leaf), index, size - 1
    for sibling in proof:
        if last == 0:
            return False
        if position % 2 or position == last:
            node = _node_hash(sibling, node)
            while position % 2 == 0 and position:
                position //= 2
                last //= 2
        else:
            node = _node_hash(node, sibling)
        position //= 2
        last //= 2
    return last == 0 and node == root

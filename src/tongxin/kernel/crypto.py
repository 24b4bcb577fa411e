"""Encryption of personal fields, blind indexes for looking them up, and signed values.

The choice of hash and cipher lives here and nowhere else. Where the state's rules ask for SM3 and SM4 (密码法;
等保), set `HASH` before the installation holds data, and give the cipher a new version byte: fields of the old
version stay readable. A later change of `HASH` means making blind indexes again, and links, commitments and seals made
before verify only under the hash that made them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tongxin.kernel.errors import Invalid

HASH = "sha256"
"""Name of the hash for digests, HMACs and Merkle trees, as `hashlib` knows it."""

KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_VERSION_AES_GCM = b"\x01"
_SIGNATURE_BYTES = 16


class DecryptionFailed(ValueError):
    """The blob was altered, belongs to another context, or was written with another key."""


class BadSignature(Invalid, ValueError):
    """The signed value was altered, belongs to another context, or was signed with another key."""


def digest(data: bytes) -> bytes:
    """The hash of `data` under the installation's hash (32 bytes)."""
    return hashlib.new(HASH, data).digest()


def keyed_digest(key: bytes, data: bytes) -> bytes:
    """The HMAC of `data` under the installation's hash (32 bytes)."""
    return hmac.new(key, data, HASH).digest()


def _derived(key: bytes, purpose: str) -> bytes:
    if len(key) < KEY_BYTES:
        raise ValueError(f"a key has at least {KEY_BYTES} bytes")
    # Not `HASH`: the keys of fields already written must not change with it.
    return HKDF(hashes.SHA256(), length=KEY_BYTES, salt=None, info=f"tongxin {purpose}".encode()).derive(key)


class FieldCipher:
    """Encrypts single fields, such as an ID number or a telephone number.

    `key` has at least 32 random bytes and is kept outside the database. `context` names the place of the
    field, such as `people.person.phone`, optionally with the row's id; a blob moved to another context does
    not open. Nonces are random with 96 bits: one key serves up to 2^32 values (NIST SP 800-38D, 8.3).
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(_derived(key, "field encryption v1"))
        self._index_key = _derived(key, "blind index v1")

    def __repr__(self) -> str:
        return "FieldCipher(…)"

    def encrypt(self, plaintext: str, context: str) -> bytes:
        """Version byte, nonce, ciphertext and tag (AES-256-GCM); equal texts give different blobs."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, plaintext.encode(), _VERSION_AES_GCM + context.encode())
        return _VERSION_AES_GCM + nonce + sealed

    def decrypt(self, blob: bytes | memoryview, context: str) -> str:
        """The text in a blob of `encrypt`. Raises DecryptionFailed."""
        blob = bytes(blob)  # a database driver may hand over a memoryview
        if blob[:1] != _VERSION_AES_GCM or len(blob) < 1 + _NONCE_BYTES + _TAG_BYTES:
            raise DecryptionFailed("not an encrypted field of a known version")
        nonce, sealed = blob[1 : 1 + _NONCE_BYTES], blob[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, sealed, _VERSION_AES_GCM + context.encode()).decode()
        except InvalidTag as error:
            raise DecryptionFailed("the field does not open with this key and context") from error

    def blind_index(self, value: str, context: str) -> bytes:
        """32 bytes by which an equal value is found without decrypting; the caller normalises the value
        first.

        Keyed by a key of its own, so neither the index nor the ciphertext helps with the other. The same
        value has different indexes in different contexts.
        """
        name = context.encode()
        return keyed_digest(self._index_key, len(name).to_bytes(4, "big") + name + value.encode())


def _signature(value: str, key: bytes, context: str) -> str:
    mac = keyed_digest(_derived(key, f"signature v1 {context}"), value.encode())[:_SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def sign(value: str, key: bytes, context: str) -> str:
    """`value`, a dot and a signature of 22 URL-safe characters (HMAC cut to 128 bits), for links and QR
    codes.

    `value` stays readable: signing is not hiding. A time limit, if wanted, is part of `value`.
    """
    return f"{value}.{_signature(value, key, context)}"


def unsign(signed: str, key: bytes, context: str) -> str:
    """The value in what `sign` gave with the same key and context. Raises BadSignature."""
    value, dot, given = signed.rpartition(".")
    try:
        matches = bool(dot) and hmac.compare_digest(given.encode(), _signature(value, key, context).encode())
    except UnicodeEncodeError:  # lone surrogates out of a mangled address
        matches = False
    if not matches:
        raise BadSignature("This link is not valid.", code="bad-signature")
    return value


def decode_key(text: str) -> bytes:
    """A key from a setting: base64 (either alphabet) or hexadecimal of at least 32 bytes. Raises
    ValueError."""
    text = text.strip()
    try:
        key = bytes.fromhex(text) if len(text) == 2 * KEY_BYTES else _from_base64(text)
    except (ValueError, binascii.Error) as error:
        raise ValueError("the key is neither base64 nor hexadecimal") from error
    if len(key) < KEY_BYTES:
        raise ValueError(f"a key has at least {KEY_BYTES} bytes")
    return key


def _from_base64(text: str) -> bytes:
    standard = text.replace("-", "+").replace("_", "/").rstrip("=")
    return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)

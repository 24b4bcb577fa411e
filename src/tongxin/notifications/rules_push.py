"""Web push on the wire: the message encrypted for one browser (RFC 8291 in RFC 8188), the sender known by its key (RFC 8292).

Pure: keys and salts are given. See docs/adr/0008-web-push.md for why there is no library here.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tongxin.kernel.errors import Invalid

CURVE: Final = ec.SECP256R1()
ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
RECORD_BYTES: Final = 4096
MOST_PAYLOAD: Final = 3000
"""Bytes. Push services take 4096 encrypted ones; ours are a sentence."""
VAPID_SECONDS: Final = 12 * 3600
"""How long a signature holds. At most a day by RFC 8292."""
POINT_BYTES, AUTH_BYTES, SALT_BYTES = 65, 16, 16


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where one browser is reached, and the keys that only it can open: as its PushManager gave them, checked."""

    endpoint: str
    p256dh: bytes
    auth: bytes


def b64(data: bytes) -> str:
    """Base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of :func:`b64`. Raises ValueError."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise ValueError("no base64") from error


def subscription(endpoint: str, p256dh: str, auth: str, services: tuple[str, ...]) -> Subscription:
    """A subscription as a browser gave it. Raises :class:`Invalid`.

    ``services``: names of hosts, that a push service has or ends with. We call what a browser names, so it must be one
    of those: else anyone could have us call into our own network. HTTPS, but for this machine itself.
    """
    try:
        parts, key, secret = urlsplit(endpoint), unb64(p256dh), unb64(auth)
        host, _port = parts.hostname or "", parts.port
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, key)
    except ValueError:
        raise Invalid("This browser's address for messages cannot be read.", field="endpoint") from None
    known = any(host == name or host.endswith(f".{name}") for name in services)
    safe = parts.scheme == "https" or (parts.scheme == "http" and host == "127.0.0.1")
    if not (known and safe) or len(endpoint) > 1000 or parts.username is not None:
        raise Invalid("Messages cannot be sent to this browser from here.", field="endpoint")
    if len(key) != POINT_BYTES or len(secret) != AUTH_BYTES:
        raise Invalid("This browser's address for messages cannot be read.", field="endpoint")
    return Subscription(endpoint, key, secret)


def _derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


def encrypted(payload: bytes, to: Subscription, ours: ec.EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """The payload for one browser alone, in one record of ``aes128gcm``. Raises ValueError if it is too long.

    ``ours``: a key made for this message alone; ``salt``: sixteen bytes of chance.
    """
    if len(payload) > MOST_PAYLOAD:
        raise ValueError("too long for a push")
    point = ours.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = ours.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, to.p256dh))
    secret = _derive(to.auth, shared, b"WebPush: info\x00" + to.p256dh + point, 32)
    key = _derive(salt, secret, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derive(salt, secret, b"Content-Encoding: nonce\x00", 12)
    header = salt + RECORD_BYTES.to_bytes(4, "big") + bytes([POINT_BYTES]) + point
    return header + AESGCM(key).encrypt(nonce, payload + b"\x02", None)  # 2: the last record


def vapid_key(secret: bytes) -> ec.EllipticCurvePrivateKey:
    """The installation's own key, out of 32 secret bytes: the same bytes give the same key."""
    return ec.derive_private_key(int.from_bytes(secret, "big") % (ORDER - 1) + 1, CURVE)


def public_key(key: ec.EllipticCurvePrivateKey) -> str:
    """What a browser is told when it subscribes (``applicationServerKey``)."""
    return b64(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def authorization(endpoint: str, key: ec.EllipticCurvePrivateKey, contact: str, now_seconds: int) -> str:
    """The header by which a push service knows who sends. ``contact``: where its operator reaches ours."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": now_seconds + VAPID_SECONDS, "sub": contact}
    head = b64(json.dumps({"typ": "JWT", "alg": "ES256"}).encode())
    signed = f"{head}.{b64(json.dumps(claims).encode())}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"vapid t={signed}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}, k={public_key(key)}"

"""Web push against a stand-in for a browser's push service, that opens each message and checks who signed it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client

from tests import cast
from tongxin.kernel.errors import Invalid
from tongxin.notifications import operations, push
from tongxin.notifications.models import Delivery, PushSubscription
from tongxin.notifications.rules_push import Subscription, b64, encrypted, subscription, unb64

NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
SERVICES = ("push.apple.com", "127.0.0.1")


def derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def opened(body: bytes, key: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """What the browser makes of a message: RFC 8291 read from its side."""
    salt, length = body[:16], body[20]
    theirs, sealed = body[21 : 21 + length], body[21 + length :]
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
    secret = derive(auth, shared, b"WebPush: info\x00" + point(key) + theirs, 32)
    content = derive(salt, secret, b"Content-Encoding: aes128gcm\x00", 16)
    plain = AESGCM(content).decrypt(derive(salt, secret, b"Content-Encoding: nonce\x00", 12), sealed, None)
    return plain.rstrip(b"\x00").removesuffix(b"\x02")


def claims(header: str, expected_key: str) -> dict[str, Any]:
    """The claims of a VAPID header, its signature checked against the key that the browser subscribed with."""
    parts = dict(part.strip().split("=", 1) for part in header.removeprefix("vapid ").split(","))
    assert parts["k"] == expected_key
    head, body, signature = parts["t"].split(".")
    raw = unb64(signature)
    signed = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(parts["k"]))
    key.verify(signed, f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
    assert json.loads(unb64(head))["alg"] == "ES256"
    found: dict[str, Any] = json.loads(unb64(body))
    return found


class Service:
    """The push service, and the one browser that it serves."""

    def __init__(self) -> None:
        self.key, self.auth, self.status = ec.generate_private_key(ec.SECP256R1()), b"sixteen bytes...", 201
        self.came: list[tuple[dict[str, str], dict[str, Any]]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                said = claims(self.headers["Authorization"], push.application_key())
                assert said["aud"] == service.url
                assert time.time() < said["exp"] <= time.time() + 86400
                service.came.append((dict(self.headers), json.loads(opened(body, service.key, service.auth))))
                self.send_response(service.status)
                self.send_header("Location", f"{service.url}/message/m-1")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def given(self) -> dict[str, str]:
        """What the browser hands to the page."""
        return {"endpoint": f"{self.url}/send/abc", "p256dh": b64(point(self.key)), "auth": b64(self.auth)}


@pytest.fixture
def service(settings: Any) -> Iterator[Service]:
    settings.PUSH_SERVICES = list(SERVICES)
    found = Service()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def zhang() -> Any:
    return cast.person("张阿姨")


def at_her_phone(zhang: Any, service: Service, **more: str) -> Client:
    client = Client()
    cast.sign_in(client, zhang)
    assert client.post("/me/push/", service.given | more).status_code == 303
    return client


def tell(person: Any, *, key: str, asks: bool, now: datetime) -> None:
    operations.tell(
        [person.pk], kind="case.answered", message="%(who)s has changed the lamp.", params={"who": "李师傅"},
        subject=None, link="/cases/WW-20261122-0001/", key=key, now=now, asks=asks,
    )  # fmt: skip


def later(minutes: int = 1) -> datetime:
    return datetime.now(UTC) + timedelta(minutes=minutes)


def test_the_example_of_the_standard() -> None:
    """RFC 8291, section 5: what we write is what the standard writes, and the stand-in opens what any browser opens."""
    private = int.from_bytes(unb64("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), "big")
    body = unb64(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    key = ec.derive_private_key(private, ec.SECP256R1())
    auth, words = unb64("BTBZMqHH6r4Tts7J_aSIgg"), b"When I grow up, I want to be a watermelon"
    assert opened(body, key, auth) == words
    ours = int.from_bytes(unb64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    browser = Subscription("https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV", point(key), auth)
    written = encrypted(words, browser, ec.derive_private_key(ours, ec.SECP256R1()), unb64("DGv6ra1nlYgDCS1FRnbzlw"))
    assert written == body


@pytest.mark.django_db
def test_her_phone_says_that_something_waits_and_never_what(zhang: Any, service: Service) -> None:
    at_her_phone(zhang, service)
    kept = PushSubscription.objects.get()
    assert service.url.encode() not in bytes(kept.secret_cipher)
    tell(zhang, key="asks", asks=True, now=later())
    tell(zhang, key="informs", asks=False, now=later())
    assert push.push_due(later()) == 1, "she asked for what waits for her alone"
    assert push.push_due(later()) == 0, "once"
    assert operations.deliver_due(later()).sent == 1
    [(headers, said)] = service.came
    assert (headers["Content-Encoding"], headers["Urgency"], headers["TTL"]) == ("aes128gcm", "high", "43200")
    assert said["url"] == "/notices/"
    assert "李师傅" not in json.dumps(said, ensure_ascii=False)
    row = Delivery.objects.get(channel="push")
    assert (row.state, row.receipt, bytes(row.text_cipher)) == ("sent", "m-1", b"")


@pytest.mark.django_db
def test_everything_if_she_chose_so_and_not_what_she_has_read(zhang: Any, service: Service) -> None:
    at_her_phone(zhang, service, everything="1")
    tell(zhang, key="read", asks=False, now=later())
    operations.mark_read(zhang.pk, now=later(2))
    tell(zhang, key="new", asks=False, now=later())
    assert push.push_due(later()) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(zhang: Any, service: Service, status: int) -> None:
    at_her_phone(zhang, service)
    service.status = status
    tell(zhang, key="1", asks=True, now=later())
    push.push_due(later())
    assert operations.deliver_due(later()).failed == 1
    assert not PushSubscription.objects.exists()


@pytest.mark.django_db
def test_a_service_that_is_down_is_asked_again(zhang: Any, service: Service) -> None:
    at_her_phone(zhang, service)
    service.status = 503
    tell(zhang, key="1", asks=True, now=later())
    push.push_due(later())
    assert operations.deliver_due(later()).later == 1
    service.status = 201
    assert operations.deliver_due(later(5)).sent == 1


@pytest.mark.django_db
def test_signing_out_ends_it_and_so_does_the_end_of_the_session(zhang: Any, service: Service) -> None:
    client = at_her_phone(zhang, service)
    client.post("/sign-out/")
    assert not PushSubscription.objects.exists()
    client = at_her_phone(zhang, service)
    other = Client()
    cast.sign_in(other, zhang)
    other.post("/me/sessions/end-others/")
    tell(zhang, key="1", asks=True, now=later())
    assert push.push_due(later()) == 0
    assert not PushSubscription.objects.exists()


@pytest.mark.django_db
def test_a_phone_that_changed_hands_tells_its_present_owner_alone(zhang: Any, service: Service) -> None:
    at_her_phone(zhang, service)
    chen = cast.person("陈大爷")
    at_her_phone(chen, service)
    assert PushSubscription.objects.get().person_id == chen.pk


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://10.0.0.5/internal", "http://web.push.apple.com/x", "https://push.apple.com.example.org/x",
        "https://user@web.push.apple.com/x", "file:///etc/passwd", "",
    ],
)  # fmt: skip
def test_nobody_has_us_call_elsewhere(endpoint: str) -> None:
    key = b64(point(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(Invalid):
        subscription(endpoint, key, b64(bytes(16)), SERVICES)
    assert subscription("https://web.push.apple.com/x", key, b64(bytes(16)), SERVICES).endpoint


@pytest.mark.django_db
def test_without_push_services_nobody_is_offered_any(zhang: Any) -> None:
    client = Client()
    cast.sign_in(client, zhang)
    assert "data-push" not in client.get("/me/").content.decode()
    given = {"endpoint": "https://web.push.apple.com/x", "p256dh": b64(bytes(65)), "auth": b64(bytes(16))}
    assert client.post("/me/push/", given).status_code == 422

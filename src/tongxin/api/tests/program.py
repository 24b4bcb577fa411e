"""A program with a token, as tests drive it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tongxin.cases.tests.stage import Scene, photo
from tongxin.kernel.ids import uuid7
from tongxin.people.models import Appointment, Person
from tongxin.people.operations import tokens
from tongxin.people.queries.tokens import TokenRow

OWN = frozenset({"own.read", "own.write"})
BASE = "/api/v1"


@dataclass
class Program:
    """Sends what it is told to with its token; every write with a new key unless told otherwise."""

    secret: str = ""
    row: TokenRow | None = None
    client: Client = field(default_factory=Client)

    def _headers(self, headers: dict[str, str]) -> dict[str, str]:
        own = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        return {"Accept-Language": "en"} | own | headers

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(BASE + path, headers=self._headers(headers))

    def post(self, path: str, data: Any = None, key: str | None = None, **headers: str) -> Any:
        sent = {"Idempotency-Key": key or str(uuid7())} | headers
        body = data if isinstance(data, bytes) else json.dumps(data or {}).encode()
        return self.client.post(BASE + path, body, content_type="application/json", headers=self._headers(sent))

    def put(self, path: str, data: Any) -> Any:
        body = json.dumps(data).encode()
        return self.client.put(BASE + path, body, content_type="application/json", headers=self._headers({}))

    def send(self, path: str, data: Any, key: str | None = None, **files: Any) -> Any:
        """As a form of parts."""
        sent = {"Idempotency-Key": key or str(uuid7())}
        return self.client.post(BASE + path, {"data": json.dumps(data)} | files, headers=self._headers(sent))


def resident_program(s: Scene, who: Person, scopes: frozenset[str] = OWN) -> Program:
    """A program of a resident."""
    now = timezone.now()
    row, secret = tokens.make_personal_token(
        s.actor(who, now, strong=False), now, name="我的小程序", scopes=scopes, expires_at=now + timedelta(days=90)
    )
    return Program(secret, row)


def office_program(s: Scene, who: Person, *scopes: str, maker: Person | None = None) -> Program:
    """A program that acts for somebody's office; made by the system unless a maker is named."""
    from tongxin.kernel.actor import SYSTEM

    now = timezone.now()
    office = Appointment.objects.get(person=who)
    actor = s.actor(maker, now) if maker else SYSTEM
    row, secret = tokens.make_office_token(
        actor, now, appointment_id=office.pk, name="国瑞工单系统", scopes=frozenset(scopes),
        expires_at=now + timedelta(days=90),
    )  # fmt: skip
    return Program(secret, row)


def report(**more: Any) -> dict[str, Any]:
    """张阿姨's stair light."""
    return {"text": "3号楼2单元楼道灯不亮", "category": "lighting", "area": "420303001001-01"} | more


def picture(colour: str = "teal") -> SimpleUploadedFile:
    """A small real JPEG."""
    return SimpleUploadedFile("IMG_0001.jpg", photo(colour).read(), "image/jpeg")

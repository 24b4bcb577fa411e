"""People at the pages of the desk, and cases for them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.test import Client

from tests.cast import sign_in
from tongxin.cases.models import Case
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import Scene
from tongxin.people.models import Person


def at_desk(who: Person) -> Client:
    client = Client()
    sign_in(client, who, strong=True)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def body(answer: Any) -> str:
    return answer.content.decode()


def parked(
    s: Scene, now: Any, text: str = "商户私装地锁，消防车进不来", who: Person | None = None, **more: Any
) -> Case:
    return submit_case(s.actor(who or s.zhang, now), s.report(text, category="parking", **more), now)

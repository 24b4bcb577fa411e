"""The town that the tests of pages play in, and the hour they play at."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.core.cache import cache
from django.utils import timezone

from tongxin.cases.tests.stage import Scene, scene


@pytest.fixture
def s(db: None) -> Scene:
    cache.clear()
    return scene()


@pytest.fixture
def now() -> datetime:
    return timezone.now()

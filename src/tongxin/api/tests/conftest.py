from collections.abc import Iterator

import pytest

from tongxin.api import limits
from tongxin.cases.tests.stage import Scene, scene


@pytest.fixture
def s() -> Scene:
    return scene()


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    limits.forget()
    yield
    limits.forget()

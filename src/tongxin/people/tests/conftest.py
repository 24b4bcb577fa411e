"""The town in which the people's tests happen."""

from types import SimpleNamespace

import pytest

from tongxin.people.tests import town as towns


@pytest.fixture
def town(db) -> SimpleNamespace:
    return towns.build()

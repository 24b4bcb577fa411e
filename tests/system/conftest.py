"""What the tests of the whole share: the town in the test database, and a small demo city with a folder of its own."""

import os
from collections.abc import Iterator

import pytest

from tests.system.installations import Installation, created
from tests.system.stages import hidden_stage, stage
from tests.system.town import town

__all__ = ["demo_city", "demo_county", "hidden_stage", "stage", "town"]


@pytest.fixture(scope="session")
def demo_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The small demo city, built once by the command; nobody changes it, who tampers does so on a copy."""
    city = Installation(tmp_path_factory.mktemp("demo") / "data")
    built = city.run("demo", "--small", "--build-only")
    assert built.returncode == 0, built.stderr
    city.settings |= city.keys()
    yield city


@pytest.fixture(scope="session")
def demo_county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The same on PostgreSQL, in a database of its own."""
    url = created(os.environ["TONGXIN_DATABASE_URL"], f"county_{os.getpid()}")
    county = Installation(tmp_path_factory.mktemp("county") / "data", {"TONGXIN_DATABASE_URL": url})
    built = county.run("demo", "--small", "--build-only")
    assert built.returncode == 0, built.stderr
    county.settings |= county.keys()
    yield county
    county.forget()

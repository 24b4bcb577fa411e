"""What the tests of the whole share: the town in the test database, and a small demo city with a folder of its own."""

from collections.abc import Iterator

import pytest

from tests.system.installations import Installation
from tests.system.stages import hidden_stage, stage
from tests.system.town import town

__all__ = ["demo_city", "hidden_stage", "stage", "town"]


@pytest.fixture(scope="session")
def demo_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The small demo city, built once by the command; nobody changes it, who tampers does so on a copy."""
    city = Installation(tmp_path_factory.mktemp("demo") / "data")
    built = city.run("demo", "--small", "--build-only")
    assert built.returncode == 0, built.stderr
    city.settings |= city.keys()
    yield city

"""After each story the record agrees with every line of the timelines and every row of the cases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _the_record_agrees(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if request.node.get_closest_marker("django_db"):
        from tongxin.cases.queries.checks import case_checks

        assert list(case_checks()) == []

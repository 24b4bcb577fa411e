"""王湾社区 has too many matters for a page: whoever runs the server moves it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from tests.cast import area
from tongxin.cases.models import Case
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.commands import main
from tongxin.places.models import Area, AreaPast

pytestmark = pytest.mark.django_db


@pytest.fixture
def s() -> Scene:
    return scene()


@pytest.fixture
def hanjiang(s: Scene) -> Area:
    return area("420303005", "汉江路街道", "street", s.place.county)


def moved(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    status = main.main(["area", "move", *words, "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_a_community_comes_under_another_street(s: Scene, hanjiang: Area, capsys: pytest.CaptureFixture[str]) -> None:
    submit_case(s.actor(s.zhang), s.report(), MONDAY)
    code, path = s.place.community.code, f"{hanjiang.path}{s.place.community.code}/"
    status, said = moved(capsys, code, "--under", hanjiang.code, "--since", "2026-11-02")
    assert (status, said) == (0, {"code": code, "under": hanjiang.code, "path": path, "matters": 1})
    assert Case.objects.get().area_path.startswith(path)
    assert AreaPast.objects.get(area=s.place.community).valid_until == date(2026, 11, 2)


def test_what_stands_in_the_way_is_said_and_nothing_changes(
    s: Scene, hanjiang: Area, capsys: pytest.CaptureFixture[str]
) -> None:
    for under in (s.place.county.code, "999999"):
        status, said = moved(capsys, s.place.community.code, "--under", under)
        assert status == 1
        assert said["error"]
    s.place.community.refresh_from_db()
    assert s.place.community.parent_id == s.place.street.pk
    for wrong in ([], [s.place.community.code], [s.place.community.code, "--under", hanjiang.code, "--since", "soon"]):
        with pytest.raises(SystemExit) as ended:
            main.main(["area", "move", *wrong])
        assert ended.value.code == 2

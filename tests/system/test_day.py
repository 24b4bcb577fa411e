"""A small day of what ``python -m bench day`` replays with 2,000 real appeals: every channel, repeats, a killed worker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.installations import fresh

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.sqlite
def test_of_a_day_by_every_channel_nothing_is_lost_nothing_twice_and_all_is_with_somebody(tmp_path: Path) -> None:
    environment = fresh(tmp_path / "data").environment | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    done = subprocess.run(
        [sys.executable, "-m", "bench", "day", "--invented", "60"],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.stdout, done.stderr
    told = json.loads(done.stdout)
    assert told["good"], told
    assert (told["arrivals"], told["cases"], told["routed"], told["lost"], told["doubled"]) == (60, 60, 60, 0, 0)
    assert set(told["channels"]) == {"app", "grid", "wechat", "phone", "api"}
    assert told["with_somebody"] and told["at_a_desk"]
    assert told["repeats"] == told["repeats_refused"] > 0

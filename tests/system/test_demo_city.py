"""The demo city as it is shipped, at its full size: as large as it says, clean, and something waits for everybody."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.system.installations import Installation

ROOT = Path(__file__).resolve().parents[2]
PROMISED: dict[str, tuple[tuple[str, str], ...]] = {
    "钢砂厂小区业主": (("/cases/?which=waiting", "楼道灯不亮"),),
    "替97岁的母亲办事（亲情账号）": (("/cases/", "坐便椅"), ("/me/family/", "王玉兰")),
    "东苑小区业主": (("/cases/", "地锁"),),
    "刚用手机登录，还没有核实": (("/me/home/", "小区"),),
    "社区工作者": (("/desk/?show=submitted", "没有路灯"), ("/desk/petitions/", "泵要从武汉调"),
                   ("/desk/petitions/", "需动用维修资金"), ("/desk/petitions/", "不是市政道路"),
                   ("/desk/visits/", "钢砂厂小区")),
    "书记": (("/desk/?show=overdue", "地锁"), ("/desk/settings/accounts/", "吴敏")),
    "网格员（第1网格）": (("/desk/verify/", "孙小梅"), ("/desk/verify/", "方明"), ("/desk/verify/", "刘桂兰"),
                          ("/report/for/?name=刘桂兰", "钢砂厂小区"), ("/visits/", "钢砂厂小区")),
    "东风小学校长": (("/work/?which=mine", "延时班"),),
    "社区民警": (("/work/?which=waiting", "烧烤摊"),),
    "党支部书记": (("/desk/report-ins/", "程志远"), ("/desk/report-ins/", "梅芳")),
    "业委会主任": (("/work/?which=waiting", "人脸识别"),),
    "3号楼楼栋长": (("/report/for/", ""),),
    "志愿者": (("/work/?which=pool", "坐便椅"),),
    "下沉党员": (("/work/?which=pool", "坐便椅"),),
    "国瑞物业维修工": (("/work/?which=waiting", "电梯停了"),),
    "国瑞物业项目经理": (("/work/?which=waiting", "电梯停了"),),
    "区城管执法局": (("/work/?which=mine", "地锁"),),
    "红卫街道": (("/desk/?show=overdue", "地锁"), ("/desk/hotline/?show=changed", "SY0018")),
    "张湾区综治中心": (("/desk/?show=overdue", "地锁"),),
    "十堰市社会治理中心": (("/desk/?show=all", "钢砂厂小区"),),
    "张湾区纪委监委": (("/desk/?show=all", "钢砂厂小区"),),
    "系统管理员": (("/desk/settings/system/", ""), ("/desk/places/", "张湾区")),
    "安全管理员": (("/desk/settings/accounts/", "吴敏"),),
    "审计管理员": (("/seals/", "20"),),
    **{
        f"{estate}业主（路灯）": (("/cases/", "没有路灯"),)
        for estate in ("东苑小区", "西苑小区", "富强小区", "永光新村", "钢砂厂小区")
    },
}  # fmt: skip
"""By the title under which somebody is offered: where what their words promise waits, and a word of it."""


def visited(city: Installation) -> dict[str, Any]:
    environment = city.environment | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.system.visiting"], env=environment, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout))


def broken_promises(people: dict[str, dict[str, str]]) -> list[str]:
    """What somebody was promised on /demo and does not find."""
    return [
        f"{title}: {word} on {page}"
        for title, promised in PROMISED.items()
        for page, word in promised
        if word not in people.get(title, {}).get(page, "\0")
    ]


@pytest.mark.xdist_group("demo-city")
def test_in_the_small_city_too_everybody_finds_what_they_are_promised(demo_city: Installation, tmp_path: Path) -> None:
    people = visited(demo_city.copy(tmp_path / "visited"))["people"]
    assert people.keys() >= PROMISED.keys()
    assert broken_promises(people) == []
    assert "钢砂厂小区" not in people["张湾社区（另一个社区）"]["/desk/?show=all"]


def test_the_whole_city_has_its_real_size_is_clean_and_keeps_its_promises(tmp_path: Path) -> None:
    city = Installation(tmp_path / "data")
    built = city.run("demo", "--build-only", timeout=900)
    assert built.returncode == 0, built.stderr
    city.settings |= city.keys()
    told = visited(city)
    figures = told["figures"]
    assert sorted(figures["residents"].values(), reverse=True)[:2] == [38_000, 19_880]
    assert len(figures["residents"]) == 3, "two communities and a village"
    assert figures["cases"] >= 1_500
    assert 85 <= figures["days"] <= 95
    assert {"submitted", "dispatched", "in_progress", "awaiting", "closed", "suspended", "declined"} <= set(
        figures["states"]
    )
    assert broken_promises(told["people"]) == []
    assert city.answer("verify")["clean"] is True

"""The people of the stories, on the scene of ``tests.cast``: who they are and how they act."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from PIL import Image

from tests.cast import START, Wangwan, officer, owner, person, resident, wangwan
from tongxin.cases.models import Category, Route
from tongxin.cases.operations.submit import Report
from tongxin.kernel.actor import Actor
from tongxin.people.models import Organisation, Person, Service
from tongxin.people.queries.actors import actor_for

MONDAY = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)  # 10:00 in Shiyan, a working day


@dataclass
class Scene:
    """王湾社区 with its desk, 国瑞物业 and a few people."""

    place: Wangwan
    zhang: Person  # 张阿姨, lives in 国瑞中央花园
    chen: Person  # 陈大爷, lives there too
    zhou: Person  # 周书记, the community's secretary
    wu: Person  # 吴敏, community worker at the desk
    wang: Person  # 王敏, grid worker
    li: Person  # 李师傅 of the property company
    qian: Person  # 钱经理 of the property company
    street: Person  # 街道 officer
    outsider: Person  # desk of 花果社区
    bureau: Organisation
    officer: Person  # 城管 officer

    def actor(self, who: Person, now: datetime = MONDAY, strong: bool = True) -> Actor:
        return actor_for(who.account, strong, now)

    def report(self, text: str = "3号楼2单元楼道灯不亮", **more: Any) -> Report:
        values: dict[str, Any] = {"category": "lighting", "area_id": self.place.estate.pk} | more
        return Report(text=text, **values)


def scene() -> Scene:
    """Build it. Once per test."""
    place = wangwan()
    street_office = Organisation.objects.create(kind="government", name="车城路街道办", area=place.street, since=START)
    bureau = Organisation.objects.create(kind="department", name="城管执法局", area=place.county, since=START)
    hg = Organisation.objects.create(kind="community", name="花果社区居委会", area=place.other_community, since=START)
    Service.objects.create(organisation=place.company, area=place.estate, kind="property", since=START)
    lighting = Category.objects.get(code="lighting")
    Route.objects.create(area=place.county, category=lighting, service="property", automatic=True, since=START)
    return Scene(
        place=place,
        zhang=owner("张秀英", place),
        chen=resident("陈建国", place),
        zhou=officer("周明", "community_secretary", place.office, place.community),
        wu=officer("吴敏", "community_worker", place.office, place.community),
        wang=officer("王敏", "grid_worker", place.office, place.community),
        li=officer("李师傅", "handler", place.company, place.estate),
        qian=officer("钱经理", "company_manager", place.company, place.estate),
        street=officer("赵主任", "street_officer", street_office, place.street),
        outsider=officer("孙丽", "community_worker", hg, place.other_community),
        bureau=bureau,
        officer=officer("郑队长", "department_officer", bureau, place.county),
    )


def photo(colour: str = "teal", size: tuple[int, int] = (640, 480)) -> Any:
    """A small real JPEG, as a phone sends it."""
    picture = io.BytesIO()
    Image.new("RGB", size, colour).save(picture, "JPEG")
    picture.seek(0)
    picture.name = "IMG_0001.jpg"
    return picture


__all__ = ["MONDAY", "Scene", "person", "photo", "scene"]

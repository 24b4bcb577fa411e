"""Every page of places can be used by anybody, on the phone and at the desk; an import is watched until it is written."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests import cast
from tests.browser.conftest import DESK, PHONE
from tongxin.kernel.actor import SYSTEM
from tongxin.people.models import Appointment
from tongxin.places import operations
from tongxin.places.imports import operations as imports
from tongxin.places.imports import worker
from tongxin.places.tests.conftest import sheet

ROWS = [("国瑞中央花园", f"{n}号楼", "1单元", f"{f}01", f, 89.56, "住宅") for n in (3, 5, 10) for f in range(1, 9)]
BAD = [
    ("国瑞中央花园", "5号楼", "1单元", "901", "九楼", "面积不详", "住宅"),
    ("国瑞中央花园", "", "1单元", "902", 9, 89.561, "仓库"),
    ROWS[0],
]


class Cast:
    """王湾社区 with grids, codes and imports in every state."""

    def __init__(self) -> None:
        now = datetime.now(UTC)
        self.place = place = cast.wangwan()
        place.office.phone = "0719-8612345"
        place.office.save()
        self.staff = cast.officer("王社工", "community_worker", place.office, place.community)
        self.administrator = cast.officer("系统管理员", "system_administrator", place.office, place.city)
        self.grid = operations.make_grid(SYSTEM, place.community.id, "第一网格（中央花园北片）", now)
        operations.make_grid(SYSTEM, place.community.id, "第二网格", now)
        building = place.home.unit.building
        operations.assign_buildings_to_grid(SYSTEM, self.grid.id, [building.id], now)
        Appointment.objects.create(
            person=cast.person("陈网格员"),
            organisation=place.office,
            role="grid_worker",
            area=place.community,
            grid=self.grid,
            since=cast.START,
        )
        operations.add_building(SYSTEM, place.estate.id, "10号楼", now, floors=33)
        self.batches = {}
        for name, rows in (("done", ROWS), ("bad", BAD), ("ready", [(*r[:3], "X" + r[3], *r[4:]) for r in ROWS])):
            batch = imports.upload_import(
                SYSTEM, "homes", place.estate.id, f"国瑞中央花园房屋清册（{name}）.xlsx", sheet(*rows), now
            )
            worker.advance(lambda: now, batch.id)
            if name == "done":
                imports.confirm_import(SYSTEM, batch.id, now)
                worker.advance(lambda: now, batch.id)
            self.batches[name] = batch.id
        broken = imports.upload_import(SYSTEM, "homes", place.estate.id, "旧表.xls", b"\xd0\xcf\x11\xe0", now)
        worker.advance(lambda: now, broken.id)
        self.batches["refused"] = broken.id
        self.batches["uploaded"] = imports.upload_import(
            SYSTEM, "homes", place.estate.id, "刚传的清册.xlsx", sheet(*ROWS), now
        ).id

    def path(self, name: str) -> str:
        """The address of a page by its short name."""
        place = self.place
        unit = place.home.unit
        if name.startswith("import-"):
            return f"/desk/places/imports/{self.batches[name.removeprefix('import-')]}/"
        return {
            "index": "/desk/places/",
            "search": "/desk/places/?q=国瑞",
            "community": f"/desk/places/areas/{place.community.code}/",
            "estate": f"/desk/places/areas/{place.estate.code}/",
            "area-edit": f"/desk/places/areas/{place.community.code}/edit/",
            "area-add": f"/desk/places/areas/{place.community.code}/add/",
            "building-add": f"/desk/places/areas/{place.estate.code}/add/",
            "building": f"/desk/places/buildings/{unit.building_id}/",
            "building-edit": f"/desk/places/buildings/{unit.building_id}/edit/",
            "unit": f"/desk/places/units/{unit.id}/",
            "unit-edit": f"/desk/places/units/{unit.id}/edit/",
            "home": f"/desk/places/homes/{place.home.id}/",
            "grids": f"/desk/places/areas/{place.community.code}/grids/",
            "grid": f"/desk/places/grids/{self.grid.id}/",
            "imports": "/desk/places/imports/",
            "calendar": "/desk/places/calendar/?year=2039",
        }[name]


PAGES = [
    *("index", "search", "community", "estate", "area-edit", "area-add", "building-add", "building", "building-edit"),
    *("unit", "unit-edit", "home", "grids", "grid", "imports"),
    *("import-uploaded", "import-refused", "import-ready", "import-bad", "import-done"),
]


@pytest.fixture
def people(transactional_db):
    return Cast()


def sign_in(page: Page, live_server, who) -> None:
    class Jar:
        cookies: dict[str, str] = {}

    cast.sign_in(Jar, who, strong=True)
    page.context.add_cookies(
        [{"name": name, "value": value, "url": live_server.url} for name, value in Jar.cookies.items()]
    )


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_of_places_can_be_used_by_anybody(people, page: Page, live_server, axe, size):
    page.set_viewport_size(size)
    for who, names in ((people.staff, PAGES), (people.administrator, ["calendar"])):
        sign_in(page, live_server, who)
        for name in names:
            answer = page.goto(live_server.url + people.path(name))
            assert answer is not None
            assert answer.ok, name
            axe(page)
            wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{name} scrolls sideways"


def test_an_import_is_watched_until_it_can_be_confirmed(people, page: Page, live_server):
    sign_in(page, live_server, people.staff)
    batch = people.batches["uploaded"]
    page.goto(f"{live_server.url}/desk/places/imports/{batch}/")
    expect(page.get_by_role("progressbar").or_(page.locator("#state [role=status]"))).to_be_visible()
    worker.advance(lambda: datetime.now(UTC), batch)
    # Not one of its rows is new: the homes came with an earlier list. The page finds that out by itself.
    expect(page.locator("#problems")).to_be_visible(timeout=10_000)
    expect(page.locator("#problems")).to_contain_text("D2")

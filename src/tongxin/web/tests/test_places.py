"""周书记's worker keeps the register of places on the desk; anybody's scan leads to the report form."""

import io
import re
from datetime import UTC, datetime
from functools import partial

import pytest
from django.test import Client
from openpyxl import load_workbook

from tests import cast
from tongxin.kernel.ids import uuid7
from tongxin.people.models import Appointment
from tongxin.places import operations, queries
from tongxin.places.imports import worker
from tongxin.places.models import Area, Building, CalendarDay, Grid, Home, ImportBatch, PlaceCode, Unit
from tongxin.places.tests.conftest import sheet
from tongxin.web.places import posters
from tongxin.web.print import pdf

pytestmark = pytest.mark.django_db

ROW = ("国瑞中央花园", "5号楼", "1单元", "302", 3, 89.56, "住宅")


@pytest.fixture
def place():
    return cast.wangwan()


@pytest.fixture
def staff(place):
    return cast.officer("王社工", "community_worker", place.office, place.community)


@pytest.fixture
def desk(place, staff, client):
    cast.sign_in(client, staff, strong=True)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def administrator(place):
    client = Client()
    cast.sign_in(client, cast.officer("系统管理员", "system_administrator", place.office, place.city), strong=True)
    client.cookies["django_language"] = "en"
    return client


def text_of(response, status=200):
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


def test_the_tree_is_walked_down_to_a_home(desk, place, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):  # one of them for the names at the head, which are kept
        assert "王湾社区" in text_of(desk.get("/desk/places/"))
    with django_assert_max_num_queries(9):
        page = text_of(desk.get(f"/desk/places/areas/{place.community.code}/"))
    assert "国瑞中央花园" in page
    assert "1 homes" in page
    with django_assert_max_num_queries(10):
        assert "3号楼" in text_of(desk.get(f"/desk/places/areas/{place.estate.code}/"))
    unit = place.home.unit
    with django_assert_max_num_queries(9):
        assert "2单元" in text_of(desk.get(f"/desk/places/buildings/{unit.building_id}/"))
    with django_assert_max_num_queries(9):
        assert "501" in text_of(desk.get(f"/desk/places/units/{unit.id}/"))
    assert "501" in text_of(desk.get(f"/desk/places/homes/{place.home.id}/"))
    assert "国瑞中央花园" in text_of(desk.get("/desk/places/?q=国瑞"))
    assert "No area of this name" in text_of(desk.get("/desk/places/?q=花果"))


def test_the_community_next_door_is_closed(place):
    neighbour = Client()
    cast.sign_in(
        neighbour, cast.officer("李社工", "community_worker", place.office, place.other_community), strong=True
    )
    unit = place.home.unit
    grid = Grid.objects.create(community=place.community, code="G1", name="第一网格", valid_from=cast.START)
    for path in (
        f"/desk/places/areas/{place.community.code}/",
        f"/desk/places/areas/{place.estate.code}/edit/",
        f"/desk/places/areas/{place.estate.code}/add/",
        f"/desk/places/areas/{place.community.code}/grids/",
        f"/desk/places/grids/{grid.id}/",
        f"/desk/places/buildings/{unit.building_id}/",
        f"/desk/places/buildings/{unit.building_id}/edit/",
        f"/desk/places/units/{unit.id}/",
        f"/desk/places/units/{unit.id}/edit/",
        f"/desk/places/homes/{place.home.id}/",
    ):
        answer = neighbour.get(path)
        assert answer.status_code in (403, 404), path
        assert "国瑞" not in answer.content.decode(), path
    assert neighbour.post(f"/desk/places/areas/{place.estate.code}/posters.pdf").status_code == 403
    assert neighbour.post(f"/desk/places/unit/{unit.id}/poster.pdf").status_code == 404
    answer = neighbour.post(f"/desk/places/homes/{place.home.id}/", {"name": "999", "use": "shop"})
    assert answer.status_code == 404
    assert neighbour.get("/desk/places/calendar/").status_code == 403
    place.home.refresh_from_db()
    assert place.home.name == "501"


def test_residents_and_strangers_see_no_register(client, place):
    assert client.get("/desk/places/").status_code == 302
    cast.sign_in(client, cast.resident("张阿姨", place))
    assert client.get("/desk/places/").status_code == 403


def test_an_estate_a_building_a_unit_and_a_home_are_added_by_hand(desk, place):
    answer = desk.post(
        f"/desk/places/areas/{place.community.code}/add/",
        {"name": "东苑小区", "level": "estate", "address": "人民路5号"},
    )
    estate = Area.objects.get(name="东苑小区")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/desk/places/areas/{estate.code}/")
    desk.post(f"/desk/places/areas/{estate.code}/add/", {"name": "1号楼", "floors": "18"})
    building = Building.objects.get(estate=estate)
    desk.post(f"/desk/places/buildings/{building.id}/edit/", {"do": "unit", "unit": "1单元"})
    unit = Unit.objects.get(building=building)
    desk.post(
        f"/desk/places/units/{unit.id}/edit/",
        {"do": "home", "home": "1101", "floor_area": "89.56", "use": "dwelling"},
    )
    home = Home.objects.get(unit=unit)
    assert (home.floor, str(home.floor_area)) == (11, "89.56")
    desk.post(f"/desk/places/homes/{home.id}/", {"name": "1102", "floor": "11", "floor_area": "90", "use": "shop"})
    home.refresh_from_db()
    assert (home.name, home.use) == ("1102", "shop")
    for path, words in (
        (f"/desk/places/homes/{home.id}/", {"do": "remove"}),
        (f"/desk/places/units/{unit.id}/edit/", {"do": "remove"}),
        (f"/desk/places/buildings/{building.id}/edit/", {"do": "remove"}),
    ):
        assert desk.post(path, words).status_code == 303
    assert not Building.objects.filter(estate=estate).exists()


def test_what_was_typed_stays_and_the_reason_stands_at_the_field(desk, place):
    unit = place.home.unit
    page = text_of(
        desk.post(
            f"/desk/places/units/{unit.id}/edit/", {"do": "home", "home": "777", "floor_area": "ninety", "use": "shop"}
        ),
        422,
    )
    assert "The floor area is not a number." in page
    assert 'value="777"' in page
    assert 'value="ninety"' in page
    page = text_of(
        desk.post(f"/desk/places/areas/{place.community.code}/add/", {"name": "国瑞中央花园", "level": "estate"}), 409
    )
    assert "There is an area of this name already." in page
    page = text_of(desk.post(f"/desk/places/buildings/{unit.building_id}/edit/", {"do": "remove"}), 409)
    assert "Something still belongs to it" in page
    assert (
        desk.post(f"/desk/places/homes/{place.home.id}/", {"name": "5", "floor": "x", "use": "shop"}).status_code == 422
    )
    assert Home.objects.count() == 1


def test_an_area_is_renamed_placed_outlined_and_ended(desk, place):
    here = f"/desk/places/areas/{place.estate.code}/edit/"
    desk.post(here, {"do": "rename", "name": "国瑞花园", "address": "车城路8号"})
    desk.post(here, {"do": "position", "lat": "32.65", "lng": "110.79", "crs": "gcj02"})
    shape = '{"type":"Polygon","coordinates":[[[110.78,32.64],[110.80,32.64],[110.80,32.66],[110.78,32.64]]]}'
    desk.post(here, {"do": "shape", "shape": shape, "crs": "wgs84"})
    estate = Area.objects.get(id=place.estate.id)
    assert (estate.name, estate.address) == ("国瑞花园", "车城路8号")
    assert estate.lat is not None
    assert abs(estate.lat - 32.65) < 0.01
    assert estate.north == 32.66
    page = text_of(desk.get(here))
    assert "国瑞中央花园" in page
    for bad in (
        {"do": "shape", "shape": "{", "crs": "wgs84"},
        {"do": "shape", "shape": '{"type":"Point"}', "crs": "wgs84"},
        {"do": "position", "lat": "north", "lng": "1", "crs": "wgs84"},
        {"do": "close", "until": "soon"},
        {"do": "rename", "name": ""},
    ):
        assert desk.post(here, bad).status_code == 422, bad
    assert (
        desk.post(f"/desk/places/areas/{place.community.code}/edit/", {"do": "prefix", "prefix": "hg"}).status_code
        == 409
    )
    assert (
        desk.post(f"/desk/places/areas/{place.community.code}/edit/", {"do": "prefix", "prefix": "wwn"}).status_code
        == 303
    )
    assert desk.post(here, {"do": "close", "until": "2030-01-01"}).status_code == 303
    assert "ends on 2030-01-01" in text_of(desk.get(f"/desk/places/areas/{place.estate.code}/"))


def test_a_grid_is_drawn_by_ticking_its_buildings(desk, place, staff):
    building = place.home.unit.building
    grids = f"/desk/places/areas/{place.community.code}/grids/"
    assert "1 buildings are in no grid: 3号楼" in text_of(desk.get(grids))
    desk.post(grids, {"name": "第一网格"})
    grid = Grid.objects.get()
    desk.post(f"/desk/places/grids/{grid.id}/", {"do": "buildings", "buildings": [str(building.id)]})
    building.refresh_from_db()
    assert building.grid == grid
    assert "no grid worker" in text_of(desk.get(grids))
    worker_of_grid = cast.person("陈网格员")
    Appointment.objects.create(
        person=worker_of_grid,
        organisation=place.office,
        role="grid_worker",
        area=place.community,
        grid=grid,
        since=cast.START,
    )
    assert "陈网格员" in text_of(desk.get(grids))
    assert "陈网格员" in text_of(desk.get(f"/desk/places/areas/{place.estate.code}/"))
    assert (
        desk.post(f"/desk/places/grids/{grid.id}/", {"do": "buildings", "buildings": [str(uuid7())]}).status_code == 422
    )
    desk.post(f"/desk/places/grids/{grid.id}/", {"do": "rename", "name": "北片网格"})
    assert desk.post(grids, {"name": "北片网格"}).status_code == 409
    assert desk.get(f"/desk/places/areas/{place.estate.code}/grids/").status_code == 404


def upload(desk, place, content, name="清册.xlsx", **more):
    file = io.BytesIO(content)
    file.name = name
    data = {"kind": "homes", "area": place.estate.code, "once": str(uuid7()), "file": file, **more}
    return desk.post("/desk/places/imports/", data)


def run():
    while worker.advance(lambda: datetime.now(UTC)):
        pass


def test_a_list_is_sent_looked_at_and_written(desk, place):
    answer = upload(desk, place, sheet(ROW))
    here = answer.headers["Location"]
    page = text_of(desk.get(here))
    assert "The file has arrived" in page
    assert 'data-live="2"' in page
    run()
    page = text_of(desk.get(here))
    assert "Checked. Nothing is written yet" in page
    assert "89.56" in page
    assert "data-live" not in page
    assert not Home.objects.filter(name="302").exists()
    desk.post(here, {"do": "all"})
    run()
    assert "1 rows of the list are in the register now." in text_of(desk.get(here))
    assert Home.objects.filter(name="302").exists()
    assert "清册.xlsx" in text_of(desk.get("/desk/places/imports/"))


def test_problems_stand_by_cell_and_good_rows_wait_for_a_word(desk, place):
    bad = (*ROW[:3], "303", 3, "不详", "住宅")
    here = upload(desk, place, sheet(ROW, bad)).headers["Location"]
    run()
    page = text_of(desk.get(here))
    assert "F3" in page
    assert "The floor area is not a number." in page
    assert "Write the 1 good rows only" in page
    desk.post(here, {"do": "all"})
    assert "2 rows" not in text_of(desk.get(here))
    assert ImportBatch.objects.get().state == "ready"
    listing = desk.get(f"{here}problems.csv")
    assert "F3,The floor area is not a number." in listing.content.decode("utf-8-sig")
    desk.post(here, {"do": "good"})
    run()
    assert Home.objects.filter(name="302").exists()
    assert "1 rows were left out" in text_of(desk.get(here))


def test_an_import_can_be_cancelled(desk, place):
    here = upload(desk, place, sheet(ROW)).headers["Location"]
    run()
    assert desk.post(here, {"do": "cancel"}).status_code == 303
    run()
    assert not Home.objects.filter(name="302").exists()


def test_a_file_that_cannot_be_taken(desk, place, monkeypatch):
    here = upload(desk, place, b"PK\x03\x04 broken").headers["Location"]
    run()
    assert "damaged" in text_of(desk.get(here))
    assert "Please choose a file." in text_of(desk.post("/desk/places/imports/", {"kind": "homes"}), 422)
    assert desk.post("/desk/places/imports/", {"kind": "castles"}).status_code == 404
    monkeypatch.setattr("tongxin.web.places.imports.MAX_FILE_BYTES", 10)
    assert "larger than" in text_of(upload(desk, place, sheet(ROW)), 413)
    foreign = upload(desk, place, b"x", area=place.other_community.code)
    assert foreign.status_code in (403, 413)


def test_the_template_has_the_expected_columns(desk):
    answer = desk.get("/desk/places/imports/template/homes.xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    assert [cell.value for cell in book.worksheets[0][1]] == [
        "小区",
        "楼栋",
        "单元",
        "房号",
        "楼层",
        "建筑面积",
        "用途",
    ]
    assert [cell.value for cell in book.worksheets[1][2]][:4] == ["东苑小区", "3号楼", "1单元", "302"]
    assert desk.get("/desk/places/imports/template/castles.xlsx").status_code == 404


def test_the_template_filled_in_is_taken_as_it_is(desk, place):
    book = load_workbook(io.BytesIO(desk.get("/desk/places/imports/template/homes.xlsx").content))
    for at, value in enumerate(ROW, 1):
        book.worksheets[0].cell(2, at, value)
    target = io.BytesIO()
    book.save(target)
    here = upload(desk, place, target.getvalue()).headers["Location"]
    run()
    assert "Write all 1 rows" in text_of(desk.get(here))


def test_a_scan_leads_to_the_report_form_with_the_place(client, place, staff):
    from tongxin.kernel.actor import SYSTEM

    code = operations.ensure_place_code(SYSTEM, "unit", place.home.unit_id, datetime.now(UTC))
    answer = client.get(f"/q/{code}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/report/?place={code}")
    assert client.get(f"/q/{code.lower()}").headers["Location"] == f"/report/?place={code}"
    assert client.get("/q/NOSUCH").status_code == 404
    assert queries.place_of_code(code).names[-3:] == ("国瑞中央花园", "3号楼", "2单元")


def test_posters_carry_the_code_of_each_place(desk, place, monkeypatch):
    shown = []
    render = pdf.render
    monkeypatch.setattr(pdf, "render", lambda name, data, now: shown.append(data) or render(name, data, now))
    unit = place.home.unit
    answer = desk.post(f"/desk/places/unit/{unit.id}/poster.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    code = PlaceCode.objects.get(place_id=unit.id).code
    (poster,) = shown[0]["posters"]
    assert poster["name"] == "国瑞中央花园 3号楼 2单元"
    assert poster["community"] == "车城路街道 · 王湾社区"
    assert poster["address"].endswith(f"/q/{code}")
    place.office.phone = "0719-8888888"
    place.office.save()
    desk.post(f"/desk/places/areas/{place.estate.code}/posters.pdf", {"of": "units"})
    assert [p["name"] for p in shown[1]["posters"]] == [
        "国瑞中央花园",
        "国瑞中央花园 3号楼",
        "国瑞中央花园 3号楼 2单元",
    ]
    assert {p["phone"] for p in shown[1]["posters"]} == {"0719-8888888"}
    answer = desk.post(f"/desk/places/areas/{place.estate.code}/posters.pdf")
    assert len(shown[2]["posters"]) == 2
    assert re.findall(rb"/Type/Pages/Count (\d+)", answer.content) == [b"2"], "one page each"
    assert b"TongxinSans" in answer.content, "the Chinese font is embedded"
    monkeypatch.setattr(posters, "MOST", 1)
    assert desk.post(f"/desk/places/areas/{place.estate.code}/posters.pdf").status_code == 429
    assert desk.get(f"/desk/places/areas/{place.estate.code}/posters.pdf").status_code == 405


def test_doors_of_a_building_get_stickers_eight_to_a_page(desk, place, monkeypatch):
    shown = []
    render = pdf.render
    monkeypatch.setattr(pdf, "render", lambda name, data, now: shown.append(data) or render(name, data, now))
    unit = place.home.unit
    for room in range(601, 609):
        Home.objects.create(unit=unit, name=str(room), sort_key=str(room))
    answer = desk.post(f"/desk/places/building/{unit.building_id}/stickers.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert re.findall(rb"/Type/Pages/Count (\d+)", answer.content) == [b"2"], "nine stickers on two pages"
    assert len(shown[0]["stickers"]) == 9
    code = PlaceCode.objects.get(place_id=place.home.id).code
    mine = next(one for one in shown[0]["stickers"] if one["address"].endswith(f"/q/{code}"))
    assert mine["name"] == f"国瑞中央花园 3号楼 2单元 {place.home.name}"
    assert (mine["estate"], mine["door"]) == ("国瑞中央花园", f"3号楼 2单元 {place.home.name}")
    assert set(mine) == {"community", "name", "estate", "door", "address", "svg", "phone"}, "the address alone"
    desk.post(f"/desk/places/home/{place.home.id}/stickers.pdf")
    assert shown[1]["stickers"] == [mine]
    assert desk.post(f"/desk/places/area/{place.estate.id}/stickers.pdf").status_code == 404
    assert desk.get(f"/desk/places/unit/{unit.id}/stickers.pdf").status_code == 405


def test_papers_need_no_font_of_the_machine(desk, place, monkeypatch, tmp_path):
    """``make demo`` on a bare Debian prints posters."""
    monkeypatch.setattr(pdf.typst, "compile", partial(pdf.typst.compile, ignore_system_fonts=True))
    answer = desk.post(f"/desk/places/area/{place.estate.id}/poster.pdf")
    assert b"TongxinSans" in answer.content


def test_the_picker_goes_down_to_the_unit(client, place):
    client.cookies["django_language"] = "en"

    def ask(parent):
        return client.get("/areas/options/", {"parent": parent}).json()

    assert ask("")["options"] == [["4203", "十堰市"]]
    assert [name for _, name in ask(place.street.code)["options"]] == ["王湾社区", "花果社区"]
    buildings = ask(place.estate.code)
    assert (buildings["label"], buildings["options"][0][1]) == ("Building", "3号楼")
    units = ask(buildings["options"][0][0])
    assert units["options"][0][1] == "2单元"
    assert ask(units["options"][0][0])["options"] == []
    assert queries.picked(units["options"][0][0]).names[-1] == "2单元"
    assert queries.picked(place.estate.code).names[-1] == "国瑞中央花园"
    assert client.get("/areas/options/", {"parent": "building:x"}).status_code == 404
    assert client.get("/areas/options/", {"parent": "nowhere"}).status_code == 404


def test_the_administrator_enters_the_notice(administrator):
    page = text_of(administrator.get("/desk/places/calendar/?year=2039"))
    assert "The holidays of 2039 are not known yet" in page
    here = "/desk/places/calendar/?year=2039"
    answer = administrator.post(here, {"day": "2039-01-01", "working": "rest", "note": "元旦"})
    assert answer.status_code == 303
    assert CalendarDay.objects.get().note == "元旦"
    assert "元旦" in text_of(administrator.get(here))
    administrator.post(here, {"do": "confirm"})
    page = text_of(administrator.get(here))
    assert "not known yet" not in page.replace("The holidays of 2027 are not known yet", "")
    assert "The year 2039 was entered here in full." in page
    assert administrator.post(here, {"day": "2039-01-01", "working": "maybe"}).status_code == 422
    assert administrator.post(here, {"day": "someday", "working": "rest"}).status_code == 422
    administrator.post(here, {"day": "2039-01-01", "working": "forget"})
    assert not CalendarDay.objects.exists()

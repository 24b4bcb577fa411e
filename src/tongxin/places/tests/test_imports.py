"""王社工 imports the homes of an estate from the list that the property company kept."""

import io
import threading
import time
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from openpyxl import Workbook

from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from tongxin.kernel.ids import uuid7
from tongxin.places.imports import operations, queries, worker
from tongxin.places.imports.homes import HomesImport
from tongxin.places.models import Area, Building, Home, ImportBatch, ImportFile, ImportPack, Unit
from tongxin.places.operations import add_building, add_home, add_unit
from tongxin.places.tests.conftest import HEADINGS, NOW, sheet, text_table
from tongxin.record.models import Entry

GOOD = [
    ("东苑小区", "1号楼", "1单元", "101", 1, 89.56, "住宅"),
    ("东苑小区", "1号楼", "1单元", 201.0, None, "89.56", ""),
    ("东苑小区", "3号楼", "", "商铺2", "", "120㎡", "商铺"),
]


def upload(actor, area, content, name="东苑小区房屋清册.xlsx", once=None):
    return operations.upload_import(actor, "homes", area.id, name, content, NOW, once=once)


def checked(actor, area, content, clock, name="东苑小区房屋清册.xlsx"):
    batch = upload(actor, area, content, name)
    assert worker.advance(clock)
    return queries.batch(actor, batch.id)


def told(batch):
    return [(p.cell, p.message % p.params) for p in queries.problems(batch)]


def test_a_list_of_homes_is_checked_shown_and_written_whole(town, wang, clock):
    batch = checked(wang, town.estate, sheet(*GOOD), clock)
    assert (batch.state, batch.rows_read, batch.rows_good, batch.rows_bad) == ("ready", 3, 3, 0)
    assert Home.objects.count() == 0
    assert queries.first_rows(batch)[0] == (
        2,
        {
            "estate": "东苑小区",
            "building": "1号楼",
            "unit": "1单元",
            "home": "101",
            "floor": 1,
            "floor_area": "89.56",
            "use": Home.Use.DWELLING.label,
        },
    )

    operations.confirm_import(wang, batch.id, NOW)
    assert worker.advance(clock)

    batch.refresh_from_db()
    assert batch.state == "done"
    assert batch.result == {"estates": 0, "buildings": 2, "units": 2, "homes": 3}
    homes = Home.objects.filter(unit__building__estate=town.estate).order_by("name")
    assert [(h.name, h.floor, h.floor_area, h.use) for h in homes] == [
        ("101", 1, Decimal("89.56"), "dwelling"),
        ("201", 2, Decimal("89.56"), "dwelling"),
        ("商铺2", None, Decimal("120.00"), "shop"),
    ]
    assert not worker.advance(clock)


def test_the_record_tells_who_had_what_written(town, wang, clock):
    batch = checked(wang, town.estate, sheet(*GOOD), clock)
    operations.confirm_import(wang, batch.id, NOW)
    worker.advance(clock)
    entries = Entry.objects.filter(subject_kind="import", subject_id=batch.id).order_by("subject_seq")
    assert [(e.verb, e.actor_id) for e in entries] == [
        ("import.uploaded", wang.id),
        ("import.confirmed", wang.id),
        ("import.written", wang.id),
    ]
    assert entries[2].data["made"]["homes"] == 3
    assert entries[2].data["sha256"] == batch.sha256


def test_what_was_staged_is_sealed_and_forgotten_afterwards(town, wang, clock):
    batch = checked(wang, town.estate, text_table(*GOOD), clock)
    assert "东苑".encode() not in bytes(ImportFile.objects.get().content)
    assert b"89.56" not in bytes(ImportPack.objects.get().content)
    operations.confirm_import(wang, batch.id, NOW)
    worker.advance(clock)
    assert not ImportFile.objects.exists()
    assert not ImportPack.objects.exists()


def test_every_bad_cell_is_told_by_its_address(town, wang, clock):
    batch = checked(
        wang,
        town.estate,
        sheet(
            ("东苑小区", "1号楼", "1单元", "101", 1, "八十九", "住宅"),
            ("西苑小区", "", "1单元", "102", "五楼", -3, "仓库"),
            ("东苑小区", "1号楼", "1单元", "103", 1, 89.561, "住宅"),
            ("东苑小区", "1号楼", "1单元", None, 1, "#REF!", "住宅"),
        ),
        clock,
    )
    assert (batch.rows_good, batch.rows_bad) == (0, 4)
    assert told(batch) == [
        ("F2", "The floor area is not a number."),
        ("A3", "This row speaks of another estate than 东苑小区."),
        ("B3", "The building is missing."),
        ("E3", "The floor is not a number from -9 to 200."),
        ("F3", "The floor area must be above zero and below 100 million."),
        ("G3", "The use is one of 住宅, 商铺, 其他."),
        ("F4", "The floor area has at most two decimals."),
        ("F5", "The cell holds an error of the spreadsheet."),
    ]


def test_one_bad_row_keeps_everything_out_until_the_good_ones_are_asked_for(town, wang, clock):
    batch = checked(wang, town.estate, sheet(*GOOD, ("东苑小区", "1号楼", "1单元", "", 1, 80, "")), clock)
    with pytest.raises(Conflict):
        operations.confirm_import(wang, batch.id, NOW)
    assert not worker.advance(clock)
    assert Home.objects.count() == 0
    operations.confirm_import(wang, batch.id, NOW, good_rows_only=True)
    operations.confirm_import(wang, batch.id, NOW, good_rows_only=True)
    worker.advance(clock)
    assert Home.objects.count() == 3


def test_doubles_within_the_file_and_with_the_register_are_found(town, wang, clock):
    building = add_building(wang, town.estate.id, "1号楼", NOW)
    unit = add_unit(wang, building.id, "1单元", NOW)
    add_home(wang, unit.id, "201", NOW)
    batch = checked(wang, town.estate, sheet(*GOOD, GOOD[0]), clock)
    assert (batch.rows_good, batch.rows_bad, batch.rows_there) == (2, 2, 1)
    assert told(batch) == [("D3", "This home is in the register already."), ("D5", "The same as row 2.")]
    operations.confirm_import(wang, batch.id, NOW, good_rows_only=True)
    worker.advance(clock)
    assert Building.objects.filter(name="1号楼").count() == 1
    assert Unit.objects.filter(building=building).count() == 1
    assert Home.objects.filter(unit=unit).count() == 2


def test_a_community_file_makes_the_estates_it_names(town, wang, clock):
    rows = [(estate, "1栋", "", "101", "", "", "") for estate in ("东苑小区", "南苑小区", "北苑小区")]
    batch = checked(wang, town.community, sheet(*rows), clock)
    operations.confirm_import(wang, batch.id, NOW)
    worker.advance(clock)
    estates = Area.objects.filter(parent=town.community).order_by("code")
    assert [(e.code, e.name) for e in estates] == [
        ("420303002001001", "东苑小区"),
        ("420303002001002", "南苑小区"),
        ("420303002001003", "北苑小区"),
    ]
    assert estates[1].path == f"{town.community.path}420303002001002/"
    assert Home.objects.count() == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_comes_in_any_encoding_that_offices_use(town, wang, clock, encoding):
    batch = checked(wang, town.estate, text_table(*GOOD, encoding=encoding), clock, "清册.csv")
    assert (batch.state, batch.rows_good) == ("ready", 3)


def test_a_title_above_the_headings_and_foreign_columns_do_no_harm(town, wang, clock):
    book = Workbook()
    book.worksheets[0].append(["东苑小区房屋清册"])
    book.worksheets[0].append([])
    book.worksheets[0].append(["序号", "楼 栋", "房号*", "建筑面积（㎡）", "业主"])
    book.worksheets[0].append([1, "1号楼", "101", "面积不详", "张桂兰"])
    target = io.BytesIO()
    book.save(target)
    batch = checked(wang, town.estate, target.getvalue(), clock)
    assert batch.columns["floor_area"] == ["D", "建筑面积（㎡）"]
    assert batch.unused == ["序号", "业主"]
    assert told(batch) == [("D4", "The floor area is not a number.")]


def test_formulas_are_not_computed(town, wang, clock):
    batch = checked(wang, town.estate, sheet(("东苑小区", "1号楼", "", "101", "", "=40+49.56", "")), clock)
    assert batch.rows_good == 1
    assert queries.first_rows(batch)[0][1]["floor_area"] is None
    batch = checked(wang, town.estate, text_table(("东苑小区", "1号楼", "", "101", "", "=40+49.56", "")), clock)
    assert told(batch) == [("F2", "The floor area is not a number.")]


def bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<a/>")
        for number in range(4):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b" " * (90 * 1024 * 1024))
    return target.getvalue()


def with_entities() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sheet(*GOOD))) as source, zipfile.ZipFile(target, "w") as archive:
        for part in source.infolist():
            text = source.read(part)
            if part.filename == "xl/workbook.xml":
                text = b'<!DOCTYPE a [<!ENTITY x "y">]>' + text
            archive.writestr(part.filename, text)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old .xls"),
        (b"PK\x03\x04" + b"\0" * 600, "damaged"),
        (sheet(*GOOD)[:-300], "damaged"),
        (b"\x89PNG\r\n\0\0\0", "neither an .xlsx nor a CSV"),
        (b"\xff\xfe\xff", "cannot be read"),
        (text_table(headings=HEADINGS), "no row below"),
        (text_table(("东苑小区", "1号楼"), headings=["小区", "楼栋"]), "missing: 房号"),
        (text_table(("a", "b"), headings=["x", "y"]), "No row with the headings 楼栋、房号"),
        (with_entities(), "no list of rows needs"),
        (bomb(), "unpacks to far more"),
    ],
    ids=["xls", "zip-stub", "cut", "png", "utf16-cut", "no-rows", "missing", "no-headings", "entities", "bomb"],
)
def test_a_file_that_is_no_list_is_refused_with_a_clear_word(town, wang, clock, content, why):
    batch = checked(wang, town.estate, content, clock)
    assert batch.state == "refused"
    assert why in batch.message % batch.message_params
    assert not ImportFile.objects.exists()


def test_too_many_rows_are_refused(town, wang, clock, monkeypatch):
    monkeypatch.setattr(worker, "MAX_ROWS", 2)
    batch = checked(wang, town.estate, sheet(*GOOD), clock)
    assert (batch.state, batch.message) == ("refused", "The file has more than %(limit)d rows. Split it.")
    assert not ImportPack.objects.exists()


def test_who_may_import_where(town, wang, li, clock):
    with pytest.raises(NotAllowed):
        upload(li, town.estate, sheet(*GOOD))
    with pytest.raises(NotAllowed):
        upload(wang, town.street, sheet(*GOOD))
    with pytest.raises(Invalid):
        upload(wang, town.estate, b"")
    with pytest.raises(Invalid) as caught:
        upload(wang, town.estate, b"x" * (20 * 1024 * 1024 + 1))
    assert caught.value.status == 413
    batch = upload(wang, town.estate, sheet(*GOOD))
    with pytest.raises(NotFound):
        queries.batch(li, batch.id)
    with pytest.raises(NotFound):
        operations.cancel_import(li, batch.id, NOW)
    assert queries.batches(li, "homes") == []
    assert [b.id for b in queries.batches(wang, "homes")] == [batch.id]


def test_the_same_form_sent_twice_is_one_import(town, wang, li):
    once = uuid7()
    first = upload(wang, town.estate, sheet(*GOOD), once=once)
    second = upload(wang, town.estate, sheet(*GOOD), once=once)
    assert first.id == second.id == once
    assert ImportBatch.objects.count() == 1


def test_a_cancelled_import_leaves_nothing(town, wang, clock):
    batch = checked(wang, town.estate, sheet(*GOOD), clock)
    operations.cancel_import(wang, batch.id, NOW)
    assert not ImportPack.objects.exists()
    assert not worker.advance(clock)
    with pytest.raises(Conflict):
        operations.confirm_import(wang, batch.id, NOW)


def test_a_crash_in_the_middle_of_checking_begins_anew(town, wang):
    rows = [("东苑小区", "1号楼", "1单元", f"{n}", "", "", "") for n in range(100, 1700)]
    batch = upload(wang, town.estate, sheet(*rows))
    times = iter([NOW] * 4)
    with pytest.raises(StopIteration):
        worker.advance(lambda: next(times))
    batch.refresh_from_db()
    assert batch.state == "checking"
    assert ImportPack.objects.count() == 1
    assert not worker.advance(lambda: NOW), "still under the lease of the worker that died"
    later = NOW + timedelta(minutes=5)
    assert worker.advance(lambda: later)
    batch.refresh_from_db()
    assert (batch.state, batch.rows_good, ImportPack.objects.count()) == ("ready", 1600, 4)


def test_a_crash_in_the_middle_of_writing_leaves_nothing_half_written(town, wang, clock, monkeypatch):
    batch = checked(wang, town.estate, sheet(*GOOD), clock)
    operations.confirm_import(wang, batch.id, NOW)

    def power_cut(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(worker, "append_entry", power_cut)
        with pytest.raises(KeyboardInterrupt):
            worker.advance(clock)
    assert (Home.objects.count(), Building.objects.count()) == (0, 0)
    later = NOW + timedelta(minutes=5)
    assert worker.advance(lambda: later)
    assert Home.objects.count() == 3


def test_whoever_was_faster_sends_the_import_back_to_be_checked_again(town, wang, clock):
    batch = checked(wang, town.estate, sheet(*GOOD), clock)
    operations.confirm_import(wang, batch.id, NOW)
    original = HomesImport.prepare

    def meanwhile(self, rows, context, now):
        prepared = original(self, rows, context, now)
        add_building(wang, town.estate.id, "3号楼", NOW)
        return prepared

    HomesImport.prepare = meanwhile
    try:
        worker.advance(clock)
    finally:
        HomesImport.prepare = original
    batch.refresh_from_db()
    assert batch.state == "uploaded"
    assert Home.objects.count() == 0
    worker.advance(clock)
    batch.refresh_from_db()
    assert (batch.state, batch.rows_good) == ("ready", 3)
    assert "checked again" in batch.message


def test_a_file_that_kills_its_worker_is_given_up(town, wang):
    batch = upload(wang, town.estate, sheet(*GOOD))
    ImportBatch.objects.filter(id=batch.id).update(attempts=worker.MAX_ATTEMPTS)
    assert not worker.advance(lambda: NOW)
    batch.refresh_from_db()
    assert batch.state == "refused"


def test_only_the_first_thousand_problems_are_kept_and_all_are_counted(town, wang, clock):
    rows = [("东苑小区", "1号楼", "", "", "", "", "")] * 1200
    batch = checked(wang, town.estate, sheet(*rows), clock)
    assert (batch.rows_bad, batch.problems.count()) == (1200, 1000)
    first = queries.problems(batch)
    assert [p.cell for p in first[:2]] == ["D2", "D3"]
    following = queries.problems(batch, (first[-1].row, first[-1].id))
    assert following[0].cell == "D102"
    with pytest.raises(Conflict):
        operations.confirm_import(wang, batch.id, NOW, good_rows_only=True)


def test_forgotten_previews_are_thrown_away_after_a_month(town, wang, clock):
    batch = checked(wang, town.estate, sheet(*GOOD), clock)
    assert worker.clean_up(NOW + timedelta(days=29)) == 0
    assert worker.clean_up(NOW + timedelta(days=31)) == 1
    batch.refresh_from_db()
    assert batch.state == "cancelled"
    assert not ImportPack.objects.exists()


def test_others_hardly_wait_while_a_large_list_is_read_and_written(transactional_db, clock):
    from tongxin.kernel.actor import SYSTEM
    from tongxin.places.operations import add_area

    city = Area.objects.create(
        code="4203", name="十堰市", level_id="city", path="4203/", depth=0, valid_from=NOW.date()
    )
    community = add_area(SYSTEM, parent_id=city.id, level="community", name="东苑社区", now=NOW)
    rows = [
        (f"小区{e}", f"{b}号楼", f"{u}单元", f"{f}{k:02d}", f, "89.56", "住宅")
        for e in range(4)
        for b in range(1, 26)
        for u in range(1, 4)
        for f in range(1, 21)
        for k in range(1, 4)
    ]
    stop = threading.Event()
    waits: list[float] = []

    def somebody_else_works():
        try:
            while not stop.is_set():
                began = time.monotonic()
                with transaction.atomic():
                    Area.objects.filter(id=city.id).update(address=f"{began}")
                waits.append(time.monotonic() - began)
                stop.wait(0.005)
        finally:
            connection.close()

    thread = threading.Thread(target=somebody_else_works)
    thread.start()
    try:
        batch = upload(SYSTEM, community, text_table(*rows), "清册.csv")
        worker.advance(clock)
        operations.confirm_import(SYSTEM, batch.id, NOW)
        worker.advance(clock)
    finally:
        stop.set()
        thread.join()
    assert Home.objects.count() == len(rows) == 18_000
    assert len(waits) > 50
    assert max(waits) < 2

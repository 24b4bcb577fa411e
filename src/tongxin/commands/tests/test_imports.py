"""The administrator brings files in from the command line, before anybody can sign in."""

import json

import pytest

from tongxin.commands import main
from tongxin.places.imports.spec import importer_for
from tongxin.places.models import Area, Home, ImportPack
from tongxin.places.tests.conftest import sheet, text_table

GOOD = ("东苑小区", "1号楼", "1单元", "101", 1, 89.56, "住宅")
BAD = ("东苑小区", "1号楼", "1单元", "102", 1, "不详", "住宅")


@pytest.fixture
def tongxin(capsys):

    def run(*words):
        status = main.main(["import", *words])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_the_reference_city_in_one_line(db, tongxin):
    status, out, err = tongxin("divisions", "--json")
    assert (status, json.loads(out)["added"]) == (0, 2117)
    assert "divisions: 2,117 / 2,117" in err
    status, out, _ = tongxin("divisions")
    assert (status, out) == (0, "2117 read, 0 added, 0 renamed, 2117 unchanged\n")
    assert Area.objects.count() == 2117


def test_a_file_of_divisions_that_is_none(db, tongxin, tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    status, out, err = tongxin("divisions", str(tmp_path / "x.csv"), "--json")
    assert status == 2
    assert "lacks the columns" in json.loads(out)["error"]
    assert "lacks the columns" in err


def test_homes_of_an_estate(town, tongxin, tmp_path):
    file = tmp_path / "homes.xlsx"
    file.write_bytes(sheet(GOOD))
    status, out, _ = tongxin("homes", str(file), "--estate", town.estate.code, "--json")
    assert status == 0
    assert json.loads(out) == {
        "read": 1,
        "imported": 1,
        "skipped": 0,
        "already_there": 0,
        "written": True,
        "made": {"estates": 0, "buildings": 1, "units": 1, "homes": 1},
        "errors": [],
    }
    status, out, err = tongxin("homes", str(file), "--estate", town.estate.code)
    assert status == 1
    assert "D2: This home is in the register already." in err
    assert Home.objects.count() == 1


def test_one_bad_row_keeps_all_out_and_good_rows_go_in_on_request(town, tongxin, tmp_path):
    file = tmp_path / "homes.xlsx"
    file.write_bytes(sheet(GOOD, BAD))
    status, out, _err = tongxin("homes", str(file), "--community", town.community.code, "--json")
    assert (status, Home.objects.count(), ImportPack.objects.count()) == (1, 0, 0)
    assert json.loads(out)["errors"] == [{"row": 3, "cell": "F3", "why": "The floor area is not a number."}]
    status, out, _ = tongxin("homes", str(file), "--community", town.community.code, "--good-rows")
    assert (status, out) == (0, "2 rows read, 1 written\n")
    assert Home.objects.count() == 1


def test_what_cannot_be_taken_at_all(town, tongxin, tmp_path):
    file = tmp_path / "homes.xlsx"
    file.write_bytes(b"PK\x03\x04 nothing")
    assert tongxin("homes", str(file), "--estate", town.estate.code)[0] == 2
    assert tongxin("homes", str(tmp_path / "none.xlsx"), "--estate", town.estate.code)[0] == 2
    assert tongxin("homes", str(file), "--estate", "999")[0] == 2
    with pytest.raises(SystemExit):
        tongxin("homes", str(file))


def test_residents_go_the_same_way(town, tongxin, tmp_path):
    columns = importer_for("residents").columns
    row = ["4203" if column.key == "id_number" else column.example for column in columns]
    file = tmp_path / "residents.csv"
    file.write_bytes(text_table(row, headings=[column.titles[0] for column in columns]))
    status, out, _ = tongxin("residents", str(file), "--community", town.community.code, "--json")
    assert status == 1
    assert "This is not an ID number." in [error["why"] for error in json.loads(out)["errors"]]

"""``tongxin import cases``: a spreadsheet of another system's past goes in once, in silence."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from tests.cast import wangwan
from tongxin.cases.models import Case, Update
from tongxin.cases.rules_import import past_of
from tongxin.commands import main
from tongxin.commands.import_cases import rows_of
from tongxin.kernel.text import clean_text
from tongxin.notifications.models import Delivery, Notice

HEAD = "id,user,title,time,text,reply,reply_time\n"
GOOD = HEAD + "1,A001,路灯不亮,2019/4/24 16:03:40,三号楼路灯不亮,已经修好,2019-05-09\n2,,,2020-01-02,楼道漏水,,\n"
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture
def tongxin(db, capsys):
    place = wangwan()

    def run(file, *words, area=place.community.code):
        status = main.main(["import", "cases", str(file), "--area", area, *words])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_whatever_the_office_saved_it_as(tongxin, tmp_path, encoding):
    (tmp_path / "past.csv").write_bytes(GOOD.encode(encoding))
    status, out, _ = tongxin(tmp_path / "past.csv", "--json")
    assert (status, json.loads(out)) == (0, {"read": 2, "imported": 2, "skipped": 0, "errors": []})
    assert sorted(Case.objects.values_list("title", flat=True)) == ["楼道漏水", "路灯不亮"]
    assert not Notice.objects.exists() and not Delivery.objects.exists()


def test_twice_is_once_and_another_origin_is_another_past(tongxin, tmp_path):
    file = tmp_path / "past.csv"
    file.write_text(GOOD)
    tongxin(file)
    assert tongxin(file)[1] == "2 rows read, 0 imported, 2 there already, 0 wrong\n"
    assert json.loads(tongxin(file, "--json", "--origin", "hotline")[1])["imported"] == 2
    assert Case.objects.count() == 4


def test_rows_that_cannot_be_read_are_named_and_the_rest_goes_in(tongxin, tmp_path):
    file = tmp_path / "past.csv"
    file.write_text(GOOD + "3,,无日期,昨天,路面塌陷,,\n1,,再来一次,2019/4/24,同一个编号,,\n")
    status, out, err = tongxin(file, "--json", "--category", "lighting")
    found = json.loads(out)
    assert (status, found["read"], found["imported"], found["skipped"]) == (0, 4, 2, 1)
    assert found["errors"] == [{"row": 4, "why": "This is not a date: 昨天"}]
    assert "row 4: This is not a date: 昨天" in err
    assert set(Case.objects.values_list("category__code", flat=True)) == {"lighting"}


@pytest.mark.parametrize(
    ("content", "more", "why"),
    [
        (b"a,b\n1,2\n", (), "lacks the columns id, time, text"),
        (b"", (), "lacks the columns"),
        (b"\x81\xff\x00", (), "neither UTF-8 nor GBK"),
        (GOOD.encode(), ("--category", "no-such"), "no category no-such"),
        (GOOD.encode(), ("--area", "999"), "area"),
    ],
)
def test_what_cannot_be_taken_changes_nothing(tongxin, tmp_path, content, more, why):
    (tmp_path / "past.csv").write_bytes(content)
    status, out, err = tongxin(tmp_path / "past.csv", "--json", *more)
    assert status == 2
    assert why in json.loads(out)["error"]
    assert why in err
    assert not Case.objects.exists()


def test_no_such_file(tongxin, tmp_path):
    assert tongxin(tmp_path / "none.csv")[0] == 2


def test_every_row_of_the_real_file_can_be_read(shared_data):
    rows = rows_of((shared_data / "appeals_replied.csv").read_bytes())
    assert len(rows) == 2390
    assert all(past_of(row, NOW).reply for row in rows)


def test_real_replies_go_in_with_every_word(tongxin, shared_data, tmp_path):
    """Every fifteenth row of the real file and its longest reply, as they are."""
    rows = rows_of((shared_data / "appeals_replied.csv").read_bytes())
    chosen = {row["id"]: row for row in [*rows[::15], max(rows, key=lambda row: len(row["reply"]))]}
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(chosen.values())
    (tmp_path / "real.csv").write_text(text.getvalue(), encoding="utf-8-sig")
    status, out, _ = tongxin(tmp_path / "real.csv", "--json")
    assert (status, json.loads(out)["imported"]) == (0, len(chosen))
    replies = dict(Update.objects.filter(verb="answer_directly").values_list("case__source", "text"))
    assert replies == {f"real:{key}": clean_text(row["reply"], 1_000_000) for key, row in chosen.items()}
    assert not Notice.objects.exists() and not Delivery.objects.exists()

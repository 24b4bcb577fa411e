"""The divisions of the reference city come with the product; another city brings its own file."""

from datetime import timedelta

import pytest

from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.errors import Invalid, NotAllowed
from tongxin.places.models import Area, AreaPast
from tongxin.places.operations import import_divisions
from tongxin.places.operations.divisions import SHIPPED
from tongxin.places.tests.conftest import NOW, worker
from tongxin.record.models import Entry

HEAD = "level,code,name,parent_code\n"
CITY = HEAD + "city,4203,十堰市,42\ncounty,420303,张湾区,4203\n"


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "divisions.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_reference_city_as_it_is_shipped(db):
    told = []
    result = import_divisions(SHIPPED, SYSTEM, NOW, lambda done, total: told.append((done, total)))
    assert (result.read, result.added, result.errors) == (2117, 2117, [])
    assert told[-1] == (2117, 2117)
    zhangwan = Area.objects.get(code="420303")
    assert (zhangwan.name, zhangwan.path, zhangwan.depth) == ("张湾区", "4203/420303/", 1)
    village = Area.objects.get(official_name="岔河村委会", path__startswith="4203/420303/")
    assert (village.name, village.is_village, village.level_id) == ("岔河村", True, "community")
    prefixes = Area.objects.filter(level="community").values_list("number_prefix", flat=True)
    assert len(set(prefixes)) == 1979
    assert Entry.objects.get(verb="divisions.imported").data == {"read": 2117, "added": 2117, "renamed": 0}

    again = import_divisions(SHIPPED, SYSTEM, NOW)
    assert (again.added, again.renamed, again.unchanged) == (0, 0, 2117)
    assert Entry.objects.filter(verb="divisions.imported").count() == 1


def test_a_changed_name_is_taken_over_and_the_old_one_kept(db, file):
    import_divisions(file(CITY), SYSTEM, NOW)
    later = NOW + timedelta(days=40)
    result = import_divisions(file(CITY.replace("张湾区", "张湾新区")), SYSTEM, later)
    assert (result.renamed, result.unchanged) == (1, 1)
    assert Area.objects.get(code="420303").name == "张湾新区"
    assert AreaPast.objects.get().name == "张湾区"


def test_one_bad_row_keeps_everything_out(db, file):
    text = CITY + "street,420399001,孤儿街道,420399\ncounty,,无码县,4203\nplanet,4,地球,\n"
    result = import_divisions(file(text), SYSTEM, NOW)
    assert [row for row, _ in result.errors] == [5, 6]
    result = import_divisions(file(CITY + "street,420399001,孤儿街道,420399\n"), SYSTEM, NOW)
    assert [row for row, _ in result.errors] == [4]
    assert "no area '420399'" in result.errors[0][1]
    assert result.added == 0
    assert not Area.objects.exists()


def test_an_area_cannot_hang_below_its_own_level(db, file):
    result = import_divisions(file(CITY + "city,99,另一市,420303\n"), SYSTEM, NOW)
    assert len(result.errors) == 1


def test_what_is_no_list_of_divisions_is_refused(db, file, tmp_path):
    with pytest.raises(Invalid):
        import_divisions(file("a,b\n1,2\n"), SYSTEM, NOW)
    with pytest.raises(Invalid):
        import_divisions(tmp_path / "nowhere.csv", SYSTEM, NOW)
    (tmp_path / "gbk.csv").write_bytes(CITY.encode("gb18030"))
    with pytest.raises(Invalid):
        import_divisions(tmp_path / "gbk.csv", SYSTEM, NOW)


def test_a_community_worker_cannot_import_a_city(town, wang, file):
    with pytest.raises(NotAllowed):
        import_divisions(file(CITY), wang, NOW)
    county = worker("区管理员", town.county.path)
    rows = HEAD + "street,420303003,车城路街道,420303\nvillage,420303003001,东风社区居委会,420303003\n"
    assert import_divisions(file(rows), county, NOW).added == 2

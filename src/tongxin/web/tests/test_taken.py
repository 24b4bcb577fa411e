"""Lists of the register that are taken away as files: whose, what stands in them, and that the record says so."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import START, officer, resident
from tongxin.cases.tests.stage import MONDAY, Scene
from tongxin.people.fields import PHONE, sealed
from tongxin.people.models import Appointment, Organisation, Person, Tenancy
from tongxin.people.queries import taken
from tongxin.places.models import Building, Home, Unit
from tongxin.record.models import Entry
from tongxin.web import workbook
from tongxin.web.tests.desk_stage import at_desk, sheet_of

NUMBER = "13907191188"


@pytest.fixture
def liu(s: Scene) -> Person:
    phone, phone_index = sealed(NUMBER, PHONE)
    return resident("=刘桂兰", s.place, phone_cipher=phone, phone_index=phone_index)


def test_the_register_is_taken_away_masked_without_formulas_and_on_the_record(s: Scene, liu: Person) -> None:
    rows = sheet_of(at_desk(s.wu).post("/desk/people/export/", {"q": NUMBER}))
    assert rows[0] == ("Full name", "Gender", "Age", "Where they live", "Phone", "Party member")
    assert [(row[0], row[4]) for row in rows[1:]] == [("'=刘桂兰", "139****1188")]
    entry = Entry.objects.get(verb="people.exported")
    assert (entry.actor_id, entry.area_path, entry.data) == (
        s.wu.pk, s.place.community.path, {"filter": "search", "rows": 1},
    )  # fmt: skip


def test_who_reads_the_register_does_not_thereby_take_it_away(s: Scene, liu: Person) -> None:
    grid = officer("王网格", "grid_worker", s.place.office, s.place.community)
    assert at_desk(grid).get("/desk/people/").status_code == 200
    assert "/desk/people/export/" not in at_desk(grid).get("/desk/people/").content.decode()
    assert at_desk(grid).post("/desk/people/export/").status_code == 403
    assert at_desk(s.qian).post("/desk/people/export/").status_code == 403
    assert not Entry.objects.filter(verb="people.exported").exists()


def test_another_communitys_desk_finds_nobody_of_this_one(s: Scene, liu: Person) -> None:
    assert len(sheet_of(at_desk(s.outsider).post("/desk/people/export/", {"q": NUMBER}))) == 1


def test_organisations_are_taken_away_by_their_filter(s: Scene) -> None:
    rows = sheet_of(at_desk(s.wu).post("/desk/organisations/export/", {"kind": "property_company"}))
    assert rows[0] == ("Name", "Kind", "Area", "Telephone")
    assert [row[0] for row in rows[1:]] == ["国瑞物业"]
    assert Entry.objects.get(verb="organisations.exported").data == {"filter": "property_company", "rows": 1}


def test_what_was_typed_is_not_kept(s: Scene) -> None:
    for sent, kept in (({"kind": "刘桂兰13907191188"}, "all"), ({"q": "刘桂兰"}, "search")):
        sheet_of(at_desk(s.wu).post("/desk/organisations/export/", sent))
        assert Entry.objects.filter(verb="organisations.exported").latest("id").data["filter"] == kept


def test_a_large_building_is_taken_away_whole(s: Scene) -> None:
    unit = Unit.objects.create(building=Building.objects.create(estate=s.place.estate, name="99号楼"), name="1单元")
    homes = Home.objects.bulk_create(Home(unit=unit, name=str(n)) for n in range(401))
    people = Person.objects.bulk_create(
        Person(name=f"住户{n}", community=s.place.community, created_at=MONDAY) for n in range(401)
    )
    Tenancy.objects.bulk_create(
        Tenancy(home=home, person=who, since=START) for home, who in zip(homes, people, strict=True)
    )
    rows = sheet_of(at_desk(s.wu).post("/desk/people/export/", {"address": "国瑞中央花园 99号楼"}))
    assert len(rows) == 402
    assert Entry.objects.get(verb="people.exported").data == {"filter": "address", "rows": 401}


def test_every_area_of_whose_register_it_was_finds_it_on_its_record(s: Scene) -> None:
    other = s.place.other_community
    body = Organisation.objects.create(kind="community", name="别的居委会", area=other, since=START)
    Appointment.objects.create(person=s.wu, organisation=body, role="community_worker", area=other, since=START)
    sheet_of(at_desk(s.wu).post("/desk/people/export/"))
    assert set(Entry.objects.filter(verb="people.exported").values_list("area_path", flat=True)) == {
        s.place.community.path, other.path,
    }  # fmt: skip


def test_a_long_list_is_cut_and_says_so(s: Scene, liu: Person, monkeypatch: Any) -> None:
    for nth in range(5):
        resident(f"住户{nth}", s.place)
    monkeypatch.setattr(taken, "_AT_ONCE", 2)
    monkeypatch.setattr(workbook, "MOST", 3)
    rows = sheet_of(at_desk(s.wu).post("/desk/people/export/"))
    assert len(rows) == 5
    assert rows[-1][0].startswith("Cut here: a file holds 3 rows")
    assert Entry.objects.get(verb="people.exported").data == {"filter": "all", "rows": 3, "cut": True}

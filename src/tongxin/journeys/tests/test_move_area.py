"""王湾社区 comes under 汉江路街道: its matters go along, open and closed, and nobody finds them where it was before."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from tests.cast import START, area, officer, person, resident
from tongxin.cases.models import Assignment, CallBack, Case, Tally, Update
from tongxin.cases.operations import desk, gather
from tongxin.cases.operations.due import fold_tallies
from tongxin.cases.operations.photos import blur_photo, release_photo
from tongxin.cases.operations.submit import Report, submit_case
from tongxin.cases.queries.queue import Filter, queue
from tongxin.cases.queries.view import case_for
from tongxin.cases.tests.stage import MONDAY, Scene, photo, scene
from tongxin.files.models import Attachment
from tongxin.files.operations import process_due
from tongxin.files.rules import Region
from tongxin.journeys.move_area import move_area
from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.errors import Conflict, DomainError, Invalid, NotAllowed
from tongxin.notifications.models import Notice
from tongxin.people.models import Appointment, Organisation, Ownership, Person, ReportIn, VerificationRequest
from tongxin.places.models import Area, AreaPast, Building, Grid, Home, Unit
from tongxin.places.queries import area as area_of
from tongxin.places.queries import parents_to_choose
from tongxin.record.models import Entry
from tongxin.record.verify import verify_all

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 16)


@pytest.fixture
def s() -> Scene:
    return scene()


@pytest.fixture
def hanjiang(s: Scene) -> Area:
    return area("420303005", "汉江路街道", "street", s.place.county)


@pytest.fixture
def county(s: Scene) -> Person:
    office = Organisation.objects.create(kind="government", name="张湾区社会工作部", area=s.place.county, since=START)
    return officer("何部长", "county_officer", office, s.place.county)


def street_officer(street: Area) -> Person:
    office = Organisation.objects.create(kind="government", name=f"{street.name}办事处", area=street, since=START)
    return officer("新主任", "street_officer", office, street)


def unverified() -> list[str]:
    """What the record does not bear out. The scene is made by the models, so it knows nothing of offices and the like."""
    made = ("appointment", "ownership", "route")
    return [found.where for found in verify_all().findings if not found.where.startswith(made)]


def reported(s: Scene, text: str = "3号楼2单元楼道灯不亮", **more: object) -> Case:
    return submit_case(s.actor(s.zhang), s.report(text, **more), MONDAY)


def figure(where: Area, kind: str = "submitted") -> int:
    return Tally.objects.filter(area=where, kind=kind).aggregate(n=Sum("amount"))["n"] or 0


def test_matters_follow_with_their_paths_lists_search_and_figures(s: Scene, hanjiang: Area, county: Person) -> None:
    lamp, gone = reported(s), reported(s, "占道停车", category="parking")
    desk.decline_case(s.actor(s.wu), gone.pk, MONDAY, reason="不归我们", elsewhere="请找交警")
    CallBack.objects.create(
        case=lamp, party=lamp.parties.get(), area_path=lamp.area_path, because="asked", due_at=MONDAY
    )
    fold_tallies()
    waiting = reported(s, "楼顶漏水")  # its figures are not folded yet
    assert (figure(s.place.street), figure(hanjiang)) == (2, 0)

    moved = move_area(s.actor(county), s.place.community.pk, hanjiang.pk, MONDAY)

    assert moved == 3
    path = f"{hanjiang.path}420303001001/420303001001-01/"
    for case in Case.objects.all():
        assert case.area_path == path
        assert [case.l0, case.l1, case.l2, case.l3, case.l4, case.l5] == [*path.strip("/").split("/"), ""]
    assert set(Assignment.objects.values_list("area_path", flat=True)) == {path}
    assert set(CallBack.objects.values_list("area_path", flat=True)) == {path}
    fold_tallies()
    assert (figure(s.place.street), figure(hanjiang), figure(s.place.county), figure(s.place.community)) == (0, 3, 3, 3)
    new = s.actor(street_officer(hanjiang))
    assert case_for(new, waiting.number, MONDAY).number == waiting.number
    assert {row.number for row in queue(new, Filter(show="all"), MONDAY).rows} == set(
        Case.objects.values_list("number", flat=True)
    )
    assert [row.number for row in queue(new, Filter(show="all", q="楼道灯"), MONDAY).rows] == [lamp.number]
    old = s.actor(s.street)
    assert not queue(old, Filter(show="all"), MONDAY).rows
    assert not queue(old, Filter(show="all", q="楼道灯"), MONDAY).rows
    with pytest.raises(DomainError):
        case_for(old, lamp.number, MONDAY)
    assert case_for(s.actor(s.wu), gone.number, MONDAY).number == gone.number


def test_the_record_tells_of_it_and_verifies(s: Scene, hanjiang: Area, county: Person) -> None:
    lamp, old = reported(s), s.place.community.path
    move_area(s.actor(county), s.place.community.pk, hanjiang.pk, MONDAY + timedelta(days=1))
    entry = Entry.objects.get(verb="case.area_moved", subject_id=lamp.pk)
    assert entry.data == {"from": old, "to": f"{hanjiang.path}420303001001/"}
    assert entry.area_path.startswith(hanjiang.path)
    assert Entry.objects.filter(verb="area.moved", subject_id=s.place.community.pk).exists()
    assert not unverified()
    past = AreaPast.objects.get(area=s.place.community)
    assert (past.path, past.valid_from, past.valid_until) == (old, START, date(2026, 11, 17))
    assert AreaPast.objects.filter(area=s.place.estate).exists()
    report = reported(s, "新的一件")
    assert report.area_path.startswith(hanjiang.path)


def test_what_waits_for_the_street_that_is_left_holds_it_back(s: Scene, hanjiang: Area, county: Person) -> None:
    lamp = reported(s)
    desk.escalate_case(s.actor(s.wu), lamp.pk, MONDAY, reason="社区管不了")
    before = (s.place.community.path, Entry.objects.count())
    with pytest.raises(Conflict) as refused:
        move_area(s.actor(county), s.place.community.pk, hanjiang.pk, MONDAY)
    assert refused.value.code == "matters-wait-above"
    assert lamp.number in str(refused.value)
    s.place.community.refresh_from_db()
    assert (s.place.community.path, Entry.objects.count()) == before
    desk.escalate_case(s.actor(s.street), lamp.pk, MONDAY, reason="街道也管不了")
    assert move_area(s.actor(county), s.place.community.pk, hanjiang.pk, MONDAY) == 1
    lamp.refresh_from_db()
    assert lamp.raised == 2, "the county stays above and goes on deciding"


def test_what_is_under_supervision_waits_too(s: Scene, hanjiang: Area, county: Person) -> None:
    lamp = reported(s)
    desk.supervise_case(s.actor(s.street), lamp.pk, MONDAY, reason="群众反映强烈")
    with pytest.raises(Conflict):
        move_area(s.actor(county), s.place.community.pk, hanjiang.pk, MONDAY)


def common_of(s: Scene, where: Area, *cases: Case) -> Case:
    report = Report(text="停车难", category="parking", area_id=where.pk)
    return gather.make_common_matter(s.actor(s.wu), report, [case.pk for case in cases], MONDAY)


def test_an_estate_is_not_torn_out_of_a_common_matter_of_its_community(s: Scene) -> None:
    one, two = (reported(s, text, category="parking") for text in ("占道停车", "又占道停车"))
    common = common_of(s, s.place.community, one, two)
    with pytest.raises(Conflict) as refused:
        move_area(SYSTEM, s.place.estate.pk, s.place.other_community.pk, MONDAY)
    assert refused.value.code == "matters-gathered-outside"
    assert common.number in str(refused.value)
    for case in (one, two):
        gather.separate_case(s.actor(s.wu), case.pk, MONDAY, reason="小区划给红卫")
    assert move_area(SYSTEM, s.place.estate.pk, s.place.other_community.pk, MONDAY) == 2


def test_a_common_matter_within_what_is_moved_goes_along_and_is_locked_first(
    s: Scene, hanjiang: Area, county: Person
) -> None:
    one = reported(s, "占道停车", category="parking")
    common = common_of(s, s.place.community, one)
    with CaptureQueriesContext(connection) as asked:
        assert move_area(s.actor(county), s.place.community.pk, hanjiang.pk, MONDAY) == 2
    common.refresh_from_db()
    assert common.area_path == f"{hanjiang.path}{s.place.community.code}/"
    assert common.gathered.get() == one
    if connection.features.has_select_for_update:
        locking = [q["sql"] for q in asked if q["sql"].endswith("FOR UPDATE") and '"cases_case"' in q["sql"]]
        assert "common" in locking[0]
        assert "common" not in locking[1]


def test_what_is_too_much_for_a_page_is_refused_with_the_command_that_does_it(s: Scene, hanjiang: Area) -> None:
    reported(s), reported(s, "占道停车")
    before = Entry.objects.count()
    with pytest.raises(Conflict) as refused:
        move_area(SYSTEM, s.place.community.pk, hanjiang.pk, MONDAY, most=1)
    assert refused.value.code == "too-many-matters"
    assert f"tongxin area move {s.place.community.code} --under {hanjiang.code}" in str(refused.value)
    s.place.estate.refresh_from_db()
    assert (s.place.estate.path.startswith(s.place.street.path), Entry.objects.count()) == (True, before)
    assert move_area(SYSTEM, s.place.community.pk, hanjiang.pk, MONDAY, most=2) == 2


def test_a_photo_made_public_after_the_move_is_on_the_record_of_the_new_place(
    s: Scene, hanjiang: Area, county: Person
) -> None:
    lamp = reported(s, photos=[photo()])
    process_due(MONDAY)
    move_area(s.actor(county), s.place.community.pk, hanjiang.pk, MONDAY)
    shown = Attachment.objects.get()
    blur_photo(s.actor(s.wu), shown.pk, [Region(10, 10, 20, 20)], MONDAY)
    for public in (True, False):
        release_photo(s.actor(s.wu), shown.pk, MONDAY, public=public)
    lamp.refresh_from_db()
    told = Entry.objects.filter(subject_id=shown.pk, verb__in=("file.blurred", "file.released", "file.withdrawn"))
    assert list(told.values_list("area_path", flat=True)) == [lamp.area_path] * 3
    assert not unverified()


def test_where_an_area_may_come_to_is_read_without_outlines(s: Scene, hanjiang: Area) -> None:
    community = area_of(s.place.community.pk)
    with CaptureQueriesContext(connection) as asked:
        rows = parents_to_choose(SYSTEM, community, MONDAY)
        assert [(row.parent.name, row.name) for row in rows if row.parent] == [("张湾区", "汉江路街道")]
    assert len(asked) == 1
    assert '"shape"' not in asked[0]["sql"]


def test_who_may_not_and_what_may_not_be_moved(s: Scene, hanjiang: Area, county: Person) -> None:
    for who in (s.street, s.zhou):
        with pytest.raises(NotAllowed):
            move_area(s.actor(who), s.place.community.pk, hanjiang.pk, MONDAY)
    with pytest.raises(NotAllowed):
        move_area(s.actor(s.wu), s.place.estate.pk, s.place.other_community.pk, MONDAY)
    for parent in (s.place.county, s.place.other_community, s.place.city):
        with pytest.raises(Conflict):
            move_area(SYSTEM, s.place.community.pk, parent.pk, MONDAY)
    with pytest.raises(Invalid):
        move_area(SYSTEM, s.place.community.pk, hanjiang.pk, MONDAY, day=TODAY + timedelta(days=1))
    area("420303005009", "王湾社区", "community", hanjiang)
    with pytest.raises(Conflict):
        move_area(SYSTEM, s.place.community.pk, hanjiang.pk, MONDAY)


def test_a_street_of_another_county_takes_its_communities_along_and_the_same_again_does_nothing(s: Scene) -> None:
    other = area("420302", "茅箭区", "county", s.place.city)
    lamp = reported(s)
    fold_tallies()
    assert move_area(SYSTEM, s.place.street.pk, other.pk, MONDAY) == 1
    lamp.refresh_from_db()
    assert (lamp.l1, lamp.l2) == ("420302", "420303001")
    assert (figure(s.place.county), figure(other), figure(s.place.city)) == (0, 1, 1)
    assert move_area(SYSTEM, s.place.street.pk, other.pk, MONDAY) == 0
    assert Entry.objects.filter(verb="case.area_moved").count() == 1
    assert move_area(SYSTEM, s.place.street.pk, s.place.county.pk, MONDAY) == 1
    lamp.refresh_from_db()
    assert lamp.l1 == "420303"
    assert not unverified()


def test_an_estate_takes_its_people_and_matters_to_the_other_community(s: Scene) -> None:
    place, there = s.place, s.place.other_community
    lamp = reported(s)
    fold_tallies()
    grid = Grid.objects.create(community=place.community, code="WW-01", name="第一网格", valid_from=START)
    Building.objects.filter(estate=place.estate).update(grid=grid)
    stays = resident("赵老", place)  # owns in another estate of 王湾 too
    other = area("420303001001-02", "东苑小区", "estate", place.community)
    unit = Unit.objects.create(building=Building.objects.create(estate=other, name="1号楼"), name="1单元")
    Ownership.objects.create(
        home=Home.objects.create(unit=unit, name="101"), person=stays, source="register", since=START
    )
    asked = VerificationRequest.objects.create(
        person=person("过客"), kind="resident", home=place.home, community=place.community, claimed_name="过客",
        created_at=MONDAY,
    )  # fmt: skip
    ReportIn.objects.create(person=s.chen, community=place.community, home_unit="东风公司", since=START)

    assert move_area(s.actor(s.street), place.estate.pk, there.pk, MONDAY) == 1

    for who in (s.zhang, s.chen):
        who.refresh_from_db()
        assert who.community_id == there.pk
    stays.refresh_from_db()
    asked.refresh_from_db()
    assert (stays.community_id, asked.community_id) == (place.community.pk, there.pk)
    assert ReportIn.objects.get().community_id == there.pk
    assert Building.objects.get(estate=place.estate).grid_id is None
    lamp.refresh_from_db()
    assert (lamp.l3, lamp.l4) == (there.code, place.estate.code)
    assert (figure(place.community), figure(there), figure(place.street)) == (0, 1, 1)
    assert case_for(s.actor(s.outsider), lamp.number, MONDAY).number == lamp.number
    with pytest.raises(DomainError):
        case_for(s.actor(s.wu), lamp.number, MONDAY)
    told = Entry.objects.get(verb="people.followed").data
    assert (told["people"], told["report_ins"], told["verifications"]) == (2, 1, 1)
    assert not unverified()


def test_an_office_for_a_building_of_the_estate_is_ended_first(s: Scene) -> None:
    head = officer("楼栋长老李", "building_head", s.place.office, s.place.community)
    building = Building.objects.get(estate=s.place.estate)
    Appointment.objects.filter(person=head).update(building=building)
    with pytest.raises(Conflict) as refused:
        move_area(s.actor(s.street), s.place.estate.pk, s.place.other_community.pk, MONDAY)
    assert refused.value.code == "offices-there"
    Appointment.objects.filter(person=head).update(until=TODAY)
    assert move_area(s.actor(s.street), s.place.estate.pk, s.place.other_community.pk, MONDAY) == 0
    s.place.estate.refresh_from_db()
    assert s.place.estate.parent_id == s.place.other_community.pk


def test_the_new_desk_is_told_of_what_lies_with_a_body_of_the_old_place(
    s: Scene, hanjiang: Area, county: Person
) -> None:
    own, strange = reported(s), reported(s, "占道停车", category="parking")
    desk.accept_case(s.actor(s.wu), strange.pk, MONDAY)
    desk.dispatch_case(s.actor(s.wu), strange.pk, MONDAY, lead=s.street.appointments.get().organisation_id)
    assert own.lead_id == s.place.company.pk, "国瑞物业 goes on: it serves the estate"
    Notice.objects.all().delete()
    move_area(s.actor(county), s.place.community.pk, hanjiang.pk, MONDAY)
    noted = Update.objects.filter(data__because="area-moved")
    assert [row.case_id for row in noted] == [strange.pk]
    assert set(Notice.objects.values_list("person_id", flat=True)) == {s.wu.pk, s.zhou.pk}
    strange.refresh_from_db()
    assert strange.lead_id is not None, "nobody took it from them"
    assert not unverified()

"""What stays hidden: reporters who hid their name, those whom a complaint concerns, private matters of neighbours."""

from __future__ import annotations

import pytest

from tests.cast import officer
from tongxin.cases.models import Case, Party, Update
from tongxin.cases.operations import desk, gather, resident, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries import asked, choices
from tongxin.cases.queries import detail as details
from tongxin.cases.queries.dots import points
from tongxin.cases.queries.handling import tasks
from tongxin.cases.queries.queue import Filter, queue
from tongxin.cases.queries.scope import scope_of
from tongxin.cases.queries.taken import export_rows
from tongxin.cases.queries.timeline import timeline
from tongxin.cases.queries.view import case_of
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.errors import DomainError, NotFound
from tongxin.notifications.models import Notice
from tongxin.people.models import Appointment

pytestmark = pytest.mark.django_db
TEXT = "我是张秀英，电话13812345678，楼道灯不亮"


@pytest.fixture
def s() -> Scene:
    return scene()


def hidden(s: Scene, **more: object) -> Case:
    """张阿姨 hides her name; she writes it into the words all the same, and it is in her home."""
    home = s.place.home
    type(home.unit.building).objects.filter(pk=home.unit.building_id).update(lat=32.61, lng=110.71)
    return submit_case(
        s.actor(s.zhang), s.report(TEXT, hidden=True, home_id=home.pk, lat=32.6, lng=110.7, **more), MONDAY
    )


def test_a_handler_sees_neither_name_nor_phone_nor_home_of_who_hid_them_wherever_they_look(s: Scene) -> None:
    case = hidden(s)
    li = s.actor(s.li)
    seen = details.detail(li, case.number, MONDAY)
    page = queue(li, Filter(), MONDAY)
    found = queue(li, Filter(q="楼道灯"), MONDAY)
    export = list(export_rows(li, Filter(show="all"), MONDAY, 10))
    dots = points(li, Filter(show="all"), MONDAY)
    mine, _ = tasks(li, "waiting")
    notices = [notice.params for notice in Notice.objects.filter(person_id=s.li.pk)]
    shown = " ".join(map(str, (seen.title, seen.text, seen.place, page.rows, found.rows, export, dots, mine, notices)))
    assert page.rows and found.rows and export and dots and mine and notices
    for secret in ("张秀英", "13812345678", "501"):
        assert secret not in shown, secret


def test_a_grid_worker_who_only_reads_the_area_does_not_either_and_the_desk_does(s: Scene) -> None:
    case = hidden(s, category="parking")
    assert "张秀英" not in str(queue(s.actor(s.wang), Filter(), MONDAY).rows)
    assert "张秀英" in str(queue(s.actor(s.wu), Filter(), MONDAY).rows)
    assert "501" in details.detail(s.actor(s.wu), case.number, MONDAY).place


def test_who_helps_other_people_does_not_learn_who_hid_their_name(s: Scene) -> None:
    head = officer("孙组长", "building_head", s.place.office, s.place.community)
    case = submit_case(s.actor(s.wang), s.report(TEXT, hidden=True, for_person=s.zhang.pk, category="parking"), MONDAY)
    with pytest.raises(NotFound):
        details.detail(s.actor(head), case.number, MONDAY)
    assert case_of(s.actor(head), case.pk, MONDAY).reporter is None


def test_a_hidden_neighbour_who_joined_is_hidden_from_the_handler_too(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    resident.join_case(s.actor(s.chen), case.pk, MONDAY, hidden=True, text="我家门口也黑")
    seen = details.detail(s.actor(s.li), case.number, MONDAY)
    assert "陈建国" not in str((seen.concerned, seen.lines))
    assert "陈建国" in str(details.detail(s.actor(s.wu), case.number, MONDAY).concerned)


def test_what_a_neighbour_adds_is_not_shown_as_the_words_of_the_company_nor_with_their_name(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    resident.join_case(s.actor(s.chen), case.pk, MONDAY)
    resident.add_word(s.actor(s.chen), case.pk, MONDAY, text="四楼也不亮")
    view = case_of(s.actor(s.zhang), case.pk, MONDAY)
    line = next(line for line in timeline(view, MONDAY)[0] if line.text == "四楼也不亮")
    assert line.who == "resident"
    assert line.organisation == ""


def test_what_a_worker_says_by_their_link_is_the_words_of_the_company(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    work.claim_case(s.actor(s.qian), case.pk, MONDAY, start=True)
    secret = work.hand_to_worker(s.actor(s.qian), case.pk, MONDAY, name="小刘", phone="13907280001")
    worker, case_id = work.link_actor(secret, MONDAY)
    work.answer_case(worker, case_id, MONDAY, text="换好了")
    view = case_of(s.actor(s.zhang), case.pk, MONDAY)
    line = next(line for line in timeline(view, MONDAY)[0] if line.text == "换好了")
    assert (line.who, line.organisation, line.name) == ("office", "国瑞物业", "小刘")
    assert Update.objects.get(case=case, verb="answer").organisation_id == s.place.company.pk


def test_a_private_matter_cannot_be_joined_by_whoever_guesses_its_number(s: Scene) -> None:
    for more in ({"category": "care"}, {"hidden": True}):
        case = submit_case(s.actor(s.zhang), s.report("想借坐便椅", **more), MONDAY)
        with pytest.raises(NotFound):
            resident.join_case(s.actor(s.chen), case.pk, MONDAY)
        assert not Party.objects.filter(case=case, person=s.chen).exists()


def test_who_took_a_case_is_its_handler_only_in_a_session_that_passed_the_second_factor(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    with pytest.raises(NotFound):
        work.answer_case(s.actor(s.li, strong=False), case.pk, MONDAY, text="修好了")
    with pytest.raises(NotFound):
        case_of(s.actor(s.li, strong=False), case.pk, MONDAY)
    assert tasks(s.actor(s.li, strong=False), "mine")[0] == []


def test_a_joiner_is_told_without_the_reporters_name_and_the_reporter_in_their_own_words(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(TEXT), MONDAY)
    resident.join_case(s.actor(s.chen), case.pk, MONDAY)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    titles = {n.person_id: n.params["title"] for n in Notice.objects.filter(kind="case.claim")}
    assert "张秀英" not in titles[s.chen.pk]
    assert "13812345678" not in titles[s.chen.pk]
    assert "张秀英" in titles[s.zhang.pk]


def test_a_complained_of_office_does_not_find_the_complaint_among_similar_ones(s: Scene) -> None:
    case = submit_case(s.actor(s.chen), s.report("停车乱", category="parking"), MONDAY)
    against = submit_case(
        s.actor(s.zhang), s.report("居委会不管停车", category="parking", complained_of=(s.place.office.pk,)), MONDAY
    )
    scope = scope_of(s.actor(s.wu))
    assert against.pk not in [row.id for row in choices.similar(case, scope)]
    assert against.pk in [row.id for row in choices.similar(case, scope_of(s.actor(s.street)))]


def test_a_body_complained_of_neither_publishes_the_case_nor_blurs_in_it(s: Scene) -> None:
    case = submit_case(
        s.actor(s.zhang), s.report("居委会不管停车", category="parking", complained_of=(s.place.office.pk,)), MONDAY
    )
    desk.dispatch_case(
        s.actor(s.street), case.pk, MONDAY, lead=s.place.office.pk, co_handlers=[(s.bureau.pk, "一起看")]
    )
    Appointment.objects.create(
        person=s.wu, organisation=s.place.office, role="handler", area=s.place.community, since="2020-01-01"
    )
    with pytest.raises(DomainError):
        desk.publish_case(s.actor(s.wu), case.pk, MONDAY, public=True)


def test_what_is_gathered_names_nobody_to_the_handler(s: Scene) -> None:
    case = submit_case(
        s.actor(s.zhang), s.report(TEXT, hidden=True, category="parking", home_id=s.place.home.pk), MONDAY
    )
    desk.accept_case(s.actor(s.wu), case.pk, MONDAY)
    report = s.report("没有路灯", category="parking", area_id=s.place.community.pk, channel="desk")
    common = gather.make_common_matter(s.actor(s.wu), report, [case.pk], MONDAY)
    listed = str(asked.gathered(s.actor(s.officer), common.pk))
    assert case.number in listed
    assert "张秀英" not in listed
    assert "501" not in listed

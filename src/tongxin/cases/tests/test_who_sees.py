"""What stays hidden: reporters who hid their name, those whom a complaint concerns, private matters of neighbours."""

from __future__ import annotations

import re

import pytest

from tests.cast import officer
from tests.cast import resident as resident_of
from tongxin.cases.models import Case, Party, Update
from tongxin.cases.operations import desk, gather, publish, resident, work
from tongxin.cases.operations.photos import release_photo
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
from tongxin.cases.tests.stage import MONDAY, Scene, photo, scene
from tongxin.files.models import Attachment
from tongxin.kernel.errors import DomainError, NotAllowed, NotFound
from tongxin.notifications.models import Notice
from tongxin.people.models import Appointment

pytestmark = pytest.mark.django_db
KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Keys of rows: by chance one holds the three digits of her home."""
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
    everything = (seen.title, seen.text, seen.place, page.rows, found.rows, export, dots, mine, notices)
    shown = KEY.sub("", " ".join(map(str, everything)))
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
        publish.publish_case(s.actor(s.wu), case.pk, MONDAY, public=True)


def test_what_is_gathered_names_nobody_to_the_handler(s: Scene) -> None:
    case = submit_case(
        s.actor(s.zhang), s.report(TEXT, hidden=True, category="parking", home_id=s.place.home.pk), MONDAY
    )
    desk.accept_case(s.actor(s.wu), case.pk, MONDAY)
    report = s.report("没有路灯", category="parking", area_id=s.place.community.pk, channel="desk")
    common = gather.make_common_matter(s.actor(s.wu), report, [case.pk], MONDAY)
    listed = KEY.sub("", str(asked.gathered(s.actor(s.officer), common.pk)))
    assert case.number in listed
    assert "张秀英" not in listed
    assert "501" not in listed


# A signed paper, and a case with many people.


def signed(s: Scene, **more: object) -> Case:
    """李师傅 mended it; 张阿姨 signed on paper that it is solved, and 王敏 records it with the picture."""
    case = submit_case(s.actor(s.wang), s.report(TEXT, for_person=s.zhang.pk, **more), MONDAY)
    if case.state == "submitted":
        lead = s.place.company.pk
        helpers = [(s.bureau.pk, "一起看")] if case.complained_of else []
        desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, lead=lead, co_handlers=helpers)
    if case.complained_of:
        work.answer_sub_task(s.actor(s.officer), case.pk, MONDAY, organisation=s.bureau.pk, text="看过了")
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    work.answer_case(s.actor(s.li), case.pk, MONDAY, text="修好了")
    if case.complained_of:
        desk.verify_answer(s.actor(s.wu), case.pk, MONDAY)
    resident.confirm_solved(
        s.actor(s.wang), case.pk, MONDAY, on_behalf_of=s.zhang.pk, own_choice="signed", paper=[photo()]
    )
    return case


def papers(lines: object) -> list[object]:
    return [shot for line in lines for shot in line.shots if shot.purpose == "evidence"]  # type: ignore[attr-defined]


def test_a_signed_paper_is_not_shown_on_the_desk_to_who_may_not_know_the_reporter(s: Scene) -> None:
    hid = signed(s, hidden=True)
    against = signed(s, complained_of=(s.place.company.pk,))
    for case in (hid, against):
        assert papers(details.detail(s.actor(s.li), case.number, MONDAY).lines) == []
        assert len(papers(details.detail(s.actor(s.wu), case.number, MONDAY).lines)) == 1
    plain = signed(s)
    assert len(papers(details.detail(s.actor(s.li), plain.number, MONDAY).lines)) == 1


def test_a_signed_paper_is_never_made_public(s: Scene) -> None:
    case = signed(s)
    paper = Attachment.objects.get(purpose="evidence", owner_id__in=case.updates.values("id"))
    with pytest.raises(NotAllowed):
        release_photo(s.actor(s.wu), paper.pk, MONDAY, public=True)


def many(s: Scene, people: int = 142, **more: object) -> Case:
    """Story 6: a case in which 143 people have a part; the last of them hid her name and wrote it into her words."""
    case = submit_case(s.actor(s.zhang), s.report(TEXT, **more), MONDAY)
    for n in range(people):
        neighbour = resident_of(f"邻居{n:03d}", s.place)
        last = n == people - 1
        resident.join_case(s.actor(neighbour), case.pk, MONDAY, hidden=last, text=f"我是邻居{n:03d}，我家也是")
    return case


def test_a_case_of_143_people_is_paged_and_names_nobody_to_who_may_not_know_them(s: Scene) -> None:
    case = many(s)
    Case.objects.filter(pk=case.pk).update(complained_of=[str(s.place.company.pk)])
    first = details.detail(s.actor(s.li), case.number, MONDAY)
    assert "邻居" not in str((first.lines, first.concerned))
    assert "张秀英" not in str((first.lines, first.concerned, first.text))
    desk_page = details.detail(s.actor(s.street), case.number, MONDAY)
    assert desk_page.people == 143
    seen = [one.name for one in desk_page.concerned]
    assert seen[0] == "张秀英", "in whose name it was reported comes first"
    while desk_page.more_concerned is not None:
        desk_page = details.detail(s.actor(s.street), case.number, MONDAY, after=desk_page.more_concerned)
        seen += [one.name for one in desk_page.concerned]
    assert len(seen) == len(set(seen)) == 143


def test_who_hid_their_name_among_many_is_hidden_from_the_handler_everywhere(s: Scene) -> None:
    case = many(s)
    seen = details.detail(s.actor(s.li), case.number, MONDAY)
    assert "邻居141" not in str((seen.lines, seen.concerned))
    assert "邻居140" in str(seen.lines), "who did not hide their name is known to who does the work"
    on_the_phone, _ = timeline(case_of(s.actor(s.li), case.pk, MONDAY), MONDAY)
    assert "邻居141" not in str(on_the_phone)
    assert "邻居140" in str(on_the_phone)
    assert "邻居141" in str(details.detail(s.actor(s.wu), case.number, MONDAY).lines)


def test_a_neighbour_who_reopens_is_not_named_to_a_body_complained_of(s: Scene) -> None:
    case = signed(s, complained_of=(s.place.company.pk,))
    resident.reopen_case(s.actor(s.chen), case.pk, MONDAY, reason="又不亮了，陈建国")
    desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, lead=s.place.company.pk, co_handlers=[(s.bureau.pk, "一起看")])
    shown = details.detail(s.actor(s.li), case.number, MONDAY)
    assert "陈建国" not in str(shown.lines)
    assert "陈建国" in str(details.detail(s.actor(s.wu), case.number, MONDAY).lines)


def test_the_last_of_many_may_speak_and_the_phone_of_each_can_be_read(s: Scene) -> None:
    case = many(s, 25)
    last = Party.objects.filter(case=case).latest("id")
    alone = details.detail(s.actor(s.wu), case.number, MONDAY, party=last.pk)
    assert [one.name for one in alone.concerned] == ["邻居024"]

"""The page of notices and the people of the demo."""

import json

import pytest
from django.test import Client

from tests import cast
from tongxin.kernel.ids import uuid7
from tongxin.notifications import operations
from tongxin.notifications.models import Notice
from tongxin.people.models import SignInSession

pytestmark = pytest.mark.django_db
CASE = ("case", uuid7())


@pytest.fixture
def place():
    return cast.wangwan()


@pytest.fixture
def zhang(client, place):
    person = cast.resident("张阿姨", place)
    cast.sign_in(client, person)
    client.cookies["django_language"] = "en"
    return person


def tell(person, key="1", asks=False, **more):
    operations.tell(
        [person.pk], kind="case", message="Answer: %(words)s", params={"words": f"灯修好了 {key}"}, key=key,
        subject=more.pop("subject", CASE), link="/me/?from=notice", now=cast.MADE_AT, asks=asks, **more
    )  # fmt: skip


def test_an_empty_page_says_what_will_stand_there(client, zhang):
    assert "No notices yet" in client.get("/notices/").content.decode()


def test_notices_the_bell_and_four_queries(client, zhang, django_assert_max_num_queries):
    for n in range(20):
        tell(zhang, str(n), subject=("case", uuid7()))
    with django_assert_max_num_queries(4):
        page = client.get("/notices/").content.decode()
    assert "灯修好了 19" in page
    assert "Notices, 20 unread" in page


def test_opening_one_reads_it_and_leads_on(client, zhang):
    tell(zhang)
    one = Notice.objects.get()
    answer = client.get(f"/notices/{one.pk}/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/?from=notice")
    one.refresh_from_db()
    assert one.read_at is not None


def test_what_asks_stays_until_it_is_answered(client, zhang):
    tell(zhang, asks=True)
    client.get(f"/notices/{Notice.objects.get().pk}/")
    client.post("/notices/read/")
    assert "Your turn" in client.get("/notices/").content.decode()
    assert Notice.objects.get().read_at is None


def test_nobody_reads_the_notices_of_another(client, zhang, place):
    tell(cast.resident("李建国", place))
    assert client.get(f"/notices/{Notice.objects.get().pk}/").status_code == 404
    assert "灯修好了" not in client.get("/notices/").content.decode()
    assert client.get("/notices/?after=x").status_code == 404


def test_text_in_a_notice_is_text(client, zhang):
    tell(zhang, "<script>alert(1)</script>")
    assert "<script>alert" not in client.get("/notices/").content.decode()


def demo_file(settings, tmp_path, *people):
    settings.DEMO, settings.DATA = True, tmp_path
    rows = [
        {"account_id": str(person.account.pk), "role": role, "title": "王湾", "what_to_try": "派一件"}
        for person, role in people
    ]
    (tmp_path / "demo.json").write_text(json.dumps(rows), encoding="utf-8")


def test_outside_of_a_demo_there_is_no_demo(client, place, settings, tmp_path):
    zhang = cast.resident("张阿姨", place)
    demo_file(settings, tmp_path, (zhang, ""))
    settings.DEMO = False
    assert client.get("/demo/").status_code == 404
    assert client.post("/demo/enter/", {"account": zhang.account.pk}).status_code == 404
    assert not SignInSession.objects.exists()


def test_one_click_is_a_real_session(client, place, settings, tmp_path):
    zhang = cast.resident("张阿姨", place)
    zhou = cast.officer("周书记", "community_secretary", place.office, place.community)
    zhou.account.username = "zhou"
    zhou.account.save()
    demo_file(settings, tmp_path, (zhang, ""), (zhou, "community_secretary"))
    page = client.get("/demo/").content.decode()
    assert "张阿姨" in page and "周书记" in page and "派一件" in page
    client.post("/demo/enter/", {"account": zhang.account.pk})
    assert SignInSession.objects.get().strong is False
    other = Client()
    other.post("/demo/enter/", {"account": zhou.account.pk})
    assert SignInSession.objects.get(strong=True).account == zhou.account


def test_only_the_people_of_the_demo(client, place, settings, tmp_path):
    demo_file(settings, tmp_path, (cast.resident("张阿姨", place), ""))
    secret = cast.resident("王先生", place)
    assert client.post("/demo/enter/", {"account": secret.account.pk}).status_code == 404
    assert client.post("/demo/enter/", {"account": "x"}).status_code == 404


def test_before_the_city_is_built_the_page_says_so(client, settings, tmp_path):
    settings.DEMO, settings.DATA = True, tmp_path
    client.cookies["django_language"] = "en"
    assert "still being built" in client.get("/demo/").content.decode()


def test_the_demo_shows_what_would_have_reached_a_phone(client, settings, tmp_path):
    settings.DEMO, settings.DATA = True, tmp_path
    client.post("/sign-in/", {"phone": "13907280001"})
    assert "13907280001" in client.get("/demo/").content.decode()


def test_the_gallery_of_components_is_shown_in_the_demo_alone(client, settings):
    settings.DEMO = True
    shown = client.get("/demo/components/")
    assert shown.status_code == 200 and "equal_options" in shown.content.decode()
    settings.DEMO = False
    assert client.get("/demo/components/").status_code == 404

"""The pages on which an office sets up categories, limits, routes and answers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.cast import officer, sign_in
from tongxin.cases.models import AnswerTemplate, Category, ClockRule, Route
from tongxin.cases.tests.stage import Scene, scene
from tongxin.people.models import Organisation, Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def s() -> Scene:
    return scene()


def at_desk(who: Person) -> Client:
    client = Client()
    sign_in(client, who, strong=True)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def city(s: Scene) -> Client:
    office = Organisation.objects.create(kind="government", name="市社会治理办", area=s.place.city, since="2020-01-01")
    return at_desk(officer("何局长", "city_officer", office, s.place.city))


PAGES = ("categories/", "categories/new/", "categories/lighting/", "limits/", "limits/?category=parking", "routes/")


@pytest.mark.parametrize("page", [*PAGES, "", "answers/"])
def test_who_may_open_which_page(s: Scene, city: Client, page: str) -> None:
    url = f"/desk/settings/{page}"
    assert city.get(url).status_code == at_desk(s.street).get(url).status_code == 200
    assert at_desk(s.wu).get(url).status_code == (200 if page in {"", "answers/"} else 403)
    assert at_desk(s.officer).get(url).status_code == at_desk(s.zhang).get(url).status_code == 403


def test_a_category_is_made_and_changed(s: Scene, city: Client) -> None:
    data: dict[str, Any] = {
        "code": "lamp_post", "name": "灯杆", "urgency": "normal", "position": "5", "is_active": "1", "public": "1",
        "q1_label": "几号灯杆", "q1_kind": "text", "q2_label": "亮不亮", "q2_kind": "choice", "q2_options": "亮，不亮",
    }  # fmt: skip
    assert city.post("/desk/settings/categories/new/", data).status_code == 303
    row = Category.objects.get(code="lamp_post")
    assert [q["options"] for q in row.questions] == [[], ["亮", "不亮"]]
    assert city.post("/desk/settings/categories/new/", data).status_code == 409
    data |= {"name": "路灯杆"}
    assert city.post("/desk/settings/categories/lamp_post/", data).status_code == 303
    row.refresh_from_db()
    assert row.name == "路灯杆"
    refused = at_desk(s.street).post("/desk/settings/categories/lamp_post/", data)
    assert refused.status_code == 403
    assert "the level above" in refused.content.decode()


def test_only_the_limit_that_was_changed_is_written(s: Scene, city: Client) -> None:
    data = {"category": "parking", "accept.normal.amount": "2", "accept.normal.unit": "work_hours"}
    data |= {"claim.normal.amount": "6", "claim.normal.unit": "work_hours"}
    assert city.post("/desk/settings/limits/", data).status_code == 303
    rule = ClockRule.objects.get()
    assert rule.category is not None
    assert (rule.kind, rule.amount, rule.category.code) == ("accept", 2, "parking")
    assert city.post("/desk/settings/limits/", data | {"accept.normal.amount": "many"}).status_code == 422
    assert city.post("/desk/settings/limits/", data | {"accept.normal.amount": ""}).status_code == 303
    assert not ClockRule.objects.exists()


def test_a_route_is_found_made_and_ended(s: Scene) -> None:
    client, url = at_desk(s.street), "/desk/settings/routes/"
    data = {"area": str(s.place.community.pk), "category": "parking", "mode": "assigned"}
    assert client.post(url, data).status_code == 422, "nobody was chosen"
    assert "城管执法局" in client.post(url, {**data, "org": "城管", "search": "1"}).content.decode()
    assert client.post(url, {**data, "org": "城管", "organisation": str(s.bureau.pk)}).status_code == 303
    row = Route.objects.get(area=s.place.community)
    assert row.organisation_id == s.bureau.pk
    assert "城管执法局" in client.get(url).content.decode()
    assert client.post(f"/desk/settings/routes/{row.pk}/end/").status_code == 303
    assert not Route.objects.filter(area=s.place.community).exists()


def test_a_ready_answer_is_written_changed_and_thrown_away(s: Scene) -> None:
    client, url = at_desk(s.wu), "/desk/settings/answers/"
    data = {"name": "已转物业", "area": str(s.place.community.pk), "category": "", "text": "您好，已转物业处理。"}
    assert client.post(url, {**data, "text": ""}).status_code == 422
    assert client.post(url, data).status_code == 303
    row = AnswerTemplate.objects.get()
    assert client.get(f"{url}{row.pk}/").status_code == 200
    assert client.post(f"{url}{row.pk}/", {**data, "name": "转物业"}).status_code == 303
    assert at_desk(s.outsider).get(f"{url}{row.pk}/").status_code == 404
    assert client.post(f"{url}{row.pk}/", {"delete": "1"}).status_code == 303
    assert not AnswerTemplate.objects.exists()


def test_levels_are_called_as_the_city_says(s: Scene, city: Client) -> None:
    url = "/desk/settings/levels/"
    assert url in city.get("/desk/settings/").content.decode()
    shown = city.get(url).content.decode()
    names = dict(re.findall(r'name="(name(?:_en)?\.\w+)"[^>]* value="([^"]*)"', shown))
    assert len(names) == 10
    assert city.post(url, names | {"name.street": ""}).status_code == 422
    assert city.post(url, names | {"name.street": "乡镇", "name_en.street": "Township"}).status_code == 303
    assert "Township" in city.get(f"/areas/options/?parent={s.place.county.code}").content.decode()
    desk = at_desk(s.wu)
    read = desk.get(url).content.decode()
    assert "Township" in read
    assert "<input" not in read.partition("<main")[2].partition("</main>")[0]
    assert desk.post(url, names).status_code == 403

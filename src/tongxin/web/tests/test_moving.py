"""An area comes under another one on the page where it is edited."""

import pytest
from django.test import Client
from django.utils import timezone

from tests import cast
from tongxin.cases.operations.submit import Report, submit_case
from tongxin.kernel.actor import SYSTEM
from tongxin.people.models import Organisation
from tongxin.web.places import edit

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return cast.wangwan()


def signed_in(who) -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    cast.sign_in(client, who, strong=True)
    return client


def test_a_community_comes_under_another_street_by_the_hand_of_the_county(place, monkeypatch):
    street = cast.area("420303005", "汉江路街道", "street", place.county)
    office = Organisation.objects.create(
        kind="government", name="区社会工作部", area=place.county, since=place.office.since
    )
    client = signed_in(cast.officer("何部长", "county_officer", office, place.county))
    url = f"/desk/places/areas/{place.community.code}/edit/"
    shown = client.get(url).content.decode()
    assert "汉江路街道" in shown
    of_estate = client.get(f"/desk/places/areas/{place.estate.code}/edit/").content.decode()
    assert "花果社区" in of_estate
    assert "汉江路街道" not in of_estate
    assert client.post(url, {"do": "move", "parent": ""}).status_code == 422
    assert client.post(url, {"do": "move", "parent": place.county.code}).status_code == 409
    assert client.post(url, {"do": "move", "parent": street.code, "day": "2999-01-01"}).status_code == 422
    report = Report(text="楼道灯不亮", category="other", area_id=place.estate.pk, nobody=True, channel="desk")
    submit_case(SYSTEM, report, timezone.now())
    monkeypatch.setattr(edit, "MOST_MATTERS", 0)
    refused = client.post(url, {"do": "move", "parent": street.code})
    assert refused.status_code == 409
    assert f"tongxin area move {place.community.code} --under {street.code}" in refused.content.decode()
    monkeypatch.undo()
    assert client.post(url, {"do": "move", "parent": street.code}).status_code == 303
    place.community.refresh_from_db()
    assert place.community.parent_id == street.pk
    assert "车城路街道" in client.get(url).content.decode(), "where it hung before"


def test_a_community_does_not_move_itself(place):
    desk = signed_in(cast.officer("王社工", "community_worker", place.office, place.community))
    street = cast.area("420303005", "汉江路街道", "street", place.county)
    url = f"/desk/places/areas/{place.community.code}/edit/"
    assert 'value="move"' not in desk.get(url).content.decode()
    assert desk.post(url, {"do": "move", "parent": street.code}).status_code == 403

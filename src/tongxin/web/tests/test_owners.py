"""An organisation is put down as the owner of a home on the desk, and shown on its page, on the home's and in the list."""

import pytest
from django.test import Client

from tests.cast import officer, sign_in, wangwan
from tongxin.people.models import Organisation, Ownership
from tongxin.people.operations.preferences import choose_language

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return wangwan()


@pytest.fixture
def desk(place) -> Client:
    who = officer("王社工", "community_worker", place.office, place.community)
    client = Client()
    choose_language(account_id=who.account.pk, language="en")
    sign_in(client, who, strong=True)
    return client


def body_of(response) -> str:
    return response.content.decode()


def test_a_company_is_found_chosen_and_put_down_as_owner(desk, place):
    shop = Organisation.objects.create(
        kind="merchant", name="便民超市有限公司", area=place.other_community, since=place.company.since
    )
    home = f"/desk/people/homes/{place.home.pk}/"
    assert "An organisation owns it" in body_of(desk.get(home))
    page = f"{home}owner/"
    assert f"?organisation={shop.pk}" in body_of(desk.get(f"{page}?q=便民"))
    assert "No organisation found" in body_of(desk.get(f"{page}?q=没有这家"))
    chosen = f"{page}?organisation={shop.pk}"
    assert "便民超市有限公司" in body_of(desk.get(chosen))
    form = {"organisation": str(shop.pk), "share": "三分之一", "source": "contract", "since": "2026-01-01"}
    wrong = desk.post(page, form)
    assert wrong.status_code == 422
    assert "便民超市有限公司" in body_of(wrong)
    assert desk.post(page, {"share": "1/3"}).status_code == 422
    assert desk.post(page, form | {"share": "1/3"}).headers["Location"] == home
    owned = Ownership.objects.get(organisation=shop)
    shown = body_of(desk.get(home))
    assert "便民超市有限公司" in shown
    assert "nobody holds an office in it yet" in shown
    officer("店长李姐", "handler", shop, place.community)
    assert "acts through 店长李姐" in body_of(desk.get(home))
    whole = form | {"share": "", "ending": [str(owned.pk)], "since": "2026-02-01"}
    assert desk.post(page, whole).status_code == 303
    assert Ownership.objects.filter(organisation=shop, until=None).count() == 1


def test_the_organisations_page_and_the_list_say_what_it_owns(desk, place):
    Ownership.objects.create(home=place.home, organisation=place.company, source="register", since=place.company.since)
    shown = body_of(desk.get(f"/desk/organisations/{place.company.pk}/"))
    assert "Homes it owns" in shown
    assert f"/desk/people/homes/{place.home.pk}/" in shown
    assert "owns 1 homes" in body_of(desk.get("/desk/organisations/"))
    assert f"/desk/people/homes/{place.home.pk}/" in body_of(desk.get(f"/desk/places/homes/{place.home.pk}/"))


def test_homes_of_elsewhere_have_no_such_page(place):
    who = officer("花果社工", "community_worker", place.office, place.other_community)
    client = Client()
    sign_in(client, who, strong=True)
    assert client.get(f"/desk/people/homes/{place.home.pk}/owner/").status_code in {403, 404}

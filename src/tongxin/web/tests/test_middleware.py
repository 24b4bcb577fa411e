"""What every request carries, and what it costs."""

from datetime import UTC, datetime, timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import include, path

from tests import cast
from tongxin.kernel.actor import Trust
from tongxin.kernel.errors import Conflict, Invalid
from tongxin.people.models import SignInSession
from tongxin.web.policy import SeeOther, policy, safe_next

pytestmark = pytest.mark.django_db


@policy("public")
def whoami(request):
    return HttpResponse(f"{request.actor.name}|{request.actor.trust.name}|{len(request.actor.grants)}|{request.view}")


@policy("signed_in")
def mine(request):
    return HttpResponse("mine")


@policy(trust=Trust.OWNER)
def owners(request):
    return HttpResponse("owners")


@policy(permission="case.desk")
def desk(request):
    return HttpResponse("desk")


@policy("public")
def taken(request):
    raise Conflict("%(who)s has already taken this.", who="李师傅")


@policy("public")
def wrong(request):
    raise Invalid("This field is empty.", field="text")


@policy("public")
def fault(request):
    raise RuntimeError("secret detail")


urlpatterns = [
    path("whoami", whoami),
    path("mine", mine),
    path("owners", owners),
    path("desk-page", desk),
    path("taken", taken),
    path("wrong", wrong),
    path("fault", fault),
    path("", include("tongxin.config.urls")),
]
handler400 = "tongxin.web.errors.bad_request"
handler404 = "tongxin.web.errors.not_found"
handler500 = "tongxin.web.errors.server_error"


@pytest.fixture(autouse=True)
def routes(settings):
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def place():
    return cast.wangwan()


def test_a_stranger_costs_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/whoami").content == b"|NOBODY|0|standard"


def test_a_signed_in_request_costs_two_queries(client, place, django_assert_num_queries):
    cast.sign_in(client, cast.owner("王先生", place))
    with django_assert_num_queries(2):
        assert client.get("/whoami").content.decode() == "王先生|OWNER|0|standard"


def test_the_office_holder_costs_no_more(client, place, django_assert_num_queries):
    cast.sign_in(client, cast.officer("周书记", "community_secretary", place.office, place.community), strong=True)
    with django_assert_num_queries(2):
        assert client.get("/whoami").content.decode() == "周书记|VISITOR|1|standard"


def test_phone_sign_in_of_the_secretary_gives_the_resident_alone(client, place):
    cast.sign_in(client, cast.officer("周书记", "community_secretary", place.office, place.community))
    assert client.get("/whoami").content.decode() == "周书记|VISITOR|0|standard"
    refused = client.get("/desk-page")
    assert refused.status_code == 403
    assert "/staff/sign-in/" in refused.content.decode()


def test_the_cookies_key_is_not_in_the_table(client, place):
    cast.sign_in(client, cast.resident("张阿姨", place))
    key = client.cookies["sessionid"].value
    assert not SignInSession.objects.filter(session_key__contains=key[:12]).exists()
    assert SignInSession.objects.count() == 1


def test_a_forged_cookie_is_nobody(client):
    client.cookies["sessionid"] = "a" * 32
    assert client.get("/whoami").content == b"|NOBODY|0|standard"


def test_a_closed_account_is_out_at_once(client, place):
    zhang = cast.resident("张阿姨", place)
    cast.sign_in(client, zhang)
    zhang.account.is_active = False
    zhang.account.save()
    assert client.get("/whoami").content.startswith(b"|NOBODY")
    assert not SignInSession.objects.exists()


def test_last_seen_is_written_at_most_every_five_minutes(client, place, django_assert_num_queries):
    cast.sign_in(client, cast.resident("张阿姨", place))
    first = SignInSession.objects.get().seen_at
    client.get("/whoami")
    assert SignInSession.objects.get().seen_at == first
    _seen_before(client, timedelta(minutes=6))
    client.get("/whoami")
    assert SignInSession.objects.get().seen_at > first


def _seen_before(client, ago):
    session = client.session
    session["seen"] = (datetime.now(UTC) - ago).isoformat()
    session.save()


def test_a_session_of_staff_ends_when_idle(client, place):
    cast.sign_in(client, cast.officer("周书记", "community_secretary", place.office, place.community), strong=True)
    _seen_before(client, timedelta(hours=11))
    assert client.get("/desk-page").status_code == 200
    _seen_before(client, timedelta(hours=13))
    assert client.get("/desk-page").status_code == 302


def test_the_sessions_of_residents_stay(client, place):
    cast.sign_in(client, cast.resident("张阿姨", place))
    _seen_before(client, timedelta(days=20))
    assert client.get("/mine").status_code == 200


def test_who_is_not_signed_in_is_sent_to_the_fitting_door(client):
    assert client.get("/mine?a=1").headers["Location"] == "/sign-in/?next=%2Fmine%3Fa%3D1"
    assert client.get("/desk-page").headers["Location"] == "/staff/sign-in/?next=%2Fdesk-page"


def test_a_form_that_was_sent_comes_back_to_its_page(client):
    answer = client.post("/mine", headers={"referer": "http://testserver/cases/1?x=1#a"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in/?next=%2Fcases%2F1%3Fx%3D1"
    away = client.post("/mine", headers={"referer": "http://evil.example/x"})
    assert away.headers["Location"] == "/sign-in/?next=%2F"


def test_a_level_too_low_says_what_is_needed_and_how_to_reach_it(client, place):
    cast.sign_in(client, cast.resident("张阿姨", place))
    client.cookies["django_language"] = "en"
    page = client.get("/owners")
    assert page.status_code == 403
    assert "by the property register" in page.content.decode()


@pytest.mark.parametrize(
    ("where", "status", "words"), [("/taken", 409, "李师傅"), ("/wrong", 422, "empty"), ("/nothing", 404, "")]
)
def test_what_goes_wrong_is_a_page_with_its_status(client, where, status, words):
    client.cookies["django_language"] = "en"
    page = client.get(where)
    assert page.status_code == status
    assert words in page.content.decode()


def test_a_fault_says_nothing_of_itself(client):
    client.raise_request_exception = False
    page = client.get("/fault")
    assert page.status_code == 500
    assert "secret detail" not in page.content.decode()


def test_a_fault_needs_no_database(client, django_assert_num_queries):
    client.raise_request_exception = False
    with django_assert_num_queries(0):
        client.get("/fault")


def test_programs_get_problems_not_pages(client):
    answer = client.get("/api/nothing")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_chinese_unless_chosen_otherwise(client):
    assert 'lang="zh-CN"' in client.get("/nothing", headers={"accept-language": "en-US,en"}).content.decode()
    client.post("/language/", {"language": "en", "next": "/nothing"})
    assert 'lang="en"' in client.get("/nothing").content.decode()


def test_language_and_view_are_remembered_in_the_account(client, place):
    zhang = cast.resident("张阿姨", place)
    cast.sign_in(client, zhang)
    assert client.post("/language/", {"language": "en", "next": "/mine"}).headers["Location"] == "/mine"
    client.post("/view/", {"view": "elder"})
    zhang.account.refresh_from_db()
    assert (zhang.account.language, zhang.account.elder_view) == ("en", True)
    assert client.get("/whoami").content.decode().endswith("|elder")


@pytest.mark.parametrize(
    ("where", "data"), [("/language/", {"language": "xx"}), ("/view/", {"view": "3d"}), ("/view/", {})]
)
def test_odd_choices_are_refused(client, where, data):
    assert client.post(where, data).status_code == 422


def test_the_switches_take_forms_only(client):
    assert client.get("/view/").status_code == 405


def test_a_form_without_its_token_is_refused_with_a_word(settings):
    from django.test import Client

    page = Client(enforce_csrf_checks=True).post("/view/", {"view": "elder"})
    assert page.status_code == 403
    assert "<h1>" in page.content.decode()


@pytest.mark.parametrize(
    "away", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "mine"]
)
def test_next_never_leads_away(away):
    request = RequestFactory().post("/x", {"next": away})
    assert safe_next(request) == "/"


def test_next_leads_on():
    assert safe_next(RequestFactory().get("/x", {"next": "/desk/?a=1"})) == "/desk/?a=1"
    assert SeeOther("/x").status_code == 303


def test_a_view_states_exactly_one_policy():
    for arguments in ({}, {"name": "public", "trust": Trust.OWNER}, {"name": "whoever"}):
        with pytest.raises(ValueError, match="exactly one"):
            policy(**arguments)
    assert str(policy(trust=Trust.OWNER)(mine).policy) == "trust owner"


def test_health(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").status_code == 200


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10)
def test_what_is_too_large_is_413(client):
    assert client.post("/view/", "x" * 100, content_type="application/x-www-form-urlencoded").status_code == 413

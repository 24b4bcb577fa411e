"""WeChat as a way in, against a stand-in that speaks its protocol."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests import cast
from tongxin.journeys import wechat
from tongxin.people.models import SignInSession, WeChatLink
from tongxin.web.tests.test_signin import PHONE, registered, sent_code

pytestmark = pytest.mark.django_db


class WeChat(BaseHTTPRequestHandler):
    """The stand-in: one code for one openid, once; refuses what the real one refuses."""

    codes: dict = {}
    answer = None

    def do_GET(self):
        parts = urlsplit(self.path)
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.send_response(200)
        self.end_headers()
        if type(self).answer is not None:
            self.wfile.write(type(self).answer)
            return
        self.wfile.write(json.dumps(self.judge(parts.path, asked)).encode())

    def judge(self, path, asked):
        if path != "/sns/oauth2/access_token" or asked.get("grant_type") != "authorization_code":
            return {"errcode": 40002, "errmsg": "invalid grant_type"}
        if asked.get("appid") != "wx-app":
            return {"errcode": 40013, "errmsg": "invalid appid"}
        if asked.get("secret") != "wx-secret":
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        openid = type(self).codes.pop(asked.get("code"), None)
        if openid is None:
            return {"errcode": 40029, "errmsg": "invalid code"}
        return {"access_token": "t", "expires_in": 7200, "refresh_token": "r", "openid": openid, "scope": "snsapi_base"}

    def log_message(self, *arguments):
        pass


@pytest.fixture
def stand_in(settings):
    WeChat.codes, WeChat.answer = {}, None
    server = HTTPServer(("127.0.0.1", 0), WeChat)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.WECHAT_APP_ID, settings.WECHAT_SECRET = "wx-app", "wx-secret"
    settings.WECHAT_API_URL = f"http://127.0.0.1:{server.server_port}"
    yield WeChat
    server.shutdown()
    server.server_close()


def go(client, **headers):
    """Follow the link to WeChat; gives back what it was asked."""
    answer = client.get("/sign-in/wechat/?next=/me/", headers=headers)
    assert answer.status_code == 302
    return urlsplit(answer.headers["Location"])


def come_back(client, stand_in, openid="o-zhang", code="c1"):
    state = parse_qs(go(client).query)["state"][0]
    stand_in.codes[code] = openid
    return client.get("/sign-in/wechat/back/", {"code": code, "state": state})


def test_the_browser_is_sent_as_wechat_wants_it(client, stand_in):
    asked = go(client)
    assert (asked.netloc, asked.path, asked.fragment) == ("open.weixin.qq.com", "/connect/qrconnect", "wechat_redirect")
    query = parse_qs(asked.query)
    assert list(query) == ["appid", "redirect_uri", "response_type", "scope", "state"]
    assert query["redirect_uri"] == ["http://127.0.0.1:8000/sign-in/wechat/back/"]
    assert query["scope"] == ["snsapi_login"]
    inside = go(client, **{"user-agent": "MicroMessenger/8.0"})
    assert inside.path == "/connect/oauth2/authorize"
    assert parse_qs(inside.query)["scope"] == ["snsapi_base"]


def test_first_the_phone_is_proved_then_wechat_alone_is_enough(client, stand_in):
    place = cast.wangwan()
    registered("张秀英", place)
    assert come_back(client, stand_in).headers["Location"] == "/sign-in/"
    assert not SignInSession.objects.filter(account__isnull=False).exists()
    client.post("/sign-in/", {"phone": PHONE})
    assert client.post("/sign-in/code/", {"code": sent_code()}).headers["Location"] == "/me/"
    assert WeChatLink.objects.count() == 1
    another_day = Client()
    assert come_back(another_day, stand_in, code="c2").headers["Location"] == "/me/"
    row = SignInSession.objects.get(way="wechat")
    assert (row.account.person.name, row.strong) == ("张秀英", False)


def test_the_openid_is_not_kept(client, stand_in):
    come_back(client, stand_in, openid="o-secret-openid")
    client.post("/sign-in/", {"phone": PHONE})
    client.post("/sign-in/code/", {"code": sent_code()})
    assert b"o-secret-openid" not in bytes(WeChatLink.objects.get().openid_index)


def test_a_sign_in_that_was_begun_elsewhere_is_refused(client, stand_in):
    stand_in.codes["c1"] = "o-thief"
    for query in ({"code": "c1"}, {"code": "c1", "state": "guessed"}, {"code": "c1", "state": ""}):
        assert client.get("/sign-in/wechat/back/", query).status_code == 400
    state = parse_qs(go(Client()).query)["state"][0]
    assert client.get("/sign-in/wechat/back/", {"code": "c1", "state": state}).status_code == 400
    assert stand_in.codes == {"c1": "o-thief"}


def test_a_state_serves_once(client, stand_in):
    state = parse_qs(go(client).query)["state"][0]
    assert client.get("/sign-in/wechat/back/", {"code": "wrong", "state": state}).status_code == 400
    stand_in.codes["c1"] = "o-zhang"
    assert client.get("/sign-in/wechat/back/", {"code": "c1", "state": state}).status_code == 400


def test_who_says_no_in_wechat_gets_a_word(client, stand_in):
    client.cookies["django_language"] = "en"
    state = parse_qs(go(client).query)["state"][0]
    page = client.get("/sign-in/wechat/back/", {"state": state})
    assert page.status_code == 400
    assert "did not allow" in page.content.decode()


def test_a_code_that_is_over_says_begin_again(client, stand_in):
    with pytest.raises(wechat.WeChatFailed) as refused:
        wechat.exchange("never-given")
    assert refused.value.code == "wechat-code-over"


def test_a_wrong_secret_is_our_fault(stand_in, settings):
    settings.WECHAT_SECRET = "wrong"
    stand_in.codes["c1"] = "o"
    with pytest.raises(wechat.WeChatFailed) as refused:
        wechat.exchange("c1")
    assert refused.value.status == 502


@pytest.mark.parametrize(
    "answer", [b"", b"<html>", b"[]", b"{}", b'{"openid": ""}', b'{"openid": 5}', b'{"errcode": 45009}']
)
def test_odd_answers_sign_nobody_in(client, stand_in, answer):
    stand_in.answer = answer
    assert come_back(client, stand_in).status_code == 502
    assert not SignInSession.objects.filter(account__isnull=False).exists()


def test_when_wechat_is_away(client, stand_in, settings):
    settings.WECHAT_API_URL = "http://127.0.0.1:9"
    assert come_back(client, stand_in).status_code == 502


def test_not_offered_unless_configured(client):
    assert "/sign-in/wechat/" not in client.get("/sign-in/").content.decode()
    assert client.get("/sign-in/wechat/").status_code == 404
    assert client.get("/sign-in/wechat/back/?code=1&state=2").status_code == 400


def test_the_link_ends_when_its_owner_says_so(client, stand_in):
    come_back(client, stand_in)
    client.post("/sign-in/", {"phone": PHONE})
    client.post("/sign-in/code/", {"code": sent_code()})
    assert client.post("/me/wechat/end/").status_code == 303
    assert not WeChatLink.objects.exists()
    assert client.post("/me/wechat/end/").status_code == 404
    assert come_back(Client(), stand_in, code="c3").headers["Location"] == "/sign-in/"

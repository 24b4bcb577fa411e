"""Announcements on their pages: written, looked at, sent, read, printed, told at the door; and what providers tell us."""

import hashlib
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests import cast
from tongxin.announcements import operations
from tongxin.announcements.models import Announcement, Group, QuietHours, Recipient
from tongxin.notifications.models import Delivery
from tongxin.notifications.operations import deliver_due, send_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage():
    place = cast.wangwan()
    place_people = cast.resident("张秀英", place)
    return place, place_people


@pytest.fixture
def wu(stage):
    place, _ = stage
    client = Client()
    cast.sign_in(client, cast.officer("吴敏", "community_worker", place.office, place.community), strong=True)
    return client


def form(place, **more):
    return {
        "title": "停水通知",
        "text": "明天8点到12点停水。\n请存好水。",
        "kind": "notice",
        "area": str(place.community.pk),
        "roles": ["residents"],
        "channels": ["sms"],
        "is_public": "1",
        **more,
    }


def written(wu, place, **more):
    answer = wu.post("/desk/announcements/new/", form(place, **more))
    assert answer.status_code == 303, answer.content.decode()[:2000]
    return Announcement.objects.latest("pk")


def sent(wu, place, **more):
    row = written(wu, place, **more)
    assert wu.post(f"/desk/announcements/{row.pk}/", {"do": "send"}).status_code == 303
    while operations.advance(timezone.now()):
        pass
    return row


def test_written_looked_at_and_sent(wu, stage):
    place, _zhang = stage
    row = written(wu, place, elder="80", valid_from="2026-11-23", valid_until="2026-11-23")
    page = wu.get(f"/desk/announcements/{row.pk}/").content.decode()
    assert "80" in page and "&lt;5" not in page and "停水通知" in page
    assert row.traits == ["elder:80"]
    wu.post(f"/desk/announcements/{row.pk}/", {"do": "send", "at": "nonsense"})
    assert Announcement.objects.get().state == "draft"
    wu.post(f"/desk/announcements/{row.pk}/", {"do": "send"})
    assert Announcement.objects.get().state == "scheduled"


def test_what_is_missing_is_said_beside_the_field_and_nothing_typed_is_lost(wu, stage):
    place, _ = stage
    answer = wu.post("/desk/announcements/new/", form(place, title="", roles=["staff"], traits=["veteran"]))
    assert answer.status_code == 422
    assert "请存好水" in answer.content.decode()
    answer = wu.post("/desk/announcements/new/", form(place, roles=["staff"], traits=["veteran"]))
    assert answer.status_code == 422
    shown = wu.post("/desk/announcements/new/", form(place, area=str(place.estate.pk), search="1"))
    assert shown.status_code == 200 and "3号楼" in shown.content.decode()
    assert not Announcement.objects.exists()


def test_a_draft_written_anew_replaces_it_and_what_is_out_is_corrected(wu, stage):
    place, _ = stage
    first = written(wu, place)
    answer = wu.post(f"/desk/announcements/new/?from={first.pk}", form(place, title="停水（改）"))
    assert answer.status_code == 303
    first.refresh_from_db()
    assert first.state == "withdrawn"
    out = sent(wu, place)
    wu.post(f"/desk/announcements/new/?from={out.pk}", form(place, title="更正：后天停水"))
    better = Announcement.objects.latest("pk")
    assert better.corrects_id == out.pk
    assert "更正" not in Client().get(f"/announcements/{out.pk}/").content.decode()  # it is not out yet
    wu.post(f"/desk/announcements/{better.pk}/", {"do": "send"})
    operations.advance(timezone.now())
    assert "更正：后天停水" in Client().get(f"/announcements/{out.pk}/").content.decode()


def test_everybody_reads_the_board_and_what_was_withdrawn_says_so(wu, stage):
    place, _ = stage
    row = sent(wu, place)
    assert "停水通知" in Client().get("/announcements/").content.decode()
    assert "停水通知" in Client().get(f"/announcements/?area={place.estate.code}").content.decode()
    wu.post(f"/desk/announcements/{row.pk}/", {"do": "withdraw", "reason": ""})
    wu.post(f"/desk/announcements/{row.pk}/", {"do": "withdraw", "reason": "日期写错了"})
    assert "日期写错了" in Client().get(f"/announcements/{row.pk}/").content.decode()


def test_a_resident_finds_it_on_their_home_page(wu, stage):
    place, zhang = stage
    sent(wu, place)
    client = Client()
    cast.sign_in(client, zhang)
    assert "停水通知" in client.get("/").content.decode()


def test_at_the_door_on_the_phone_and_on_paper(wu, stage):
    place, zhang = stage
    zhang.account.delete()
    row = sent(wu, place, channels=[])
    one = Recipient.objects.get()
    page = wu.get(f"/desk/announcements/{row.pk}/doors/").content.decode()
    assert f"building={place.home.unit.building_id}" in page
    address = f"/desk/announcements/{row.pk}/doors/?building={place.home.unit.building_id}"
    assert "张秀英" in wu.get(address).content.decode()
    assert wu.post(address, {"who": str(one.pk), "door": "told"}).status_code == 303
    assert "吴敏" in wu.get(address).content.decode()
    for of in ("", "?of=doors"):
        assert wu.get(f"/desk/announcements/{row.pk}/paper.pdf{of}").content.startswith(b"%PDF")


def test_groups_and_quiet_hours(wu, stage):
    place, _ = stage
    new = {
        "do": "add",
        "name": "业主群",
        "area": str(place.estate.pk),
        "channel": "dingtalk",
        "key": "tok",
        "secret": "SEC1",
    }
    assert wu.post("/desk/settings/channels/", new | {"key": "no good"}).status_code == 422
    assert wu.post("/desk/settings/channels/", new).status_code == 303
    group = Group.objects.get()
    assert wu.post("/desk/settings/channels/", {"do": "test", "group": str(group.pk)}).status_code == 303
    assert deliver_due(timezone.now()).sent == 1
    page = wu.get("/desk/settings/channels/").content.decode()
    assert "业主群" in page and "SEC1" not in page
    quiet = {"do": "quiet", "quiet_area": str(place.estate.pk), "start": "22:00", "end": "07:00"}
    assert wu.post("/desk/settings/channels/", quiet).status_code == 303
    assert QuietHours.objects.get().start.hour == 22
    assert wu.post("/desk/settings/channels/", {"do": "end", "group": str(group.pk)}).status_code == 303
    assert Group.objects.get().ended_at


def test_a_report_of_aliyun_updates_the_message_and_a_stranger_changes_nothing(settings):
    settings.HOOK_SECRET = "hush"
    key = send_message("sms", "13907280001", "停水", now=timezone.now())
    deliver_due(timezone.now() + timedelta(seconds=1))
    report = [{"out_id": str(key), "biz_id": "1^0", "success": True, "err_code": "DELIVERED"}, "x", {}]
    client = Client(enforce_csrf_checks=True)
    assert client.post("/hooks/sms/wrong/", report, content_type="application/json").status_code == 404
    assert client.post("/hooks/sms/hush/", "[", content_type="application/json").status_code == 422
    assert Delivery.objects.get().state == "sent"
    assert client.post("/hooks/sms/hush/", report, content_type="application/json").json()["code"] == 0
    assert Delivery.objects.get().state == "delivered"


@pytest.mark.parametrize(("status", "state"), [("success", "delivered"), ("failed:user block", "failed")])
def test_an_event_of_wechat_is_believed_only_with_its_signature(settings, status, state):
    settings.HOOK_SECRET = "hush"
    send_message("wechat", "o-1", "停水", now=timezone.now())
    Delivery.objects.update(state="sent", receipt="wx200163836")
    body = (
        f"<xml><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event>"
        f"<MsgID>200163836</MsgID><Status><![CDATA[{status}]]></Status></xml>"
    )
    signature = hashlib.sha1("".join(sorted(["hush", "1", "2"])).encode()).hexdigest()
    client = Client(enforce_csrf_checks=True)
    wrong = client.post("/hooks/wechat/?timestamp=1&nonce=3&signature=" + signature, body, content_type="text/xml")
    assert (wrong.status_code, Delivery.objects.get().state) == (404, "sent")
    address = f"/hooks/wechat/?timestamp=1&nonce=2&signature={signature}"
    assert client.get(f"{address}&echostr=hello").content == b"hello"
    assert client.post(address, body, content_type="text/xml").content == b"success"
    assert Delivery.objects.get().state == state

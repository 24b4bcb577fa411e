"""刘敏 announces at the desk of 五堰社区; whom it reaches, how often, when, and who is told at the door."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tongxin.announcements import operations, queries
from tongxin.announcements.models import Announcement, Group, Recipient
from tongxin.announcements.operations import outward
from tongxin.announcements.rules import SHANGHAI, Draft
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from tongxin.notifications.models import Delivery, Notice
from tongxin.notifications.operations import deliver_due, mark_read
from tongxin.notifications.queries import unpacked
from tongxin.people.fields import PHONE, sealed
from tongxin.people.models import Account, Household, Organisation, Ownership, Person, Residence, Service
from tongxin.people.tests import town
from tongxin.record.keys import field_cipher
from tongxin.record.verify import verify_all

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=SHANGHAI)
WATER = Draft("停水通知", "明天8点到12点停水，请存好水。", channels=("sms",))


@pytest.fixture
def t():
    t = town.build()
    t.li = living("李桂英", t.homes[0], t.wuyan, born=date(1940, 1, 1))
    t.zhang = living("张伟", t.homes[1], t.wuyan, phone="13907280001", account=True)
    t.chen = living("陈静", t.homes[2], t.wuyan, phone="13907280002")
    t.far = living("赵强", t.far_homes[0], t.sanyan, phone="13907280003", account=True)
    return t


def living(name, home, community, *, phone="", born=None, account=False, traits=()):
    cipher, index = sealed(phone, PHONE)
    one = Person.objects.create(
        name=name, community=community, phone_cipher=cipher, phone_index=index, birth_date=born, created_at=town.NOW
    )
    household = Household.objects.create(home=home, since=town.LONG_AGO, traits=list(traits))
    Residence.objects.create(household=household, person=one, since=town.LONG_AGO)
    if account:
        Account.objects.create(person=one, created_at=town.NOW)
    return one


def publish(t, draft=WATER, *, area=None, now=NOW, **more):
    row = operations.write_announcement(t.clerk, (area or t.wuyan).pk, draft, now=now, **more)
    operations.send_announcement(t.clerk, row.pk, now=now)
    while operations.advance(now):
        pass
    row.refresh_from_db()
    return row


def names(row):
    people = dict(Person.objects.values_list("pk", "name"))
    return {people[one.person_id] for one in row.recipients.all()}


def words(delivery):
    return unpacked(field_cipher().decrypt(delivery.text_cipher, "delivery.text"))


def test_everyone_who_lives_there_is_told_by_their_own_channel(t):
    row = publish(t)
    assert names(row) == {"李桂英", "张伟", "陈静"}
    assert (row.state, row.people_count, row.app_count, row.message_count, row.none_count) == ("published", 3, 1, 2, 1)
    assert Notice.objects.get().person_id == t.zhang.pk
    assert not Delivery.objects.exists()  # the messages gather for some minutes
    operations.send_messages(NOW + timedelta(minutes=10))
    assert {words(one)[0] for one in Delivery.objects.all()} == {"停水通知"}
    assert Delivery.objects.count() == 2
    assert not [one for one in verify_all().findings if "announcement" in one.where]


@pytest.mark.parametrize(
    ("change", "whom"),
    [
        ({"traits": ("elder:80",)}, {"李桂英"}),
        ({"traits": ("elder:90",)}, set()),
        ({"traits": ("lives_alone", "elder:80")}, {"李桂英"}),
        ({"roles": ("owners",)}, {"陈静"}),
        ({"roles": ("staff",)}, {"周建国", "王秀兰", "刘敏"}),
        ({"roles": ("tenants",)}, set()),
    ],
)
def test_whom_it_is_for(t, change, whom):
    Ownership.objects.create(home=t.homes[2], person=t.chen, source="register", since=town.LONG_AGO)
    assert names(publish(t, Draft("停水", "明天停水", **change))) == whom


def test_a_trait_of_the_register_and_a_building_narrow_it(t):
    living("孙奶奶", t.homes[0], t.wuyan, traits=["lives_alone"])
    assert names(publish(t, Draft("停水", "停水", traits=("lives_alone",)))) == {"孙奶奶"}
    building = t.homes[0].unit.building
    row = publish(t, Draft("停水", "停水", places=(("building", str(building.pk)),)), area=t.wuyan)
    assert names(row) == {"孙奶奶", "李桂英", "张伟", "陈静"}


def test_what_lies_elsewhere_cannot_be_picked(t):
    elsewhere = t.far_homes[0].unit.building
    for place in (("building", str(elsewhere.pk)), ("planet", str(elsewhere.pk)), ("building", "x")):
        with pytest.raises(Invalid):
            operations.write_announcement(t.clerk, t.wuyan.pk, Draft("a", "b", places=(place,)), now=NOW)


def test_the_preview_counts_and_names_nobody(t):
    row = operations.write_announcement(t.clerk, t.wuyan.pk, WATER, now=NOW)
    shown = queries.preview(row, NOW)
    assert (shown.people, shown.households, shown.app, shown.none) == ("<5", "<5", "<5", "<5")
    for number in range(8):
        living(f"居民{number}", t.homes[0], t.wuyan, phone=f"1390728010{number}")
    shown = queries.preview(row, NOW)
    assert (shown.people, shown.households, shown.sms, shown.none) == ("11", "11", "10", "<5")


def test_in_small_steps_each_a_transaction_of_its_own_and_nobody_twice(t, monkeypatch):
    monkeypatch.setattr(outward, "BATCH", 2)
    row = operations.write_announcement(t.clerk, t.wuyan.pk, WATER, now=NOW)
    operations.send_announcement(t.clerk, row.pk, now=NOW)
    assert operations.advance(NOW) == 2
    assert not [one for one in verify_all().findings if "announcement" in one.where]
    later = living("新来的", t.homes[0], t.wuyan)  # after the audience was frozen
    Person.objects.filter(pk=later.pk).update(created_at=NOW + timedelta(seconds=1))
    assert operations.advance(NOW + timedelta(seconds=2)) == 1
    assert operations.advance(NOW + timedelta(seconds=3)) == 0
    assert names(row) == {"李桂英", "张伟", "陈静"}


def test_a_step_costs_the_same_however_many_there_are(t):
    def cost():
        row = operations.write_announcement(t.clerk, t.wuyan.pk, WATER, now=NOW)
        operations.send_announcement(t.clerk, row.pk, now=NOW)
        with CaptureQueriesContext(connection) as asked:
            operations.advance(NOW)
        return sum("SAVEPOINT" not in one["sql"] for one in asked)

    cost()
    before = cost()
    for number in range(30):
        living(f"居民{number}", t.homes[0], t.wuyan, phone=f"139072801{number:02d}", account=True)
    assert cost() == before


def test_at_night_a_notice_waits_until_morning_and_an_emergency_does_not(t):
    night = NOW.replace(hour=22)
    publish(t, now=night)
    operations.send_messages(night + timedelta(hours=9, minutes=59))
    assert not Delivery.objects.exists()
    publish(t, Draft("燃气泄漏", "请立即离开5号楼。", kind="emergency", channels=("sms",)), now=night)
    operations.send_messages(night)
    assert {words(one)[0] for one in Delivery.objects.all()} == {"燃气泄漏"}
    assert deliver_due(night).sent == 2
    operations.send_messages(night.replace(day=23, hour=8))
    assert Delivery.objects.count() == 4


def test_quiet_hours_are_those_of_the_nearest_area(t):
    operations.set_quiet_hours(t.officer, t.street.pk, time(20), time(9), now=NOW)
    assert queries.quiet_hours(t.dongyuan.path).end == time(9)
    operations.set_quiet_hours(t.clerk, t.wuyan.pk, time(22), time(7), now=NOW)
    assert queries.quiet_hours(t.dongyuan.path).end == time(7)
    assert queries.quiet_hours(t.xiyuan.path).end == time(9)


def test_ten_notices_of_a_day_are_one_message_and_what_comes_later_is_tomorrows(t):
    for number in range(3):
        publish(t, Draft(f"第{number}件事", "说明", channels=("sms",)))
    operations.send_messages(NOW + timedelta(minutes=10))
    assert Delivery.objects.count() == 2  # two people with a phone
    assert "第2件事" in words(Delivery.objects.first())[2]
    publish(t, Draft("晚来的", "说明", channels=("sms",)), now=NOW + timedelta(hours=2))
    operations.send_messages(NOW + timedelta(hours=3))
    assert Delivery.objects.count() == 2
    tomorrow = NOW.replace(day=23, hour=8)
    operations.send_messages(tomorrow)
    assert Delivery.objects.count() == 4
    assert Notice.objects.filter(person_id=t.zhang.pk).count() == 4  # in the app each has its own


def test_read_in_the_app_is_counted(t):
    row = publish(t)
    assert operations.count_read(NOW + timedelta(minutes=3)) == 1
    mark_read(t.zhang.pk, now=NOW, notice_id=Notice.objects.get().pk)
    assert operations.count_read(NOW + timedelta(minutes=4)) == 0  # counted a minute ago
    operations.count_read(NOW + timedelta(minutes=10))
    row.refresh_from_db()
    assert row.read_count == 1


def test_whom_nothing_reached_is_told_at_the_door_on_the_record(t):
    row = publish(t)
    assert [one.name for one in queries.at_doors(t.wang, row, t.homes[0].unit.building_id, NOW)] == ["李桂英"]
    li = Recipient.objects.get(person_id=t.li.pk)
    operations.tell_at_door(t.wang, li.pk, "nobody", now=NOW)
    operations.tell_at_door(t.wang, li.pk, "told", now=NOW + timedelta(hours=1))
    shown = queries.at_doors(t.wang, row, t.homes[0].unit.building_id, NOW)[0]
    assert (shown.door, shown.by, shown.age) == ("told", "王秀兰", 86)
    assert [(one.waiting, one.told) for one in queries.door_counts(t.wang, row)] == [(0, 1)]
    with pytest.raises(Conflict):
        operations.tell_at_door(t.wang, li.pk, "nobody", now=NOW)
    with pytest.raises(NotAllowed):
        operations.tell_at_door(t.far_clerk, li.pk, "told", now=NOW)


def test_a_message_that_failed_leaves_somebody_unreached_unless_they_have_the_app(t):
    row = publish(t)
    operations.send_messages(NOW + timedelta(minutes=10))
    Delivery.objects.update(state="failed")
    found = queries.at_doors(t.wang, row, t.homes[0].unit.building_id, NOW)
    assert {one.name for one in found} == {"李桂英", "陈静"}


def test_a_street_speaks_with_two_voices(t):
    row = operations.write_announcement(t.officer, t.street.pk, WATER, now=NOW)
    assert operations.send_announcement(t.officer, row.pk, now=NOW).state == "waiting"
    assert operations.advance(NOW) == 0
    with pytest.raises(NotAllowed):
        operations.release_announcement(t.officer, row.pk, now=NOW)
    other = town.actor(t.zhou_person, ("street_officer", t.street.path))
    operations.release_announcement(other, row.pk, now=NOW)
    while operations.advance(NOW):
        pass
    assert names(row) == {"李桂英", "张伟", "陈静", "赵强"}


def test_later_means_later_and_until_then_it_can_be_thrown_away(t):
    row = operations.write_announcement(t.clerk, t.wuyan.pk, WATER, now=NOW)
    operations.send_announcement(t.clerk, row.pk, at=NOW + timedelta(hours=2), now=NOW)
    assert operations.advance(NOW + timedelta(hours=1)) == 0
    operations.throw_away(t.clerk, row.pk, now=NOW)
    assert operations.advance(NOW + timedelta(hours=3)) == 0
    with pytest.raises(NotFound):
        queries.public_one(t.clerk, row.pk)


def test_withdrawn_and_corrected_it_says_so_and_what_waits_does_not_leave(t):
    row = publish(t)
    operations.withdraw_announcement(t.clerk, row.pk, reason="日期写错", now=NOW)
    operations.send_messages(NOW + timedelta(hours=1))
    assert not Delivery.objects.exists()
    better = publish(t, Draft("停水通知（更正）", "后天停水。"), corrects=row.pk)
    shown = queries.public_one(t.zhang, row.pk) if hasattr(t.zhang, "may") else queries.public_one(t.clerk, row.pk)
    assert (shown.state, shown.reason) == ("withdrawn", "日期写错")
    assert queries.correction_of(row) == better
    assert [one.title for one in queries.public_page(t.dongyuan.path)[0]] == ["停水通知（更正）", "停水通知"]
    assert not queries.public_page(t.sanyan.path)[0]


def test_the_property_company_speaks_only_where_it_serves(t):
    company = t.body("property_company", "东苑物业", t.wuyan)
    Service.objects.create(organisation=company, area=t.dongyuan, kind="property", since=town.LONG_AGO)
    qian = town.actor(t.chen, ("company_manager", t.wuyan.path))
    grant = type(qian.grants[0])("company_manager", qian.grants[0].permissions, t.wuyan.path, company.pk)
    qian = type(qian)(id=t.chen.pk, person_id=t.chen.pk, name="陈静", grants=(grant,))
    assert [key for key, _name in queries.areas_to_write_to(qian, NOW)] == [str(t.dongyuan.pk)]
    row = operations.write_announcement(qian, t.dongyuan.pk, WATER, now=NOW)
    assert row.organisation_name == Organisation.objects.get(pk=company.pk).name
    with pytest.raises(NotAllowed):
        operations.write_announcement(qian, t.wuyan.pk, WATER, now=NOW)
    with pytest.raises(NotAllowed):
        operations.write_announcement(t.wang, t.wuyan.pk, WATER, now=NOW)  # a grid worker announces nothing


def test_a_group_gets_it_once_and_its_key_is_never_in_clear(t):
    address = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc-123"
    group = operations.add_group(t.clerk, t.wuyan.pk, name="东苑业主群", channel="wecom", key=address, now=NOW)
    assert b"abc-123" not in bytes(group.address_cipher)
    operations.try_group(t.clerk, group.pk, now=NOW)
    publish(t, Draft("停水", "明天停水", groups=(str(group.pk),)))
    rows = Delivery.objects.filter(channel="wecom")
    assert [field_cipher().decrypt(one.address_cipher, "delivery.address") for one in rows] == ["abc-123"] * 2
    operations.end_group(t.clerk, group.pk, now=NOW)
    assert bytes(Group.objects.get().address_cipher) == b""
    for channel, key in (("wecom", "http://evil/"), ("email", "nobody"), ("pigeon", "abc")):
        with pytest.raises(Invalid):
            operations.add_group(t.clerk, t.wuyan.pk, name="群", channel=channel, key=key, now=NOW)


def test_what_is_not_public_is_for_those_whom_it_is_for(t):
    row = publish(t, Draft("上门体检", "明天上门。", is_public=False))
    zhang = town.actor(t.zhang)
    assert queries.public_one(zhang, row.pk) == row
    with pytest.raises(NotFound):
        queries.public_one(town.actor(t.far), row.pk)
    assert Announcement.objects.filter(is_public=True).count() == 0

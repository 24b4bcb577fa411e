"""The register's pages in the browser: every page at its sizes and in both views is accessible and says what it should."""

import io
import os
from fractions import Fraction
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests import cast
from tests.browser.conftest import DESK, PHONE
from tongxin.kernel.actor import SYSTEM, Trust
from tongxin.people.models import Account, Appointment
from tongxin.people.operations import family, organisations, ownership, register, verification
from tongxin.people.operations.report_in import report_in
from tongxin.people.tests import town as towns
from tongxin.people.tests.town import LONG_AGO, NOW, actor, person

SHOTS = os.environ.get("TONGXIN_SCREENSHOTS", "")  # a folder to leave pictures in, for a person to look at


def account(who):
    return Account.objects.get_or_create(person=who, defaults={"created_at": NOW})[0]


def sign_in(context, live_server, who, *, strong):
    account(who)

    class Jar:
        cookies: dict[str, str] = {}

    jar = Jar()
    cast.sign_in(jar, who, strong=strong)
    value = jar.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])


def set_elder(who, on):
    Account.objects.filter(person=who).update(elder_view=on)


def people_town():
    """A town with a family, owners, a party tree and something waiting at the door."""
    t = towns.build()
    zhang = person("张桂兰", t.wuyan, id_number=towns.id_number(7), phone="13812345678")
    li = person("李建军", t.wuyan, id_number=towns.id_number(8, female=False))
    register.settle_household(
        t.clerk,
        t.homes[0].pk,
        [register.Member(zhang.pk, "户主", True), register.Member(li.pk, "配偶")],
        since=LONG_AGO,
        now=NOW,
        traits=["lives_alone", "low_income"],
    )
    ownership.register_ownership(
        t.clerk, t.homes[0].pk, [ownership.Owner(Fraction(1, 2), zhang.pk)], source="register", since=LONG_AGO, now=NOW
    )
    t.zhang, t.li = zhang, li
    work = t.body("party_committee", "车城路街道党工委", t.street)
    t.committee = t.body("general_party_committee", "五堰社区大党委", t.wuyan, work.pk)
    branch = t.body("party_branch", "东苑小区党支部", t.dongyuan, t.committee.pk)
    t.body("party_group", "5号楼党小组", t.dongyuan, branch.pk)
    t.company = t.body("property_company", "十堰国瑞物业服务有限公司张湾分公司", t.wuyan)
    organisations.join_committee(SYSTEM, t.committee.pk, t.company.pk, since=LONG_AGO, now=NOW)
    organisations.start_service(SYSTEM, t.company.pk, t.dongyuan.pk, "property", since=LONG_AGO, now=NOW)
    guest = person("陈晓梅", t.wuyan, phone="13900001111")
    asking = actor(guest, trust=Trust.VISITOR)
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), "white").save(picture, "JPEG")
    paper = SimpleUploadedFile("交房单.jpg", picture.getvalue())
    t.owner_request = verification.request_verification(
        asking, "owner", t.homes[1].pk, name="陈晓梅", paper=paper, now=NOW
    ).request
    t.request = verification.request_verification(asking, "resident", t.homes[0].pk, name="陈晓梅", now=NOW).request
    family.ask_grid_worker(asking, parent_name="张桂兰", home_id=t.homes[0].pk, now=NOW)
    report_in(
        actor(zhang, trust=Trust.RESIDENT, homes=(t.dongyuan.path,)),
        t.wuyan.pk,
        home_unit="十堰市财政局机关党委第三党支部",
        skills="水电维修、作业辅导",
        now=NOW,
    )
    t.guest = guest
    return t


def look(page, axe, url, name, view=""):
    """Open a page, look at it, and leave its picture."""
    response = page.goto(url)
    assert response is not None and response.ok, (url, response and response.status)
    axe(page)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name} scrolls sideways by {wide} px"
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}{view}-{page.viewport_size['width']}.png", full_page=True)


@pytest.mark.django_db(transaction=True)
def test_the_desks_pages_of_people_and_organisations(live_server, context, page, axe):
    t = people_town()
    sign_in(context, live_server, t.zhou_person, strong=True)
    base = f"{live_server.url}/desk"
    office = Appointment.objects.get(person=t.wang_person)
    pages = {
        "people": f"{base}/people/",
        "people-found": f"{base}/people/?address=东苑 5号楼",
        "people-none": f"{base}/people/?q=没有此人",
        "person": f"{base}/people/{t.zhang.pk}/",
        "person-new": f"{base}/people/new/",
        "person-edit": f"{base}/people/{t.zhang.pk}/edit/",
        "person-home": f"{base}/people/{t.zhang.pk}/home/?address=东苑 5号楼",
        "person-tie": f"{base}/people/{t.li.pk}/home/?home={t.homes[0].pk}",
        "home": f"{base}/people/homes/{t.homes[0].pk}/",
        "organisations": f"{base}/organisations/",
        "organisation": f"{base}/organisations/{t.committee.pk}/",
        "organisation-company": f"{base}/organisations/{t.company.pk}/",
        "organisation-new": f"{base}/organisations/new/",
        "organisation-tree": f"{base}/organisations/{t.committee.pk}/tree/",
        "appoint": f"{base}/organisations/{t.office.pk}/appoint/?q=李",
        "office": f"{base}/organisations/offices/{office.pk}/?q=李",
        "report-ins": f"{base}/report-ins/",
    }
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        for name, url in pages.items():
            look(page, axe, url, name)


@pytest.mark.django_db(transaction=True)
def test_the_grid_workers_pages_at_the_door_in_both_views(live_server, context, page, axe):
    t = people_town()
    sign_in(context, live_server, t.wang_person, strong=True)
    for view in ("", "-elder"):
        set_elder(t.wang_person, bool(view))
        look(page, axe, f"{live_server.url}/desk/verify/", "verify", view)
        look(page, axe, f"{live_server.url}/desk/verify/{t.request.pk}/", "verify-door", view)
        look(page, axe, f"{live_server.url}/desk/verify/{t.owner_request.pk}/", "verify-owner", view)


@pytest.mark.django_db(transaction=True)
def test_the_residents_own_pages_in_both_views(live_server, context, page, axe):
    t = people_town()
    sign_in(context, live_server, t.guest, strong=False)
    building = t.homes[0].unit.building_id
    for view in ("", "-elder"):
        set_elder(t.guest, bool(view))
        for name, url in {
            "me-home": "/me/home/",
            "me-home-found": f"/me/home/?building={building}",
            "me-home-owner": f"/me/home/?as=owner&building={building}",
            "me-family": "/me/family/",
            "me-family-worker": f"/me/family/?how=worker&building={building}",
            "me-report-in": "/me/report-in/",
        }.items():
            look(page, axe, live_server.url + url, name, view)
    context.clear_cookies()
    sign_in(context, live_server, t.zhang, strong=False)
    look(page, axe, f"{live_server.url}/me/report-in/", "me-report-in-mine")

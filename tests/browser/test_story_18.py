"""Story 18, the report: the forest chief of a village walks his round without signal, finds a fallen tree on a line, and
hands it over. The network is cut in the browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.play import PASSWORD, Play, Screen, photo, zh
from tests.cast import START, area, person
from tongxin.cases.models import Case, Category, Route
from tongxin.people.models import Appointment, Organisation
from tongxin.people.operations import second_factor
from tongxin.people.rules.signin import totp, totp_step
from tongxin.places.models import Area

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
TREE = "松树倒在10千伏线路上，压着导线，没断电"
AT = {"latitude": 32.655, "longitude": 110.715}
VILLAGE = {
    "type": "Polygon",
    "coordinates": [[[110.70, 32.64], [110.73, 32.64], [110.73, 32.67], [110.70, 32.67], [110.70, 32.64]]],
}
NO_SIGNAL = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED")
STORE_IS_EMPTY = """async () => {
  for (const {name} of await indexedDB.databases()) {
    const opening = indexedDB.open(name);
    await new Promise((done) => { opening.onsuccess = done; });
    const base = opening.result;
    for (const store of base.objectStoreNames) {
      const asking = base.transaction(store).objectStore(store).count();
      await new Promise((done) => { asking.onsuccess = done; });
      if (asking.result) return `${name}.${store}: ${asking.result}`;
    }
    base.close();
  }
  const kept = [...Object.keys(localStorage).filter((key) => key.startsWith("tongxin.")),
    ...(await caches.keys()).filter((key) => key.startsWith("tongxin-pages"))];
  return kept.join();
}"""


def village(play: Play) -> None:
    """后沟村 with its outline, its forest chief 宋林长 and its electrician 郭师傅; what is green comes to the village at once."""
    street = Area.objects.get(code="420303001")
    place = area("420303001201", "后沟村", "community", street, number_prefix="HGC", is_village=True, shape=VILLAGE,
                 south=32.64, north=32.67, west=110.70, east=110.73)  # fmt: skip
    body = Organisation.objects.create(kind="community", name="后沟村委会", area=place, since=START)
    now = play.now() - timedelta(hours=1)
    for name in ("宋林长", "郭师傅"):
        one = person(name, place)
        Appointment.objects.create(person=one, organisation=body, role="handler", area=place, since=START)
        account = one.account
        account.username = f"village-{name}"
        account.set_password(PASSWORD)
        account.save()
        secret = second_factor.start_enrolment(account.pk, now=now)
        second_factor.confirm_enrolment(account.pk, totp(secret, totp_step(now)), now=now)
        play.scenery.usernames[name], play.scenery.secrets[name] = account.username, secret
    green = Category.objects.get(code="green")
    Route.objects.create(area=place, category=green, organisation=body, automatic=True, since=START)


def writes_on_his_round(song: Screen) -> None:
    """Photo and position, without a bar of signal."""
    context = song.page.context
    context.grant_permissions(["geolocation"])
    context.set_geolocation(AT)
    song.writes("What is it?", TREE).ticks("园林绿化")
    song.page.get_by_role("button", name=zh("I am standing there")).click()
    song.sees("32.655")
    song.adds("Photos", photo("倒树", "olivedrab")).writes("The very place", "二号林班山脊")
    song.sees("No signal just now")


def test_a_fallen_tree_is_written_without_signal_and_arrives_once(play: Play, axe: Callable[..., None]) -> None:
    village(play)
    play.allows(*NO_SIGNAL)
    song = play.staff("宋林长", "/report/")
    page, context = song.page, song.page.context
    two_hours_ago = play.now() - timedelta(hours=2)
    page.clock.set_fixed_time(two_hours_ago)
    context.set_offline(True)
    writes_on_his_round(song)
    song.picture("story-18-no-signal")
    axe(page)
    page.get_by_role("button", name=zh("Keep it, send it when there is signal")).dblclick()  # twice, by chance
    song.sees("Kept on this phone", TREE, "二号林班山脊", zh("{n} photos", n=1))
    expect(page.locator("[data-rows] li")).to_have_count(1)
    song.picture("story-18-kept")
    axe(page)
    assert not Case.objects.exists()

    context.set_offline(False)  # he walks back into the valley
    song.sees("It has arrived.")
    song.picture("story-18-arrived")
    case = Case.objects.get()
    said = case.updates.get(verb="submit")
    assert (case.occurred_at, said.files_count) == (two_hours_ago.replace(microsecond=case.occurred_at.microsecond), 1)
    assert play.now() - said.recorded_at < timedelta(minutes=5)
    assert (case.area.name, round(case.lat or 0, 3)) == ("后沟村", 32.655)
    song.link("See where it stands").sees(case.number)
    song.open("/report/").does_not_see(TREE)
    assert Case.objects.count() == 1

    song.open("/work/").link(TREE).button("Take it and begin")
    song.opens("Hand it to a colleague").chooses("Who goes on with it", "郭师傅")
    song.writes("What should they know?", "林场边有路，车能到").button("Hand it over")
    guo = play.staff("郭师傅", "/work/?which=mine")
    guo.link(TREE).sees("宋林长")


def test_what_could_not_be_taken_is_kept_and_mended(play: Play) -> None:
    village(play)
    play.allows(*NO_SIGNAL, "422")
    song = play.staff("宋林长", "/report/")
    song.page.context.set_offline(True)
    song.writes("What is it?", TREE).ticks("园林绿化")  # and does not say where
    song.page.get_by_role("button", name=zh("Keep it, send it when there is signal")).click()
    song.sees("Kept on this phone")
    song.page.context.set_offline(False)
    song.sees("Could not be taken:", "Please choose where it is.")
    song.picture("story-18-refused")
    song.page.locator("[data-row-open]").click()
    expect(song.page.locator("[name=text]")).to_have_value(TREE)
    song.page.evaluate(
        "([lat, lng]) => Object.assign(report.elements.lat, {value: lat}) && (report.elements.lng.value = lng)",
        [AT["latitude"], AT["longitude"]],
    )
    song.button("Next: look again").sees("后沟村").button("Give it to the community").sees("HGC-")
    song.open("/")
    expect(song.page.locator("[data-piece=list]")).to_have_count(0)
    assert Case.objects.count() == 1


def test_it_is_for_him_alone_on_a_phone_that_others_use(play: Play, axe: Callable[..., None]) -> None:
    village(play)
    play.allows(*NO_SIGNAL)
    song = play.staff("宋林长", "/report/")
    page, context = song.page, song.page.context
    context.set_offline(True)
    writes_on_his_round(song)
    page.get_by_role("button", name=zh("Keep it, send it when there is signal")).click()
    song.sees("Kept on this phone")
    context.route("**/offline/token.json", lambda route: route.abort())  # signal, but nothing gets through yet
    context.set_offline(False)

    cookies = [one for one in context.cookies() if one["name"] == "sessionid"]
    context.clear_cookies(name="sessionid")  # his session ends; his colleague opens the page on the same phone
    guo = play.staff("郭师傅", "/")
    theirs = [one for one in guo.page.context.cookies() if one["name"] == "sessionid"]
    context.add_cookies(theirs)
    song.open("/report/").does_not_see(TREE, within="body")
    expect(page.locator("[data-piece=list]")).to_have_count(0)
    context.clear_cookies(name="sessionid")
    song.open("/").sees("It is sent once whoever wrote it has signed in again.").does_not_see(TREE, within="body")

    context.add_cookies(cookies)
    song.open("/me/").sees(TREE)
    page.get_by_role("button", name=zh("Sign out")).last.click()
    expect(page.locator("dialog")).to_contain_text(zh("Sign out and lose it"))
    song.picture("story-18-leaving")
    axe(page)
    page.get_by_role("button", name=zh("Stay signed in")).click()
    song.sees(TREE)
    page.get_by_role("button", name=zh("Sign out")).last.click()
    with page.expect_navigation():
        page.get_by_role("button", name=zh("Sign out and lose it")).click()
    assert page.evaluate(STORE_IS_EMPTY) == ""
    assert not Case.objects.exists()

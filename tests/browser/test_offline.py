"""Without signal: what was refused is mended, what waits is its writer's alone, pages that open, what other apps share."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.play import Play, zh
from tests.browser.test_story_18 import AT, NO_SIGNAL, TREE, writes_on_his_round
from tongxin.cases.models import Case

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
NEEDS_SIGNAL = "This page needs the network. What you wrote is kept on this phone and is not lost."
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


def test_what_could_not_be_taken_is_kept_and_mended(play: Play) -> None:
    play.village()
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


def test_his_pages_open_without_signal_where_the_browser_can(play: Play, axe: Callable[..., None]) -> None:
    play.village()
    play.allows(*NO_SIGNAL)
    song = play.staff("宋林长", "/work/")
    page, context = song.page, song.page.context
    page.wait_for_function("() => localStorage.getItem('tongxin.ahead')")
    context.set_offline(True)
    song.open("/report/").sees("No signal just now").ticks("园林绿化").writes("What is it?", TREE)
    song.open("/public/").sees(NEEDS_SIGNAL)
    song.picture("story-18-offline-page")
    axe(page)
    song.link("To our tasks").sees("Our tasks")
    context.set_offline(False)
    song.open("/me/").button("Sign out")
    context.set_offline(True)
    song.open("/work/").sees(NEEDS_SIGNAL)


def test_what_another_app_shares_opens_the_report_form(play: Play) -> None:
    song = play.resident("张秀英")
    song.page.wait_for_function("() => navigator.serviceWorker.controller")
    song.page.evaluate("""async () => {
      const picture = await new Promise((done) => {
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = 40;
        canvas.toBlob(done, "image/png");
      });
      const given = new DataTransfer();
      given.items.add(new File([picture], "相册.png", {type: "image/png"}));
      const form = Object.assign(document.createElement("form"),
        {method: "post", action: "/report/shared/", enctype: "multipart/form-data"});
      const files = Object.assign(document.createElement("input"), {type: "file", name: "photos", files: given.files});
      const text = Object.assign(document.createElement("input"), {name: "text", value: "楼下井盖破了"});
      form.append(files, text);
      document.body.append(form);
      form.submit();
    }""")
    expect(song.page.locator("[name=text]")).to_have_value("楼下井盖破了")
    expect(song.page.locator("[data-photos-list] img")).to_have_count(1)
    song.ticks("道路交通").ticks("At my home, stairs included").button("Next: look again")
    expect(song.page.locator("[data-photos-list] img")).to_have_count(1)


def test_it_is_for_him_alone_on_a_phone_that_others_use(play: Play, axe: Callable[..., None]) -> None:
    play.village()
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


ASKED_FOR = """() => {
  PushManager.prototype.subscribe = async function (options) {
    window.asked = options.userVisibleOnly;
    const keys = {p256dh: new Uint8Array(65), auth: new Uint8Array(16)};
    const text = atob(document.body.dataset.point.replaceAll("-", "+").replaceAll("_", "/"));
    keys.p256dh = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    return {endpoint: "https://web.push.apple.com/abc", getKey: (name) => keys[name].buffer};
  };
}"""


def test_a_phone_asks_to_be_reminded_and_shows_what_is_pushed(
    play: Play, axe: Callable[..., None], settings: Any
) -> None:
    settings.PUSH_SERVICES = ["push.apple.com"]
    zhang = play.resident("张秀英")
    page, context = zhang.page, zhang.page.context
    context.grant_permissions(["notifications"])
    zhang.open("/me/").sees("Messages on this phone")
    page.wait_for_function("() => navigator.serviceWorker.controller")
    page.evaluate(ASKED_FOR)
    page.evaluate("() => { document.body.dataset.point = document.querySelector('[data-push]').dataset.push; }")
    zhang.button("Turn on on this phone").sees("Only what waits for my answer", "Turn off on this phone")
    page.locator("#push").scroll_into_view_if_needed()
    zhang.picture("push-on")
    axe(page)

    wire = context.new_cdp_session(page)
    found: list[dict[str, Any]] = []
    wire.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    wire.send("ServiceWorker.enable")
    page.wait_for_timeout(200)
    said = {"title": "同心", "body": "有件事在等您答复，点开看看。", "url": "/notices/", "tag": "1"}
    wire.send("ServiceWorker.deliverPushMessage", {
        "origin": play.url, "registrationId": found[0]["registrationId"], "data": json.dumps(said),
    })  # fmt: skip
    shown = """async () => {
      const worker = await navigator.serviceWorker.ready;
      for (let n = 0; n < 50; n += 1) {
        const [one] = await worker.getNotifications();
        if (one) return `${one.title}: ${one.body}`;
        await new Promise((done) => setTimeout(done, 50));
      }
      return "";
    }"""
    assert page.evaluate(shown) == f"同心: {said['body']}"
    zhang.button("Turn off on this phone").sees("Turn on on this phone")

"""A place is picked on the map: by a tap, and without a pointer."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import PHONE
from tests.browser.test_resident import be, s, zh
from tongxin.cases.models import Case
from tongxin.cases.tests.stage import Scene
from tongxin.kernel.geo import gcj02_to_wgs84, wgs84_to_gcj02
from tongxin.places.models import Area, Building

__all__ = ["s"]
pytestmark = pytest.mark.django_db(transaction=True)
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[110.77, 32.64], [110.79, 32.64], [110.79, 32.66], [110.77, 32.66], [110.77, 32.64]]],
}


def test_the_lamp_is_shown_on_the_map(browser: Browser, live_server: Any, s: Scene) -> None:
    Area.objects.filter(pk=s.place.community.pk).update(shape=SQUARE)
    Building.objects.update(lat=32.65, lng=110.78)
    context = browser.new_context(viewport=PHONE)
    be(context, s.zhang, live_server.url)
    page = context.new_page()
    page.goto(f"{live_server.url}/report/")
    page.fill("#f-text", "东门路口的灯不亮")
    page.check("input[name=category][value=lighting]", force=True)
    page.check("input[name=home][value=other]", force=True)
    page.click(f"summary:has-text('{zh('Show it on the map')}')")
    page.wait_for_selector(".leaflet-container")
    page.click(".leaflet-container", position={"x": 190, "y": 100})
    expect(page.locator("[data-picked]")).to_contain_text("国瑞中央花园")
    tapped = page.input_value("input[name=lat]"), page.input_value("input[name=lng]")
    page.focus("[data-pick-middle]")
    page.keyboard.press("Enter")
    expect(page.locator("input[name=lat]")).not_to_have_value(tapped[0])
    page.click(f"button:has-text('{zh('Next: look again')}')")
    page.click(f"button:has-text('{zh('Give it to the community')}')")
    page.wait_for_url("**/report/sent/**")
    case = Case.objects.get()
    assert case.area_id == s.place.estate.pk
    assert case.lat == pytest.approx(32.65, abs=0.005) and case.lng == pytest.approx(110.78, abs=0.005)

    there, back = page.evaluate(
        "async (src) => { const g = await import(src); return [g.toGcj([32.65, 110.78]), g.fromGcj([32.65, 110.78])]; }",
        f"{live_server.url}/static/tongxin/js/gcj.js",
    )
    assert there == pytest.approx(wgs84_to_gcj02(32.65, 110.78), abs=1e-9)
    assert back == pytest.approx(gcj02_to_wgs84(32.65, 110.78), abs=1e-8)
    context.close()

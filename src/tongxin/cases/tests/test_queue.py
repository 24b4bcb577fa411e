"""The desk's queue: the page that is kept as SQL is the page that the filters mean, and figures are not older than a deed."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from tongxin.cases.models import Case, Category
from tongxin.cases.operations import desk
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries.counts import KEPT_SECONDS, counts
from tongxin.cases.queries.queue import SHOWN, Filter, narrowed, queue
from tongxin.cases.queries.scope import of_scope, scope_of
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.actor import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def s() -> Scene:
    cache.clear()
    return scene()


def a_busy_week(s: Scene) -> list[Case]:
    """Lamps and parked cars of 张阿姨 and 陈大爷; some accepted, dispatched, not accepted, or under supervision."""
    wu, cases = s.actor(s.wu), []
    for n, (who, category) in enumerate(product((s.zhang, s.chen), ("lighting", "parking", "waste"))):
        moment = MONDAY + timedelta(hours=n)
        report = s.report(f"第{n}件事", category=category, channel="app" if n % 2 else "wechat")
        cases.append(submit_case(s.actor(who, moment), report, moment))
    later = MONDAY + timedelta(hours=8)
    desk.accept_case(wu, cases[1].pk, later)
    desk.accept_case(wu, cases[2].pk, later)
    desk.dispatch_case(wu, cases[2].pk, later, lead=s.bureau.pk)
    desk.decline_case(wu, cases[4].pk, later, reason="不归社区管。", elsewhere="请找物业。")
    Case.objects.filter(pk=cases[5].pk).update(
        supervised=True, urgency="urgent", due_at=F("due_at") - timedelta(days=9)
    )
    return cases


def plain(actor: Actor, wanted: Filter, now) -> list:
    """The same page as Django puts it together anew."""
    cases = narrowed(Case.objects.filter(of_scope(scope_of(actor, wanted.area))), actor, wanted, now)
    order = ("-id",) if wanted.newest_first else ("due_at", "id")
    return list(cases.order_by(*order).values_list("pk", flat=True))


def test_every_filter_shows_what_it_means(s: Scene) -> None:
    a_busy_week(s)
    now = MONDAY + timedelta(days=1)
    narrowing = (
        {},
        {"channel": "app"},
        {"urgency": "urgent"},
        {"category": Category.objects.get(code="parking").path},
        {"handler": str(s.bureau.pk)},
        {"since": "2026-11-16", "until": "2026-11-17"},
        {"channel": "wechat", "category": Category.objects.get(code="lighting").path, "since": "2026-11-01"},
        {"area": s.place.community.path},
    )
    seen = 0
    for who, show, more in product((s.wu, s.street, s.officer), sorted(SHOWN), narrowing):
        actor, wanted = s.actor(who), Filter(show=show, **more)
        if "area" in more and who is s.officer:
            continue  # a department looks after no area
        found = [row.id for row in queue(actor, wanted, now).rows]
        assert found == plain(actor, wanted, now), (who.name, wanted)
        seen += len(found)
    assert seen > 100, "the filters found something to compare"


def test_a_page_after_the_other_shows_each_case_once(s: Scene) -> None:
    a_busy_week(s)
    actor, now = s.actor(s.wu), MONDAY + timedelta(days=1)
    for show in ("", "all"):
        shown, after = [], ""
        while True:
            page = queue(actor, Filter(show=show), now, after=after, limit=2)
            shown += [row.id for row in page.rows]
            after = page.after
            if not after:
                break
        assert shown == plain(actor, Filter(show=show), now)


def test_a_sign_of_the_pattern_in_a_filter_is_a_letter_like_others(s: Scene) -> None:
    a_busy_week(s)
    actor = s.actor(s.wu)
    assert queue(actor, Filter(show="all", category="%"), MONDAY).rows == []
    assert queue(actor, Filter(show="all", category="_"), MONDAY).rows == []
    assert queue(actor, Filter(show="all", category="\\"), MONDAY).rows == []


def test_the_figures_serve_for_some_seconds_but_not_whoever_has_acted(s: Scene) -> None:
    cases = a_busy_week(s)
    wu, now = s.actor(s.wu), MONDAY + timedelta(hours=9)
    before = counts(wu, Filter(), now, kept=True)
    desk.accept_case(wu, cases[5].pk, now)
    with CaptureQueriesContext(connection) as asked:
        assert counts(wu, Filter(), now + timedelta(seconds=KEPT_SECONDS - 1), kept=True) == before
    assert len(asked) == 0
    fresh = counts(wu, Filter(), now)
    assert fresh.by_chip["submitted"] == before.by_chip["submitted"] - 1
    assert counts(wu, Filter(), now, kept=True) == fresh, "and serves the others at the desk from then on"
    assert counts(wu, Filter(), now + timedelta(seconds=KEPT_SECONDS), kept=True).by_chip == fresh.by_chip


def test_the_figures_of_one_desk_are_not_those_of_another(s: Scene) -> None:
    a_busy_week(s)
    now = MONDAY + timedelta(hours=9)
    assert counts(s.actor(s.wu), Filter(), now, kept=True).by_chip[""] > 0
    assert counts(s.actor(s.outsider), Filter(), now, kept=True).by_chip[""] == 0
    handler = counts(s.actor(s.officer), Filter(), now, kept=True)
    assert handler.waiting == 1, "the one that was dispatched to the bureau"

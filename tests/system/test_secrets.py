"""Whatever stage a case is at, nobody reads on any of its pages what they have no right to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.system.matrix import TOLD
from tests.system.stages import Stage
from tests.system.town import CITY, NOBODY, OWN, SECRETS, SIBLING, Who, everybody
from tests.system.walking import Visitor, body_of
from tongxin.api import limits
from tongxin.cases.models import Case

pytestmark = pytest.mark.django_db
PAGES = ("/desk/cases/{}/", "/cases/{}/", "/work/{}/", "/api/v1/cases/{}")
FURTHER = ("/report/sent/{}/", "/slip/{}/", "/public/{}/", "/cases/{}/not-solved/", "/desk/?show=all&at={}",
           "/api/v1/public/cases/{}")  # fmt: skip
HELPED = {"for her", "her word"}
"""What the grid worker wrote down for her: who wrote it reads it."""
READERS = [who for who in everybody() if who[1] == OWN or who == NOBODY] + [
    CITY, ("community_worker", SIBLING), ("handler", SIBLING), ("resident", SIBLING), ("community_secretary", "ended"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    limits.forget()
    yield
    limits.forget()


def may_read(who: Who, secret: str) -> bool:
    """Her name and what she wrote of herself are for the desk and her own eyes; numbers stand on no page of a case."""
    return secret in {"name", "phone in words"} and (who == CITY or (who[1] == OWN and who[0] in TOLD))


@pytest.mark.parametrize("who", READERS, ids=lambda who: "-".join(who))
def test_no_page_of_any_case_tells_whom_it_does_not_concern(hidden_stage: Stage, who: Who) -> None:
    visitor, wrong, opened = Visitor(hidden_stage.town, who), [], 0
    stages = {pk: at for at, pk in hidden_stage.cases.items()}
    for case in Case.objects.order_by("id"):
        few = stages.get(case.pk, "") not in {"", "joined", "awaiting", "for her", "with worker"}
        for page in PAGES if few else (*PAGES, *FURTHER):
            limits.forget()
            answer = visitor.get(page.format(case.number))
            opened += answer.status_code == 200
            assert answer.status_code < 500
            if stages.get(case.pk) == "named":
                continue  # she did not hide her name there
            if who == ("grid_worker", OWN) and stages.get(case.pk) in HELPED:
                continue
            wrong += [f"{page} {stages.get(case.pk, case.title)}: reads the {name}" for name in _read(answer, who)]
    assert not wrong, "\n".join(wrong)
    assert opened or who[0] in {"system_administrator", "security_administrator", "audit_administrator"}


def _read(answer: Any, who: Who) -> list[str]:
    body = body_of(answer)
    return [name for name, secret in SECRETS.items() if secret in body and not may_read(who, name)]


def test_the_desk_really_reads_what_others_must_not(hidden_stage: Stage) -> None:
    """So that the walk above cannot go blind: the secrets are there to be found."""
    desk = Visitor(hidden_stage.town, ("community_worker", OWN))
    for at in ("submitted", "awaiting", "joined", "for her"):
        body = body_of(desk.get(f"/desk/cases/{hidden_stage.number(at)}/"))
        assert SECRETS["phone in words"] in body, at
    for page in ("/desk/points/?show=all", "/desk/?show=all"):
        assert SECRETS["name"] in body_of(desk.get(page)), page
    points = desk.get("/desk/points/?show=all").json()["features"]
    assert sum(one["geometry"]["type"] == "Point" for one in points) > 20
    shown = Visitor(hidden_stage.town, NOBODY).get("/public/map.json?area=420303001001").json()["features"]
    assert any(one["geometry"]["type"] == "Point" for one in shown)


def test_the_people_of_the_demo_are_entered_only_where_it_is_one(hidden_stage: Stage, settings: Any) -> None:
    anybody = Visitor(hidden_stage.town, NOBODY)
    account = str(hidden_stage.town.people["community_worker", OWN].account.pk)
    assert anybody.get("/demo/").status_code == 404
    assert anybody.post("/demo/enter/", {"account": account}).status_code == 404
    settings.DEMO = True
    assert anybody.get("/demo/").status_code == 200
    assert anybody.post("/demo/enter/", {"account": account}).status_code == 404  # none of the people of a demo
    (settings.DATA / "demo.json").write_text(
        f'[{{"account_id": "{account}", "role": "王湾社区", "title": "社区工作者", "what_to_try": "派单"}}]', "utf-8"
    )
    try:
        assert "社区工作者" in body_of(anybody.get("/demo/"))
        assert anybody.post("/demo/enter/", {"account": account}).status_code == 303
        assert anybody.get("/me/").status_code == 200
    finally:
        (settings.DATA / "demo.json").unlink()

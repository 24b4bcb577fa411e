"""What everybody may see: never what is private, in words that the desk has read, and no longer once taken back."""

from __future__ import annotations

import pytest

from tongxin.cases.models import Case, Category
from tongxin.cases.operations import desk, resident
from tongxin.cases.operations.publish import publish_case
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries.detail import detail
from tongxin.cases.queries.public import public_cases
from tongxin.cases.queries.view import public_case, released_words
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.errors import Conflict

pytestmark = pytest.mark.django_db


@pytest.fixture
def s() -> Scene:
    return scene()


def parked(s: Scene, **more: object) -> Case:
    values = {"category": "parking", "home_id": s.place.home.pk} | more
    return submit_case(s.actor(s.zhang), s.report("我是张秀英，13812345678，门口停车乱", **values), MONDAY)


@pytest.mark.parametrize("more", [{"category": "dispute"}, {"category": "care"}, {"hidden": True}])
def test_what_is_private_is_not_made_public_nor_offered(s: Scene, more: dict[str, object]) -> None:
    case = parked(s, **more)
    with pytest.raises(Conflict):
        publish_case(s.actor(s.wu), case.pk, MONDAY, public=True)
    assert not detail(s.actor(s.wu), case.number, MONDAY).may_publish
    assert public_cases(s.place.community.path, MONDAY)[0] == []


def test_the_desk_reads_and_mends_what_everybody_will_read(s: Scene) -> None:
    case = parked(s)
    before = released_words(case)
    assert "张秀英" not in before.title + before.text
    assert "13812345678" not in before.text
    assert "501" not in before.place
    publish_case(
        s.actor(s.wu), case.pk, MONDAY, public=True, title="三号楼前停车乱", text="门口常有车停。", place="国瑞中央花园"
    )
    listed = public_cases(s.place.community.path, MONDAY)[0][0]
    assert (listed.title, listed.place) == ("三号楼前停车乱", "国瑞中央花园")
    shown = public_case(case.number, MONDAY)
    assert (shown.title, shown.text, shown.place) == ("三号楼前停车乱", "门口常有车停。", "国瑞中央花园")
    assert "张秀英" in detail(s.actor(s.wu), case.number, MONDAY).text, "the desk still reads it as it was said"


def test_what_was_withdrawn_disowned_or_put_into_another_category_is_no_longer_public(s: Scene) -> None:
    withdrawn, renamed = parked(s), parked(s)
    disowned = submit_case(s.actor(s.wang), s.report(category="parking", for_person=s.zhang.pk), MONDAY)
    for case in (withdrawn, renamed, disowned):
        publish_case(s.actor(s.wu), case.pk, MONDAY, public=True)
    resident.join_case(s.actor(s.chen), withdrawn.pk, MONDAY)
    resident.withdraw_case(s.actor(s.zhang), withdrawn.pk, MONDAY)
    desk.reclassify_case(s.actor(s.wu), renamed.pk, MONDAY, category="dispute")
    resident.disown_case(s.actor(s.zhang), disowned.pk, MONDAY)
    assert not Case.objects.filter(is_public=True).exists()


def test_another_urgency_leaves_it_public(s: Scene) -> None:
    case = parked(s)
    publish_case(s.actor(s.wu), case.pk, MONDAY, public=True)
    desk.reclassify_case(s.actor(s.wu), case.pk, MONDAY, urgency="urgent", category="parking")
    case.refresh_from_db()
    assert case.is_public
    assert Category.objects.get(code="parking").public

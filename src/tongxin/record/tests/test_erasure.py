from datetime import timedelta

import pytest

from tongxin.kernel.errors import NotFound
from tongxin.kernel.ids import uuid7
from tongxin.record import queries
from tongxin.record.models import Head, PersonalPart
from tongxin.record.operations import erase_personal, seal_due
from tongxin.record.verify import verify_all

from .conftest import AREA, MORNING

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(days=2)


def erase(actor, light, **more):
    return erase_personal(
        actor=actor, subject=("light", light), area_path=AREA, reason="erased on request", now=LATER, **more
    )


def test_what_is_erased_is_gone_and_the_sealed_chain_still_verifies(tell, zhang, lights):
    light = uuid7()
    tell(light, "broken", personal={"text": "张秀英家门口"})
    tell(light, "mended", personal={"text": "谢谢李师傅"})
    seal_due(LATER)
    lights[light] = {"state": "mended", "text": ""}
    entry = erase(zhang, light)
    assert entry.data == {"erased": [1, 2], "reason": "erased on request"}
    assert [(bytes(p.data), bytes(p.salt)) for p in PersonalPart.objects.all()] == [(b"", b"")] * 2
    first = queries.history(("light", light), with_personal=True)[0]
    assert (first.personal, first.erased_at) == (None, LATER)
    assert verify_all().findings == []


def test_one_entry_alone_can_be_erased(tell, zhang):
    light = uuid7()
    tell(light, "broken", personal={"text": "张秀英家门口"})
    tell(light, "mended", personal={"text": "修好了"})
    erase(zhang, light, seqs=[1])
    assert [line.personal for line in queries.history(("light", light), with_personal=True)] == [
        None,
        {"text": "修好了"},
        None,
    ]
    assert verify_all().findings == []


def test_nothing_is_erased_twice(tell, zhang):
    light = uuid7()
    tell(light, "broken", personal={"text": "张秀英家门口"})
    erase(zhang, light)
    with pytest.raises(NotFound):
        erase(zhang, light)


def test_the_old_commitment_of_the_row_loses_its_salt_too(tell, zhang):
    light = uuid7()
    tell(light, "broken", personal={"text": "张秀英家门口"})
    before = bytes(Head.objects.get().salt)
    erase(zhang, light)
    assert bytes(Head.objects.get().salt) != before


def test_an_erasure_that_nobody_recorded_is_found(tell, zhang):
    light = uuid7()
    tell(light, "broken", personal={"text": "张秀英家门口"})
    PersonalPart.objects.update(data=b"", salt=b"", erased_at=LATER)
    assert [f.kind for f in verify_all().findings] == ["personal-erasure"]

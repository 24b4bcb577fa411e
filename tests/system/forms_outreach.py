"""The forms of announcements, visits and the hotline; see ``forms``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.system.form import FORM_SAYS as _FORM_SAYS
from tests.system.form import ONCE, WHY
from tests.system.form import community as _community
from tests.system.form import form_of as _form
from tests.system.form import thing as _thing
from tests.system.form import with_these as _with
from tests.system.matrix import DESK, HIGHER, THE_VISITOR, VERIFIERS
from tests.system.stages import Stage
from tests.system.town import OWN, SIBLING, pk
from tongxin.cases.tests.stage import photo

ANNOUNCED: Final = (
    _form("desk/announcements/new/", _with(title="停水", text="明天停水。", kind="notice", area=_community,
          roles="residents", is_public="1", **ONCE), DESK, told=_FORM_SAYS, elsewhere=_FORM_SAYS),
    _form("desk/announcements/<uuid:announcement_id>/", {"do": "withdraw"} | WHY, DESK),
    _form("desk/announcements/<uuid:announcement_id>/doors/", _with(who=_thing("recipient"), door="told"), VERIFIERS),
    _form("desk/settings/channels/", _with(do="quiet", quiet_area=_community, start="22:00", end="07:00"), DESK),
)  # fmt: skip


def _paper(_: Stage) -> Mapping[str, Any]:
    return {"paper": photo()}


VISITS: Final = (
    _form("visits/<uuid:assignment_id>/", {"outcome": "met", "text": "家常"} | ONCE, THE_VISITOR),
    _form("visits/<uuid:assignment_id>/phone/", _with(person=_thing("person_id"), **WHY), THE_VISITOR, taken={200},
          reads={"neighbour's phone": THE_VISITOR}),
    _form("visits/made/<uuid:visit_id>/", _paper, DESK | THE_VISITOR),
    _form("visits/made/<uuid:visit_id>/sign/<str:number>/", {"word": "solved", "rating": "5"}, THE_VISITOR),
    _form("desk/visits/plan/", lambda s: {"household": pk(s.town.things["household_id"]),
                                          "visitor": pk(s.town.people["community_worker", OWN])}, DESK),
    _form("desk/visits/rhythm/", {"area": "420303001001", "every_days": "60", "special_days": "20"}, DESK),
    _form("desk/visits/export/", {"area": "420303001001"}, DESK, taken={200}),
)  # fmt: skip


def _sheet(_: Stage) -> Mapping[str, Any]:
    text = "工单编号,诉求内容\nSY2,井盖坏了\n"
    return {"source": "sy12345", "do": "take", "file": SimpleUploadedFile("工单.csv", text.encode())}


HOTLINE: Final = (
    _form("desk/hotline/", _sheet, HIGHER, taken={200}),
    _form("desk/hotline/answers/", {"source": "sy12345"}, DESK, taken={200},
          also=frozenset({("community_worker", SIBLING), ("community_secretary", SIBLING)})),  # of the same street: theirs
    _form("desk/hotline/sources/", _with(name="另一条热线", slug="other", area=lambda s: pk(s.town.place.street)), HIGHER),
    _form("desk/hotline/<uuid:ticket_id>/", {"do": "adopt", "version": "2"}, DESK),
)  # fmt: skip

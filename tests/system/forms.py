"""One well-formed thing to send for every route that writes, and by whom it is taken. For all others it is refused.

The matrix says who may open a page; here stands who may do what the page is for, with a body that is really taken from
them: a refusal of anybody else is then for who they are, and not for what they typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.system.form import FORM_SAYS as _FORM_SAYS
from tests.system.form import NONE, ONCE, WHY, Body, Form
from tests.system.form import community as _community
from tests.system.form import form_of as _form
from tests.system.form import thing as _thing
from tests.system.form import with_these as _with
from tests.system.forms_outreach import ANNOUNCED, HOTLINE, VISITS
from tests.system.matrix import (
    APPOINTING,
    DEPUTIES,
    DESK,
    EVERYBODY,
    HELPERS,
    HIGHER,
    OFFICE,
    PLACES,
    RECEIVERS,
    REPORTER,
    SIGNED_IN,
    TABLE,
    VERIFIERS,
)  # fmt: skip
from tests.system.stages import Stage
from tests.system.town import CITY, NOBODY, SIBLING, pk
from tests.system.who_may import STEPS
from tongxin.kernel.ids import uuid7

CITYWIDE: Final = frozenset({CITY[0]})
HOUSED: Final = frozenset({"owner", "resident", "reporter"})
NEIGHBOURS: Final = frozenset({"owner", "resident"})
SAID: Final = {"text": "看过了"}


def _may(step: str, at: str) -> frozenset[str]:
    """To whom a step is open at a stage, by the table of the transitions."""
    found = next(one for one in STEPS if one.name == step).may.get("submitted" if at == "named" else at, NONE)
    return found if step == "join" else found - NEIGHBOURS  # her name is hidden: no neighbour knows of it


def _day(days: int) -> str:
    return (date.today() + timedelta(days=days)).isoformat()


def _homes_file(_: Stage) -> Mapping[str, Any]:
    text = "小区,楼栋,单元,房号\n国瑞中央花园,3号楼,2单元,503\n"
    return {
        "kind": "homes",
        "area": "420303001001-01",
        "file": SimpleUploadedFile("住户.csv", text.encode()),
        "once": str(uuid7()),
    }


_HOME, _NEIGHBOUR = _thing("home_id"), _thing("person_id")
_COMMITTEE = {"organisation_id": "committee"}
ACCOUNT: Final = (
    _form("me/sessions/end-others/", {}, SIGNED_IN, anywhere=True, writes=False),
    _form("me/tokens/", {"name": "小程序", "days": "30", "scopes": "own.read"}, SIGNED_IN, anywhere=True, taken={200}),
    _form("me/tokens/<uuid:token_id>/revoke/", {}, REPORTER),
    _form("me/home/", _with(kind="resident", name="过客", home=_HOME), SIGNED_IN - HOUSED, anywhere=True, told=frozenset({409}),
          also=frozenset({("owner", SIBLING), ("resident", SIBLING)})),  # they moved here
    _form("me/family/", _with(how="worker", name="何奶奶", home=_HOME), SIGNED_IN - REPORTER, anywhere=True),
    _form("me/family/links/<uuid:link_id>/end/", {}, VERIFIERS | REPORTER),
    _form("me/report-in/", {"home_unit": "东风公司"}, HOUSED, anywhere=True, told=frozenset({403, 422}),
          elsewhere=frozenset({403, 422})),  # 422: first say where you live
    _form("notices/read/", {}, SIGNED_IN, anywhere=True, writes=False),
    _form("report/", {"text": "灯不亮", "category": "lighting", "area": "a.420303001001-01", "send": "1"} | ONCE,
          SIGNED_IN, anywhere=True),
    _form("report/join/<uuid:case_id>/", {}, NEIGHBOURS, at="joined", anywhere=True,
          told=frozenset({303, 403})),  # 303: she is in it already; 403: it is public, but one must be known here
)  # fmt: skip

PLACES_FORMS: Final = (
    _form("desk/places/areas/<str:code>/edit/", {"do": "rename", "name": "国瑞花园"}, PLACES),
    _form("desk/places/areas/<str:code>/edit/", {"do": "move", "parent": "420303009"}, HIGHER - {"street_officer"},
          parts={"code": "other_community_code"}),
    _form("desk/places/areas/<str:code>/add/", {"name": "9号楼", "floors": "6"}, PLACES),
    _form("desk/places/areas/<str:code>/grids/", {"name": "第二网格"}, PLACES, parts={"code": "community_code"}),
    _form("desk/places/areas/<str:code>/posters.pdf", {}, PLACES, taken={200}),
    _form("desk/places/grids/<uuid:grid_id>/", {"do": "rename", "name": "一网格"}, PLACES),
    _form("desk/places/buildings/<uuid:building_id>/edit/", {"name": "三号楼"}, PLACES),
    _form("desk/places/units/<uuid:unit_id>/edit/", {"do": "edit", "name": "二单元"}, PLACES),
    _form("desk/places/homes/<uuid:home_id>/", {"name": "503", "floor": "5", "use": "dwelling"}, PLACES),
    *(
        _form(f"desk/places/<str:kind>/<uuid:place_id>/{paper}.pdf", {}, PLACES, taken={200},
              parts={"kind": kind, "place_id": thing})
        for paper, kind, thing in (
            ("poster", "area", "estate_id"), ("poster", "building", "new_building_id"), ("poster", "unit", "unit_id"),
            ("poster", "home", "home_id"), ("poster", "grid", "grid_id"), ("stickers", "building", "building_id"),
            ("stickers", "unit", "unit_id"), ("stickers", "home", "home_id"))
    ),
    _form("desk/places/imports/", _homes_file, PLACES),
    _form("desk/places/imports/<uuid:batch_id>/", {"do": "cancel"}, PLACES),
    _form("desk/places/calendar/", {"day": _day(40), "working": "rest"}, CITYWIDE, wide=True),
)  # fmt: skip

PEOPLE_FORMS: Final = (
    _form("desk/people/export/", {}, DESK, taken={200}, anywhere=True, reads={"name": DESK}),
    _form("desk/organisations/export/", {}, DESK, taken={200}, anywhere=True),
    _form("desk/people/new/", _with(name="新住户", community=_community, **ONCE), DESK),
    _form("desk/people/homes/<uuid:home_id>/owner/", _with(organisation=_thing("organisation_id"), share="1/3",
          source="register"), DESK, parts={"home_id": "empty_home"}),
    _form("desk/people/residences/<uuid:residence_id>/end/", _with(home=_HOME), DESK),
    _form("desk/people/households/<uuid:household_id>/end/", _with(home=_HOME), DESK),
    _form("desk/people/households/<uuid:household_id>/traits/", _with(home=_HOME, traits="lives_alone"), DESK),
    _form("desk/people/tenancies/<uuid:tenancy_id>/end/", _with(home=_HOME), DESK),
    _form("desk/people/<uuid:person_id>/edit/", {"name": "邻居何老"}, DESK),
    _form("desk/people/<uuid:person_id>/reveal/", WHY | {"fields": "phone"}, VERIFIERS, taken={200},
          reads={"neighbour's phone": VERIFIERS}),
    _form("desk/people/<uuid:person_id>/home/", _with(kind="rents", home=_thing("empty_home"), since=""), DESK),
    _form("desk/report-ins/<uuid:row_id>/", {"answer": "yes"}, RECEIVERS),
    _form("desk/verify/<uuid:request_id>/", {"answer": "no"} | WHY, VERIFIERS),
)  # fmt: skip

ORGANISATIONS: Final = (
    _form("desk/organisations/new/", _with(kind="social", name="棋社", area=_community, **ONCE), APPOINTING),
    _form("desk/organisations/<uuid:organisation_id>/edit/", {"kind": "property_company", "name": "国瑞物业公司"}, APPOINTING),
    _form("desk/organisations/<uuid:organisation_id>/end/", {}, APPOINTING, parts={"organisation_id": "empty_body"}),
    _form("desk/organisations/<uuid:organisation_id>/units/", _with(unit=_thing("unit_to_join")), APPOINTING,
          parts=_COMMITTEE),
    _form("desk/organisations/<uuid:organisation_id>/units/<uuid:membership_id>/end/", {}, APPOINTING, parts=_COMMITTEE),
    _form("desk/organisations/<uuid:organisation_id>/services/", _with(area=_community, kind="other"), APPOINTING),
    _form("desk/organisations/<uuid:organisation_id>/services/<uuid:service_id>/end/", {}, APPOINTING),
    _form("desk/organisations/<uuid:organisation_id>/appoint/", _with(person=_NEIGHBOUR, role="handler", area=_community),
          APPOINTING),
    _form("desk/organisations/offices/<uuid:appointment_id>/",
          _with(do="stand-in", person=_NEIGHBOUR, since=_day(1), until=_day(8)), APPOINTING),
    _form("desk/settings/accounts/<uuid:person_id>/", {"do": "open", "username": "ligong"}, APPOINTING,
          parts={"person_id": "officer"}, taken={200}),
)  # fmt: skip

SETTINGS: Final = (
    _form("desk/settings/categories/new/", {"code": "smell", "name": "气味", "urgency": "normal", "position": "7"},
          CITYWIDE, wide=True),
    _form("desk/settings/categories/<str:code>/", {"name": "路灯楼灯", "urgency": "normal", "position": "7"}, CITYWIDE,
          wide=True, parts={"code": "lighting"}),
    _form("desk/settings/levels/", {f"{name}.{code}": f"{code}层" if name == "name" else f"{code} level"
          for name in ("name", "name_en") for code in ("city", "county", "street", "community", "estate")},
          CITYWIDE, wide=True),
    _form("desk/settings/limits/", {"accept.normal.amount": "3", "accept.normal.unit": "work_hours"}, CITYWIDE, wide=True),
    _form("desk/settings/routes/", _with(area=_community, category="parking", mode="pool"), HIGHER, told=_FORM_SAYS),
    _form("desk/settings/routes/<uuid:route_id>/end/", {}, HIGHER, parts={"route_id": "running_route"}),
    _form("desk/settings/practice/", _with(area=_community, reopen_days="20"), HIGHER, told=_FORM_SAYS),
    _form("desk/settings/answers/", _with(area=_community, name="修好", text="修好了。"), DESK),
    _form("desk/settings/answers/<uuid:template_id>/", _with(area=_community, name="换灯", text="换好了。"), DESK),
    _form("desk/filter/keep/", {"name": "我的", "show": "all"}, OFFICE, anywhere=True, writes=False),
)  # fmt: skip

DESK_FORMS: Final = (
    _form("desk/new/", _with(text="灯不亮", place=lambda s: f"area:{pk(s.town.place.estate)}", category="lighting",
                             channel="phone", who="register", person_text="邻居老何", person=_NEIGHBOUR, **ONCE), HELPERS),
    _form("report/kinds.json", {"text": "楼道灯坏了三天"}, EVERYBODY, taken={200}, anywhere=True, writes=False),
    _form("desk/settings/suggestions/", {"label": "城乡建设", "codes": "road"}, CITYWIDE, wide=True),
    _form("desk/new/guess/", {"text": "国瑞中央花园3号楼"}, HELPERS, taken={200}, anywhere=True, writes=False),
    _form("desk/many/", lambda s: {"act": "accept", "pick": str(s.cases["submitted"])}, DESK, taken={200},
          elsewhere=frozenset({200, 403})),  # 200: the page that says what came of each, which is nothing
    _form("desk/export/", {}, DESK | {"company_manager"}, taken={200}, anywhere=True,
          reads={"name": DESK, "phone in words": DESK}),
    _form("desk/callbacks/export/", {}, DESK, taken={200}, anywhere=True, reads={"name": DESK, "phone in words": DESK}),
    _form("desk/callbacks/<uuid:call_id>/", {"result": "reached", "contacted": "1", "solved": "1", "rating": "5"}, DESK),
    _form("desk/callbacks/<uuid:call_id>/", {"reveal": "1"}, DESK, taken={200}, reads={"phone": DESK}),
    _form("desk/cases/<str:number>/phone/<uuid:party>/", WHY, DESK, taken={200}, reads={"phone": DESK},
          parts={"number": "lamp"}),
    _form("desk/cases/<str:number>/phone/<uuid:party>/", WHY, VERIFIERS, taken={200}, reads={"contact phone": VERIFIERS},
          parts={"number": "rung", "party": "caller"}),
    _form("desk/cases/<str:number>/parties/", {"act": "propose", "text": "月底前退款"}, DESK, parts={"number": "waiting"}),
    _form("cases/<str:number>/settlement/", {"word": "accepted"}, REPORTER, parts={"number": "waiting"}),
    _form("deputies/<uuid:seat_id>/", {"text": "公交站太远"} | ONCE, SIGNED_IN, anywhere=True),
    _form("desk/deputy/opinions/new/", {"text": "路灯太暗", "way": "phone"} | ONCE, DEPUTIES, anywhere=True),
    _form("desk/deputy/opinions/<uuid:opinion_id>/aside/", WHY, DEPUTIES),
    _form("desk/deputy/suggest/", _with(opinions=_thing("second_opinion"), title="加路灯", text="建议加路灯",
          category="lighting") , DEPUTIES, told=frozenset({403, 404, 409, 422})),
    _form("desk/deputy/suggestions/<str:number>/", {"grade": "satisfied"}, DEPUTIES, parts={"number": "answered_suggestion"}),
    _form("desk/cases/<str:number>/parties/export/", {}, DESK, taken={200}, parts={"number": "waiting"}, reads={"name": DESK}),
    _form("desk/suggestions/<str:number>/complex/", WHY, HIGHER, parts={"number": "suggestion"}),
    _form("desk/cases/<str:number>/photos/<uuid:photo_id>/", {"hide": "1"}, DESK, parts={"number": "lamp"}),
)  # fmt: skip


def _offices(s: Stage) -> dict[str, Any]:
    return {"to": pk(s.town.company), "note": "请看"}


def _other(s: Stage) -> dict[str, Any]:
    return {"to": pk(s.bureau), **WHY}


def _spare(s: Stage) -> dict[str, Any]:
    return {"cases": str(s.cases["spare"])}


STEP: Final = "desk/cases/<str:number>/<slug:name>/"
DESK_STEPS: Final[dict[str, tuple[str, str, Body]]] = {
    "objection": ("objected", "uphold the objection", WHY | {"grant": "1"}),
    "extension": ("more time", "give more time", WHY | {"grant": "1"}),
    "suspension": ("put off", "put it off", WHY | {"grant": "1"}),
    "accept": ("submitted", "accept", {}),
    "dispatch": ("accepted", "dispatch", _offices),
    "verify": ("answered", "find it done", {}),
    "ask": ("answered", "", {}),  # for nobody: here the desk looks first
    "resume": ("suspended", "take up again", {}),
    "word": ("awaiting", "record that she says solved", {"word": "solved", "own_choice": "in_person", "rating": "5"}),
    "information": ("asked for words", "record what she tells", SAID),
    "send-back": ("answered", "send it back", WHY),
    "answer": ("submitted", "answer at once", SAID),
    "supervise": ("in_progress", "supervise", WHY),
    "urge": ("in_progress", "urge", {}),
    "redispatch": ("dispatched", "dispatch anew", _other),
    "co-handler": ("in_progress", "call in another", lambda s: {"organisation": pk(s.third), "task": "到场"}),
    "remind": ("awaiting", "remind", {}),
    "reopen": ("closed", "reopen", WHY),
    "waive": ("co-handled", "let their part go", lambda s: {"organisation": pk(s.bureau), **WHY}),
    "lift": ("supervised", "supervise no longer", WHY),
    "request-information": ("in_progress", "ask her", SAID),
    "decline": ("submitted", "decline", WHY | {"elsewhere": "请打12345"}),
    "escalate": ("in_progress", "raise", WHY),
    "gather": ("accepted", "gather others", _spare),
    "merge": ("accepted", "gather others", lambda s: {"into": str(s.common)}),
    "separate": ("merged", "separate", WHY),
    "reclassify": ("in_progress", "reclassify", {"category": "parking", "urgency": "urgent"}),
    "note": ("in_progress", "note", SAID | {"audience": "staff"}),
    "withdraw": ("submitted", "record that she takes it back", {"own_choice": "in_person"}),
    "write-down": ("in_progress", "", SAID),  # for nobody: nothing was recorded here
    "publish": ("named", "publish", {"title": "占道", "text": "楼道里停了三轮车"}),
    "unpublish": ("joined", "publish", {}),
    "people": ("in_progress", "add people", {"people": "邻居老何", **WHY}),
    "hand-over": ("in_progress", "hand over", lambda s: {"to": f"person:{s.town.things['colleague'].pk}"}),
    "about": ("accepted", "reclassify", lambda s: {"about": pk(s.town.company)}),
}
"""Each step of the desk: a stage at which it is open, the same in the table of the transitions, what comes with it."""

WORK: Final = "work/<str:number>/do/<str:deed>/"
WORK_DEEDS: Final[dict[str, tuple[str, str, Body]]] = {
    "claim": ("dispatched", "take", {}),
    "start": ("claimed", "begin", {}),
    "answer": ("in_progress", "answer", SAID),
    "co_answer": ("co-handled", "answer for one's part", SAID),
    "hand_to_worker": ("in_progress", "hand to a worker", {"name": "小刘", "phone": "13907199036"}),
    "object": ("dispatched", "object", SAID),
    "request_extension": ("in_progress", "ask for more time", SAID | {"extra": "1"}),
    "request_suspension": ("in_progress", "ask to put it off", SAID | {"review_on": _day(60)}),
    "request_info": ("in_progress", "ask her", SAID),
    "put_back": ("from pool", "put back", SAID),
    "hand_over": ("in_progress", "hand over", lambda s: {"to": pk(s.town.things["colleague"])}),
}
OWN_DEED: Final = "cases/<str:number>/do/<str:deed>/"
OWN_DEEDS: Final[dict[str, tuple[str, str, Body]]] = {
    "rate": ("closed", "rate", {"rating": "4"}),
    "urge": ("in_progress", "urge", {}),
    "withdraw": ("submitted", "withdraw", {}),
    "provide": ("asked for words", "tell what was asked", SAID),
    "add": ("in_progress", "add a word", SAID),
    "disown": ("for her", "say that it is not hers", {}),
}
_ANSWERING: Final = (
    _form(WORK, {}, DESK, at="in_progress", parts={"deed": "contact"}, taken={200},
          reads={"phone": DESK, "name": DESK, "phone in words": DESK}),  # her name is hidden: no handler rings her
    _form("cases/<str:number>/answer/", {"answer": "yes"}, REPORTER, at="awaiting"),
    _form("cases/<str:number>/not-solved/", WHY, REPORTER, at="awaiting"),
    _form("public/<str:number>/reopen/", SAID, NONE, at="closed"),  # her matter was never made public
    _form("cases/<str:number>/word/", {"word": "solved", "own_choice": "in_person"},
          DESK, at="her word"),  # the names of those who are helped are seen by the desk alone
)  # fmt: skip

API_VERBS: Final[dict[str, tuple[str, str, Body]]] = {
    "confirm": ("awaiting", "say solved", {}),
    "not-solved": ("awaiting", "say not solved", WHY),
    "rate": ("closed", "rate", {"rating": 5}),
    "withdraw": ("submitted", "withdraw", {}),
    "provide-information": ("asked for words", "tell what was asked", SAID),
    "join": ("joined", "join", {}),
    "urge": ("in_progress", "urge", {}),
    "not-mine": ("for her", "say that it is not hers", {}),
    "reopen": ("closed", "reopen", WHY),
    "claim": ("dispatched", "take", {}),
    "start": ("claimed", "begin", {}),
    "answer": ("in_progress", "answer", SAID),
    "answer-sub-task": ("co-handled", "answer for one's part", lambda s: {"organisation": pk(s.bureau), **SAID}),
    "object": ("dispatched", "object", WHY),
    "request-extension": ("in_progress", "ask for more time", WHY | {"extra": 1}),
    "request-suspension": ("in_progress", "ask to put it off", WHY | {"review_on": _day(60)}),
    "put-back": ("from pool", "put back", WHY),
    "hand-over": ("in_progress", "hand over", lambda s: {"to_organisation": pk(s.town.company)}),
    "hand-to-worker": ("in_progress", "hand to a worker", {"name": "小刘", "phone": "13907199036"}),
    "request-information": ("in_progress", "ask her", SAID),
    "resume": ("suspended", "take up again", {}),
    "note": ("in_progress", "note", SAID | {"internal": True}),
    "accept": ("submitted", "accept", {}),
    "decline": ("submitted", "decline", WHY | {"elsewhere": "请打12345"}),
    "answer-directly": ("submitted", "answer at once", SAID),
    "dispatch": ("accepted", "dispatch", lambda s: {"lead": pk(s.town.company)}),
    "add-co-handler": ("in_progress", "call in another", lambda s: {"organisation": pk(s.third), "task": "到场"}),
    "waive-co-handler": ("co-handled", "let their part go", lambda s: {"organisation": pk(s.bureau), **WHY}),
    "verify": ("answered", "find it done", {}),
    "ask-resident": ("answered", "", {}),
    "send-back": ("answered", "send it back", WHY),
    "reclassify": ("in_progress", "reclassify", {"urgency": "urgent"}),
    "decide": ("objected", "uphold the objection", WHY | {"kind": "objection", "grant": True}),
    "supervise": ("in_progress", "supervise", WHY),
    "lift-supervision": ("supervised", "supervise no longer", WHY),
    "escalate": ("in_progress", "raise", WHY),
    "publish": ("named", "publish", {"public": True}),
    "remind": ("awaiting", "remind", {}),
    "call-back": (
        "awaiting",
        "ring and note it",
        lambda s: {"call": str(s.calls[s.cases["awaiting"]]), "result": "reached"},
    ),
    "release-photo": ("submitted", "release a photo", lambda s: {"photo": str(s.photos[s.cases["submitted"]])}),
    "hide-photo": ("submitted", "hide a photo", lambda s: {"photo": str(s.photos[s.cases["submitted"]])}),
    "gather": ("accepted", "gather others", lambda s: {"cases": [s.number("spare")]}),
    "separate": ("merged", "separate", WHY),
}


def _not_seen(pattern: str, at: str) -> frozenset[str]:
    """The building head helps from the phone; the desk shows what their body has been given."""
    return frozenset({"building_head"}) if pattern == STEP and at in {"submitted", "named"} else NONE


def at_the_desk(name: str) -> frozenset[str]:
    """Who may take a step of the desk."""
    at, step, _body = DESK_STEPS[name]
    return (_may(step, at) & OFFICE) - _not_seen(STEP, at) if step else NONE


def _steps(pattern: str, part: str, table: Mapping[str, tuple[str, str, Body]], within: frozenset[str]) -> list[Form]:
    return [
        _form(
            pattern,
            body,
            (_may(step, at) & within) - _not_seen(pattern, at) if step else NONE,
            at=at,
            parts={part: name},
            taken={200} if name == "hand_to_worker" else None,  # the page that shows the link, once
        )
        for name, (at, step, body) in table.items()
    ]


def _verbs() -> list[Form]:
    found = []
    for name, (at, step, body) in API_VERBS.items():
        pattern = f"api/v1/cases/<number>/{name}"
        who, more = (_may(step, at) if step else NONE) & TABLE[pattern].who, {}
        if name == "join":  # public here, so for whoever lives somewhere; she is in it already, and told so
            more = {"anywhere": True, "told": frozenset({200, 403})}
        found.append(_form(pattern, body, who, at=at, taken={200}, **more))
    return found


_API_REPORT = {"text": "灯不亮", "category": "lighting", "area": "420303001001-01"}
ENDPOINT_FORMS: Final = (
    _form("api/v1/cases", _with(**_API_REPORT, for_person=_NEIGHBOUR), HELPERS, taken={201}),
    _form("api/v1/common-matters", lambda s: {"report": _API_REPORT, "cases": [s.number("spare")]}, DESK, taken={201}),
    _form(
        "api/v1/similar",
        {"text": "灯不亮", "area": "420303001001-01"},
        HELPERS | HOUSED | {"visitor"},
        taken={200},
        anywhere=True,
        writes=False,
    ),
    _form("api/v1/me/notices/read", {}, HOUSED | {"visitor"}, taken={200}, anywhere=True, writes=False),
    _form(
        "api/v1/cases/<number>/read-phone",
        {"reason": "上门前约时间"},
        DESK,
        at="in_progress",
        taken={200},
        reads={"phone": DESK},
    ),  # her name is hidden: no handler rings her
)
FORMS: Final[tuple[Form, ...]] = (
    *ACCOUNT, *ANNOUNCED, *HOTLINE, *PLACES_FORMS, *PEOPLE_FORMS, *ORGANISATIONS, *SETTINGS, *DESK_FORMS, *VISITS, *_ANSWERING,
    *ENDPOINT_FORMS,
    *_steps(STEP, "name", DESK_STEPS, OFFICE), *_steps(WORK, "deed", WORK_DEEDS, TABLE[WORK].who),
    *_steps(OWN_DEED, "deed", OWN_DEEDS, OFFICE | REPORTER), *_verbs(),
)  # fmt: skip

OPEN_TO_ALL: Final = frozenset(
    pattern for pattern, row in TABLE.items() if row.post and row.anywhere and NOBODY[0] in row.who and row.get != 404
) - {"report/"}
"""Where there is nobody who may not: signing in and out, language and view, the slip, a worker's link."""
BY_SECRET: Final = frozenset(
    {
        "hooks/wechat/",
        "me/name/",
        "me/password/",
        "me/push/",
        "me/push/end/",
        "me/sessions/end/",
        "me/wechat/end/",
        "me/family/<uuid:request_id>/",
    }
)
"""Of one's own account alone, by what only its owner has (name, old password, session, code): tested with it."""

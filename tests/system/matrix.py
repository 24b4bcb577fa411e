"""Who may open what: every page and endpoint, in one table. A route that is not in it fails the tests.

A row names those who may, and where: in the area that the thing lies in (`here`), or wherever their office is
(`anywhere`, for lists, which then show their own area alone). Whoever may not is sent to sign in (nobody signed in),
or told 403 or 404. ``reads`` names who may read what is secret (``town.SECRETS``) on it; nobody else may, anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.system.town import ENDED, NOBODY, OWN, Who
from tongxin.people.roles import ROLES

# Those in office, by what their office is for. Written out: this is what the roles' permissions are checked against.
HIGHER: Final = frozenset({"street_officer", "county_officer", "city_officer"})
KEEPERS: Final = HIGHER
"""Who supervises: the levels above the community."""
APPOINTING: Final = HIGHER | {"community_secretary"}
DESK: Final = APPOINTING | {"community_worker"}
ANNOUNCERS: Final = DESK | {"company_manager"}
"""A company's manager announces in the estates that the company serves, not in all of a community."""
PLACES: Final = DESK | {"system_administrator"}
VERIFIERS: Final = DESK | {"grid_worker"}
REGISTER: Final = VERIFIERS | {"police_officer"}
READERS: Final = REGISTER | {"discipline_inspector"}
HELPERS: Final = REGISTER | {"building_head"}
BODIES: Final = REGISTER | {"security_administrator"}
APPOINTERS: Final = APPOINTING | {"security_administrator"}
RECEIVERS: Final = DESK | {"branch_secretary"}
HANDLERS: Final = DESK | frozenset(
    {
        "grid_worker", "police_officer", "department_officer", "handler", "company_manager", "party_member",
        "volunteer", "building_head", "branch_secretary", "committee_member",
    }
)  # fmt: skip
VISITORS: Final = DESK | {"grid_worker", "party_member", "building_head"}
"""Who visits the households given to them; in the town one is given to the grid worker."""
THE_VISITOR: Final = frozenset({"grid_worker"})
AUDITORS: Final = frozenset({"audit_administrator", "discipline_inspector"})
OFFICE: Final = READERS | HANDLERS
SETTERS: Final = PLACES | {"company_manager", "security_administrator"}
DEPUTIES: Final = frozenset({"deputy"})
RESIDENTS: Final = frozenset({"owner", "resident", "visitor", "reporter"})
REPORTER: Final = frozenset({"reporter"})
SIGNED_IN: Final = RESIDENTS | ROLES.keys()
EVERYBODY: Final = SIGNED_IN | {NOBODY[0]}
PROGRAMS: Final = OFFICE | RESIDENTS
"""Who can have a program act for them: administrators of the system have no scope that one would use."""

Reads = Mapping[str, frozenset[str]]
NO_READS: Final[Reads] = {}
TOLD: Final = DESK | REPORTER
AS_SAID: Final[Reads] = {"name": TOLD, "phone in words": TOLD}
"""A case whose reporter hid her name: in her own words for the desk and herself, masked for all others."""
AT_DESK: Final[Reads] = {"name": DESK, "phone in words": DESK}
HER_NAME: Final[Reads] = {"name": REPORTER}
OWN_WORDS: Final[Reads] = {"name": REPORTER, "phone in words": REPORTER}
REGISTERED: Final[Reads] = {"name": REGISTER}
"""On the register she is a resident like any other."""


@dataclass(frozen=True)
class Row:
    """One route. ``get``: the status for who may; 0 where it only takes what is sent. ``acts``: an empty form, or an
    empty object, is complete, so that it does something for who may. ``parts``: which of the town's things."""

    who: frozenset[str]
    anywhere: bool = False
    get: int = 200
    post: bool = False
    acts: bool = False
    query: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    reads: Reads = field(default_factory=dict)

    def admits(self, who: Who) -> bool:
        """Whether ``who`` may."""
        name, where = who
        if where == ENDED:
            name = "visitor"  # an office that ended gives nothing; they are somebody with a phone
        return name in self.who and (self.anywhere or where == OWN)

    def may_read(self, who: Who, secret: str) -> bool:
        """Whether the answer to ``who`` may hold that."""
        return where_own(who) and who[0] in self.reads.get(secret, ())


def where_own(who: Who) -> bool:
    """Whether somebody's place is the one that everything is in."""
    return who[1] == OWN


def here(
    who: frozenset[str],
    *,
    get: int = 200,
    post: bool = False,
    acts: bool = False,
    query: str = "",
    reads: Reads = NO_READS,
    **parts: str,
) -> Row:
    """For those whose area it is."""
    return Row(who, False, get, post or not get, acts, query, parts, reads)


def anywhere(
    who: frozenset[str],
    *,
    get: int = 200,
    post: bool = False,
    acts: bool = False,
    query: str = "",
    reads: Reads = NO_READS,
    **parts: str,
) -> Row:
    """For those who have such an office, or such a standing, wherever."""
    return Row(who, True, get, post or not get, acts, query, parts, reads)


def _verb(who: frozenset[str], *, acts: bool = False) -> Row:
    return here(who, get=0, acts=acts)


_CASE, _ASKED = {"number": "lamp"}, {"number": "asked"}

PAGES: Final[dict[str, Row]] = {
    # alive
    "healthz": anywhere(EVERYBODY),
    "readyz": anywhere(EVERYBODY),
    # without signal
    "sw.js": anywhere(EVERYBODY),
    "offline/": anywhere(EVERYBODY),
    "offline/token.json": anywhere(EVERYBODY),
    "report/shared/": anywhere(EVERYBODY, get=405, post=True),
    # how it looks
    "language/": anywhere(EVERYBODY, get=0),
    "view/": anywhere(EVERYBODY, get=0),
    # signing in: who is in already is led on
    "sign-in/": anywhere(EVERYBODY, get=302, post=True),
    "sign-in/code/": anywhere(EVERYBODY, get=303, post=True),
    "sign-in/choose/": anywhere(EVERYBODY, get=303, post=True),
    "sign-in/wechat/": anywhere(EVERYBODY, get=404),
    "sign-in/wechat/back/": anywhere(EVERYBODY, get=400),
    "sign-out/": anywhere(EVERYBODY, get=0, acts=True),
    "staff/sign-in/": anywhere(EVERYBODY, post=True),
    "staff/sign-in/password/": anywhere(EVERYBODY, get=303, post=True),
    "staff/sign-in/enrol/": anywhere(EVERYBODY, get=303, post=True),
    "staff/sign-in/code/": anywhere(EVERYBODY, get=303, post=True),
    "staff/sign-in/recovery/": anywhere(EVERYBODY, get=303, post=True),
    # one's own account
    "me/": anywhere(SIGNED_IN, reads=HER_NAME),
    "me/name/": anywhere(SIGNED_IN, get=0),
    "me/push/": anywhere(SIGNED_IN, get=0),
    "me/push/end/": anywhere(SIGNED_IN, get=0),
    "me/password/": anywhere(SIGNED_IN, post=True),
    "me/sessions/end/": anywhere(SIGNED_IN, get=0),
    "me/sessions/end-others/": anywhere(SIGNED_IN, get=0, acts=True),
    "me/wechat/end/": anywhere(SIGNED_IN, get=0),
    "me/tokens/": anywhere(SIGNED_IN, post=True),
    "me/tokens/<uuid:token_id>/revoke/": here(REPORTER, get=0, acts=True),
    "me/home/": anywhere(SIGNED_IN, post=True),
    "me/family/": anywhere(SIGNED_IN, post=True),
    "me/family/<uuid:request_id>/": anywhere(SIGNED_IN, get=303, post=True, request_id="family_request"),
    "me/family/links/<uuid:link_id>/end/": here(VERIFIERS | REPORTER, get=0, acts=True),
    "me/report-in/": anywhere(SIGNED_IN, post=True),
    "notices/": anywhere(SIGNED_IN, reads=AS_SAID),
    "notices/read/": anywhere(SIGNED_IN, get=0, acts=True),
    "notices/<uuid:notice_id>/": here(REPORTER, get=303),
    # the demo is only where it is
    "demo/": anywhere(EVERYBODY, get=404),
    "demo/components/": anywhere(EVERYBODY, get=404),
    "demo/enter/": anywhere(EVERYBODY, get=0),
    # the resident's phone
    "": anywhere(EVERYBODY, reads=OWN_WORDS),
    "report/": anywhere(EVERYBODY, post=True),
    "report/sent/<str:number>/": here(TOLD, **_CASE),
    "report/join/<uuid:case_id>/": anywhere(SIGNED_IN, get=0, acts=True),
    "report/places.json": anywhere(EVERYBODY, get=404),
    "report/here.json": anywhere(EVERYBODY, get=422),
    "report/kinds.json": anywhere(EVERYBODY, get=0),
    "cases/": anywhere(SIGNED_IN, reads=OWN_WORDS),
    "cases/<str:number>/": here(OFFICE | REPORTER, reads=AS_SAID, **_CASE),
    "cases/<str:number>/answer/": here(OFFICE | REPORTER, get=0, **_ASKED),
    "cases/<str:number>/not-solved/": here(OFFICE | REPORTER, post=True, reads=AS_SAID, **_ASKED),
    "cases/<str:number>/do/<str:deed>/": here(OFFICE | REPORTER, get=0, acts=True, deed="urge", **_CASE),
    "cases/<str:number>/settlement/": here(REPORTER, post=True, reads=OWN_WORDS, number="waiting"),
    "cases/<str:number>/word/": here(DESK, post=True, reads=AS_SAID, **_ASKED),
    "cases/<str:number>/word/sheet.pdf": here(DESK, **_ASKED),
    "report/for/": anywhere(HELPERS),
    "visits/": anywhere(VISITORS),
    "visits/<uuid:assignment_id>/": here(THE_VISITOR, post=True),
    "visits/<uuid:assignment_id>/phone/": here(THE_VISITOR, get=0),
    "visits/made/<uuid:visit_id>/": here(DESK | THE_VISITOR, post=True),
    "visits/made/<uuid:visit_id>/form.pdf": here(DESK | THE_VISITOR),
    "visits/made/<uuid:visit_id>/sign/<str:number>/": here(THE_VISITOR, post=True, number="visited"),
    "desk/visits/": anywhere(DESK),
    "desk/visits/export/": anywhere(DESK, get=0, acts=True),
    "desk/visits/plan/": anywhere(DESK, post=True),
    "desk/visits/rhythm/": anywhere(DESK, get=0),
    "seals/": anywhere(EVERYBODY),
    "seals/<str:day>/notice.pdf": anywhere(DESK | AUDITORS | {"system_administrator"}, day="sealed_day"),
    "desk/record/": anywhere(AUDITORS),
    "desk/record/readings/": anywhere(AUDITORS),
    "desk/record/entries/<uuid:entry_id>/": here(AUDITORS, entry_id="entry"),
    "problems/": anywhere(EVERYBODY),
    "problems/<slug:code>/": anywhere(EVERYBODY, code="held"),
    "slip/<str:number>/": here(TOLD, reads=AS_SAID, **_CASE),
    "slip/<str:number>/slip.pdf": here(TOLD, **_CASE),
    "progress/": anywhere(EVERYBODY, post=True),
    "progress/case/": anywhere(EVERYBODY, get=303),
    "progress/prove/": anywhere(EVERYBODY, get=303, post=True),
    "progress/word/": anywhere(EVERYBODY, get=0),
    "public/": anywhere(EVERYBODY),
    "public/map.json": anywhere(EVERYBODY),
    "public/<str:number>/": anywhere(EVERYBODY, **_CASE),
    "public/<str:number>/reopen/": anywhere(RESIDENTS - {"visitor"}, get=0, **_CASE),
    "q/<str:code>": anywhere(EVERYBODY, get=302, code="place_code"),
    "areas/options/": anywhere(EVERYBODY),
    # links that are keys
    "t/<str:token>": anywhere(EVERYBODY, post=True, token="task_token"),
    "f/<str:token>": anywhere(EVERYBODY, get=404, token="nonsense"),
    # the handler's phone
    "work/": anywhere(HANDLERS),
    "work/<str:number>/": here(HANDLERS, reads={"name": DESK, "phone in words": DESK}, **_CASE),
    "work/<str:number>/sheet.pdf": here(OFFICE, **_CASE),
    "work/<str:number>/do/<str:deed>/": here(HANDLERS, get=0, acts=True, deed="claim", **_CASE),
    # the desk: cases
    "desk/": anywhere(OFFICE, query="?show=all", reads={"name": DESK, "phone in words": DESK}),
    "desk/filter/": anywhere(OFFICE),
    "desk/filter/keep/": anywhere(OFFICE, get=0),
    "desk/map/": anywhere(OFFICE, reads={"name": DESK, "phone in words": DESK}),
    "desk/points/": anywhere(OFFICE, reads={"name": DESK, "phone in words": DESK}),
    "desk/many/": anywhere(DESK, get=0),
    "desk/export/": anywhere(DESK | {"company_manager"}, get=0, acts=True),
    "desk/new/": anywhere(HELPERS, post=True),
    "desk/new/guess/": anywhere(HELPERS, get=0),
    "desk/callbacks/": anywhere(DESK, reads=AS_SAID),
    "desk/callbacks/export/": anywhere(DESK, get=0, acts=True),
    "desk/callbacks/<uuid:call_id>/": here(DESK, post=True, reads=AS_SAID),
    "desk/petitions/": anywhere(DESK),
    "desk/cases/<str:number>/": here(OFFICE, reads=AS_SAID, **_CASE),
    "desk/cases/<str:number>/phone/<uuid:party>/": here(DESK, post=True, reads={"name": DESK}, **_CASE),
    "desk/cases/<str:number>/photos/<uuid:photo_id>/": here(DESK, post=True, reads=AS_SAID, **_CASE),
    "desk/cases/<str:number>/parties/": here(DESK, post=True, reads=AT_DESK, number="waiting"),
    "desk/cases/<str:number>/parties/export/": here(DESK, get=0, acts=True, number="waiting"),
    "desk/cases/<str:number>/parties/sheet.pdf": here(DESK, number="waiting"),
    "desk/cases/<str:number>/<slug:name>/": here(OFFICE, post=True, reads=AS_SAID, name="note", **_CASE),
    # deputies
    "deputies/": anywhere(EVERYBODY),
    "deputies/suggestions/": anywhere(EVERYBODY),
    "deputies/<uuid:seat_id>/": anywhere(EVERYBODY, post=True),
    "desk/deputy/": anywhere(DEPUTIES),
    "desk/deputy/opinions/new/": anywhere(DEPUTIES, post=True),
    "desk/deputy/opinions/<uuid:opinion_id>/aside/": here(DEPUTIES, get=0),
    "desk/deputy/suggest/": anywhere(DEPUTIES, get=303, post=True),
    "desk/deputy/suggestions/": anywhere(DEPUTIES),
    "desk/deputy/suggestions/<str:number>/": here(DEPUTIES, post=True, number="suggestion"),
    "desk/suggestions/": anywhere(HIGHER),
    "desk/suggestions/<str:number>/complex/": here(HIGHER, get=0, number="suggestion"),
    # the desk: settings
    "desk/settings/": anywhere(SETTERS),
    "desk/settings/categories/": anywhere(HIGHER),
    "desk/settings/categories/new/": anywhere(HIGHER, post=True),
    "desk/settings/categories/<str:code>/": anywhere(HIGHER, post=True, code="lighting"),
    "desk/settings/limits/": anywhere(HIGHER, post=True),
    "desk/settings/channels/": anywhere(ANNOUNCERS, post=True),
    "desk/settings/practice/": anywhere(HIGHER, post=True, acts=True),
    "desk/settings/suggestions/": anywhere(HIGHER, post=True),
    "desk/settings/routes/": anywhere(HIGHER, post=True),
    "desk/settings/routes/<uuid:route_id>/end/": here(HIGHER, get=0, acts=True),
    "desk/settings/answers/": anywhere(DESK, post=True),
    "desk/settings/answers/<uuid:template_id>/": here(DESK, post=True),
    "desk/settings/levels/": anywhere(PLACES, post=True),
    "desk/settings/system/": anywhere(frozenset({"system_administrator"})),
    "desk/settings/accounts/": anywhere(APPOINTERS),
    "desk/settings/accounts/<uuid:person_id>/": here(APPOINTERS, post=True, person_id="officer"),
    # announcements
    "announcements/": anywhere(EVERYBODY),
    "announcements/<uuid:announcement_id>/": anywhere(EVERYBODY),
    "desk/announcements/": anywhere(ANNOUNCERS | VERIFIERS),
    "desk/announcements/new/": anywhere(ANNOUNCERS, post=True),
    "desk/announcements/<uuid:announcement_id>/": here(DESK, post=True),
    "desk/announcements/<uuid:announcement_id>/doors/": here(VERIFIERS, post=True),
    "desk/announcements/<uuid:announcement_id>/paper.pdf": here(VERIFIERS),
    "desk/hotline/": anywhere(DESK, post=True),
    "desk/hotline/answers/": anywhere(DESK, get=0),
    "desk/hotline/sources/": anywhere(HIGHER, post=True),
    "desk/hotline/<uuid:ticket_id>/": here(DESK, post=True),
    "hotline/v1/<slug:source>/tickets": anywhere(EVERYBODY, get=0, source="sy12345"),
    "hotline/v1/<slug:source>/answers": anywhere(EVERYBODY, get=401, source="sy12345"),
    "hooks/sms/<str:secret>/": anywhere(EVERYBODY, get=0, secret="nobody-knows"),
    "hooks/wechat/": anywhere(EVERYBODY, get=404, post=True),
    # the desk: places
    "desk/places/": anywhere(PLACES),
    "desk/places/areas/<str:code>/": here(PLACES),
    "desk/places/areas/<str:code>/edit/": here(PLACES, post=True),
    "desk/places/areas/<str:code>/add/": here(PLACES, post=True),
    "desk/places/areas/<str:code>/grids/": here(PLACES, post=True, code="community_code"),
    "desk/places/areas/<str:code>/posters.pdf": here(PLACES, get=0, acts=True),
    "desk/places/grids/<uuid:grid_id>/": here(PLACES, post=True),
    "desk/places/buildings/<uuid:building_id>/": here(PLACES),
    "desk/places/buildings/<uuid:building_id>/edit/": here(PLACES, post=True),
    "desk/places/units/<uuid:unit_id>/": here(PLACES),
    "desk/places/units/<uuid:unit_id>/edit/": here(PLACES, post=True),
    "desk/places/homes/<uuid:home_id>/": here(PLACES, post=True),
    "desk/places/<str:kind>/<uuid:place_id>/poster.pdf": here(
        PLACES, get=0, acts=True, kind="building", place_id="building_id"
    ),
    "desk/places/<str:kind>/<uuid:place_id>/stickers.pdf": here(
        PLACES, get=0, acts=True, kind="unit", place_id="unit_id"
    ),
    "desk/places/imports/": anywhere(PLACES, post=True),
    "desk/places/imports/template/<str:kind>.xlsx": anywhere(PLACES, kind="homes"),
    "desk/places/imports/<uuid:batch_id>/": here(PLACES, post=True),
    "desk/places/imports/<uuid:batch_id>/problems.csv": here(PLACES),
    "desk/places/calendar/": anywhere(frozenset({"system_administrator"}), post=True),
    # the desk: people
    "desk/people/": anywhere(REGISTER, reads=REGISTERED),
    "desk/people/export/": anywhere(DESK, get=0, acts=True),
    "desk/people/new/": anywhere(DESK, post=True),
    "desk/people/homes/<uuid:home_id>/": here(REGISTER, reads=REGISTERED),
    "desk/people/homes/<uuid:home_id>/owner/": here(DESK, post=True),
    "desk/people/residences/<uuid:residence_id>/end/": here(DESK, get=0),
    "desk/people/households/<uuid:household_id>/end/": here(DESK, get=0),
    "desk/people/households/<uuid:household_id>/traits/": here(DESK, get=0),
    "desk/people/tenancies/<uuid:tenancy_id>/end/": here(DESK, get=0),
    "desk/people/<uuid:person_id>/": here(REGISTER),
    "desk/people/<uuid:person_id>/edit/": here(DESK, post=True),
    "desk/people/<uuid:person_id>/reveal/": here(VERIFIERS, get=0),
    "desk/people/<uuid:person_id>/home/": here(DESK, post=True),
    "desk/report-ins/": anywhere(RECEIVERS),
    "desk/report-ins/<uuid:row_id>/": here(RECEIVERS, get=0, acts=True),
    "desk/verify/": anywhere(VERIFIERS),
    "desk/verify/<uuid:request_id>/": here(VERIFIERS, post=True, reads=REGISTERED),
    # the desk: organisations
    "desk/organisations/": anywhere(BODIES),
    "desk/organisations/export/": anywhere(DESK, get=0, acts=True),
    "desk/organisations/new/": anywhere(APPOINTING, post=True),
    "desk/organisations/<uuid:organisation_id>/": here(BODIES),
    "desk/organisations/<uuid:organisation_id>/edit/": here(APPOINTING, post=True),
    "desk/organisations/<uuid:organisation_id>/end/": here(APPOINTING, get=0, acts=True),
    "desk/organisations/<uuid:organisation_id>/tree/": here(BODIES),
    "desk/organisations/<uuid:organisation_id>/units/": here(APPOINTING, get=0),
    "desk/organisations/<uuid:organisation_id>/units/<uuid:membership_id>/end/": here(APPOINTING, get=0, acts=True),
    "desk/organisations/<uuid:organisation_id>/services/": here(APPOINTING, get=0),
    "desk/organisations/<uuid:organisation_id>/services/<uuid:service_id>/end/": here(APPOINTING, get=0, acts=True),
    "desk/organisations/<uuid:organisation_id>/appoint/": here(APPOINTERS, post=True),
    "desk/organisations/offices/<uuid:appointment_id>/": here(BODIES, post=True),
}

ENDPOINTS: Final[dict[str, Row]] = {
    "openapi.json": anywhere(EVERYBODY),
    "me": anywhere(PROGRAMS, reads=HER_NAME),
    "categories": anywhere(PROGRAMS),
    "areas": anywhere(PROGRAMS),
    "areas/<code>": anywhere(PROGRAMS),
    "areas/<code>/buildings": anywhere(PROGRAMS),
    "buildings/<building>/units": anywhere(PROGRAMS, building="building_id"),
    "units/<unit>/homes": anywhere(PROGRAMS, unit="unit_id"),
    "codes/<code>": anywhere(PROGRAMS, code="place_code"),
    "me/cases": anywhere(RESIDENTS, reads=OWN_WORDS),
    "me/family": anywhere(RESIDENTS),
    "me/notices": anywhere(RESIDENTS, reads=AS_SAID),
    "me/notices/read": anywhere(RESIDENTS, get=0, acts=True),
    "notices": anywhere(HANDLERS, reads=AT_DESK),
    "me/helped-cases": anywhere(HELPERS),
    "people-to-help": anywhere(HELPERS, query="?name=欧阳", reads={"name": HELPERS}),
    "organisations": here(DESK | HANDLERS, query="?area=420303001001-01"),
    "organisations/<organisation>/people": here(
        DESK | {role for role in HANDLERS if role not in {"grid_worker", "police_officer"}},
        organisation="organisation_id",
    ),
    "similar": anywhere(HELPERS | RESIDENTS, get=0),
    "call-backs": anywhere(DESK, reads=AS_SAID),
    "tasks": anywhere(HANDLERS),
    "queue": anywhere(READERS, query="?show=all", reads=AS_SAID),
    "cases": anywhere(HELPERS | RESIDENTS, get=0),
    "common-matters": anywhere(DESK, get=0),
    "cases/<number>": here(OFFICE | REPORTER, reads=AS_SAID, **_CASE),
    "cases/<number>/receipt": here(DESK | REPORTER, **_CASE),
    "cases/<number>/answer-templates": here(DESK | HANDLERS, **_CASE),
    "cases/<number>/read-phone": here(DESK | HANDLERS, get=0, **_CASE),
    "cases/<number>/photos/<photo>/blur": Row(DESK, get=0, parts=_CASE | {"photo": "photo_id"}),  # put alone
    "progress": anywhere(EVERYBODY, get=0),
    "public/proofs": anywhere(EVERYBODY, get=422),
    "public/seals": anywhere(EVERYBODY),
    "public/cases": anywhere(EVERYBODY, query="?area=420303001001"),
    "public/cases/<number>": anywhere(EVERYBODY, **_CASE),
}
_RESIDENTS_VERBS = ("confirm", "not-solved", "rate", "withdraw", "provide-information")
_HANDLERS_VERBS = (
    "claim", "start", "answer", "answer-sub-task", "object", "request-extension", "request-suspension", "put-back",
    "hand-to-worker",
)  # fmt: skip
_OFFICES_VERBS = ("hand-over", "request-information", "resume", "add-co-handler")
_DESKS_VERBS = (
    "accept", "decline", "answer-directly", "dispatch", "waive-co-handler", "verify", "ask-resident", "send-back",
    "reclassify", "decide", "escalate", "publish", "gather", "separate", "remind", "call-back", "release-photo",
    "hide-photo",
)  # fmt: skip
_VERBS: Final[dict[str, Row]] = (
    {name: _verb(HELPERS | REPORTER, acts=name == "withdraw") for name in _RESIDENTS_VERBS}
    | {name: _verb(HANDLERS, acts=name == "claim") for name in _HANDLERS_VERBS}
    | {name: _verb(OFFICE) for name in _OFFICES_VERBS}
    | {name: _verb(DESK) for name in _DESKS_VERBS}
    | {name: _verb(KEEPERS) for name in ("supervise", "lift-supervision")}
    | {
        "join": anywhere(HELPERS | RESIDENTS, get=0, acts=True),
        "urge": _verb(HELPERS | DESK | REPORTER, acts=True),
        "reopen": _verb(HELPERS | DESK | RESIDENTS),
        "not-mine": _verb(REPORTER),
        "note": _verb(OFFICE | REPORTER),
    }
)
TABLE: Final[dict[str, Row]] = (
    PAGES
    | {f"api/v1/{path}": row for path, row in ENDPOINTS.items()}
    | {
        f"api/v1/cases/<number>/{name}": Row(row.who, row.anywhere, 0, True, row.acts, parts=_CASE)
        for name, row in _VERBS.items()
    }
)
"""The whole house."""

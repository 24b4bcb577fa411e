"""Who may call what: the one table of the interface. A route without a row here does not start.

The scopes say what a token was made for. Whether its person or office may do this to this case is decided by the same
operations and queries as on the pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tongxin.people.rules.tokens import OWN_READ, OWN_WRITE


@dataclass(frozen=True, slots=True)
class Policy:
    """``public``: without a token. Otherwise any one of ``scopes`` is needed; with none, any token does."""

    public: bool = False
    scopes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "public" if self.public else "token " + ("|".join(self.scopes) or "any")


PUBLIC: Final = Policy(public=True)
ANY: Final = Policy()
_DESK = ("case.desk", "case.supervise")
_OFFICE = ("case.handle", *_DESK)
_RESIDENT = (OWN_WRITE, "case.submit_for")


def _needs(*scopes: str) -> Policy:
    return Policy(scopes=scopes)


POLICIES: Final[dict[str, Policy]] = {
    # without a token
    "getProgress": PUBLIC,
    "listPublicCases": PUBLIC,
    "getPublicCase": PUBLIC,
    "listSeals": PUBLIC,
    "getProof": PUBLIC,
    # any token
    "getMe": ANY,
    "listCategories": ANY,
    "listAreas": ANY,
    "getArea": ANY,
    "listBuildings": ANY,
    "listUnits": ANY,
    "listHomes": ANY,
    "getPlaceOfCode": ANY,
    # reading cases
    "listMyCases": _needs(OWN_READ),
    "listTasks": _needs("case.handle"),
    "listQueue": _needs("case.read", *_DESK),
    "getCase": _needs(OWN_READ, "case.read", "case.submit_for", *_OFFICE),
    "getReceipt": _needs(OWN_READ, "case.read", "case.submit_for", *_OFFICE),
    # who and what a call may name
    "listMyFamily": _needs(OWN_READ),
    "listNotices": _needs(OWN_READ),
    "markNoticesRead": _needs(OWN_WRITE),
    "listOfficeNotices": _needs(*_OFFICE),
    "listHelpedCases": _needs("case.submit_for"),
    "findPeopleToHelp": _needs("case.submit_for"),
    "listOrganisations": _needs(*_OFFICE),
    "listColleagues": _needs(*_OFFICE),
    "listAnswerTemplates": _needs(*_OFFICE),
    "findSimilar": _needs(*_RESIDENT),
    "listCallBacks": _needs("case.callback"),
    "readPhone": _needs("case.handle", "people.read_sensitive"),
    "blurPhoto": _needs("file.release"),
    # reporting
    "submitCase": _needs(*_RESIDENT),
    "makeCommonMatter": _needs("case.desk"),
    # those whom it concerns
    "confirm": _needs(*_RESIDENT),
    "not-solved": _needs(*_RESIDENT),
    "rate": _needs(*_RESIDENT),
    "reopen": _needs(*_RESIDENT, *_DESK),
    "withdraw": _needs(*_RESIDENT),
    "join": _needs(*_RESIDENT),
    "urge": _needs(*_RESIDENT, *_DESK),
    "provide-information": _needs(*_RESIDENT),
    "not-mine": _needs(OWN_WRITE),
    # those who work on it
    "claim": _needs("case.handle"),
    "start": _needs("case.handle"),
    "answer": _needs("case.handle"),
    "answer-sub-task": _needs("case.handle"),
    "object": _needs("case.handle"),
    "request-extension": _needs("case.handle"),
    "request-suspension": _needs("case.handle"),
    "put-back": _needs("case.handle"),
    "hand-over": _needs(*_OFFICE),
    "hand-to-worker": _needs("case.handle"),
    "request-information": _needs(*_OFFICE),
    "resume": _needs(*_OFFICE),
    "note": _needs(OWN_WRITE, *_OFFICE),
    # the desk
    "accept": _needs(*_DESK),
    "decline": _needs(*_DESK),
    "answer-directly": _needs(*_DESK),
    "dispatch": _needs(*_DESK),
    "add-co-handler": _needs(*_OFFICE),
    "waive-co-handler": _needs(*_DESK),
    "verify": _needs(*_DESK),
    "ask-resident": _needs(*_DESK),
    "remind": _needs(*_DESK),
    "call-back": _needs("case.callback"),
    "release-photo": _needs("file.release"),
    "hide-photo": _needs("file.release"),
    "send-back": _needs(*_DESK),
    "reclassify": _needs(*_DESK),
    "decide": _needs(*_DESK),
    "supervise": _needs("case.supervise"),
    "lift-supervision": _needs("case.supervise"),
    "escalate": _needs(*_DESK),
    "publish": _needs("case.desk"),
    "gather": _needs(*_DESK),
    "separate": _needs(*_DESK),
}

"""Roles are sets of permissions: a table in code, which a test prints (docs/roles.md)."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

PERMISSIONS: Final[dict[str, str]] = {
    "case.read": "read cases of the area, with names and internal notes",
    "case.submit_for": "file or book for a resident, with both names on the record",
    "case.desk": "accept, decline, dispatch, verify and close cases of the area",
    "case.handle": "claim, work on and answer cases given to one's organisation",
    "case.supervise": "supervise cases of the areas below, and decide where one was raised to that level",
    "case.callback": "ring reporters and note what they say",
    "case.see_reporter": "see a reporter who is hidden by name",
    "case.export": "export lists to Excel",
    "case.configure": "edit categories, clocks and routes",
    "announce.write": "write announcements to the people of the area",
    "hotline.read": "read the tickets of hotlines of the area",
    "hotline.manage": "take in tickets of hotlines, adopt what they changed, and send answers again",
    "file.release": "release photos to the public, blurred where needed",
    "places.manage": "edit and import estates, buildings, units, homes and grids",
    "people.read": "read the register of the area",
    "people.read_sensitive": "read phones and ID numbers in clear, each time on the record",
    "people.export": "export the register to Excel, numbers masked",
    "people.manage": "edit and import persons, households, ownership and tenancy",
    "people.verify": "confirm residents and owners of the area, also by a visit",
    "people.appoint": "make and end appointments in the area",
    "organisations.manage": "edit organisations, their services and memberships",
    "party.report_in": "receive party members who report in",
    "visit.make": "visit the households given to them, and write down what they found there",
    "visit.plan": "share out households among visitors, and set the rhythm of an area",
    "visit.read": "see who was visited when in the area, and who was missed",
    "system.administer": "settings, backups, integrations and accounts' lockouts",
    "security.administer": "roles, sessions and lockouts of others",
    "audit.read": "read the record and the log of readings",
    "deputy.act": "collect opinions and file suggestions as a deputy of the area",
    "token.manage": "make API tokens for an organisation",
}

READER = frozenset({"case.read", "people.read"})
# Who sits at a desk also works on what is given to their own body; what they do themselves they do not check.
_DESK = READER | {
    "case.handle",
    "case.submit_for",
    "case.desk",
    "case.callback",
    "case.see_reporter",
    "case.export",
    "announce.write",
    "hotline.read",
    "hotline.manage",
    "file.release",
    "places.manage",
    "people.read_sensitive",
    "people.export",
    "people.manage",
    "people.verify",
    "party.report_in",
    "visit.make",
    "visit.plan",
    "visit.read",
}
_HIGHER = _DESK | {"case.supervise", "case.configure", "people.appoint", "organisations.manage", "token.manage"}

ROLES: Final[dict[str, frozenset[str]]] = {
    "community_worker": _DESK,
    "community_secretary": _DESK | {"people.appoint", "organisations.manage"},
    "grid_worker": READER | {"case.submit_for", "case.handle", "people.verify", "people.read_sensitive", "visit.make"},
    "police_officer": READER | {"case.handle", "case.submit_for"},
    "street_officer": _HIGHER,
    "county_officer": _HIGHER,
    "city_officer": _HIGHER,
    "department_officer": frozenset({"case.handle"}),
    "handler": frozenset({"case.handle"}),
    "company_manager": frozenset({"case.handle", "case.export", "token.manage", "announce.write"}),
    "party_member": frozenset({"case.handle", "visit.make"}),
    "volunteer": frozenset({"case.handle"}),
    "building_head": frozenset({"case.handle", "case.submit_for", "visit.make"}),
    "branch_secretary": frozenset({"case.handle", "party.report_in"}),
    "committee_member": frozenset({"case.handle"}),
    "deputy": frozenset({"deputy.act"}),
    "discipline_inspector": frozenset({"case.read", "audit.read"}),
    "system_administrator": frozenset({"system.administer", "places.manage"}),
    "security_administrator": frozenset({"security.administer"}),
    "audit_administrator": frozenset({"audit.read"}),
}

ROLE_NAMES: Final = {
    "community_worker": _("Community worker"),
    "community_secretary": _("Community party secretary"),
    "grid_worker": _("Grid worker"),
    "police_officer": _("Community police officer"),
    "street_officer": _("Street officer"),
    "county_officer": _("County officer"),
    "city_officer": _("City officer"),
    "department_officer": _("Department officer"),
    "handler": _("Handler"),
    "company_manager": _("Property company manager"),
    "party_member": _("Party member on duty"),
    "volunteer": _("Volunteer"),
    "building_head": _("Building head"),
    "branch_secretary": _("Branch secretary"),
    "committee_member": _("Owners' committee member"),
    "deputy": _("Deputy"),
    "discipline_inspector": _("Discipline inspector"),
    "system_administrator": _("System administrator"),
    "security_administrator": _("Security administrator"),
    "audit_administrator": _("Audit administrator"),
}

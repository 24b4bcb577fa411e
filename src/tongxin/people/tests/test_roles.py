"""Roles and permissions: the table in code is the one that docs/roles.md prints.

After a change of the table run `TONGXIN_WRITE_DOCS=1 pytest src/tongxin/people/tests/test_roles.py`.
"""

import os
from pathlib import Path

from django.utils.translation import override

from tongxin.people.roles import PERMISSIONS, ROLE_NAMES, ROLES
from tongxin.people.rules.trust import ACTIONS, LEVEL_NAMES

DOC = Path(__file__).resolve().parents[4] / "docs" / "roles.md"


def printed() -> str:
    with override("en"):
        names = {role: str(name) for role, name in ROLE_NAMES.items()}
    lines = [
        "# Roles and permissions",
        "",
        "Printed from `src/tongxin/people/roles.py` by a test; do not edit. An appointment gives its role's permissions",
        "in its area and all below it, while it lasts, and only in a session that passed the second factor. Residents",
        "need no role: what they may do depends on how well they are known (`people/rules/trust.py`, printed last).",
        "",
        "## Permissions",
        "",
        "| permission | allows to |",
        "|---|---|",
        *(f"| `{permission}` | {words} |" for permission, words in sorted(PERMISSIONS.items())),
        "",
        "## Roles",
        "",
        "| role | code | permissions |",
        "|---|---|---|",
        *(
            f"| {names[role]} | `{role}` | {', '.join(f'`{one}`' for one in sorted(permissions))} |"
            for role, permissions in ROLES.items()
        ),
        "",
        "## Levels of trust",
        "",
        "| to do this in one's own name | takes | code |",
        "|---|---|---|",
        *(
            f"| {action.words} | {LEVEL_NAMES[action.needs]} | `{name}` |"
            for name, action in sorted(ACTIONS.items(), key=lambda row: row[1].needs)
        ),
        "",
    ]
    return "\n".join(lines)


def test_the_document_is_the_table():
    if os.environ.get("TONGXIN_WRITE_DOCS"):
        DOC.write_text(printed(), encoding="utf-8")
    assert DOC.read_text(encoding="utf-8") == printed(), "run it once with TONGXIN_WRITE_DOCS=1"


def test_every_role_has_a_name_and_only_known_permissions():
    assert ROLES.keys() == ROLE_NAMES.keys()
    assert not set().union(*ROLES.values()) - PERMISSIONS.keys()


def test_every_permission_is_held_by_some_role():
    assert not PERMISSIONS.keys() - set().union(*ROLES.values())


def test_system_security_and_audit_are_three_different_roles():
    three = [ROLES[f"{kind}_administrator"] for kind in ("system", "security", "audit")]
    assert not three[0] & three[1] and not three[1] & three[2] and not three[0] & three[2]


def test_nobody_who_administers_reads_the_register():
    for kind in ("system", "security", "audit"):
        assert not {"people.read_sensitive", "case.see_reporter"} & ROLES[f"{kind}_administrator"]

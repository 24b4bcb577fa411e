"""The party's own tree, and who may join a general party committee. Kinds are those of the organisations' table."""

from __future__ import annotations

from typing import Final

from tongxin.kernel.errors import Invalid

# 街道党工委 → 社区大党委 → 小区党支部 → 楼栋党小组 → 党员中心户; each stands directly below one of those named.
PARTY_PARENTS: Final[dict[str, frozenset[str]]] = {
    "party_committee": frozenset({"party_committee"}),
    "general_party_committee": frozenset({"party_committee"}),
    "party_branch": frozenset({"party_committee", "general_party_committee"}),
    "party_group": frozenset({"party_branch", "general_party_committee"}),
    "member_household": frozenset({"party_group", "party_branch"}),
}
PARTY_KINDS: Final = frozenset(PARTY_PARENTS)

JOINABLE: Final = frozenset(
    {
        "partner_unit",
        "property_company",
        "owners_committee",
        "merchant",
        "social",
        "volunteers",
        "school",
        "health",
        "police",
        "utility",
        "department",
        "other",
    }
)


def check_parent(kind: str, parent_kind: str) -> None:
    """Raise :class:`Invalid` if a body of ``kind`` cannot stand below one of ``parent_kind``.

    The party's tree keeps its order; other bodies stand below bodies that are not the party's.
    """
    fits = parent_kind in PARTY_PARENTS[kind] if kind in PARTY_KINDS else parent_kind not in PARTY_KINDS
    if not fits:
        raise Invalid("It cannot stand below a body of that kind.", field="parent_id", code="parent-unfit")

"""Who may give which office to whom: nobody to themselves, nobody more than they hold, and three offices kept apart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed

# 等保 2.0: the three administrators watch one another, so no person holds two of these offices.
SEPARATED: Final = frozenset({"system_administrator", "security_administrator", "audit_administrator"})
# Offices that watch over others; those who may appoint in an area cannot choose their own watchers.
BY_SECURITY: Final = SEPARATED | {"discipline_inspector"}
# It reaches only what is given to the holder's own organisation, so giving it away gives no power over the area.
OWN_WORK: Final = frozenset({"case.handle"})


def check_may_appoint(actor: Actor, *, person_id: UUID, role: str, permissions: frozenset[str], area_path: str) -> None:
    """Raise unless the actor may give this role (with its permissions) in the area to the person.

    Errors: :class:`NotAllowed` for oneself, without ``people.appoint`` there, or when the role has permissions that
    the actor lacks there. The watching offices are given by a security administrator only, and never to themselves.
    """
    if actor.is_system:
        return
    if actor.person_id == person_id:
        raise NotAllowed("Nobody appoints themselves.", code="appoint-oneself")
    if role in BY_SECURITY:
        actor.require("security.administer", area_path)
        return
    actor.require("people.appoint", area_path)
    missing = sorted(p for p in permissions - OWN_WORK if not actor.may(p, area_path))
    if missing:
        raise NotAllowed(
            "You cannot give an office that may do more here than you may.",
            code="appoint-more-than-own",
            permissions=", ".join(missing),
        )


def check_separation(role: str, held: Iterable[str]) -> None:
    """Raise :class:`Conflict` if a person who holds the offices ``held`` in the same period would get a second of
    the three administrators' offices (网络安全等级保护: 系统、安全、审计管理员分设)."""
    if role in SEPARATED and (SEPARATED & set(held)) - {role}:
        raise Conflict(
            "One person cannot hold two of the offices of system, security and audit administrator.",
            code="administrators-apart",
        )


def check_successor(*, leaving: UUID, successor: UUID | None, stand_in: bool) -> None:
    """Raise :class:`Invalid` if an office would be handed to the person who leaves it, or a leave's place to somebody
    for good: another stand-in is named instead."""
    if successor == leaving:
        raise Invalid("The successor is the person who leaves.", field="successor", code="own-successor")
    if stand_in and successor is not None:
        raise Invalid(
            "A stand-in has no successor. End it, then name another stand-in.",
            field="successor",
            code="stand-in-succeeded",
        )

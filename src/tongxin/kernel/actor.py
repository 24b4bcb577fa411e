"""Who acts, and what they may do.

The shell builds an :class:`Actor` for every request from the appointments of that moment; operations of every layer
ask ``actor.may(permission, area_path)``, so that the lower layers need to know nothing about persons or roles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from uuid import UUID

from tongxin.kernel.errors import NotAllowed


class Trust(IntEnum):
    """How well we know who somebody is. Each level includes those below it."""

    NOBODY = 0  # not signed in
    VISITOR = 1  # holds a phone
    RESIDENT = 2  # matched with the register, or confirmed by a grid worker's visit
    OWNER = 3  # in the property register, or proved the delivery of the home


@dataclass(frozen=True, slots=True)
class Grant:
    """What one appointment allows: permissions within an area and everything below it, for an organisation."""

    role: str
    permissions: frozenset[str]
    area_path: str
    organisation_id: UUID | None = None
    appointment_id: UUID | None = None

    def covers(self, permission: str, area_path: str) -> bool:
        """True if the permission is in the grant and the area is the grant's area or lies below it."""
        return permission in self.permissions and area_path.startswith(self.area_path)


@dataclass(frozen=True, slots=True)
class Actor:
    """An acting person, programme or the system itself.

    ``grants`` is empty unless the session passed the second factor. ``home_paths`` are the areas where the person
    lives or owns (levels of trust hold there), ``home_ids`` the homes themselves. ``kind`` is ``person``, ``system``,
    ``token``, ``link`` (a worker without an account) or ``slip`` (whoever holds the slip of a reporter who is not in the
    register).
    """

    id: UUID
    kind: str = "person"
    person_id: UUID | None = None
    name: str = ""
    trust: Trust = Trust.NOBODY
    home_paths: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = field(default=())
    scopes: frozenset[str] | None = None
    home_ids: frozenset[UUID] = frozenset()

    @property
    def is_system(self) -> bool:
        return self.kind == "system"

    @property
    def signed_in(self) -> bool:
        return self.person_id is not None

    def may(self, permission: str, area_path: str) -> bool:
        """True if a grant gives ``permission`` in the area. The system may do everything."""
        if self.is_system:
            return True
        if self.scopes is not None and permission not in self.scopes:
            return False
        return any(grant.covers(permission, area_path) for grant in self.grants)

    def may_somewhere(self, permission: str) -> bool:
        """True if some grant holds the permission, wherever that is."""
        return self.is_system or any(True for _ in self.areas_with(permission))

    def areas_with(self, permission: str) -> Iterator[str]:
        """Paths of the areas in which the permission is held. Nothing for the system: it is not bound to areas."""
        if self.scopes is not None and permission not in self.scopes:
            return
        for grant in self.grants:
            if permission in grant.permissions:
                yield grant.area_path

    def organisations_with(self, permission: str) -> frozenset[UUID]:
        """Organisations for which the actor holds the permission."""
        if self.scopes is not None and permission not in self.scopes:
            return frozenset()
        return frozenset(
            grant.organisation_id
            for grant in self.grants
            if grant.organisation_id is not None and permission in grant.permissions
        )

    def organisations(self) -> frozenset[UUID]:
        """Organisations in which the actor holds any office."""
        return frozenset(g.organisation_id for g in self.grants if g.organisation_id is not None)

    def require(self, permission: str, area_path: str) -> None:
        """Raise :class:`NotAllowed` unless ``may`` holds."""
        if not self.may(permission, area_path):
            raise NotAllowed("You have no permission for this here.", code="no-permission", permission=permission)


SYSTEM_ID = UUID("00000000-0000-7000-8000-000000000001")
SYSTEM = Actor(id=SYSTEM_ID, kind="system", name="Tongxin")
NOBODY = Actor(id=UUID("00000000-0000-7000-8000-000000000000"), kind="nobody")

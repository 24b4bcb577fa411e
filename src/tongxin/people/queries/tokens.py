"""Reads of tokens: who acts by one, and which there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tongxin.kernel.actor import Actor
from tongxin.kernel.crypto import digest
from tongxin.people.models import ApiToken, Appointment
from tongxin.people.queries.actors import actor_of_appointment, actor_of_person
from tongxin.people.queries.areas import current, day_of
from tongxin.people.roles import ROLES
from tongxin.people.rules import tokens as rules
from tongxin.people.rules.appointing import OWN_WORK


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as its owner sees it; the secret is nowhere any more."""

    id: UUID
    name: str
    scopes: tuple[str, ...]
    person_id: UUID | None
    appointment_id: UUID | None
    created_at: datetime
    expires_at: datetime
    last_used_on: date | None
    revoked_at: datetime | None
    holder: str = ""  # whose office it is

    @property
    def acts_as(self) -> UUID:
        """The appointment or person for whom it acts: stays the same when one token takes the place of another."""
        return self.appointment_id or self.person_id or self.id


def token_row(token: ApiToken) -> TokenRow:
    """The row as pages and answers may have it."""
    return TokenRow(
        token.pk,
        token.name,
        tuple(token.scopes),
        token.person_id,
        token.appointment_id,
        token.created_at,
        token.expires_at,
        token.last_used_on,
        token.revoked_at,
    )


def actor_of_token(secret: str, now: datetime) -> tuple[Actor, TokenRow] | None:
    """Who acts by this secret at this moment, or None if it opens nothing (any more). Three queries at most.

    The actor has the grants that the appointment gives today, narrowed by the token's scopes; an appointment or an account
    that has ended takes its tokens along.
    """
    if not secret.startswith(rules.SECRET_PREFIX) or not secret.isascii():
        return None
    token = ApiToken.objects.filter(secret_hash=digest(secret.encode()), revoked_at=None, expires_at__gt=now).first()
    if token is None:
        return None
    actor: Actor | None = None
    if token.appointment_id is not None:
        actor = actor_of_appointment(token.appointment_id, now)
    elif token.person_id is not None:
        actor = actor_of_person(token.person_id, now)
    if actor is None:
        return None
    return replace(actor, id=token.pk, kind="token", scopes=frozenset(token.scopes)), token_row(token)


def own_tokens(actor: Actor) -> Sequence[TokenRow]:
    """The actor's personal tokens, the newest first."""
    if actor.person_id is None:
        return []
    rows = ApiToken.objects.filter(person_id=actor.person_id).order_by("-id")
    return [token_row(row) for row in rows[:100]]


def office_tokens(actor: Actor) -> Sequence[TokenRow]:
    """Tokens of appointments in the organisations for which the actor manages tokens, the newest first."""
    organisations = actor.organisations_with("token.manage")
    rows = ApiToken.objects.filter(appointment__organisation_id__in=organisations).order_by("-id")
    rows = rows.select_related("appointment__person")
    return [
        replace(token_row(row), holder=row.appointment.person.name) for row in rows[:200] if row.appointment is not None
    ]


def state_of(token: ApiToken) -> dict[str, Any]:
    """What the record commits to: a token slipped in or widened behind its back is then found."""
    return {
        "name": token.name,
        "secret_hash": bytes(token.secret_hash).hex(),
        "person": token.person_id,
        "appointment": token.appointment_id,
        "scopes": sorted(token.scopes),
        "created_by": token.created_by,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
    }


def token_states(ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The committed fields of the given tokens."""
    return {token.pk: state_of(token) for token in ApiToken.objects.filter(pk__in=ids)}


def token_ids() -> Iterator[UUID]:
    """Ids of all tokens, in bounded memory."""
    return ApiToken.objects.order_by("id").values_list("id", flat=True).iterator(chunk_size=2000)


@dataclass(frozen=True, slots=True)
class OfficeChoice:
    """An office for which the actor may make tokens, and the scopes that such a token could have."""

    id: UUID
    name: str
    role: str
    organisation: str
    scopes: tuple[str, ...]


def offices_to_choose(actor: Actor, now: datetime) -> Sequence[OfficeChoice]:
    """Offices in the organisations for which the actor manages tokens, at most a hundred. One query."""
    today = day_of(now)
    rows = (
        Appointment.objects.filter(
            current(today), organisation_id__in=actor.organisations_with("token.manage"), area__valid_until=None
        )
        .select_related("person", "organisation", "area")
        .order_by("organisation_id", "person__name", "pk")
    )
    found = []
    for row in rows[:100]:
        held = ROLES.get(row.role, frozenset()) & rules.OFFICE_SCOPES
        own = tuple(sorted(scope for scope in held if scope in OWN_WORK or actor.may(scope, row.area.path)))
        if own:
            found.append(OfficeChoice(row.pk, row.person.name, row.role, str(row.organisation), own))
    return found

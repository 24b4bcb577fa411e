"""Tokens for programs: made, revoked, used."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from tongxin.kernel.actor import Actor
from tongxin.kernel.crypto import digest
from tongxin.kernel.errors import Invalid, NotAllowed, NotFound, TooMany
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import clean_line
from tongxin.kernel.times import local_day
from tongxin.people.models import ApiToken
from tongxin.people.queries.actors import AppointedTo, appointed_to
from tongxin.people.queries.tokens import TokenRow, state_of, token_row
from tongxin.people.rules import tokens as rules
from tongxin.people.rules.appointing import OWN_WORK
from tongxin.people.rules.trust import require_level
from tongxin.record.operations import append_entry

SUBJECT = "token"
_SECRET_BYTES = 32


@transaction.atomic
def make_personal_token(
    actor: Actor, now: datetime, *, name: str, scopes: frozenset[str], expires_at: datetime
) -> tuple[TokenRow, str]:
    """A token with which a program acts for the actor as a resident: (the row, its secret, shown this once)."""
    if actor.person_id is None or actor.kind != "person":
        raise NotAllowed("Please sign in first.", code="needs-sign-in")
    require_level(actor, "token.make")
    rules.check_scopes(scopes, office=False)
    home = actor.home_paths[0] if actor.home_paths else ""
    return _make(actor, now, name, scopes, expires_at, area_path=home, person_id=actor.person_id)


@transaction.atomic
def make_office_token(
    actor: Actor, now: datetime, *, appointment_id: UUID, name: str, scopes: frozenset[str], expires_at: datetime
) -> tuple[TokenRow, str]:
    """A token with which a program acts for one appointment of an organisation. Needs ``token.manage`` for it.

    It never may more than the appointment, nor more than whoever makes it.
    """
    office = appointed_to(appointment_id, now)
    if office is None:
        raise NotFound("There is no such office.", code="no-appointment")
    _require_over(actor, office)
    rules.check_scopes(scopes, office=True)
    own = {scope for scope in scopes if actor.may(scope, office.area_path)}
    rules.check_not_more_than_own(scopes, office.permissions, own, OWN_WORK)
    return _make(
        actor, now, name, scopes, expires_at,
        area_path=office.area_path, appointment_id=appointment_id, organisation_id=office.organisation_id,
    )  # fmt: skip


def _require_over(actor: Actor, office: AppointedTo) -> None:
    """``token.manage`` in the office's area, or for its very organisation. Never by a token: it would breed."""
    if actor.kind != "person" and not actor.is_system:
        raise NotAllowed("Please sign in first.", code="needs-sign-in")
    if office.organisation_id not in actor.organisations_with("token.manage"):
        actor.require("token.manage", office.area_path)


def _make(
    actor: Actor,
    now: datetime,
    name: str,
    scopes: frozenset[str],
    expires_at: datetime,
    *,
    area_path: str,
    person_id: UUID | None = None,
    appointment_id: UUID | None = None,
    organisation_id: UUID | None = None,
) -> tuple[TokenRow, str]:
    rules.check_life(now, expires_at)
    if not (name := clean_line(name, 60)):
        raise Invalid("Please say which program this is for.", field="name")
    whose = Q(person_id=person_id) if person_id is not None else Q(appointment_id=appointment_id)
    valid = ApiToken.objects.filter(whose, revoked_at=None, expires_at__gt=now)
    if valid.count() >= rules.MOST_TOKENS:
        raise TooMany("There are too many tokens; revoke one first.", code="too-many-tokens")
    secret = rules.SECRET_PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    token = ApiToken.objects.create(
        id=uuid7(now),
        name=name,
        secret_hash=digest(secret.encode()),
        person_id=person_id,
        appointment_id=appointment_id,
        scopes=sorted(scopes),
        created_by=actor.person_id or actor.id,
        created_at=now,
        expires_at=expires_at,
    )
    append_entry(
        actor=actor,
        verb="token.made",
        subject=(SUBJECT, token.pk),
        area_path=area_path,
        now=now,
        data={"scopes": token.scopes, "expires_at": expires_at, "office": str(appointment_id or "")},
        personal={"name": name},
        state=state_of(token),
        organisation_id=organisation_id,
        new=True,
    )
    return token_row(token), secret


@transaction.atomic
def revoke_token(actor: Actor, now: datetime, *, token_id: UUID) -> TokenRow:
    """End a token at once. Its owner may, and whoever may make it. Revoking twice changes nothing."""
    token = ApiToken.objects.select_for_update().filter(pk=token_id).first()
    if token is None:
        raise NotFound("There is no such token.", code="no-token")
    area_path, organisation_id = "", None
    if token.appointment_id is not None:
        office = appointed_to(token.appointment_id, now, ended=True)
        if office is None:
            raise NotFound("There is no such token.", code="no-token")
        if office.person_id != actor.person_id:
            _require_over(actor, office)
        area_path, organisation_id = office.area_path, office.organisation_id
    elif token.person_id != actor.person_id and not actor.is_system:
        raise NotFound("There is no such token.", code="no-token")
    else:
        require_level(actor, "token.make")
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        append_entry(
            actor=actor,
            verb="token.revoked",
            subject=(SUBJECT, token.pk),
            area_path=area_path,
            now=now,
            state=state_of(token),
            organisation_id=organisation_id,
        )
    return token_row(token)


def note_use(token: TokenRow, now: datetime) -> None:
    """Keep the day on which a token was last used: one write a day."""
    today = local_day(now)
    if token.last_used_on != today:
        ApiToken.objects.filter(pk=token.id).update(last_used_on=today)

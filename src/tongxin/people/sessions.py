"""The session engine: one row carries the session, and one query brings it with its account and person.

Django's own engine would need a second query for the account, could not list a person's sessions, and keeps the
cookie's key in clear, so that a reader of a backup could sign in as anybody.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.sessions.backends import db
from django.utils import timezone

from tongxin.kernel.ids import uuid7
from tongxin.record.statements import Statement

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from tongxin.people.models import Account, SignInSession

STORED_CHARACTERS = 40  # of the hash in hexadecimal: 160 bits


def stored_key(session_key: str) -> str:
    """What the table keeps of a cookie's key."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:STORED_CHARACTERS]


def _moment(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def _with_account(key: str, now: datetime) -> QuerySet[SignInSession]:
    rows = SessionStore.get_model_class().objects.select_related("account__person__community")
    # An outline of some kB, which no page's frame needs.
    return rows.defer("account__person__community__shape").filter(session_key=key, expire_date__gt=now)


_WITH_ACCOUNT: Statement[SignInSession] = Statement(_with_account)


class SessionStore(db.SessionStore):
    """Sessions in :class:`tongxin.people.models.SignInSession`. ``account`` is known once the session was read."""

    account: Account | None = None

    @classmethod
    def get_model_class(cls) -> type[SignInSession]:
        from tongxin.people.models import SignInSession

        return SignInSession

    def _get_session_from_db(self) -> SignInSession | None:
        row = _WITH_ACCOUNT.first(stored_key(self.session_key or ""), timezone.now())
        if row is None:
            self._session_key = None
            return None
        self.account = row.account
        return row

    def exists(self, session_key: str) -> bool:
        return self.get_model_class().objects.filter(session_key=stored_key(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> SignInSession:
        return self.get_model_class()(
            session_key=stored_key(self._get_or_create_session_key()),  # type: ignore[attr-defined]  # the stubs lack it
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            id=UUID(data["id"]) if "id" in data else uuid7(),
            account_id=data.get("account"),
            way=data.get("way", ""),
            strong=data.get("strong", False),
            device=data.get("device", ""),
            address_prefix=data.get("address_prefix", ""),
            started_at=_moment(data.get("started")),
            seen_at=_moment(data.get("seen")),
        )

    def cycle_key(self) -> None:
        """A new key for the same contents, and a new id: both rows exist for a moment, and ids are unique."""
        if "id" in self:
            self["id"] = str(uuid7())
        super().cycle_key()

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            self.get_model_class().objects.filter(session_key=stored_key(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        cls.get_model_class().objects.filter(expire_date__lt=timezone.now()).delete()

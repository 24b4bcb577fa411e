"""Counting tries. Counters live in the database, because several processes serve the same people.

Each try is counted in a transaction of its own, before it is judged: a refusal that rolls back must not forget it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tongxin.kernel.crypto import keyed_digest
from tongxin.kernel.errors import TooMany
from tongxin.people.models import SignInLimit
from tongxin.people.rules.signin import Limit, counted
from tongxin.record.keys import derived_key


def _key(limit: Limit, who: str) -> str:
    return keyed_digest(derived_key("sign-in limits v1"), f"{limit.name}:{who}".encode()).hex()


def spend(limit: Limit, who: str, now: datetime) -> bool:
    """Count one try of ``who``; true if it was the last one that the limit allows. Raises :class:`TooMany` beyond."""
    with transaction.atomic():
        # Made first and locked then, so that two first tries at once are both counted.
        SignInLimit.objects.bulk_create(
            [SignInLimit(key=_key(limit, who), count=0, ends_at=now)], ignore_conflicts=True
        )
        row = SignInLimit.objects.select_for_update().get(key=_key(limit, who))
        row.count, row.ends_at, allowed = counted(row.count, row.ends_at, limit, now)
        row.save()
    if not allowed:
        seconds = (row.ends_at - now).total_seconds()
        minutes = max(1, -int(-seconds // 60))
        raise TooMany(
            "Too many tries. Please try again in %(minutes)s minutes.", code="too-many-tries", minutes=minutes
        )
    return row.count >= limit.most


def forgive(limit: Limit, who: str) -> None:
    """Forget the tries of ``who``: they got it right. The row stays, for another try may just wait for it."""
    SignInLimit.objects.filter(key=_key(limit, who)).update(count=0)

"""Reads of notices and of what is on its way."""

from __future__ import annotations

from uuid import UUID

from tongxin.notifications.models import Notice


def unread_count(person_id: UUID) -> int:
    """How many notices a person has not read; at most 100 are counted, the bell then says “99+”."""
    return Notice.objects.filter(person_id=person_id, read_at=None).order_by()[:100].count()

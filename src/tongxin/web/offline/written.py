"""When something was written that arrives later: said by the phone, believed within limits."""

from __future__ import annotations

from datetime import datetime, timedelta

OLDEST = timedelta(days=30)
"""As long as the outbox of a phone keeps something."""
AS_GOOD_AS_NOW = timedelta(minutes=10)


def written_at(said: str, now: datetime) -> datetime | None:
    """The moment of ``written_at`` in a form (ISO 8601 with its offset), for an operation's ``occurred_at``.

    None if it says nothing, what is as good as now (ten minutes, for clocks differ), or what cannot be: more than
    thirty days ago or in the future. Never orders or seals anything: that is ``recorded_at``, which is ours.
    """
    try:
        moment = datetime.fromisoformat(said.replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.tzinfo is None or not now - OLDEST <= moment <= now - AS_GOOD_AS_NOW:
        return None
    return moment

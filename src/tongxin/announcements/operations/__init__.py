"""The verbs of announcements: write, send, release, withdraw; bring on its way in small steps; tell at the door."""

from tongxin.announcements.operations.door import tell_at_door
from tongxin.announcements.operations.groups import add_group, end_group, set_quiet_hours, try_group
from tongxin.announcements.operations.outward import advance, count_read, send_messages
from tongxin.announcements.operations.writing import (
    release_announcement,
    send_announcement,
    throw_away,
    withdraw_announcement,
    write_announcement,
)

__all__ = [
    "add_group", "advance", "count_read", "end_group", "release_announcement", "send_announcement", "send_messages",
    "set_quiet_hours", "tell_at_door", "throw_away", "try_group", "withdraw_announcement", "write_announcement",
]  # fmt: skip

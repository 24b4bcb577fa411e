"""How often one token, or one address without a token, may ask.

Counted in the memory of each web process: the limit of the installation is this times its processes, and no read of
the interface costs a write. What guards a secret (the code of a slip) is counted in the database, not here.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime

from tongxin.kernel.errors import TooMany

WINDOW_SECONDS = 60
PER_TOKEN = 600
PER_ADDRESS = 120
_MOST_KEPT = 20_000

_lock = threading.Lock()
_counts: OrderedDict[str, tuple[int, int]] = OrderedDict()


def spend(who: str, most: int, now: datetime) -> None:
    """Count one request of ``who``; raises :class:`TooMany` beyond ``most`` in a minute."""
    second = int(now.timestamp())
    window = second // WINDOW_SECONDS
    with _lock:
        began, count = _counts.get(who, (window, 0))
        count = count + 1 if began == window else 1
        _counts[who] = (window, count)
        _counts.move_to_end(who)
        if len(_counts) > _MOST_KEPT:
            _counts.popitem(last=False)
    if count > most:
        seconds = WINDOW_SECONDS - second % WINDOW_SECONDS
        raise TooMany("Too many requests. Please wait %(seconds)s seconds.", code="rate", seconds=seconds)


def forget() -> None:
    """Begin anew: for tests."""
    with _lock:
        _counts.clear()

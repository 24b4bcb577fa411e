"""How often one token, or one address without a token, may ask: in all web processes together.

Each process counts for itself and reports to the database after every twentieth part of the limit; what it is told
there are the reports of all. So a quiet caller costs no write, a busy one a statement in thirty (or six) calls, and
the limit holds to within a twentieth for each further process. What guards a secret (the code of a slip) is counted
in the database at each try, not here.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tongxin.api.operations import count_calls
from tongxin.kernel.errors import TooMany

WINDOW_SECONDS: Final = 60
PER_TOKEN = 600
PER_ADDRESS = 120
SHARES: Final = 20
"""Reports for a whole limit."""
_MOST_KEPT: Final = 20_000


@dataclass(slots=True)
class _Count:
    """What a process knows of one caller's minute: its own calls not reported yet, and the sum told at the last
    report."""

    minute: int
    unreported: int = 0
    told: int = 0


class Limiter:
    """The counts of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    def spend(self, who: str, most: int, now: datetime) -> None:
        """Count one call of ``who``; raises :class:`TooMany` beyond ``most`` in a minute.

        Who is refused costs nothing further until the minute is over.
        """
        second = int(now.timestamp())
        minute = second // WINDOW_SECONDS
        report = 0
        with self._lock:
            count = self._counts.get(who)
            if count is None or count.minute != minute:
                count = self._counts[who] = _Count(minute)
            self._counts.move_to_end(who)
            if len(self._counts) > _MOST_KEPT:
                self._counts.popitem(last=False)
            refused = count.told + count.unreported >= most
            if not refused:
                count.unreported += 1
                if count.unreported >= max(1, most // SHARES):
                    report, count.unreported = count.unreported, 0
                    count.told += report  # until the database has answered, as if nobody else had reported
        if report:
            total = count_calls(who, minute, report)
            with self._lock:
                count.told = max(count.told, total)
            refused = total > most
        if refused:
            seconds = WINDOW_SECONDS - second % WINDOW_SECONDS
            raise TooMany("Too many requests. Please wait %(seconds)s seconds.", code="rate", seconds=seconds)

    def forget(self) -> None:
        """Begin anew: for tests."""
        with self._lock:
            self._counts.clear()


_of_this_process = Limiter()
spend = _of_this_process.spend
forget = _of_this_process.forget

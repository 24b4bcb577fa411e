"""The backend itself, under the name that Django looks for."""

from __future__ import annotations

import select
import time
from typing import Final

from django.db.backends.postgresql import base

SURE_SECONDS: Final = 10.0


class DatabaseWrapper(base.DatabaseWrapper):
    """Does not ask ``SELECT 1`` before every request, as ``CONN_HEALTH_CHECKS`` would: that is a tenth of a page.

    A server that ends a connection says so, and what it said waits to be read. A connection that was in use some
    seconds ago, has seen no error and has nothing to read therefore works; any other is asked.
    """

    _worked_at: float = 0.0

    def is_usable(self) -> bool:
        if self._quiet():
            return True
        usable: bool = super().is_usable()
        self._worked_at = time.monotonic() if usable else 0.0
        return usable

    def _quiet(self) -> bool:
        connection = self.connection
        if connection is None or connection.closed or self.errors_occurred:
            return False
        before, self._worked_at = self._worked_at, time.monotonic()
        if self._worked_at - before > SURE_SECONDS:
            return False
        to_read = select.poll()
        to_read.register(connection.fileno(), select.POLLIN)
        return not to_read.poll(0)

    def close(self) -> None:
        self._worked_at = 0.0
        super().close()

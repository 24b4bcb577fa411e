"""What a process keeps of tables that an office sets up, so that not every request reads them again.

Categories, areas, routes, calendars and who sits at a desk change a few times a week and are asked for by every step of
every case. It stands in this layer because it is the lowest that knows Django.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from time import monotonic
from typing import Any, Generic, ParamSpec, TypeVar

from django.db import models, transaction
from django.db.models.signals import post_delete, post_save

P = ParamSpec("P")
T = TypeVar("T")
SECONDS = 10.0
MOST = 2_000


class Kept(Generic[P, T]):
    """A read whose answers are kept; made by :func:`kept`."""

    def __init__(self, read: Callable[P, T], seconds: float, most: int) -> None:
        self._read, self._seconds, self._most = read, seconds, most
        self._found: dict[tuple[Any, ...], tuple[float, T]] = {}
        self._edits = 0

    def __call__(self, *key: P.args, **none: P.kwargs) -> T:
        found, now = self._found.get(key), monotonic()
        if found is not None and now < found[0]:
            return found[1]
        edits = self._edits
        answer = self._read(*key, **none)
        if answer is not None and edits == self._edits:  # what was edited while we read may be what it was before
            if len(self._found) >= self._most:
                self._found.clear()
            self._found[key] = (now + self._seconds, answer)
        return answer

    def forget(self) -> None:
        """Read anew at the next call."""
        self._edits += 1
        self._found.clear()


_of: dict[type[models.Model], list[Kept[Any, Any]]] = defaultdict(list)


def kept(
    *tables: type[models.Model], seconds: float = SECONDS, most: int = MOST
) -> Callable[[Callable[P, T]], Kept[P, T]]:
    """Keep what a function reads of ``tables``, for ``seconds`` at the longest, for at most ``most`` different questions.

    The function takes hashable values by position; what it gives is shared by all threads, so nobody changes it. None is
    not kept. A row of ``tables`` saved or deleted in this process clears it at once, and again when that transaction
    commits; writes of many rows at once, of which Django tells nobody, say so with :func:`forget`. Other processes see an
    edit after ``seconds``, which is why nothing is kept that decides what somebody may see or do.
    """

    def decorate(read: Callable[P, T]) -> Kept[P, T]:
        made = Kept(read, seconds, most)
        for table in tables:
            if table not in _of:
                post_save.connect(_edited, sender=table, dispatch_uid="kept")
                post_delete.connect(_edited, sender=table, dispatch_uid="kept")
            _of[table].append(made)
        return made

    return decorate


def _edited(sender: type[models.Model], **_told: Any) -> None:
    forget(sender)


def forget(*tables: type[models.Model]) -> None:
    """Clear whatever is kept of these tables, now and when the transaction has committed."""

    def clear() -> None:
        for table in tables:
            for one in _of[table]:
                one.forget()

    clear()
    if transaction.get_connection().in_atomic_block:
        transaction.on_commit(clear)


def forget_all() -> None:
    """Clear everything that is kept: for tests, which undo what they wrote without telling anybody."""
    for every in _of.values():
        for one in every:
            one.forget()

"""What commands print: progress on stderr for people, one JSON document on stdout for programmes."""

from __future__ import annotations

import json
import sys
import time
from typing import Any


def setup() -> None:
    """Set Django up: settings are read now, and fail loudly. The data folder is made if it is missing."""
    import django

    django.setup()
    from django.conf import settings

    try:
        settings.DATA.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SystemExit(f"tongxin: the folder of TONGXIN_DATA cannot be made: {error}") from error


def say(text: str) -> None:
    """A line for the person at the terminal."""
    print(text, file=sys.stderr, flush=True)


def result(value: Any, as_json: bool, text: str) -> None:
    """The outcome: a JSON document, or the same in words."""
    print(json.dumps(value, ensure_ascii=False, default=str) if as_json else text, flush=True)


def refused(as_json: bool, why: str, status: int = 2) -> int:
    """Say why nothing was done; gives back the exit status for it: 2 for wrong arguments, 1 for what stands in the way."""
    say(f"tongxin: {why}")
    if as_json:
        result({"error": why}, True, "")
    return status


class Progress:
    """Tells how far long work is: at most ten times a second at a terminal, else every ten seconds."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.every = 0.1 if sys.stderr.isatty() else 10.0
        self._last = 0.0

    def __call__(self, done: int, total: int | None = None) -> None:
        now = time.monotonic()
        if now - self._last < self.every and done != total:
            return
        self._last = now
        of = f" / {total:,}" if total else ""
        end = "\r" if sys.stderr.isatty() and done != total else "\n"
        print(f"{self.label}: {done:,}{of}   ", end=end, file=sys.stderr, flush=True)

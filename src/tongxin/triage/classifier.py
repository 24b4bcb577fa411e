"""Who says what a text is about: the installed linear model, or a stronger local one behind a small interface.

``TONGXIN_TRIAGE`` chooses: ``linear`` (the model that ``tongxin triage train`` installed; nothing is said where there is
none), ``http`` or ``none``. ``http`` asks a service of one's own, signed like the bridge for text messages::

    POST  {"text": "…"}                            to TONGXIN_TRIAGE_URL, at most two seconds
    X-Tongxin-Time, X-Tongxin-Signature            hex HMAC-SHA-256 of "<time>.<body>" under TONGXIN_TRIAGE_SECRET

and takes ``{"labels": [["城乡建设", 0.93], …]}``. A service that does not answer is no error: nothing is said.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import httpx
from django.conf import settings

from tongxin.triage.linear import LinearModel, ModelUnreadable, load

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 2.0
MOST_LABELS = 50


class Classifier(Protocol):
    """Labels of a text with their probabilities, the likeliest first; empty if it has nothing to say."""

    def suggest(self, text: str) -> Sequence[tuple[str, float]]: ...


class Nobody:
    """No model: nothing is said."""

    def suggest(self, text: str) -> Sequence[tuple[str, float]]:
        """Nothing."""
        return ()


class Http:
    """The service described above."""

    def suggest(self, text: str) -> Sequence[tuple[str, float]]:
        """What the service says, or nothing if it does not answer as agreed."""
        body = json.dumps({"text": text}, ensure_ascii=False).encode()
        at = str(int(time.time()))
        sign = hmac.new(settings.TRIAGE_SECRET.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Tongxin-Time": at, "X-Tongxin-Signature": sign}
        try:
            answer = httpx.post(settings.TRIAGE_URL, content=body, headers=headers, timeout=TIMEOUT_SECONDS)
            return _labels(answer.raise_for_status().json())
        except (httpx.HTTPError, ValueError) as error:
            log.warning("the triage service did not answer as agreed: %s", type(error).__name__)
            return ()


def _labels(told: Any) -> list[tuple[str, float]]:
    """The labels of an answer; raises ``ValueError`` for anything else than agreed."""
    rows = told.get("labels") if isinstance(told, dict) else None
    if not isinstance(rows, list):
        raise ValueError("no labels")
    found = []
    for row in rows[:MOST_LABELS]:
        if not isinstance(row, list) or len(row) != 2 or not isinstance(row[0], str):
            raise ValueError("a label is a pair of text and number")
        share = float(row[1])
        if not 0.0 <= share <= 1.0:
            raise ValueError("a probability lies between 0 and 1")
        found.append((row[0][:60], share))
    return sorted(found, key=lambda row: -row[1])


def model_path() -> Path:
    """Where the installed model lies."""
    return Path(settings.DATA) / "triage" / "model.npz"


@lru_cache(maxsize=2)
def _loaded(path: Path, stamp: int) -> LinearModel | None:
    try:
        return load(path)
    except ModelUnreadable as error:
        log.error("triage says nothing: %s", error)
        return None


def installed() -> LinearModel | None:
    """The installed model, or None. Read once, and again when the file was replaced."""
    path = model_path()
    try:
        stamp = path.stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return _loaded(path, stamp)


def classifier() -> Classifier:
    """Who is asked, by the setting."""
    if settings.TRIAGE == "http":
        return Http()
    model = installed() if settings.TRIAGE == "linear" else None
    return model if model is not None else Nobody()

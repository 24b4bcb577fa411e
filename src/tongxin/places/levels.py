"""The levels of the tree that an empty installation starts from."""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS

from tongxin.places.models import Level
from tongxin.places.rules import LEVELS


def ensure_levels(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Enter the five usual levels where there are none; another city's own levels are left alone."""
    if not Level.objects.using(using).exists():
        Level.objects.using(using).bulk_create(
            Level(code=code, name=name, name_en=english, rank=rank) for rank, (code, name, english) in enumerate(LEVELS)
        )

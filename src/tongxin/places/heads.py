"""The names at the head of an office's pages."""

from __future__ import annotations

from typing import Final

from django.core.cache import cache

from tongxin.places import rules
from tongxin.places.queries import names_by_path

_KEPT_SECONDS: Final = 120


def head_names(path: str) -> tuple[str, str]:
    """(name, names of the two areas above) for the head of a page; kept for a while."""
    key = f"head-names:{path}"
    kept: tuple[str, str] | None = cache.get(key)
    if kept is None:
        above = rules.lineage_paths(path)[-3:]
        rows = names_by_path(above)
        kept = rows.get(path, ""), " · ".join(rows[p] for p in reversed(above[:-1]) if p in rows)
        cache.set(key, kept, _KEPT_SECONDS)
    return kept

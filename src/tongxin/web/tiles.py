"""Whose tiles lie below the maps, if anybody's."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings


class Tiles(NamedTuple):
    """Their address (none: the areas' own outlines are the ground), the words below, and their coordinates."""

    url: str
    by: str
    coordinates: str


def tiles() -> Tiles:
    """The tiles that this installation names."""
    return Tiles(settings.TILE_URL, settings.TILE_ATTRIBUTION, settings.TILE_COORDINATES)

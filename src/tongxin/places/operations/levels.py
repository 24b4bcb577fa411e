"""The levels of the area tree: what they are called here. They are the whole installation's, so its top decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed
from tongxin.places.models import Area, Level
from tongxin.places.operations._common import PERMISSION, checked_name, tell

LEVELS_ID = UUID("00000000-0000-7000-8000-000000000005")
_NAME_MAX = 40

Names = tuple[str, str]


def _top_path(actor: Actor) -> str:
    """The topmost area over which the actor may manage places. Raises NotAllowed."""
    for path in Area.objects.filter(parent=None, valid_until=None).order_by("path").values_list("path", flat=True):
        if actor.may(PERMISSION, path):
            return path
    raise NotAllowed(
        "This holds for all areas; the level above sets it up.", code="no-permission", permission=PERMISSION
    )


def rename_levels(actor: Actor, names: Mapping[str, Names], now: datetime) -> list[str]:
    """Call levels otherwise: by code, the name and the English name. Gives back the codes of those that changed.

    A level keeps its code, by which the program and other installations know it. Needs ``places.manage`` at the top.
    Raises Invalid for an unknown level or an empty name, Conflict where two levels would have one name.
    """
    with transaction.atomic():
        path = _top_path(actor)
        rows = {row.code: row for row in Level.objects.select_for_update().order_by("rank")}
        changed = []
        for code, (name, english) in names.items():
            if code not in rows:
                raise Invalid("There is no such level.", field="level", code="no-level")
            new = checked_name(name, _NAME_MAX, f"name.{code}"), checked_name(english, _NAME_MAX, f"name_en.{code}")
            if new != (rows[code].name, rows[code].name_en):
                changed.append(code)
                rows[code].name, rows[code].name_en = new
        for each in ([row.name for row in rows.values()], [row.name_en for row in rows.values()]):
            if len(set(each)) < len(each):
                raise Conflict("Two levels cannot have one name.", code="level-name-taken")
        if changed:
            Level.objects.bulk_update([rows[code] for code in changed], ["name", "name_en"])
            data = {"levels": {code: [rows[code].name, rows[code].name_en] for code in changed}}
            tell(actor, "levels.renamed", "levels", LEVELS_ID, path, now, data)
    return changed

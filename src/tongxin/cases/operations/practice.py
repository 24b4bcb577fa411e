"""What an area settles for itself: windows, asks, shares, watermarks. On the record."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.cases.models import AreaPractice
from tongxin.cases.operations.setup import PERMISSION
from tongxin.cases.rules_practice import Practice, check
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Invalid
from tongxin.kernel.ids import uuid7
from tongxin.places.models import Area
from tongxin.record.operations import append_entry


@transaction.atomic
def set_practice(actor: Actor, area_id: UUID, practice: Practice, now: datetime) -> None:
    """Settle what holds in an area and below it; None leaves it to the area above. Clocks that run keep their day.

    Needs ``case.configure`` there. Raises :class:`Invalid` naming the field that is out of its bounds.
    """
    area = Area.objects.filter(pk=area_id, valid_until=None).first()
    if area is None:
        raise Invalid("Please choose where it is.", field="area")
    actor.require(PERMISSION, area.path)
    check(practice)
    row = AreaPractice.objects.select_for_update().filter(area=area).first() or AreaPractice(id=uuid7(now), area=area)
    for name, value in asdict(practice).items():
        setattr(row, name, value)
    row.save()
    append_entry(
        actor=actor, verb="practice.set", subject=("practice", row.id), area_path=area.path, now=now,
        data=asdict(practice),
    )  # fmt: skip

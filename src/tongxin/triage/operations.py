"""To say which categories a label means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Invalid
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import clean_line
from tongxin.places.queries import top_areas
from tongxin.record.operations import append_entry
from tongxin.triage.models import LabelTarget

PERMISSION = "case.configure"
MOST_TARGETS = 12


@transaction.atomic
def set_targets(actor: Actor, label: str, codes: Sequence[str], known: Sequence[str], now: datetime) -> None:
    """Say which categories a label means, in this order; none: it is no longer offered.

    ``known``: codes of the categories in use. Holds for the whole installation, so it takes ``case.configure`` at its
    top. Raises :class:`Invalid`, :class:`NotAllowed`.
    """
    paths = [area.path for area in top_areas(now)]
    path = next((one for one in paths if actor.may(PERMISSION, one)), paths[0])
    actor.require(PERMISSION, path)
    label, chosen = clean_line(label, 60), list(dict.fromkeys(codes))
    if not label:
        raise Invalid("Please say which label.", field="label")
    if len(chosen) > MOST_TARGETS:
        raise Invalid("At most %(most)s categories for one label.", field="codes", most=MOST_TARGETS)
    if unknown := [code for code in chosen if code not in set(known)]:
        raise Invalid("There is no category %(code)s.", field="codes", code=unknown[0])
    rows = LabelTarget.objects.filter(label=label)
    if list(rows.order_by("position").values_list("category", flat=True)) == chosen:
        return
    rows.delete()
    for place, code in enumerate(chosen):  # one by one: what is kept of the map hears of each
        LabelTarget.objects.create(id=uuid7(now), label=label, category=code, position=place)
    append_entry(
        actor=actor,
        verb="triage.mapped",
        subject=("triage", uuid7(now)),
        area_path=path,
        now=now,
        data={"label": label, "categories": chosen},
    )

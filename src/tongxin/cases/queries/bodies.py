"""Whom a report may be about: who serves a place, and the office of its community."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from tongxin.cases.queries.view import Body
from tongxin.kernel.times import local_day
from tongxin.people.models import Organisation, Service


def bodies_of(paths: Sequence[str], now: datetime) -> list[Body]:
    """Organisations that serve one of the areas now, the smallest area first, then the community's office. Two queries.

    ``paths``: those of the place and of all areas above it.
    """
    today = local_day(now)
    in_force = Q(until=None) | Q(until__gt=today)
    serving = (
        Service.objects.filter(in_force, since__lte=today, area__path__in=paths)
        .select_related("organisation")
        .order_by("-area__depth", "kind", "id")[:20]
    )
    offices = Organisation.objects.filter(in_force, kind=Organisation.Kind.COMMUNITY, area__path__in=paths)
    rows = [*(service.organisation for service in serving), *offices.order_by("-area__depth", "id")[:3]]
    return list({row.id: Body(row.id, str(row), row.phone) for row in rows}.values())

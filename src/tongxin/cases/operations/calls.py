"""Whom to ring 回访: the silent, those who were not content, a sample, and whoever cannot be reached otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q

from tongxin.cases.models import CallBack, Party
from tongxin.cases.operations import own_work
from tongxin.cases.operations.base import Opened
from tongxin.cases.queries.facts import practice_of
from tongxin.cases.queries.parties import unspoken
from tongxin.cases.rules_practice import sampled
from tongxin.kernel.ids import uuid7

SILENT, LOW_RATING, SAMPLE, HELPED = "silent", "low_rating", "sample", "helped"
BECAUSE = (SILENT, LOW_RATING, SAMPLE, HELPED)
SOON, AFTER_SILENCE = timedelta(days=1), timedelta(days=3)
LOW = 2


def plan(opened: Opened, parties: Iterable[Party], because: str, after: timedelta) -> None:
    """Put people on the list to ring; who stands there already is rung once."""
    planned = set(CallBack.objects.filter(case=opened.case, done_at=None).values_list("party_id", flat=True))
    CallBack.objects.bulk_create(
        CallBack(
            id=uuid7(opened.now),
            case=opened.case,
            party=party,
            area_path=opened.case.area_path,
            because=because,
            due_at=opened.now + after,
        )
        for party in parties
        if party.pk not in planned and own_work.speaker_of(party).known
    )


def plan_silent(opened: Opened) -> None:
    """Those who have not said a word of the latest answer."""
    rows = opened.case.parties.filter(unspoken(opened.case.answered_at), disowned_at=None)
    plan(opened, rows, SILENT, AFTER_SILENCE)


def plan_helped(opened: Opened) -> None:
    """Those for whom somebody else reported, and those whom no message reaches: they are asked by a human voice."""
    unreached = Q(person=None, contact_index=None) | Q(
        person__isnull=False, person__phone_cipher=None, person__account=None
    )
    rows = opened.case.parties.filter(unreached | Q(helper__isnull=False), disowned_at=None)
    plan(opened, rows, HELPED, SOON)


def plan_after_word(opened: Opened, party: Party) -> None:
    """Who rated it low; and a share of the others, so that the figures can be trusted. Always the same cases."""
    if party.rating is not None and party.rating <= LOW:
        plan(opened, [party], LOW_RATING, SOON)
    elif sampled(opened.case.pk.bytes, practice_of(opened.case.area_path).sample_percent or 0):
        plan(opened, [party], SAMPLE, SOON)

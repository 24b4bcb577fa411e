"""The rows of a list that somebody takes away as a file, some hundreds at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from tongxin.kernel.actor import Actor
from tongxin.people.queries.organisations import OrganisationRow, list_organisations
from tongxin.people.queries.register import PersonRow, search_people

_AT_ONCE: Final = 500


def every_person(actor: Actor, *, text: str, address: str, now: datetime, most: int) -> Iterator[PersonRow]:
    """Up to ``most`` people of a search, in its order, of the areas whose register the actor may take away."""
    return islice(_people(actor, text, address, now), most)


def every_organisation(actor: Actor, *, kind: str, text: str, now: datetime, most: int) -> Iterator[OrganisationRow]:
    """Up to ``most`` organisations of a filter, in its order."""
    return islice(_organisations(actor, kind, text, now), most)


def _people(actor: Actor, text: str, address: str, now: datetime) -> Iterator[PersonRow]:
    after, more = "", True
    while more:
        found = search_people(
            actor, text=text, address=address, after=after, now=now, permission="people.export", limit=_AT_ONCE
        )
        yield from found.rows
        after, more = found.after, bool(found.after)


def _organisations(actor: Actor, kind: str, text: str, now: datetime) -> Iterator[OrganisationRow]:
    after, more = "", True
    while more:
        rows, after = list_organisations(actor, kind=kind, text=text, after=after, now=now, limit=_AT_ONCE)
        yield from rows
        more = bool(after)

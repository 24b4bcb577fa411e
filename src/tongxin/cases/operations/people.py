"""A case with many parties: the desk adds people of the register, who are told and asked like those who joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.cases import rules
from tongxin.cases.models import Case, Party, Update
from tongxin.cases.operations import notices
from tongxin.cases.operations.base import Opened, Said, open_case, step
from tongxin.cases.queries.parties import concerned_people
from tongxin.cases.queries.state import party_state
from tongxin.cases.rules import Verb
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Invalid, NotAllowed
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import N_
from tongxin.people.queries.register import readable_ids
from tongxin.record.operations import Draft, append_entries

MOST_ADDED = 500


@transaction.atomic
def add_people(actor: Actor, case_id: UUID, now: datetime, *, people: Sequence[UUID], reason: str) -> Case:
    """Make people of the register parties of a case; who has a part already is left as they are.

    Needs ``case.desk`` there, and that the actor may read each of them. They are told by their own channel that they
    were added and by whom, and can leave. Raises :class:`Invalid` (field ``people``) for none, or more than 500.
    """
    opened = open_case(actor, case_id, now)
    actor.require("case.desk", opened.case.area_path)
    actor.require("case.submit_for", opened.case.area_path)
    if not opened.parties & {rules.Party.DESK, rules.Party.SUPERVISOR}:
        raise NotAllowed("This is for somebody else to do.")  # a body complained of has no say in it
    there = concerned_people(opened.case)
    wanted = [key for key in dict.fromkeys(people) if key not in there]
    if not 0 < len(wanted) <= MOST_ADDED:
        raise Invalid("Choose from one to 500 people who have no part in it yet.", field="people")
    if set(wanted) - readable_ids(actor, wanted, now):
        raise Invalid("There is no such person.", field="people")
    update = make_parties(opened, dict.fromkeys(wanted, False), reason)
    message = N_("%(who)s joined this in your name: %(title)s (%(number)s). You can take it back.")
    notices.tell_joined(opened, update, wanted, message, who=actor.name)
    return opened.case


def make_parties(opened: Opened, people: Mapping[UUID, bool], reason: str) -> Update:
    """People of the register become parties, each with “hidden by name”; within a transaction that is open already."""
    opened.parties = frozenset({rules.Party.HELPER})
    wanted, actor, now = list(people), opened.actor, opened.now
    said = Said(text=reason, data={"people": len(wanted)}, audience="staff")
    update = step(opened, Verb.JOIN, {"people": wanted}, said, tallies=("joined",) * len(wanted))
    rows = Party.objects.bulk_create(
        Party(
            id=uuid7(now), case=opened.case, person_id=key, role=Party.Role.JOINED, helper_id=actor.person_id,
            hidden=people[key], first_case=opened.case, joined_at=now,
        )
        for key in wanted
    )  # fmt: skip
    append_entries(
        [
            Draft(
                actor=actor, verb="party.join", subject=("party", row.id), area_path=opened.case.area_path, data={},
                state=party_state(row), new=True,
            )
            for row in rows
        ],
        now=now,
    )  # fmt: skip
    return update

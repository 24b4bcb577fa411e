"""Being known: what was decided at the door, or by the branch, is told to the one who asked."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from uuid import UUID

from django.db import transaction

from tongxin.files.operations import Upload
from tongxin.kernel.actor import Actor
from tongxin.notifications.operations import tell
from tongxin.people.operations import family, report_in, verification
from tongxin.people.queries.keepers import branch_of, home_address, keepers_of


def ask_to_be_known(
    actor: Actor,
    kind: str,
    home_id: UUID,
    *,
    name: str,
    id_last_six: str = "",
    paper: Upload | None = None,
    now: datetime,
) -> verification.Outcome:
    """Ask to be known as resident or owner; if the register cannot tell, who looks after the home is told that somebody
    waits. Errors: as for ``verification.request_verification``."""
    with transaction.atomic():
        outcome = verification.request_verification(
            actor, kind, home_id, name=name, id_last_six=id_last_six, paper=paper, now=now
        )
        if not outcome.confirmed:
            _tell_keepers(home_id, "verification", outcome.request.pk, now)
    return outcome


def ask_before_worker(actor: Actor, *, parent_name: str, home_id: UUID, now: datetime) -> None:
    """Ask that a parent's consent be taken at the door, and tell who will go there. Errors: as for ``ask_grid_worker``."""
    with transaction.atomic():
        request = family.ask_grid_worker(actor, parent_name=parent_name, home_id=home_id, now=now)
        _tell_keepers(home_id, "family", request.pk, now)


def _tell_keepers(home_id: UUID, kind: str, request_id: UUID, now: datetime) -> None:
    tell(
        keepers_of(home_id, now),
        kind="door",
        message="Somebody waits for your visit: %(place)s.",
        params={"place": home_address(home_id)},
        subject=(kind, request_id),
        link=f"/desk/verify/{request_id}/",
        key=f"door:{request_id}",
        now=now,
    )


def report_in_as_member(
    actor: Actor, community_id: UUID, *, home_unit: str = "", skills: str = "", now: datetime
) -> None:
    """A party member reports in, and the branch there is told. Errors: as for ``report_in.report_in``."""
    with transaction.atomic():
        row = report_in.report_in(actor, community_id, home_unit=home_unit, skills=skills, now=now)
        tell(
            branch_of(community_id, now),
            kind="report_in",
            message="%(who)s has reported in and waits to be received.",
            params={"who": actor.name},
            subject=("report_in", row.pk),
            link="/desk/report-ins/",
            key=f"reported-in:{row.pk}",
            now=now,
        )


def confirm_request(
    actor: Actor,
    request_id: UUID,
    *,
    household_id: UUID | None = None,
    share: Fraction = Fraction(1),
    paper: Upload | None = None,
    known_id: UUID | None = None,
    now: datetime,
) -> None:
    """Confirm a resident or owner and tell them. Errors: as for ``verification.confirm``."""
    with transaction.atomic():
        request = verification.confirm(
            actor, request_id, household_id=household_id, share=share, paper=paper, known_id=known_id, now=now
        )
        tell(
            [request.person_id],
            kind="verification",
            message="You are confirmed. Everything for residents of your community is open to you.",
            params={},
            subject=("verification", request.pk),
            link="/me/home/",
            key=f"verification:{request.pk}",
            now=now,
        )


def refuse_request(actor: Actor, request_id: UUID, *, reason: str, now: datetime) -> None:
    """Refuse with the reason that the person reads. Errors: as for ``verification.refuse``."""
    with transaction.atomic():
        request = verification.refuse(actor, request_id, reason=reason, now=now)
        tell(
            [request.person_id],
            kind="verification",
            message="You could not be confirmed: %(reason)s",
            params={"reason": request.reason},
            subject=("verification", request.pk),
            link="/me/home/",
            key=f"verification:{request.pk}",
            now=now,
        )


def receive_member(actor: Actor, report_in_id: UUID, *, now: datetime) -> None:
    """Receive a party member who reported in, and tell them. Errors: as for ``report_in.receive_report_in``."""
    with transaction.atomic():
        row = report_in.receive_report_in(actor, report_in_id, now=now)
        tell(
            [row.person_id],
            kind="report_in",
            message="%(community)s has received you. Thank you for being there for your neighbours.",
            params={"community": row.community.name},
            subject=("report_in", row.pk),
            link="/me/report-in/",
            key=f"report-in:{row.pk}",
            now=now,
        )


def send_member_back(actor: Actor, report_in_id: UUID, *, reason: str, now: datetime) -> None:
    """End a report-in from the branch's side, and tell the member why. Errors: as for ``report_in.end_report_in``."""
    with transaction.atomic():
        row = report_in.end_report_in(actor, report_in_id, reason=reason, now=now)
        tell(
            [row.person_id],
            kind="report_in",
            message="Your report-in to %(community)s has ended: %(reason)s",
            params={"community": row.community.name, "reason": reason},
            subject=("report_in", row.pk),
            link="/me/report-in/",
            key=f"report-in-ended:{row.pk}",
            now=now,
        )

"""Being known: what was decided at the door, or by the branch, is told to the one who asked."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from uuid import UUID

from django.db import transaction

from tongxin.files.operations import Upload
from tongxin.kernel.actor import Actor
from tongxin.notifications.operations import tell
from tongxin.people.operations import report_in, verification


def confirm_request(
    actor: Actor,
    request_id: UUID,
    *,
    household_id: UUID | None = None,
    share: Fraction = Fraction(1),
    paper: Upload | None = None,
    now: datetime,
) -> None:
    """Confirm a resident or owner and tell them. Errors: as for ``verification.confirm``."""
    with transaction.atomic():
        request = verification.confirm(actor, request_id, household_id=household_id, share=share, paper=paper, now=now)
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

"""亲情账号: the parent's code goes out and comes back; what a worker decides at the door is told to whom it concerns."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.journeys.sign_in import NoTextMessages
from tongxin.kernel.actor import Actor
from tongxin.notifications.operations import tell, text
from tongxin.notifications.senders import sms_ready
from tongxin.people.fields import clean_phone
from tongxin.people.operations import family
from tongxin.people.operations.codes import check_code, issue_code
from tongxin.people.rules.signin import CODE_LIVES

PURPOSE = "family"


def ask_parent(actor: Actor, *, parent_name: str, parent_phone: str, address: str, now: datetime) -> tuple[UUID, UUID]:
    """A child asks a parent; gives back the ids of the request and of the code. The code goes out if the register has
    that name with that phone; the answer is the same if not. Errors: as for ``ask_by_code`` and ``issue_code``.
    """
    if not sms_ready():
        raise NoTextMessages("This installation does not send text messages yet. Please ask at your community's desk.")
    request_id, found = family.ask_by_code(actor, parent_name=parent_name, parent_phone=parent_phone, now=now)
    code_id, code = issue_code(phone=parent_phone, purpose=PURPOSE, address=address, now=now)
    if found:
        text(
            clean_phone(parent_phone),
            message="%(child)s asks to act for you in Tongxin. If you agree, tell them this code: %(code)s. If not, do nothing.",
            params={"child": actor.name, "code": code},
            now=now,
            expires_at=now + CODE_LIVES,
        )
    return request_id, code_id


def confirm_by_code(actor: Actor, request_id: UUID, code_id: UUID, typed: str, *, address: str, now: datetime) -> None:
    """The child types the code that the parent gave; the parent is told that it counts from now on, and how to end it."""
    phone = check_code(code_id=code_id, typed=typed, purpose=PURPOSE, address=address, now=now)
    with transaction.atomic():
        link = family.link_by_code(actor, request_id, proven_phone=phone, now=now)
        _tell_parent(link.parent_id, actor.name, link.pk, now)


def _tell_parent(parent_id: UUID, child: str, link_id: UUID, now: datetime) -> None:
    tell(
        [parent_id],
        kind="family",
        message="%(child)s may now act for you. You can end this at any time.",
        params={"child": child},
        subject=("person", parent_id),
        link="/me/family/",
        key=f"family:{link_id}",
        now=now,
        by_text=True,
    )


def decide_family(
    actor: Actor, request_id: UUID, *, consented: bool, reason: str = "", parent_id: UUID | None = None, now: datetime
) -> None:
    """What the parent said before the grid worker; the child is told, with the reason if not, and the parent too."""
    with transaction.atomic():
        request = family.decide_request(
            actor, request_id, consented=consented, reason=reason, parent_id=parent_id, now=now
        )
        message = "%(parent)s agreed: you may now act for them." if consented else "%(parent)s: not agreed. %(reason)s"
        tell(
            [request.child_id],
            kind="family",
            message=message,
            params={"parent": request.parent_name, "reason": request.reason},
            link="/me/family/",
            key=f"family-request:{request.pk}",
            now=now,
        )
        if request.parent_id is not None and consented:
            _tell_parent(request.parent_id, request.child.name, request.pk, now)

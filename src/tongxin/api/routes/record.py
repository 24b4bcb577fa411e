"""What is on the record: receipts, proofs and seals; and the readings that go on it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ninja import Path, Query, Router

from tongxin.api import calls, cursors, document
from tongxin.api.schemas.base import NUMBER, AskedNumber, Cursor, Limit
from tongxin.api.schemas.lists import filled
from tongxin.api.schemas.lookups import Blurred, Inclusion, Phone, Proof, Receipt, Seal, Seals
from tongxin.api.schemas.verbs import Blur, ReadPhone
from tongxin.api.verbs import check_photo
from tongxin.cases.operations import contact, contacts, photos
from tongxin.cases.queries.detail import detail
from tongxin.cases.queries.numbers import case_id
from tongxin.cases.queries.view import case_for
from tongxin.files import queries as files
from tongxin.files.rules import Region
from tongxin.kernel.errors import NotFound
from tongxin.record.queries import check_receipt, first_receipt, prove, public_seals

router = Router()


def get_receipt(request: Any, number: str = Path(..., pattern=NUMBER)) -> Receipt:
    """The receipt on the slip, for the reporter and whoever may see them."""
    view = case_for(request.actor, number, request.now)
    if view.mine is None and view.reporter is None:
        raise NotFound("There is no such case.")
    return Receipt(number=view.number, receipt=first_receipt(("case", view.id)))


def get_proof(
    request: Any, number: AskedNumber, receipt: str = Query(min_length=16, max_length=40, pattern=r"^[0-9A-Za-z -]+$")
) -> Proof:
    """The proof that the entry of a receipt is under its day's seal, for whoever holds number and receipt.

    404 alike whether the number or the receipt is wrong.
    """
    try:
        line = check_receipt(("case", case_id(number)), receipt)
    except NotFound:
        line = None
    if line is None:
        raise NotFound("Number and receipt do not belong together.", code="no-receipt")
    entry_hash, inclusion = None, None
    try:
        proof = prove(line.id)
    except NotFound:  # the day is not sealed yet
        pass
    else:
        entry_hash = proof.entry_hash
        inclusion = filled(Inclusion, proof, path=list(proof.path), sealed_at=_exact(proof.sealed_at))
    return Proof(
        number=number, receipt=line.receipt, entry_id=line.id, entry_hash=entry_hash, verb=line.verb,
        recorded_at=line.recorded_at, inclusion=inclusion,
    )  # fmt: skip


def _exact(moment: datetime) -> str:
    """As the seal's hash takes it: JSON answers round a time to milliseconds, and then it could not be computed."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def list_seals(request: Any, cursor: Cursor = "", limit: Limit = 30) -> Seals:
    """Each day's record under one hash, the newest first."""
    rows = public_seals(before=cursors.read("seals", cursor) or None, limit=limit + 1)
    following = rows[limit - 1].day if len(rows) > limit else ""
    return Seals(
        seals=[filled(Seal, row, sealed_at=_exact(row.sealed_at)) for row in rows[:limit]],
        next=cursors.make("seals", following),
    )


def read_phone(request: Any, number: str = Path(..., pattern=NUMBER)) -> Phone:
    """The telephone of the reporter, or of somebody else concerned. Each reading is a new entry of the record.

    With `people.read_sensitive` for the desk; with `case.handle` for who works on the case and may know the reporter.
    """
    data = calls.asked(request, ReadPhone)
    if not request.actor.may_somewhere("people.read_sensitive"):
        if data.party is not None:
            raise NotFound("There is no such case.")
        return Phone(phone=contact.read_contact(request.actor, case_id(number), request.now, reason=data.reason))
    shown = detail(request.actor, number, request.now)
    reporter = shown.reporter.id if shown.reporter is not None else None
    party = data.party or reporter
    if party is None or party not in {one.id for one in shown.concerned}:
        raise NotFound("There is no such case.")
    return Phone(phone=contacts.reveal_phone(request.actor, party, data.reason, request.now))


def blur_photo(request: Any, photo: UUID, number: str = Path(..., pattern=NUMBER)) -> Blurred:
    """Make rectangles of a photo's public form unrecognisable; staff keep the clear one."""
    data = calls.asked(request, Blur)
    check_photo(case_id(number), photo)
    regions = [Region(one.left, one.top, one.width, one.height) for one in data.regions]
    photos.blur_photo(request.actor, photo, regions, request.now)
    picture = files.get(photo)
    src = files.link(picture, "public-large", now=request.now) if regions else ""
    return Blurred(photo=photo, regions=len(picture.blurred), src=src)


document.add(
    router, "GET", "/cases/{number}/receipt", get_receipt, "getReceipt", "The receipt on the slip", "Cases", Receipt
)
document.add(router, "GET", "/public/proofs", get_proof, "getProof", "The proof of a receipt", "Public", Proof)
document.add(router, "GET", "/public/seals", list_seals, "listSeals", "The seals", "Public", Seals)
document.add(
    router, "POST", "/cases/{number}/read-phone", read_phone, "readPhone", "Read a telephone, on the record",
    "Handlers", Phone, takes=ReadPhone, keyed=False,
)  # fmt: skip
document.add(
    router, "PUT", "/cases/{number}/photos/{photo}/blur", blur_photo, "blurPhoto", "Blur a photo before its release",
    "Desk", Blurred, takes=Blur, keyed=False,
)  # fmt: skip

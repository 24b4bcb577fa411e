"""What the codes of problems mean, and what to do: the page to which “type” of a problem leads (RFC 9457, 3.1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

READ: Final = _("Get the case again. “state” says where it stands, “possible” what this caller could do with it now.")
OTHER: Final = _(
    "Somebody else does this. “verbs” of the case says what this caller may do; a person must have the office."
)
MEND: Final = _(
    "Mend the field that “errors” names and send it again. Nothing was changed, so the same key may be used."
)
SEEK: Final = _("Check the number or id. What this caller may not know of is answered in the same words.")
WAIT: Final = _("Wait for as many seconds as the header Retry-After says, then send the same again.")
TOKEN: Final = _(
    "Make a token that may do this, under Me → Tokens for programs, or ask whoever manages tokens in your organisation."
)
FORM: Final = _(
    "Send what the OpenAPI document describes: a JSON object in UTF-8, pictures as parts of a form beside it."
)
KEY: Final = _("Make a new key for each new write, best a UUID. Send the old one only to repeat the very same request.")
FILE: Final = _("Send another file: pictures as JPEG, PNG or WebP up to 12 MB, documents as PDF.")
KNOWN: Final = _(
    "The person must be known better first: by a phone code, or by their home, under Me → My home; “reach” leads there."
)
AGAIN: Final = _("Begin again: list without cursor, load the page or the link anew, make a new report.")
LATER: Final = _("Ask again later. Nothing was lost.")
CLOSE: Final = _(
    "Wait for those who are missing, or have the desk decide. “timeline” of the case says what stands out."
)
SIGN: Final = _("Sign time, nonce and body as docs/hotline.md says, with a new nonce and by a clock that is right.")
DESK: Final = _("Ask at the community's desk.")


@dataclass(frozen=True, slots=True)
class Problem:
    """One code. `“status”` is the usual one."""

    status: int
    means: Text
    do: Text


def _p(status: int, means: Text, do: Text) -> Problem:
    return Problem(status, means, do)


_OF_THE_CALL: Final[dict[str, Problem]] = {
    "bad-request": _p(400, _("This could not be understood"), FORM),
    "unreadable": _p(400, _("The body is no JSON object, or the parts of the form cannot be read."), FORM),
    "not-text": _p(400, _("The text holds characters that are none."), FORM),
    "too-complex": _p(400, _("This is nested too deeply or has too many parts."), FORM),
    "cursor": _p(400, _("This cursor is not one of this list."), AGAIN),
    "idempotency-key-missing": _p(400, _("Send a header Idempotency-Key with every write."), KEY),
    "idempotency-key-malformed": _p(400, _("An Idempotency-Key has 8 to 100 visible ASCII characters."), KEY),
    "idempotency-key-reused": _p(422, _("This Idempotency-Key was used for something else."), KEY),
    "unauthorised": _p(401, _("There is no token, or it was revoked, has run out, or its office has ended."), TOKEN),
    "insufficient-scope": _p(403, _("This token was not made for this."), TOKEN),
    "forbidden": _p(403, _("You may not open this."), OTHER),
    "method-not-allowed": _p(405, _("This cannot be opened this way"), FORM),
    "media-type": _p(415, _("Send application/json, or multipart/form-data where pictures are taken."), FORM),
    "too-large": _p(413, _("What you sent is larger than can be taken. Send less at once."), FORM),
    "request-entity-too-large": _p(413, _("What you sent is larger than can be taken. Send less at once."), FORM),
    "unfit": _p(422, _("Some fields do not fit; see errors."), MEND),
    "address-locked": _p(429, _("Too many wrong codes came from here. Please try again in an hour."), WAIT),
    "rate": _p(429, _("There were more requests in this minute than one token or address may send."), WAIT),
    "in-progress": _p(409, _("The same is being done at this moment. Ask again in a second."), WAIT),
    "internal-server-error": _p(500, _("This went wrong on our side"), LATER),
}  # fmt: skip
_GENERAL: Final[dict[str, Problem]] = {
    "refused": _p(400, _("This is refused; “detail” says why."), MEND),
    "invalid": _p(422, _("Something is missing or wrong"), MEND),
    "incomplete": _p(422, _("Something that the step needs is missing."), MEND),
    "not-allowed": _p(403, _("The person or office may not do this; “detail” says why."), OTHER),
    "no-permission": _p(403, _("You have no permission for this here."), OTHER),
    "other-area": _p(403, _("This area is not yours to look after."), OTHER),
    "not-yours": _p(403, _("This is for somebody else to do."), OTHER),
    "hidden": _p(403, _("Who reported this is not for you to see."), OTHER),
    "not-found": _p(404, _("There is nothing here"), SEEK),
    "no-page": _p(404, _("This page does not exist."), SEEK),
    "conflict": _p(409, _("Somebody was first"), READ),
    "concurrent-entry": _p(409, _("Somebody else has just done the same."), READ),
    "sealed-day": _p(409, _("This day is already sealed."), LATER),
    "too-many": _p(429, _("This has been done as often as is heard; “detail” says when again."), LATER),
    "trust-too-low": _p(
        403, _("The person is not known well enough for this: “needed” is the level it takes, “have” theirs."), KNOWN
    ),
    "needs-sign-in": _p(403, _("Please sign in first."), KNOWN),
    "area-or-case": _p(422, _("Give either an area or a case."), MEND),
    "reason-missing": _p(422, _("Say in a few words what you need it for."), MEND),
    "fields-unknown": _p(422, _("Choose what you want to read."), MEND),
    "name-missing": _p(422, _("Write the person's name."), MEND),
    "invalid-mobile": _p(422, _("This is not a mobile number."), MEND),
    "invalid-id-number": _p(422, _("This is not an ID number."), MEND),
    "invalid-polygon": _p(422, _("This is no area on a map."), MEND),
    "form-spent": _p(409, _("This form was sent before. Please begin again."), AGAIN),
    "code-taken": _p(422, _("This code is taken."), MEND),
}  # fmt: skip
_MISSING: Final[dict[str, Problem]] = {
    "no-area": _p(404, _("There is no such area."), SEEK),
    "no-building": _p(404, _("There is no such building."), SEEK),
    "no-unit": _p(404, _("There is no such unit."), SEEK),
    "no-home": _p(404, _("There is no such home."), SEEK),
    "no-grid": _p(404, _("There is no such grid."), SEEK),
    "no-place": _p(404, _("There is no such place."), SEEK),
    "no-place-code": _p(404, _("This code belongs to no place. Choose the place yourself."), SEEK),
    "no-person": _p(404, _("There is no such person, or they are not of your area."), SEEK),
    "no-organisation": _p(404, _("There is no such organisation, or it is not of your area."), SEEK),
    "no-appointment": _p(404, _("There is no such office."), SEEK),
    "no-token": _p(404, _("There is no such token."), SEEK),
    "no-call": _p(404, _("There is no such call."), SEEK),
    "no-notice": _p(404, _("This notice is not yours, or it is gone."), SEEK),
    "no-deputy": _p(404, _("There is no such deputy in office."), SEEK),
    "no-opinion": _p(404, _("There is no such opinion."), SEEK),
    "no-suggestion": _p(404, _("There is no such suggestion."), SEEK),
    "no-receipt": _p(404, _("Number and receipt do not belong together."), DESK),
    "no-phone": _p(404, _("No phone is kept of this person."), SEEK),
    "not-sealed": _p(404, _("This day is not sealed yet. Ask again tomorrow."), LATER),
    "link-expired": _p(403, _("This link has run out. Please load the page again."), AGAIN),
    "hotline-signature": _p(401, _("The signature is wrong or its time is over."), SIGN),
    "nonce-spent": _p(409, _("This call was taken before. Sign it anew."), SIGN),
    "number-twice": _p(422, _("A number stands there twice."), MEND),
    "no-hotline": _p(404, _("There is no such hotline."), SEEK),
    "ended": _p(409, _("This matter has ended."), READ),
    "bad-signature": _p(403, _("This link is not valid."), AGAIN),
    "wrong-code": _p(422, _("Number and code of a slip do not fit together; after five tries the number waits an hour."), DESK),
    "code-locked": _p(429, _("The code was wrong five times; the number waits an hour."), WAIT),
}  # fmt: skip
_FILES: Final[dict[str, Problem]] = {
    "file-empty": _p(422, _("The file is empty."), FILE),
    "file-damaged": _p(422, _("The file is damaged or incomplete. Please send it again."), FILE),
    "file-heic": _p(415,
        _("HEIC pictures cannot be shown everywhere. Set the camera to “most compatible”, or send a screenshot."), FILE),
    "file-kind": _p(415, _("Only JPEG, PNG and WebP pictures and PDF are taken here."), FILE),
    "file-is-voice": _p(409, _("A voice is never made public. Write down what was said, and publish that."), READ),
    "file-no-voice": _p(415,
        _("This recording cannot be taken: it is damaged, or holds something beside a voice. Please record it again."),
        FILE),
    "file-voice-long": _p(413, _("The recording is longer than may be sent. Please say the most important things."), FILE),
    "file-not-a-picture": _p(409, _("Only pictures can be blurred."), FILE),
    "file-not-ready": _p(409, _("The picture is not ready yet, or cannot be opened."), LATER),
    "file-too-large": _p(413, _("The file is larger than may be sent."), FILE),
    "file-too-many-pixels": _p(413, _("The picture has more pixels than can be prepared."), FILE),
    "blur-region": _p(422, _("A region to blur lies outside of the picture."), MEND),
}  # fmt: skip
_OF_THE_CASE: Final[dict[str, Problem]] = {
    "matters-wait-above": _p(409, _("Matters wait for an office above that the area would leave."), DESK),
    "matters-gathered-outside": _p(409, _("Matters of the area go with a common matter that would stay behind."), DESK),
    "too-many-matters": _p(409, _("Too many matters for a page would move with the area; the server's command line does it."),
        OTHER),
    "opinion-gathered": _p(409, _("This opinion is in a suggestion already."), READ),
    "opinion-set-aside": _p(409, _("This opinion was set aside."), READ),
    "suggestion-done-anew": _p(
        409, _("It was done anew once. Say your last word on the page of your suggestions."), READ
    ),
    "complex-already": _p(409, _("The longer limit holds already."), READ),
    "no-settlement": _p(409, _("No settlement was put before the parties yet."), READ),
    "matter-over": _p(409, _("This matter is over; nothing can be agreed in it any more."), READ),
    "settlement-said": _p(409, _("Your word on this settlement is on the record already."), READ),
    "sheet-checked": _p(409, _("This sheet was checked already."), READ),
    "own-sheet": _p(403, _("You recorded this sheet yourself. Somebody else checks it."), OTHER),
    "area-moving": _p(409, _("This area is just being moved. Please send it again in a moment."), AGAIN),
    "not-lawful": _p(409, _("The case does not allow this step where it stands now."), READ),
    "held": _p(409, _("Somebody else already has this case."), READ),
    "taken": _p(409, _("Somebody else has taken it."), READ),
    "sent-before": _p(409, _("This was sent before. Please begin a new report."), AGAIN),
    "window-closed": _p(409, _("The time to reopen this case has passed; please report it anew."), AGAIN),
    "accepted-once": _p(409, _("A case once accepted is not declined; it is answered or dispatched elsewhere."), READ),
    "declined-twice": _p(409, _("The level above has declined it as well; the reply says where to go instead."), DESK),
    "higher-decides": _p(409, _("The level above decides on a case that was declined before."), OTHER),
    "already-pending": _p(409, _("A request is already waiting to be decided or answered."), CLOSE),
    "nothing-pending": _p(409, _("There is no request to decide or to answer."), READ),
    "objection-pending": _p(409, _("The objection to the dispatch is decided first."), CLOSE),
    "already-supervised": _p(409, _("The case is already under supervision."), READ),
    "not-supervised": _p(409, _("The case is not under supervision."), READ),
    "at-the-top": _p(409, _("The case is already at the highest level."), READ),
    "limit-reached": _p(409, _("This has been done as often as the rules allow."), READ),
    "ask-reporter": _p(409, _("The reporter has the last word."), OTHER),
    "asks-each": _p(409, _("Each reporter of this common matter is asked in their own case."), READ),
    "remind-first": _p(409, _("The resident is reminded before the case is closed as unanswered."), READ),
    "verify-first": _p(409, _("The answer must be verified before the resident is asked."), CLOSE),
    "co-handlers-outstanding": _p(409, _("Co-handlers have not answered yet; wait for them or have them waived."), CLOSE),
    "takes-part": _p(409, _("This organisation already takes part."), READ),
    "no-sub-task": _p(409, _("This organisation has no open sub-task here."), READ),
    "complained-of": _p(409, _("A body complained of cannot handle the case alone."), OTHER),
    "other-lead": _p(409, _("The case was given to another organisation."), READ),
    "desk-asks": _p(409, _("The desk has the case now; it asks for what is missing."), OTHER),
    "own-report": _p(409, _("You reported this yourself; you can withdraw it."), READ),
    "own-choice-only": _p(422, _("Only the person decides this. Add a photo of the paper that they signed."), MEND),
    "has-gathered": _p(409, _("Others are gathered in this case; gather them into the other one instead."), READ),
    "into-itself": _p(409, _("A case cannot be gathered into itself."), READ),
    "parent-not-done": _p(409, _("The common matter has no result yet."), CLOSE),
    "from-pool": _p(409, _("What was taken from the pool is put back instead."), READ),
    "not-from-pool": _p(409, _("Only what was taken from the pool can be put back."), READ),
    "not-in-pool": _p(409, _("This case was given to somebody; it cannot be taken from the pool."), READ),
    "own-order": _p(409, _("Your own order is for others to take."), OTHER),
    "not-near": _p(409, _("It is outside the areas where you help."), OTHER),
    "not-fit": _p(409, _("It takes a skill that you have not registered."), OTHER),
    "enough": _p(409, _("Finish one of your open orders first."), CLOSE),
    "rating": _p(422, _("Choose one of the five grades."), MEND),
    "outcome": _p(422, _("An answer says that it is solved, or explains why it cannot be."), MEND),
    "extension-too-long": _p(422, _("The extension is longer than the rules allow."), MEND),
    "elsewhere": _p(422, _("This organisation has nothing to do with this place."), MEND),
    "nobody-there": _p(422, _("Nobody handles matters for this organisation yet. Give somebody an office there first."), MEND),
    "not-a-colleague": _p(422, _("This person handles no matters for the organisation."), MEND),
    "not-a-partner": _p(
        403, _("The community whistles in the units of its general party committee; whom else, the street does."), OTHER
    ),
    "whistle-whom": _p(422, _("Choose whom you whistle in."), MEND),
    "not-your-role": _p(403, _("Orders for help are for volunteers, party members and neighbours in office."), OTHER),
    "own-answer": _p(
        403, _("You wrote the answer yourself. Somebody else records what is said of it, or rings."), OTHER
    ),
    "nobody-known": _p(
        403, _("Nobody is known who reported this: nobody can be asked, and it closes as unanswered."), READ
    ),
    "paper-or-call": _p(
        403,
        _("Who is not on the register cannot be told what you record: add the paper that they signed, or ring their number."),
        MEND,
    ),
    "nobody-left": _p(
        422, _("No desk would be left to deal with it. Please turn to the level above, or ring 12345."), MEND
    ),
    "asked-lately": _p(409, _("They were asked a short while ago."), LATER),
    "hidden-reporter": _p(409, _("The reporter hid their name from all but the desk; this stays among you."), READ),
    "private-category": _p(409, _("Matters of this kind are not made public."), READ),
    "withdrawn": _p(409, _("What was withdrawn is not made public."), READ),
    "clock-ran-out": _p(409, _("The time limit has run out, or it no longer runs."), READ),
}  # fmt: skip
PROBLEMS: Final[dict[str, Problem]] = _OF_THE_CALL | _GENERAL | _MISSING | _FILES | _OF_THE_CASE
GROUPS: Final[tuple[tuple[Text, dict[str, Problem]], ...]] = (
    (_("The call itself"), _OF_THE_CALL),
    (_("In general"), _GENERAL),
    (_("What cannot be found"), _MISSING),
    (_("Files"), _FILES),
    (_("Steps of a case"), _OF_THE_CASE),
)

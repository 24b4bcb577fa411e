"""What comes with each verb."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from ninja import Field

from tongxin.api.schemas.base import CaseNumber, Code, Day, Input, Note, Position, Rating, Reason, Text, Urgency

_OWN_CHOICE = (
    "How the person gave this choice to their helper: `signed` on paper (its picture in a part named `paper`), "
    "`in_person` before the helper, or by `phone` to the call-back desk. A helper never chooses."
)
OnBehalfOf = Annotated[UUID | None, Field(description="For whom: a family member, or somebody helped by an office.")]
OwnChoice = Annotated[Literal["", "signed", "in_person", "phone"], Field(description=_OWN_CHOICE)]
Words = Annotated[str, Field(max_length=500)]


class Report(Input):
    """What somebody reports. Photos come in parts named `photos`, nine at most."""

    text: Text = Field(examples=["3号楼2单元楼道灯不亮"])
    category: Code = Field(description="Code of a category.", examples=["lighting"])
    area: Code = Field(description="Code of the area where it is, best of the estate.", examples=["420303001001-01"])
    title: str = Field(default="", max_length=80)
    building: UUID | None = None
    unit: UUID | None = None
    home: UUID | None = None
    place: str = Field(default="", max_length=200, description="In words, such as by the gate.")
    position: Position | None = None
    answers: dict[Code, Words | list[Words] | bool] = Field(
        default={}, max_length=30, description="To the category's extra questions, by their code."
    )
    urgency: Urgency | None = Field(default=None, description="Left out: as the category has it.")
    hidden: bool = Field(default=False, description="Hide the reporter's name from all but the desk.")
    for_person: UUID | None = Field(default=None, description="In whose name, if another's.")
    contact_name: str = Field(default="", max_length=60, description="A reporter who is not in the register.")
    contact_phone: str = Field(default="", max_length=20)
    complained_of: list[UUID] = Field(
        default=[], max_length=5, description="Organisations complained of: of those in charge of the place."
    )


class CommonMatter(Input):
    """A case of its own into which others are gathered."""

    report: Report
    cases: list[CaseNumber] = Field(min_length=1, max_length=500)
    reason: Words = ""


class Confirm(Input):
    """“Solved.”"""

    rating: Rating | None = None
    text: Words = ""
    on_behalf_of: OnBehalfOf = None
    own_choice: OwnChoice = ""


class NotSolved(Input):
    """“Not solved.” Photos in parts named `photos`."""

    reason: Reason
    rating: Rating | None = None
    on_behalf_of: OnBehalfOf = None
    own_choice: OwnChoice = ""


class Reopen(Input):
    """Why it is opened again. Photos in parts named `photos`."""

    reason: Reason
    on_behalf_of: OnBehalfOf = None
    own_choice: OwnChoice = ""


class Rate(Input):
    """五级评价."""

    rating: Rating
    text: Words = ""
    on_behalf_of: OnBehalfOf = None
    own_choice: OwnChoice = ""


class Withdraw(Input):
    """To take the report, or the “me too”, back."""

    reason: Words = ""
    on_behalf_of: OnBehalfOf = None
    own_choice: OwnChoice = ""


class Join(Input):
    """“Me too.”"""

    text: Words = ""
    hidden: bool = False
    on_behalf_of: OnBehalfOf = None


class Urge(Input):
    """催办."""

    text: Words = ""
    on_behalf_of: OnBehalfOf = None


class ProvideInformation(Input):
    """What was asked for. Photos in parts named `photos`."""

    text: Text
    on_behalf_of: OnBehalfOf = None


class OptionalReason(Input):
    """Why, if anything need be said."""

    reason: Words = ""


class OnlyReason(Input):
    """Why."""

    reason: Reason


class OnlyNote(Input):
    """A note for the offices, if any."""

    note: Note = ""


class Nothing(Input):
    """Nothing need come with it."""


class Claim(Input):
    """To take the case."""

    start: bool = Field(default=False, description="Work begins at once.")
    text: Words = ""


class Start(Input):
    """To begin the work."""

    text: Words = ""


class Answer(Input):
    """What was done. Parts named `before`, `after` (pictures) and `documents` (the policy document)."""

    text: Text = Field(examples=["换了声控灯头"])
    explained: bool = Field(default=False, description="Nothing can be done; the text says why.")


class AnswerSubTask(Input):
    """A co-handler's answer. Parts named `photos` and `documents` (the policy document)."""

    organisation: UUID = Field(description="For which of the caller's organisations.")
    text: Text


class RequestExtension(Input):
    """For more time."""

    reason: Reason
    extra: int = Field(ge=1, le=60, description="In the unit of the clock.")


class RequestSuspension(Input):
    """挂账: to put off what cannot be solved now."""

    reason: Reason
    review_on: Day = Field(description="When it is looked at again: within a year.")


class HandOver(Input):
    """To a colleague (who handles cases for the organisation), or to the next organisation in charge."""

    to_person: UUID | None = Field(default=None, description="Who handles cases for the lead.")
    to_organisation: UUID | None = None
    note: Note = ""


class HandToWorker(Input):
    """To a worker without an account; they get a link on their phone."""

    name: str = Field(min_length=1, max_length=60)
    phone: str = Field(min_length=11, max_length=20)


class OnlyText(Input):
    """What is said."""

    text: Text


class AddNote(Input):
    """A word for all concerned, or a note for the offices. Photos in parts named `photos`."""

    text: Text
    internal: bool = Field(default=False, description="For the offices only; a resident's word never is.")


class Decline(Input):
    """Why, and where to go instead; both go to the reporter."""

    reason: Reason
    elsewhere: Reason


class AnswerDirectly(Input):
    """即办. Parts named `photos` and `documents` (the policy document)."""

    text: Text
    explained: bool = False


class CoHandler(Input):
    """Who helps, and with what."""

    organisation: UUID
    task: Annotated[str, Field(min_length=1, max_length=500)]


class Dispatch(Input):
    """To a lead or into the pool; to dispatch anew takes a reason."""

    lead: UUID | None = Field(default=None, description="An organisation.")
    person: UUID | None = None
    pool: bool = False
    co_handlers: list[CoHandler] = Field(default=[], max_length=20)
    note: Note = ""
    reason: Words = ""
    whistle: bool = Field(
        default=False,
        description="吹哨: the co-handlers must come. A street whistles anybody, a community the units of its 大党委.",
    )


class AddCoHandler(Input):
    """A sub-task with a clock of its own."""

    organisation: UUID
    task: str = Field(min_length=1, max_length=500)
    whistle: bool = False


class WaiveCoHandler(Input):
    """To go on without a co-handler's answer."""

    organisation: UUID
    reason: Reason


class CallBack(Input):
    """What came of a call of `GET /call-backs`: with `reached` also the person's own words."""

    call: UUID
    result: Literal["reached", "not_reached", "refused"]
    contacted: bool | None = Field(default=None, description="Did the handler get in touch with them?")
    solved: bool | None = Field(default=None, description="Is it solved, as they say.")
    rating: Rating | None = None
    note: str = Field(default="", max_length=1000)


class OfPhoto(Input):
    """Which: `id` of a picture in the case's timeline."""

    photo: UUID


class Reclassify(Input):
    """Another category or urgency, or whom it is about."""

    category: Code | None = None
    urgency: Urgency | None = None
    about: list[UUID] | None = Field(
        default=None, max_length=5, description="Organisations complained of, all of them; left out: as before."
    )
    note: Note = ""


class Decide(Input):
    """Of what was asked for. A refusal takes a reason."""

    kind: Literal["objection", "extension", "suspension"]
    grant: bool
    reason: Words = ""


class Publish(Input):
    """To everybody, masked, or back. Words left out are those that the program masks."""

    public: bool
    title: str = Field(default="", max_length=80)
    text: str = Field(default="", max_length=10_000)
    place: str = Field(default="", max_length=200)


class Gather(Input):
    """Further cases into this one."""

    cases: list[CaseNumber] = Field(min_length=1, max_length=500)
    reason: Words = ""


class Progress(Input):
    """What stands on the slip."""

    number: CaseNumber
    code: str = Field(min_length=1, max_length=40, examples=["A7CD 9XKM"])


class ReadPhone(Input):
    """Whose telephone is read, and what for. The reading goes on the record."""

    reason: str = Field(min_length=2, max_length=200, examples=["上门前约时间"])
    party: UUID | None = Field(default=None, description="Of a call-back; left out: the reporter.")


class Rectangle(Input):
    """In thousandths of the picture's width and height."""

    left: int = Field(ge=0, le=999)
    top: int = Field(ge=0, le=999)
    width: int = Field(ge=1, le=1000)
    height: int = Field(ge=1, le=1000)


class Blur(Input):
    """What must not be seen; none: the picture as it was taken. Takes the place of what was blurred before."""

    regions: list[Rectangle] = Field(max_length=50)


class MarkRead(Input):
    """One notice, or all that only inform. What asks stays until it is answered."""

    notice: UUID | None = None


class Similar(Input):
    """What is about to be reported."""

    text: Text
    area: Code = Field(examples=["420303001001-01"])
    category: Code | None = None
    building: UUID | None = None
    position: Position | None = None

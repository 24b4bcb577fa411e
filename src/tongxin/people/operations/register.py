"""The register of persons and of those who live together: who they are, where they live, since when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.kernel.identity import id_birth_date, id_is_female
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import clean_line
from tongxin.people import fields as stored
from tongxin.people.models import Household, Person, Residence
from tongxin.people.operations._support import load_person, note, require_over_person
from tongxin.people.queries.areas import community_of, day_of, home_with_place, path_of
from tongxin.people.rules.dates import check_end, overlap
from tongxin.places.models import Area
from tongxin.record.operations import log_reading

SENSITIVE = ("phone", "id_number")
TRAITS = ("lives_alone", "low_income", "disabled", "left_behind_child", "lost_only_child", "veteran", "in_care")


@dataclass(frozen=True, slots=True)
class PersonData:
    """What is known of a person. An ID number decides gender and date of birth (GB 11643)."""

    name: str
    id_number: str = ""
    phone: str = ""
    gender: str = ""
    birth_date: date | None = None
    is_party_member: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who lives in a household, and their relation to its head (such as 配偶)."""

    person_id: UUID
    relation: str = ""
    is_head: bool = False


def _checked(data: PersonData, today: date) -> PersonData:
    """The data in stored form. Raises :class:`Invalid` with the field's name."""
    name = clean_line(data.name, 60)
    if not name:
        raise Invalid("Write the person's name.", field="name", code="name-missing")
    number = stored.clean_id_number(data.id_number)
    gender, born = data.gender, data.birth_date
    if number:
        gender, born = ("f" if id_is_female(number) else "m"), id_birth_date(number)
    if gender not in ("", "f", "m"):
        raise Invalid("Choose female, male or leave it open.", field="gender", code="gender-unknown")
    if born is not None and born > today:
        raise Invalid("The date of birth lies in the future.", field="birth_date", code="born-in-future")
    return PersonData(name, number, stored.clean_phone(data.phone), gender, born, data.is_party_member)


def _apply(person: Person, data: PersonData) -> None:
    person.name = data.name
    person.gender = data.gender
    person.birth_date = data.birth_date
    person.is_party_member = data.is_party_member
    person.phone_cipher, person.phone_index = stored.sealed(data.phone, stored.PHONE)
    person.id_number_cipher, person.id_number_index = stored.sealed(data.id_number, stored.ID_NUMBER)


def _by_id_number(number: str) -> Person | None:
    if not number:
        return None
    return Person.objects.select_for_update().filter(id_number_index=stored.id_number_index(number)).first()


def add_person(
    actor: Actor, data: PersonData, community_id: UUID, *, now: datetime, once: UUID | None = None
) -> Person:
    """Put a person on the register of a community; needs ``people.manage`` there.

    Whoever has the same ID number is the same person: they are given back, with what was still unknown filled in and
    nothing overwritten. The same ``once`` again gives back the same person. Errors: :class:`Invalid` by field;
    ``Conflict`` if that ID number has another name.
    """
    community = Area.objects.filter(pk=community_id, valid_until=None).first()
    if community is None:
        raise NotFound("There is no such area.", code="no-area")
    actor.require("people.manage", community.path)
    data = _checked(data, day_of(now))
    with transaction.atomic():
        if once is not None and (made := Person.objects.filter(pk=once).first()):
            if made.community_id != community.pk:
                raise Conflict("This form was sent before. Please begin again.", code="form-spent")
            return made
        person = _by_id_number(data.id_number)
        if person is not None:
            return _complete(actor, person, data, community, now)
        person = Person(pk=once or uuid7(), community=community, created_at=now)
        _apply(person, data)
        person.save(force_insert=True)
        note(actor, "person.added", ("person", person.pk), community.path, now, new=True)
    return person


def _complete(actor: Actor, person: Person, data: PersonData, community: Area, now: datetime) -> Person:
    """Fill what the register did not know of a person whom it knows by ID number."""
    if person.name != data.name:
        raise Conflict("This ID number is on the register under another name.", code="id-number-other-name")
    changed = []
    if data.phone and person.phone_index is None:
        person.phone_cipher, person.phone_index = stored.sealed(data.phone, stored.PHONE)
        changed.append("phone")
    if data.is_party_member and not person.is_party_member:
        person.is_party_member = True
        changed.append("is_party_member")
    if person.community_id is None:
        person.community = community
        changed.append("community")
    if changed:
        person.save()
        note(actor, "person.completed", ("person", person.pk), community.path, now, fields=changed)
    return person


def edit_person(actor: Actor, person_id: UUID, changes: Mapping[str, Any], *, now: datetime) -> Person:
    """Change what is known of a person; ``changes`` has keys of :class:`PersonData`, an empty text clears a field.

    Needs ``people.manage`` where the person belongs. Errors: :class:`Invalid` by field, ``Conflict`` if the ID number
    is another person's. The record says which fields changed, and keeps the old values beside the chain.
    """
    known = {f.name for f in fields(PersonData)}
    if unknown := set(changes) - known:
        raise ValueError(f"no such field: {sorted(unknown)}")
    with transaction.atomic():
        person = load_person(person_id, lock=True)
        path = require_over_person(actor, "people.manage", person_id, now)
        before = PersonData(
            person.name,
            stored.opened(person.id_number_cipher, stored.ID_NUMBER),
            stored.opened(person.phone_cipher, stored.PHONE),
            person.gender,
            person.birth_date,
            person.is_party_member,
        )
        values = {name: getattr(before, name) for name in known}
        after = _checked(PersonData(**{**values, **changes}), day_of(now))
        changed = [name for name in sorted(known) if getattr(after, name) != getattr(before, name)]
        if not changed:
            return person
        other = _by_id_number(after.id_number)
        if other is not None and other.pk != person.pk:
            raise Conflict("This ID number belongs to somebody else on the register.", code="id-number-taken")
        _apply(person, after)
        person.save()
        old = {name: values[name] for name in changed}
        note(actor, "person.edited", ("person", person_id), path, now, personal={"before": old}, fields=changed)
    return person


def reveal(actor: Actor, person_id: UUID, fields: Sequence[str], reason: str, *, now: datetime) -> dict[str, str]:
    """Phone or ID number in clear (``fields`` of :data:`SENSITIVE`), each reading on the record with its reason.

    Needs ``people.read_sensitive`` where the person belongs (个人信息保护法 6, 51: least scope, and traceable).
    Errors: :class:`Invalid` without a reason, :class:`NotAllowed`, ``NotFound``.
    """
    reason = clean_line(reason, 200)
    if len(reason) < 2:
        raise Invalid("Say in a few words what you need it for.", field="reason", code="reason-missing")
    wanted = [name for name in SENSITIVE if name in fields]
    if not wanted or len(wanted) != len(set(fields)):
        raise Invalid("Choose what you want to read.", field="fields", code="fields-unknown")
    with transaction.atomic():
        person = load_person(person_id)
        path = require_over_person(actor, "people.read_sensitive", person_id, now)
        log_reading(actor=actor, subject=("person", person_id), area_path=path, fields=wanted, reason=reason, now=now)
    contexts = {"phone": stored.PHONE, "id_number": stored.ID_NUMBER}
    return {name: stored.opened(getattr(person, f"{name}_cipher"), contexts[name]) for name in wanted}


# Households


def _check_traits(traits: Iterable[str]) -> list[str]:
    given = list(dict.fromkeys(traits))
    if set(given) - set(TRAITS):
        raise Invalid("There is no such trait of a household.", field="traits", code="trait-unknown")
    return given


def _check_heads(members: Sequence[Member]) -> None:
    if sum(member.is_head for member in members) > 1:
        raise Invalid("A household has one head.", field="is_head", code="two-heads")
    if len({member.person_id for member in members}) != len(members):
        raise Invalid("The same person is there twice.", field="members", code="member-twice")


def settle_household(
    actor: Actor,
    home_id: UUID,
    members: Sequence[Member],
    *,
    since: date,
    now: datetime,
    traits: Iterable[str] = (),
) -> Household:
    """People begin to live together in a home, on the day ``since``; needs ``people.manage`` there."""
    home = home_with_place(home_id)
    actor.require("people.manage", path_of(home))
    _check_heads(members)
    given = _check_traits(traits)
    with transaction.atomic():
        people = [load_person(member.person_id, lock=True) for member in members]
        household = Household.objects.create(home=home, traits=given, since=since)
        Residence.objects.bulk_create(
            Residence(
                household=household,
                person_id=m.person_id,
                relation=clean_line(m.relation, 20),
                is_head=m.is_head,
                since=since,
            )
            for m in members
        )
        _belong(people, community_of(home))
        note(
            actor,
            "household.settled",
            ("household", household.pk),
            path_of(home),
            now,
            new=True,
            home=home_id,
            people=[m.person_id for m in members],
            since=since,
        )
    return household


def _belong(people: Iterable[Person], community: Area) -> None:
    """A person belongs to the community in which they settled last."""
    for person in people:
        if person.community_id != community.pk:
            person.community = community
            person.save(update_fields=["community"])


def _household(household_id: UUID) -> Household:
    household = (
        Household.objects.select_for_update(of=("self",))
        .select_related("home__unit__building__estate__parent")
        .filter(pk=household_id)
        .first()
    )
    if household is None:
        raise NotFound("There is no such household.", code="no-household")
    return household


def set_traits(actor: Actor, household_id: UUID, traits: Iterable[str], *, now: datetime) -> Household:
    """Say what a household's life asks for (:data:`TRAITS`); needs ``people.manage``."""
    given = _check_traits(traits)
    with transaction.atomic():
        household = _household(household_id)
        path = path_of(household.home)
        actor.require("people.manage", path)
        if given != household.traits:
            before, household.traits = household.traits, given
            household.save(update_fields=["traits"])
            note(actor, "household.traits", ("household", household_id), path, now, personal={"before": before})
    return household


def add_resident(
    actor: Actor,
    household_id: UUID,
    person_id: UUID,
    *,
    since: date,
    now: datetime,
    relation: str = "",
    is_head: bool = False,
) -> Residence:
    """Somebody moves in with a household; needs ``people.manage``.

    Errors: ``Conflict`` if they live there in that period already, or the household has ended or has a head.
    """
    with transaction.atomic():
        household = _household(household_id)
        path = path_of(household.home)
        actor.require("people.manage", path)
        person = load_person(person_id, lock=True)
        if household.until is not None or since < household.since:
            raise Conflict("The household does not exist on that day.", code="household-not-there")
        others = Residence.objects.filter(household=household)
        if any(overlap(since, None, r.since, r.until) for r in others.filter(person=person)):
            raise Conflict("This person already lives there.", code="lives-there")
        if is_head and others.filter(is_head=True, until=None).exists():
            raise Conflict("The household already has a head.", code="two-heads")
        residence = Residence.objects.create(
            household=household, person=person, relation=clean_line(relation, 20), is_head=is_head, since=since
        )
        _belong([person], community_of(household.home))
        note(actor, "resident.added", ("household", household_id), path, now, person=person_id, since=since)
    return residence


def move_out(actor: Actor, residence_id: UUID, *, on: date, now: datetime) -> Residence:
    """Somebody lives there no longer from the day ``on``; the last to leave ends the household. ``people.manage``."""
    with transaction.atomic():
        found = Residence.objects.filter(pk=residence_id).values_list("household_id", flat=True).first()
        if found is None:
            raise NotFound("Nobody of that name lives there.", code="no-residence")
        household = _household(found)
        path = path_of(household.home)
        actor.require("people.manage", path)
        residence = Residence.objects.select_for_update().get(pk=residence_id)
        if residence.until is not None:
            raise Conflict("This has already ended.", code="already-ended")
        check_end(residence.since, on)
        residence.until = on
        residence.save(update_fields=["until"])
        if not Residence.objects.filter(household=household, until=None).exists():
            latest = Residence.objects.filter(household=household).order_by("-until").values_list("until", flat=True)
            household.until = latest[0]
            household.save(update_fields=["until"])
        note(
            actor,
            "resident.moved_out",
            ("household", household.pk),
            path,
            now,
            person=residence.person_id,
            on=on,
            household_ended=household.until is not None,
        )
    return residence


def end_household(actor: Actor, household_id: UUID, *, on: date, now: datetime) -> Household:
    """Everybody of a household leaves on the day ``on``; needs ``people.manage``."""
    with transaction.atomic():
        household = _household(household_id)
        path = path_of(household.home)
        actor.require("people.manage", path)
        if household.until is not None:
            raise Conflict("This has already ended.", code="already-ended")
        check_end(household.since, on)
        staying = Residence.objects.select_for_update().filter(household=household, until=None)
        if staying.filter(since__gt=on).exists():
            raise Invalid("Somebody moves in only after that day.", field="on", code="ends-before-begin")
        staying.update(until=on)
        household.until = on
        household.save(update_fields=["until"])
        note(actor, "household.ended", ("household", household_id), path, now, on=on)
    return household

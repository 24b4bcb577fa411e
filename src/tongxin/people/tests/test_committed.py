"""Who owns and who acts for whom is on the record, also where an import made thousands of rows at once."""

from datetime import timedelta
from fractions import Fraction

import pytest

from tongxin.kernel.actor import SYSTEM, Trust
from tongxin.kernel.ids import uuid7
from tongxin.people.models import FamilyLink, Ownership
from tongxin.people.operations import family
from tongxin.people.operations.ownership import Owner, register_ownership, transfer_ownership
from tongxin.people.operations.settling import ResidentRow, bulk_settle
from tongxin.people.queries import committed
from tongxin.people.tests.town import LONG_AGO, NOW, TODAY, actor, person
from tongxin.record.models import Entry
from tongxin.record.verify import verify_all

HALF = Fraction(1, 2)


def found() -> set[tuple[str, str]]:
    """(kind, whose row) of what verify finds of these rows; the town itself was built without operations."""
    findings = [f for f in verify_all().findings if f.where.startswith(("ownership", "family_link"))]
    return {(finding.kind, finding.where.split(" (")[0]) for finding in findings}


@pytest.fixture
def settled(town) -> list[Ownership]:
    """An estate put on the register in one go."""
    rows = [ResidentRow(n, f"业主{n}", home.pk, owner=True) for n, home in enumerate(town.homes[:3], 1)]
    bulk_settle(SYSTEM, rows, now=NOW, since=LONG_AGO)
    return list(Ownership.objects.order_by("id"))


def test_a_share_changed_behind_the_back(town):
    zhang = person("张秀英", town.wuyan)
    (row,) = register_ownership(
        town.clerk, town.homes[0].pk, [Owner(HALF, zhang.pk)], source="register", since=LONG_AGO, now=NOW
    )
    assert found() == set()
    Ownership.objects.filter(pk=row.pk).update(share_denominator=1)
    assert found() == {("row-altered", f"ownership {row.pk}")}
    Ownership.objects.filter(pk=row.pk).delete()
    assert found() == {("row-missing", f"ownership {row.pk}")}


def test_an_import_commits_to_all_its_owners_in_one_entry(settled):
    assert len(settled) == 3
    told = [entry.data["ownerships"] for entry in Entry.objects.filter(verb="people.settled")]
    assert [(one["first"], one["count"]) for one in told] == [(str(settled[0].pk), 3)]
    assert [row.pk.int - settled[0].pk.int for row in settled] == [0, 1, 2]
    assert not Entry.objects.filter(subject_kind="ownership").exists(), "no entry for each"
    assert found() == set()


def test_one_of_many_imported_changed_removed_ended_or_slipped_in(town, settled):
    where = f"ownerships from {settled[0].pk} on"
    middle = Ownership.objects.filter(pk=settled[1].pk)
    middle.update(person=settled[0].person)
    assert found() == {("rows-altered", where)}
    middle.update(person=settled[1].person, until=TODAY)
    assert found() == {("row-altered", f"ownership {settled[1].pk}")}
    middle.delete()
    assert found() == {("rows-missing", where)}
    settled[1].save(force_insert=True)
    assert found() == set()
    made_up = Ownership.objects.create(home=town.homes[0], person=settled[1].person, source="register", since=LONG_AGO)
    assert found() == {("row-unrecorded", f"ownership {made_up.pk}")}


def test_an_imported_owner_sells_and_from_then_on_the_row_has_a_chain(town, settled):
    first, buyer = settled[0], person("赵倩", town.wuyan)
    transfer_ownership(
        town.clerk, first.home_id, ending=[first.pk], owners=[Owner(person_id=buyer.pk)], source="register", on=TODAY,
        now=NOW,
    )  # fmt: skip
    assert found() == set()
    Ownership.objects.filter(pk=first.pk).update(until=TODAY - timedelta(days=300))
    assert found() == {("row-altered", f"ownership {first.pk}")}


def test_a_family_account_made_up_or_prolonged(town):
    mother, son = person("刘桂芳", town.wuyan), person("刘洋", town.wuyan)
    mother_home = town.homes[0].pk
    register_ownership(
        town.clerk, mother_home, [Owner(person_id=mother.pk)], source="register", since=LONG_AGO, now=NOW
    )
    link = family.link_before_worker(town.wang, son.pk, mother.pk, now=NOW)
    family.end_link(actor(mother, trust=Trust.RESIDENT), link.pk, now=NOW)
    assert found() == set()
    FamilyLink.objects.filter(pk=link.pk).update(until=None)
    assert found() == {("row-altered", f"family_link {link.pk}")}
    FamilyLink.objects.filter(pk=link.pk).update(until=NOW)
    stranger = person("陈某", town.wuyan)
    false = FamilyLink.objects.create(id=uuid7(), child=stranger, parent=mother, consent="code", since=NOW)
    assert found() == {("row-unrecorded", f"family_link {false.pk}")}


def test_the_walk_of_ownerships_leaves_out_what_an_import_told(town, settled):
    buyer = person("赵倩", town.wuyan)
    (row,) = register_ownership(
        SYSTEM, town.far_homes[0].pk, [Owner(person_id=buyer.pk)], source="contract", since=LONG_AGO, now=NOW
    )
    assert list(committed.ownership_ids()) == [row.pk]

"""An organisation owns a home: one at a time, from a file, and to the day on which it is no more."""

from datetime import timedelta
from fractions import Fraction

import pytest

from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.errors import Conflict, NotAllowed
from tongxin.people.models import Ownership, Person
from tongxin.people.operations.appointments import Office, appoint
from tongxin.people.operations.organisations import edit_organisation, end_organisation
from tongxin.people.operations.ownership import Owner, register_ownership, transfer_ownership
from tongxin.people.operations.settling import ResidentRow, bulk_settle
from tongxin.people.queries.home_pages import home_page
from tongxin.people.queries.owning import acting_for, homes_owned, owned_counts
from tongxin.people.rules.residents import check_resident_row
from tongxin.people.tests.test_imports import LI, ZHANG, changed, stage, write
from tongxin.people.tests.town import LONG_AGO, NOW, TODAY, person
from tongxin.places.imports import queries as imports
from tongxin.record.verify import verify_all

CODE = "91420303MA48XAY12C"
COMPANY = ["国瑞置业有限公司", CODE, "", "东苑小区", "5号楼", "1单元", "102", "", "是", "", "89.50", ""]
CELLS = dict(zip(("name", "id_number", "phone", "estate", "building", "unit", "home", "relation", "owner", "share",
                  "floor_area", "party"), COMPANY, strict=True))  # fmt: skip


@pytest.fixture
def company(town):
    made = town.body("other", "国瑞置业有限公司", town.wuyan)
    return edit_organisation(SYSTEM, made.pk, {"credit_code": CODE, "short_name": "国瑞置业"}, now=NOW)


def own(town, company, home=0, **given):
    owner = Owner(Fraction(given.pop("share", 1)), organisation_id=company.pk)
    return register_ownership(
        given.pop("actor", town.clerk), town.homes[home].pk, [owner], source="contract", since=LONG_AGO, now=NOW
    )


def test_a_company_owns_and_acts_through_who_holds_office_in_it(town, company):
    own(town, company)
    own(town, company, 1, share=Fraction(1, 2))
    owner = home_page(town.clerk, town.homes[0].pk, now=NOW).owners[0]
    assert (owner.name, owner.person_id, owner.organisation_id, owner.acting) == (
        "国瑞置业",
        None,
        company.pk,
        (),
    )
    manager = person("李经理", town.wuyan)
    appoint(SYSTEM, manager.pk, Office("handler", company.pk, town.wuyan.pk, title="经理"), since=LONG_AGO, now=NOW)
    owner = home_page(town.clerk, town.homes[0].pk, now=NOW).owners[0]
    assert [(one.name, one.title) for one in owner.acting] == [("李经理", "经理")]
    assert acting_for([], NOW) == {}


def test_what_a_company_owns_is_shown_to_those_who_keep_the_register_there(town, company):
    own(town, company)
    far = Owner(organisation_id=company.pk)
    register_ownership(SYSTEM, town.far_homes[0].pk, [far], source="register", since=LONG_AGO, now=NOW)
    shown, more = homes_owned(town.clerk, company.pk, now=NOW)
    assert ([row.address for row in shown], more) == (["东苑小区 5号楼 1单元 101"], "")
    assert owned_counts(town.clerk, [company.pk, town.office.pk], NOW) == {company.pk: 1}
    assert len(homes_owned(town.officer, company.pk, now=NOW)[0]) == 2


def test_a_company_of_elsewhere_buys_and_sells_but_only_by_the_hand_of_this_register(town, company):
    with pytest.raises(NotAllowed):
        own(town, company, actor=town.far_clerk)
    (row,) = own(town, company)
    zhang = person("张桂兰", town.wuyan)
    transfer_ownership(
        town.clerk, town.homes[0].pk, ending=[row.pk], owners=[Owner(person_id=zhang.pk)], source="register", on=TODAY,
        now=NOW,
    )  # fmt: skip
    assert homes_owned(town.clerk, company.pk, now=NOW) == ((), "")


def test_a_body_that_is_no_more_owns_nothing_and_one_that_owns_does_not_end(town, company):
    own(town, company)
    with pytest.raises(Conflict) as refused:
        end_organisation(town.zhou, company.pk, on=TODAY, now=NOW)
    assert refused.value.code == "organisation-owns-homes"
    gone = town.body("merchant", "关了的店", town.wuyan)
    end_organisation(town.zhou, gone.pk, on=TODAY - timedelta(days=1), now=NOW)
    with pytest.raises(Conflict):
        register_ownership(
            town.clerk, town.homes[1].pk, [Owner(organisation_id=gone.pk)], source="contract", since=TODAY, now=NOW
        )


def test_a_row_with_a_credit_code_is_an_organisation_that_owns(town):
    row, problems = check_resident_row(CELLS, "东苑小区", TODAY)
    assert not problems
    assert (row.name, row.credit_code, row.id_number, row.owner, row.lives) == (COMPANY[0], CODE, "", True, False)
    bad = CELLS | {"owner": "", "lives": "是", "name": "", "building": ""}
    assert [p.column for p in check_resident_row(bad, "东苑小区", TODAY)[1]] == ["name", "owner", "lives", "building"]


def test_organisations_come_with_the_file_beside_people_and_nobody_is_made_of_them(town, company):
    people = Person.objects.count()
    batch = write(town, ZHANG, LI, COMPANY)
    assert batch.state == "done", batch.message
    assert (batch.result["persons"], batch.result["ownerships"]) == (2, 3)
    assert Person.objects.count() == people + 2
    owned = Ownership.objects.get(organisation=company)
    assert (owned.home_id, owned.person_id, owned.share_numerator) == (town.homes[1].pk, None, 1)
    assert not list(verify_all().findings)
    assert CODE in str([values for _, values in imports.first_rows(stage(town, changed(COMPANY, 房号="201")))])
    again = stage(town, COMPANY)
    assert again.rows_there == 1


@pytest.mark.parametrize(
    ("cells", "cell"),
    [({"姓名": "另一家公司"}, "B2"), ({"产权人": "否"}, "I2"), ({"证件号码": "91420303MA48XAY121"}, "B2")],
)
def test_each_bad_cell_of_an_organisation_is_named(town, company, cells, cell):
    batch = stage(town, changed(COMPANY, **cells))
    assert batch.rows_bad == 1
    assert [p.cell for p in imports.problems(batch)] == [cell]


def test_an_organisation_that_is_not_on_the_register_is_named_not_made(town):
    assert [p.cell for p in imports.problems(stage(town, COMPANY))] == ["B2"]
    with pytest.raises(Conflict):
        bulk_settle(SYSTEM, [ResidentRow(1, COMPANY[0], town.homes[0].pk, owner=True, credit_code=CODE)], now=NOW)

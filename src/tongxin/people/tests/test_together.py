"""Two clerks at the same moment: nobody owns more than the whole, nobody is decided on twice."""

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from threading import Barrier

import pytest
from django.db import connection

from tongxin.kernel.actor import Trust
from tongxin.kernel.errors import DomainError
from tongxin.people.models import Ownership, Residence
from tongxin.people.operations.ownership import Owner, register_ownership
from tongxin.people.operations.verification import confirm, request_verification
from tongxin.people.tests import town as towns
from tongxin.people.tests.town import LONG_AGO, NOW, actor, person

CLERKS = 4


def all_at_once(act) -> list[str]:
    """``act`` by four clerks; what each was told: ``done`` or the code of the refusal."""
    start = Barrier(CLERKS)

    def one(number: int) -> str:
        start.wait()
        try:
            act(number)
            return "done"
        except DomainError as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(CLERKS) as pool:
        return list(pool.map(one, range(CLERKS)))


@pytest.mark.django_db(transaction=True)
def test_four_clerks_register_a_half_each_and_two_succeed():
    town = towns.build()
    people = [person(f"业主{number}", town.wuyan) for number in range(CLERKS)]

    def register(number: int) -> None:
        owner = Owner(Fraction(1, 2), people[number].pk)
        register_ownership(town.clerk, town.homes[0].pk, [owner], source="register", since=LONG_AGO, now=NOW)

    assert sorted(all_at_once(register)) == ["done", "done", "shares-exceed-whole", "shares-exceed-whole"]
    assert Ownership.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_four_workers_confirm_and_one_does():
    town = towns.build()
    guest = person("陈晓梅", town.wuyan)
    asking = actor(guest, trust=Trust.VISITOR)
    request = request_verification(asking, "resident", town.homes[0].pk, name="陈晓梅", now=NOW).request
    told = all_at_once(lambda _: confirm(town.wang, request.pk, now=NOW))
    assert sorted(told) == ["decided-already"] * 3 + ["done"]
    assert Residence.objects.filter(person=guest).count() == 1

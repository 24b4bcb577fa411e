"""The first people of an installation: nobody can sign in yet, so the server's own command line lets them in."""

import json

import pytest
from django.db import OperationalError
from django.utils import timezone

from tongxin.commands import main
from tongxin.people.models import Account, Appointment, Organisation
from tongxin.people.operations.accounts import check_password
from tongxin.record.models import Entry

NEW = ("--name", "周明", "--username", "zhou.ming", "--role", "community_secretary", "--organisation", "王湾社区居民委员会",
       "--kind", "community")  # fmt: skip


@pytest.fixture
def tongxin(capsys):

    def run(*words):
        status = main.main(["staff", *words, "--json"])
        return status, json.loads(capsys.readouterr().out)

    return run


def opened(tongxin, town, *more):
    return tongxin("open", *NEW, "--area", town.community.code, *more)


def test_the_first_secretary_signs_in_with_the_printed_password(town, tongxin):
    status, said = opened(tongxin, town)
    assert status == 0
    account = Account.objects.get()
    assert check_password("zhou.ming", said["password"], address="1.2.3.4", now=timezone.now()) == account.pk
    assert account.password_is_temporary
    office = Appointment.objects.get()
    assert (office.role, office.organisation.name) == ("community_secretary", "王湾社区居民委员会")
    assert Entry.objects.filter(verb__endswith="staff_opened", actor_kind="system").exists()


def test_a_second_person_of_the_same_body_makes_no_second_body(town, tongxin):
    opened(tongxin, town)
    status, _ = opened(tongxin, town, "--username", "wu.min", "--name", "吴敏", "--role", "community_worker")
    assert status == 0
    assert Organisation.objects.filter(name="王湾社区居民委员会").count() == 1


def test_a_taken_user_name_changes_nothing(town, tongxin):
    opened(tongxin, town)
    before = Entry.objects.count()
    status, said = opened(tongxin, town, "--name", "吴敏")
    assert (status, "taken" in said["error"] or "已有人" in said["error"]) == (1, True)
    assert (Appointment.objects.count(), Entry.objects.count()) == (1, before)


def test_who_lost_the_way_in_gets_a_new_password_and_the_old_one_ends(town, tongxin):
    _, first = opened(tongxin, town)
    status, again = tongxin("reset", "zhou.ming")
    assert (status, again["password"] == first["password"]) == (0, False)
    assert check_password("zhou.ming", again["password"], address="1.2.3.4", now=timezone.now())
    assert tongxin("reset", "nobody")[0] == 1


def test_without_tables_the_operator_is_told_and_spared_the_traceback(settings, tmp_path, capsys, monkeypatch):
    def away(*_, **__):
        raise OperationalError("no such table: places_area")

    settings.DATA = tmp_path / "new" / "folder"
    monkeypatch.setattr("tongxin.journeys.first_office.open_office", away)
    assert main.main(["staff", "open", *NEW, "--area", "420303"]) == 1
    assert "cannot be used: no such table" in capsys.readouterr().err
    assert settings.DATA.is_dir()

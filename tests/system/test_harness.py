"""The harness itself: append-only tables can be emptied between tests, and stay append-only."""

from datetime import UTC, datetime

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

REFUSAL = {
    "sqlite": [
        "CREATE TRIGGER refuse BEFORE DELETE ON django_session BEGIN SELECT RAISE(ABORT, 'append-only'); END",
    ],
    "postgresql": [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'append-only'; END $$",
        "CREATE TRIGGER refuse BEFORE DELETE ON django_session FOR EACH ROW EXECUTE FUNCTION refuse()",
        "CREATE TRIGGER refuse_all BEFORE TRUNCATE ON django_session FOR EACH STATEMENT EXECUTE FUNCTION refuse()",
    ],
}
REMOVAL = {"sqlite": "DROP TRIGGER refuse", "postgresql": "DROP FUNCTION refuse CASCADE"}


def sign_in(key: str) -> None:
    Session.objects.create(session_key=key, session_data="", expire_date=datetime(2026, 12, 1, tzinfo=UTC))


@pytest.mark.django_db(transaction=True)
def test_the_flush_after_a_test_passes_the_guards_and_leaves_them_standing():
    with connection.cursor() as cursor:
        for statement in REFUSAL[connection.vendor]:
            cursor.execute(statement)
        try:
            sign_in("张阿姨")
            call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
            assert not Session.objects.exists()
            sign_in("李师傅")
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                Session.objects.all().delete()
        finally:
            cursor.execute(REMOVAL[connection.vendor])

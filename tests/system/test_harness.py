"""The harness itself: append-only tables can be emptied between tests, and stay append-only."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from tongxin.kernel.actor import SYSTEM
from tongxin.record.models import Entry
from tongxin.record.operations import append_entry

LAMP = UUID("01900000-0000-7000-8000-000000000042")


def note(verb: str) -> None:
    with transaction.atomic():
        append_entry(
            actor=SYSTEM,
            verb=verb,
            subject=("lamp", LAMP),
            area_path="/4203/",
            now=datetime(2026, 11, 22, 2, 0, tzinfo=UTC),
        )


@pytest.mark.django_db(transaction=True)
def test_the_flush_after_a_test_passes_the_guards_and_leaves_them_standing():
    note("lamp.broken")
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    assert not Entry.objects.exists()
    note("lamp.mended")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Entry.objects.all().delete()
    assert Entry.objects.get().verb == "lamp.mended"

from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction

from tongxin.kernel.ids import uuid7
from tongxin.record import triggers
from tongxin.record.models import Entry, Seal
from tongxin.record.operations import seal_due

from .conftest import MORNING

pytestmark = pytest.mark.django_db


def refused(action) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        action()


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def sealed(tell):
    tell(uuid7(), "broken")
    seal_due(MORNING + timedelta(days=1))
    return tell(uuid7(), "broken", MORNING + timedelta(days=1))


@pytest.mark.parametrize("model", [Entry, Seal])
def test_rows_cannot_be_changed_or_deleted(sealed, model):
    table, key = model._meta.db_table, model._meta.pk.column
    refused(lambda: run(f"UPDATE {table} SET hash = hash"))
    refused(lambda: run(f"DELETE FROM {table}"))
    refused(lambda: model.objects.update(hash=""))
    refused(lambda: model.objects.first().delete())
    refused(lambda: model.objects.first().save())
    assert model.objects.values_list(key).exists()


@pytest.mark.postgres
@pytest.mark.parametrize("model", [Entry, Seal])
def test_tables_cannot_be_truncated(sealed, model):
    connection.check_constraints()
    refused(lambda: run(f"TRUNCATE {model._meta.db_table} CASCADE"))


@pytest.mark.sqlite
@pytest.mark.parametrize("pragma", ["ON", "OFF"])
def test_rows_cannot_be_replaced(sealed, pragma, request):
    run(f"PRAGMA recursive_triggers={pragma}")
    request.addfinalizer(lambda: run("PRAGMA recursive_triggers=ON"))
    refused(
        lambda: run("INSERT OR REPLACE INTO record_entry SELECT * FROM record_entry WHERE recorded_at > '2026-11-21'")
    )
    refused(lambda: run("INSERT OR REPLACE INTO record_seal SELECT * FROM record_seal"))
    # The key of the row is new, its place in the chain is not.
    columns = ", ".join(f.column for f in Entry._meta.concrete_fields if f.column != "id")
    refused(
        lambda: run(
            f"INSERT OR REPLACE INTO record_entry (id, {columns}) SELECT '{uuid7().hex}', {columns} FROM record_entry "
            "WHERE recorded_at > '2026-11-21'"
        )
    )
    assert Entry.objects.filter(pk=sealed.pk).exists()


def test_an_upsert_does_not_change_a_row_either(sealed):
    row = Entry.objects.get(pk=sealed.pk)
    row.verb = "light.never-broken"
    refused(
        lambda: Entry.objects.bulk_create([row], update_conflicts=True, unique_fields=["id"], update_fields=["verb"])
    )


@pytest.mark.django_db(transaction=True)
def test_triggers_come_back_with_migrate_after_a_table_was_rebuilt(tell):
    tell(uuid7(), "broken")
    field = models.CharField(max_length=61)
    field.set_attributes_from_name("verb")
    with connection.schema_editor() as editor:
        editor.alter_field(Entry, Entry._meta.get_field("verb"), field)
    with connection.schema_editor() as editor:
        editor.alter_field(Entry, field, Entry._meta.get_field("verb"))
    if connection.vendor == "sqlite":
        run("UPDATE record_entry SET verb = 'light.mended'")  # this is why they are installed again
    call_command("migrate", verbosity=0)
    refused(lambda: run("UPDATE record_entry SET verb = 'light.broken'"))
    refused(lambda: run("DELETE FROM record_entry"))


def test_another_model_can_be_protected_and_installing_twice_is_harmless(monkeypatch):
    monkeypatch.setattr(triggers, "_guards", dict(triggers._guards))
    triggers.protect(apps.get_model("contenttypes", "ContentType"))
    connection.check_constraints()
    triggers.install_triggers(connection)
    triggers.install_triggers(connection)
    refused(lambda: run("DELETE FROM django_content_type"))
    triggers.drop_triggers(connection)
    run("UPDATE django_content_type SET model = model")
    triggers.install_triggers(connection)

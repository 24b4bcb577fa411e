"""What import-linter cannot see: relations between models, by name or not, and their migrations."""

from collections.abc import Iterable

from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models import CASCADE, SET_NULL, CharField, ForeignKey, Model
from django.test.utils import isolate_apps
from django.utils import translation

from tests.architecture.source import level


def own_models() -> list[type[Model]]:
    return [model for model in apps.get_models() if app_of(model)]


def app_of(model: type[Model]) -> str | None:
    """The package of the house that a model lives in; None for other people's models."""
    parts = model.__module__.split(".")
    return parts[1] if parts[0] == "tongxin" else None


def relations_not_downwards(models: Iterable[type[Model]]) -> list[str]:
    """Relations to a sibling or to a layer above, and generic ones, which could point anywhere."""
    rows = []
    for model in models:
        here = app_of(model)
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]:
            target = field.remote_field.model if field.remote_field else None
            if target is None:
                continue
            there = app_of(target)
            if here and there and here != there and level(here) <= level(there):
                rows.append(f"{model._meta.label}.{field.name} → {target._meta.label}")
        rows += [
            f"{model._meta.label}.{field.name} is generic"
            for field in model._meta.private_fields
            if type(field).__name__ == "GenericForeignKey"
        ]
    return rows


def test_relations_point_down_the_layers_only():
    models = own_models()
    assert models
    assert not relations_not_downwards(models)


@isolate_apps("tongxin.places", "tongxin.people", "tongxin.cases")
def test_a_relation_upwards_would_be_seen():
    class Person(Model):
        __module__ = "tongxin.people.models"
        name = CharField(max_length=20)

        class Meta:
            app_label = "people"

    class Bench(Model):
        __module__ = "tongxin.places.models"
        keeper = ForeignKey("people.Person", null=True, on_delete=SET_NULL)

        class Meta:
            app_label = "places"

    class Report(Model):
        __module__ = "tongxin.cases.models"
        reporter = ForeignKey("people.Person", on_delete=CASCADE)

        class Meta:
            app_label = "cases"

    assert relations_not_downwards([Person, Bench, Report]) == ["places.Bench.keeper → people.Person"]


def test_no_model_is_without_its_migration():
    loader = MigrationLoader(None, ignore_no_migrations=True)
    # Names are compared as written, as makemigrations itself does, not in the language of the screen.
    with translation.override(None):
        there, wanted = loader.project_state(), ProjectState.from_apps(apps)
        found = MigrationAutodetector(there, wanted).changes(graph=loader.graph)
    missing = {
        app: [operation.describe() for migration in migrations for operation in migration.operations]
        for app, migrations in found.items()
    }
    assert not missing, "run makemigrations"

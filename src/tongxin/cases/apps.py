from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CasesConfig(AppConfig):
    name = "tongxin.cases"
    label = "cases"

    def ready(self) -> None:
        from tongxin.cases.queries import checks, state
        from tongxin.record.registry import register_check, register_state

        register_state("case", state.case_states, state.case_ids)
        register_state("party", state.party_states, state.party_ids)
        register_state("route", state.route_states, state.route_ids)
        register_state("acceptance", state.acceptance_states, state.acceptance_ids)
        register_check("words", checks.case_checks, on_snapshot=True)
        post_migrate.connect(_install_search, sender=self)
        post_migrate.connect(_ensure_categories, sender=self)


def _install_search(using: str, **kwargs: Any) -> None:
    """The search index is not a Django model: see ``cases/search.py``."""
    from django.db import connections

    from tongxin.cases import search
    from tongxin.cases.models import SearchText

    connection = connections[using]
    if SearchText._meta.db_table in connection.introspection.table_names():
        search.install(connection)


def _ensure_categories(using: str, **kwargs: Any) -> None:
    """Categories are data that every installation starts from and then edits."""
    from django.db import connections

    from tongxin.cases.defaults import ensure_categories
    from tongxin.cases.models import Category

    if Category._meta.db_table in connections[using].introspection.table_names():
        ensure_categories(using=using)

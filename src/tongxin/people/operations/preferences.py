"""How a person wants to see the pages. No entry of the record: nobody else is concerned by it."""

from __future__ import annotations

from uuid import UUID

from tongxin.people.models import Account


def choose_language(*, account_id: UUID, language: str) -> None:
    """Remember the language of an account, a code of ``settings.LANGUAGES``."""
    Account.objects.filter(pk=account_id).update(language=language)


def choose_view(*, account_id: UUID, elder: bool) -> None:
    """Remember whether an account sees the elder view."""
    Account.objects.filter(pk=account_id).update(elder_view=elder)

"""What every call goes through: language, token, scope, rate; and for writes, the key that makes them happen once."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from ninja import Schema

from tongxin.api import bodies, limits, problems, rules
from tongxin.api.operations import answer_once
from tongxin.api.policy import POLICIES, Policy
from tongxin.kernel.actor import NOBODY
from tongxin.people.operations.tokens import note_use
from tongxin.people.queries.tokens import actor_of_token

View = Callable[..., Any]
BASE = "/api/v1"


def outermost(view: View, policies: dict[str, Policy]) -> View:
    """Around a path with all its methods: the language, and headers that every answer has."""

    @functools.wraps(view)
    def speaking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        language = translation.get_language_from_request(request)
        translation.activate(language)
        response = view(request, *args, **kwargs)
        if isinstance(response, HttpResponseNotAllowed):
            allowed = response.headers["Allow"]
            detail = gettext("Allowed here: %(methods)s.") % {"methods": allowed}
            response = problems.problem(405, "method-not-allowed", detail, headers={"Allow": allowed})
        response.headers["Content-Language"] = language
        response.headers.setdefault("Cache-Control", "no-store")
        patch_vary_headers(response, ("Accept-Language", "Authorization"))
        return response

    speaking.csrf_exempt = True  # type: ignore[attr-defined]  # a token is never sent by a browser on its own
    speaking.policy = policies  # type: ignore[attr-defined]
    return speaking


def guarded(name: str, view: View) -> View:
    """Around one method: its policy of the table. Sets ``request.actor`` and ``request.token``."""
    policy = POLICIES[name]

    @functools.wraps(view)
    def checked(request: Any, *args: Any, **kwargs: Any) -> Any:
        request.now = getattr(request, "now", None) or timezone.now()
        refusal = _enter(request, policy)
        return refusal if refusal is not None else view(request, *args, **kwargs)

    # ninja reads the parameters off the outermost function, and would look their types up in this module.
    checked.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined]
    return checked


def _enter(request: Any, policy: Policy) -> HttpResponse | None:
    request.actor, request.token = NOBODY, None
    if policy.public:
        limits.spend(f"address {address_of(request)}", limits.PER_ADDRESS, request.now)
        return None
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    found = actor_of_token(secret.strip(), request.now) if kind.lower() == "bearer" else None
    if found is None:
        limits.spend(f"address {address_of(request)}", limits.PER_ADDRESS, request.now)
        return problems.unauthorised()
    request.actor, request.token = found
    limits.spend(f"token {request.token.id}", limits.PER_TOKEN, request.now)
    note_use(request.token, request.now)
    if policy.scopes and not set(policy.scopes) & set(request.token.scopes):
        return problems.lacking_scope(policy.scopes)
    return None


def address_of(request: HttpRequest) -> str:
    """Who asks: behind our own proxy the address that it noted last, for else all would share one limit."""
    noted = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() if settings.BEHIND_PROXY else ""
    return noted[:50] or str(request.META.get("REMOTE_ADDR", ""))


def write(
    request: Any,
    schema: type[Schema],
    act: Callable[[Any, bodies.Body], Schema],
    *,
    files: frozenset[str] = frozenset(),
    status: int = 200,
) -> HttpResponse:
    """Do a write once: read and check what came, then ``act`` within the transaction that keeps its answer."""
    key = rules.check_key(request.headers.get("Idempotency-Key", ""))
    body = bodies.read(request, files)
    data = validated(schema, body.text)

    def done() -> tuple[int, str]:
        return status, act(data, body).model_dump_json()

    call = f"{request.method} {request.path}"[:200]
    answered = answer_once(request.token.acts_as, key, call, body.digest(), request.now, done)
    response = HttpResponse(answered.body, status=answered.status, content_type="application/json; charset=utf-8")
    if answered.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def asked(request: Any, schema: type[Schema]) -> Any:
    """What a call sends that changes nothing twice: a question, or a reading that is a new entry each time."""
    return validated(schema, bodies.read(request, frozenset()).text)


class Unfit(Exception):
    """The fields do not fit the schema; ``found`` says which and why."""

    def __init__(self, found: list[dict[str, Any]]) -> None:
        super().__init__(found)
        self.found = found


def validated(schema: type[Schema], text: str) -> Any:
    """The JSON text as the schema has it. Raises :class:`Unfit`."""
    try:
        return schema.model_validate_json(text, strict=True)
    except ValueError as error:  # pydantic's own is one
        errors = getattr(error, "errors", None)
        if errors is None:
            raise
        raise Unfit(errors(include_url=False, include_input=False, include_context=False)) from None

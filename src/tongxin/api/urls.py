"""`/api/v1`: the routes of the interface, each with its policy, and its document."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path
from ninja import NinjaAPI
from ninja.errors import ValidationError

from tongxin.api import calls, document, problems
from tongxin.api.policy import POLICIES, PUBLIC, Policy
from tongxin.api.renderers import Json
from tongxin.api.routes import cases, lookups, mine, places, record, verbs
from tongxin.api.words import operation_id
from tongxin.kernel.errors import DomainError

api = NinjaAPI(title="Tongxin", urls_namespace="api-v1", docs_url=None, openapi_url=None, renderer=Json())
for _router in (places.router, cases.router, mine.router, lookups.router, record.router, verbs.router):
    api.add_router("", _router)


@api.exception_handler(DomainError)
def refused(request: HttpRequest, error: Any) -> HttpResponse:
    """What an operation, a query or a rule refused."""
    return problems.refused(error)


@api.exception_handler(calls.Unfit)
def unfit_body(request: HttpRequest, error: Any) -> HttpResponse:
    """Fields of the body that do not fit."""
    return problems.unfit(error.found)


@api.exception_handler(ValidationError)
def unfit_parameters(request: HttpRequest, error: Any) -> HttpResponse:
    """Parameters of the address that do not fit."""
    return problems.unfit([{**one, "loc": one["loc"][1:]} for one in error.errors])


def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    response = HttpResponse(document.built(api), content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _policies() -> dict[str, dict[str, Policy]]:
    """The policies of each path by method."""
    by_operation = {operation_id(name): policy for name, policy in POLICIES.items()}
    return {
        path: {method.upper(): by_operation[one["operationId"]] for method, one in methods.items()}
        for path, methods in document.described(api)["paths"].items()
    }


def _patterns() -> list[Any]:
    policies = _policies()
    kept = []
    for pattern in api.urls[0]:
        if not isinstance(pattern, URLPattern) or pattern.callback is None or pattern.name == "api-root":
            continue
        shown = "/" + str(pattern.pattern).replace("<", "{").replace(">", "}")
        pattern.callback = calls.outermost(pattern.callback, policies[shown])
        kept.append(pattern)
    return kept


urlpatterns = [
    path("openapi.json", calls.outermost(openapi, {"GET": PUBLIC}), name="openapi"),
    *_patterns(),
]

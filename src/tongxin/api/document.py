"""The OpenAPI document: what ninja knows of the routes, with what only this interface knows of its writes and errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from ninja import NinjaAPI, Router, Schema
from pydantic.json_schema import models_json_schema

from tongxin import __version__
from tongxin.api import calls, problems, words
from tongxin.api.policy import POLICIES
from tongxin.api.schemas.base import Problem

_REF: Final = "#/components/schemas/{model}"
_DESCRIPTION: Final = """\
Everything that a resident or a handler does with cases. See `docs/api.md`.

Send `Authorization: Bearer <token>`. Every write with a token carries an `Idempotency-Key`: the same key with the same
request is answered as before (`Idempotent-Replayed: true`) and nothing is done twice. Errors are problems of RFC 9457,
in Chinese or, by `Accept-Language: en`, in English. What may not be known of answers 404."""
_SCOPES: Final = {
    "own.read": "read one's own matters",
    "own.write": "report and have the last word",
    "case.read": "read cases of the office's area",
    "case.handle": "take and answer what is given to one's organisation",
    "case.desk": "accept, dispatch, verify",
    "case.supervise": "supervise and decide",
    "case.submit_for": "report and speak for somebody helped",
    "case.see_reporter": "see a reporter who is hidden by name",
    "case.callback": "list call-backs and, with `case.desk`, note what was said",
    "file.release": "with `case.desk` release photos to the public, hide and blur them",
    "people.read_sensitive": "with `case.desk` read the telephone of somebody concerned, on the record",
}
_STATUSES: Final = {
    400: "The request cannot be understood.",
    401: "No valid token.",
    403: "The token was not made for this, or its person or office may not.",
    404: "There is none, or none that the caller may know of.",
    405: "This method is none of this address.",
    409: "The state has moved on, somebody was first, or the same call still runs.",
    413: "Too large.",
    415: "Neither JSON nor a form of parts.",
    422: "A field is missing or does not fit, or the key was used for another request.",
    429: "Too often.",
}
_HEADERS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "Idempotent-Replayed": (
        "`true` if this was done earlier, under the same key.",
        {"type": "string", "const": "true"},
    ),
    "Location": ("Where the new case is.", {"type": "string", "format": "uri-reference"}),
    "Retry-After": ("Seconds to wait.", {"type": "integer", "minimum": 1}),
    "WWW-Authenticate": ("What is needed (RFC 6750).", {"type": "string"}),
    "Allow": ("The methods that this address has.", {"type": "string"}),
}
_HEADERS_OF: Final = {401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After"}
"""Headers that an answer of this status always has."""
_SOMETIMES: Final = {403: "WWW-Authenticate", 409: "Retry-After"}
"""Those that it has for one of its reasons: a lacking scope; a call that still runs."""
_FILE: Final = {"type": "string", "contentMediaType": "application/octet-stream"}
"""A file in a form, as OpenAPI 3.1 has it (4.8.15.3): raw bytes, not encoded. The kinds stand beside it."""
_PICTURES: Final = "image/jpeg, image/png, image/webp"
_KINDS: Final = {"documents": f"application/pdf, {_PICTURES}"}
_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "8 to 100 visible ASCII characters, best a UUID; kept for seven days.",
    "schema": {"type": "string", "minLength": 8, "maxLength": 100, "pattern": "^[!-~]{8,100}$"},
    "example": "6f2a3a5e-5f0d-4d57-9a86-1d6f0a3d7c11",
}
_TAKEN: dict[str, tuple[type[Schema], frozenset[str]]] = {}
_KEYED: set[str] = set()


def add(
    router: Router,
    method: str,
    path: str,
    view: Callable[..., Any],
    name: str,
    summary: str,
    tag: str,
    answer: type[Schema],
    *,
    status: int = 200,
    takes: type[Schema] | None = None,
    files: frozenset[str] = frozenset(),
    keyed: bool = True,
) -> None:
    """Add a route with its policy (by ``name``) and everything that the document says of it.

    ``keyed``: what is sent changes something, and carries an idempotency key.
    """
    operation = words.operation_id(name)
    if takes is not None:
        _TAKEN[operation] = (takes, files)
        if keyed:
            _KEYED.add(operation)
    router.add_api_operation(
        path,
        [method],
        calls.guarded(name, view),
        response={status: answer},
        operation_id=operation,
        summary=summary,
        description=(view.__doc__ or (takes.__doc__ if takes else "") or summary).strip(),
        tags=[tag],
    )


@cache
def built(api: NinjaAPI) -> bytes:
    """The document as JSON. Made once per process."""
    return json.dumps(described(api), ensure_ascii=False, default=str).encode()


def described(api: NinjaAPI) -> dict[str, Any]:
    """The document: ninja's, completed."""
    made = dict(api.get_openapi_schema(path_prefix=""))
    made["info"] = {
        "title": "Tongxin 同心",
        "version": __version__,
        "description": _DESCRIPTION,
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }
    made["servers"] = [{"url": calls.BASE}]
    components = made["components"]
    schemas: dict[str, Any] = components["schemas"]
    for takes, _ in _TAKEN.values():
        _define(schemas, takes, "validation")
    _define(schemas, Problem, "serialization")
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "Scopes: " + _told(_SCOPES)}
    }
    components["headers"] = {name: {"description": text, "schema": schema} for name, (text, schema) in _HEADERS.items()}
    components["responses"] = {f"Problem{status}": _problem(status, text) for status, text in _STATUSES.items()}
    by_operation = {words.operation_id(name): policy for name, policy in POLICIES.items()}
    for methods in made["paths"].values():
        for operation in methods.values():
            _complete(operation, by_operation[operation["operationId"]])
    return made


def _problem(status: int, text: str) -> dict[str, Any]:
    """A problem with the headers that it has."""
    headers = {}
    if name := _HEADERS_OF.get(status):
        headers[name] = _header(name, required=True)
    if name := _SOMETIMES.get(status):
        headers[name] = _header(name)
    found = {"description": text, "content": {problems.MEDIA_TYPE: {"schema": _ref(Problem)}}}
    return found | ({"headers": headers} if headers else {})


def _header(name: str, *, required: bool = False) -> dict[str, Any]:
    text, schema = _HEADERS[name]
    if required:
        return {"description": text, "required": True, "schema": schema}
    return {"$ref": f"#/components/headers/{name}"}


def _told(names: dict[str, str]) -> str:
    return "; ".join(f"`{name}` {meaning}" for name, meaning in names.items()) + "."


def _ref(model: type[Schema]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}


def _define(schemas: dict[str, Any], model: type[Schema], mode: Any) -> None:
    _, found = models_json_schema([(model, mode)], ref_template=_REF)
    for name, schema in found.get("$defs", {}).items():
        schemas.setdefault(name, schema)


def _complete(operation: dict[str, Any], policy: Any) -> None:
    """Security, the body and its key, and the problems of one operation."""
    taken = _TAKEN.get(operation["operationId"])
    if policy.public:
        operation["security"] = []
    else:
        # OpenAPI 3.1 lets a bearer scheme name roles: any one of these is enough.
        operation["security"] = [{"token": [scope]} for scope in policy.scopes] or [{"token": []}]
        needed = " or ".join(f"`{scope}`" for scope in policy.scopes) or "any"
        operation["description"] += f"\n\nScope: {needed}."
    statuses = {400, 404, 405, 422, 429} | (set() if policy.public else {401, 403})
    if taken is not None:
        operation["requestBody"] = _body(*taken)
        statuses |= {409, 413, 415}
        if operation["operationId"] in _KEYED:
            _declare(operation)
            operation["parameters"] = [*operation.get("parameters", []), _KEY]
    for status in sorted(statuses):
        operation["responses"][str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    operation["responses"] = {str(status): answer for status, answer in operation["responses"].items()}


def _declare(operation: dict[str, Any]) -> None:
    """The headers of the answer to a write."""
    for status, answer in operation["responses"].items():
        answer["headers"] = {"Idempotent-Replayed": _header("Idempotent-Replayed")}
        if int(status) == 201:
            answer["headers"]["Location"] = _header("Location", required=True)


def _body(model: type[Schema], files: frozenset[str]) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": _ref(model)}}
    if files:
        parts: dict[str, Any] = {"data": _ref(model)}
        for name in sorted(files):
            parts[name] = {"type": "array", "maxItems": 9, "items": _FILE}
        content["multipart/form-data"] = {
            "schema": {
                "type": "object", "properties": parts, "required": ["data"], "additionalProperties": False,
            },
            "encoding": {"data": {"contentType": "application/json"}}
            | {name: {"contentType": _KINDS.get(name, _PICTURES)} for name in sorted(files)},
        }  # fmt: skip
    required = bool(model.model_json_schema().get("required"))
    return {"content": content, "required": required}

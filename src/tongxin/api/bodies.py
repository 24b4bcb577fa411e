"""What a write sends: JSON, or a form of parts with JSON in ``data`` and pictures beside it. Bounded in every way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from tongxin.api import rules
from tongxin.kernel.crypto import digest

MAX_FORM_BYTES = 9 * 12 * 1024 * 1024 + 1024 * 1024
_CHUNK = 64 * 1024


class WrongKind(rules.Unreadable):
    """Neither JSON nor, where pictures may come along, a form of parts."""

    status = 415
    code = "media-type"


@dataclass(frozen=True, slots=True)
class Body:
    """The JSON as it came (an object), and the files by the name of their part."""

    text: str = "{}"
    files: Mapping[str, list[UploadedFile]] = field(default_factory=dict)

    def digest(self) -> bytes:
        """Equal for equal requests, however spaced, ordered or cut into parts."""
        spelling = json.dumps(json.loads(self.text), sort_keys=True, separators=(",", ":"))
        parts = [spelling]
        for name in sorted(self.files):
            parts += [f"{name}:{_sha256(file)}" for file in self.files[name]]
        return digest("\n".join(parts).encode())


def _sha256(file: UploadedFile) -> str:
    found = hashlib.sha256()
    for chunk in file.chunks(_CHUNK):
        found.update(chunk)
    file.seek(0)
    return found.hexdigest()


def read(request: HttpRequest, file_fields: frozenset[str]) -> Body:
    """Read the body. ``file_fields``: parts that may hold files; none means JSON only.

    Raises :class:`rules.TooLarge`, :class:`rules.Unreadable` and :class:`WrongKind`; an empty body is an empty object.
    """
    kind = request.content_type or ""
    try:
        size = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        size = 0
    is_form = kind == "multipart/form-data" and bool(file_fields)
    if size > (MAX_FORM_BYTES if is_form else rules.MAX_JSON_BYTES):
        raise rules.TooLarge("What you sent is larger than can be taken. Send less at once.")
    if not is_form and size and kind != "application/json":
        raise WrongKind("Send application/json, or multipart/form-data where pictures are taken.")
    try:
        return _form(request, file_fields) if is_form else Body(_checked(_limited(request)))
    except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
        raise rules.TooLarge("What you sent is larger than can be taken. Send less at once.") from None
    except (MultiPartParserError, UnreadablePostError, SuspiciousOperation):
        raise rules.Unreadable("The parts of the form cannot be read.") from None


def _limited(request: HttpRequest) -> bytes:
    body = request.body
    if len(body) > rules.MAX_JSON_BYTES:
        raise rules.TooLarge("What you sent is larger than can be taken. Send less at once.")
    return body


def _form(request: HttpRequest, file_fields: frozenset[str]) -> Body:
    files = {name: [f for f in request.FILES.getlist(name) if isinstance(f, UploadedFile)] for name in request.FILES}
    if set(files) - file_fields or set(request.POST) - {"data"}:
        raise rules.Unreadable("Send the fields as JSON in a part named data, and files in the parts named for them.")
    text = request.POST.get("data", "{}")
    if len(text) > rules.MAX_JSON_BYTES:
        raise rules.TooLarge("What you sent is larger than can be taken. Send less at once.")
    return Body(_checked(text.encode(errors="surrogatepass")), files)


def _checked(raw: bytes) -> str:
    """The JSON object, spelt anew: numbers without end and repeated names do not get past this."""
    if not raw.strip():
        return "{}"
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise rules.Unreadable("This is not JSON.") from None
    if not isinstance(value, dict):
        raise rules.Unreadable("Send a JSON object.")
    rules.check_json(value)
    return json.dumps(value, ensure_ascii=False)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(constant)

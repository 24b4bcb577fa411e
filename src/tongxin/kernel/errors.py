"""Errors that a person may see.

An operation or rule that refuses raises a :class:`DomainError`. Shells turn it into a page or an RFC 9457 problem
with ``status``; ``message`` is an English message id that the shell translates, with ``params`` filled in after
translation.
"""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """A lawful request to refuse: nothing was changed.

    ``code`` is stable and for programs, ``message`` is a translatable sentence for the person, ``status`` an HTTP
    status. ``params`` fill ``%(name)s`` places of the message.
    """

    status = 400
    code = "refused"

    def __init__(self, message: str, *, code: str | None = None, status: int | None = None, **params: Any) -> None:
        super().__init__(message % params if params else message)
        self.message = message
        self.params = params
        if code is not None:
            self.code = code
        if status is not None:
            self.status = status


class NotAllowed(DomainError):
    """The actor lacks the permission or the level of trust. ``params`` may tell how to reach it."""

    status = 403
    code = "not-allowed"


class NotFound(DomainError):
    """There is no such thing, or the actor may not know of it."""

    status = 404
    code = "not-found"


class Conflict(DomainError):
    """Somebody else was first, or the state has moved on."""

    status = 409
    code = "conflict"


class Invalid(DomainError):
    """A field is malformed. ``field`` names it for the form."""

    status = 422
    code = "invalid"

    def __init__(self, message: str, *, field: str = "", **kwargs: Any) -> None:
        super().__init__(message, **kwargs)
        self.field = field


class TooMany(DomainError):
    """A limit of rate or size is reached."""

    status = 429
    code = "too-many"

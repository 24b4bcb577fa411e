"""The words of a page in its reader's language, looked up once in a process rather than at every mention.

Django's ``gettext`` asks several thread-locals before it opens a catalogue: seven microseconds, two hundred times a page.
A request has one language, so :func:`override` names it once; where nobody did, Django answers. Pages take ``gettext`` and
``gettext_lazy`` from here where they say much, and change the language by nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from django.utils import translation
from django.utils.functional import lazy

_MOST: Final = 4096  # the catalogue has fewer; what a page makes up does not fill the memory


class _Spoken(dict[str, str]):
    """What has been said in one language. Only asked while that language is active."""

    def __missing__(self, message: str) -> str:
        words = translation.gettext(message)
        if type(message) is str and len(self) < _MOST:  # HTML that equals a text would come back as a text, escaped
            self[message] = words
        return words


_languages: dict[str | None, _Spoken] = {}
_current: ContextVar[_Spoken | None] = ContextVar("spoken", default=None)


@contextmanager
def speaking() -> Iterator[None]:
    """Until the end of the block nobody changes the language that is active now, but by :func:`override`."""
    language = translation.get_language()
    spoken = _languages.get(language)
    if spoken is None:
        spoken = _languages[language] = _Spoken()
    before = _current.set(spoken)
    try:
        yield
    finally:
        _current.reset(before)


@contextmanager
def override(language: str) -> Iterator[None]:
    """Speak this language until the end of the block."""
    with translation.override(language), speaking():
        yield


def gettext(message: str) -> str:
    """The text with this id in the active language, as Django's ``gettext`` gives it."""
    spoken = _current.get()
    return translation.gettext(message) if spoken is None else spoken[message]


gettext_lazy = lazy(gettext, str)
"""The same when it is shown, for texts that are named at import."""

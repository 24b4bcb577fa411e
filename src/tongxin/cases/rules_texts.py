"""What people say is kept whole or refused: nobody's words are cut without their knowing. PURE."""

from __future__ import annotations

from tongxin.kernel.errors import Invalid
from tongxin.kernel.text import clean_line, clean_text


def fit_line(text: str, most: int, field: str = "text") -> str:
    """``text`` cleaned to one line. Raises :class:`Invalid` if it is longer than ``most`` characters."""
    return _fit(clean_line(text, most + 1), most, field)


def fit_text(text: str, most: int, field: str = "text") -> str:
    """``text`` cleaned, its lines kept. Raises :class:`Invalid` if it is longer than ``most`` characters."""
    return _fit(clean_text(text, most + 1), most, field)


def _fit(cleaned: str, most: int, field: str) -> str:
    if len(cleaned) > most:
        raise Invalid("Please say it in fewer words: at most %(most)s characters.", field=field, most=most)
    return cleaned

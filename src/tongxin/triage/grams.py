"""What the model sees of a text: its runs of one to three characters, and once more those of its first words.

What a text opens with (a title, or “请问…”) says what it is about; the rest tells the story. PURE.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Final

LONGEST_RUN: Final = 3
OPENING: Final = 25
LONGEST_TEXT: Final = 3000
"""Characters that are read; what somebody writes about is clear by then."""
_BLANK = re.compile(r"\s+")


def plain(text: str) -> str:
    """The text as it is counted: half width, small letters, blanks as one."""
    return _BLANK.sub(" ", unicodedata.normalize("NFKC", text[: LONGEST_TEXT * 2]).lower()).strip()[:LONGEST_TEXT]


def grams(text: str) -> Counter[str]:
    """How often each run of one to three characters stands in a plain text."""
    found: Counter[str] = Counter()
    for length in range(1, LONGEST_RUN + 1):
        found.update(text[i : i + length] for i in range(len(text) - length + 1))
    return found

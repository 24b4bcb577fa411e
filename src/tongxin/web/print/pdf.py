"""PDF from typst documents, with a Chinese font that this machine really has."""

from __future__ import annotations

import functools
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from tongxin.kernel.errors import DomainError

FOLDER = Path(__file__).resolve().parent
# The usual free ones first; the font is embedded in the PDF, as far as it is used.
FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
)


class NoChineseFont(DomainError):
    """The machine has no font with Chinese characters, so a paper would be full of boxes."""

    status = 503
    code = "no-chinese-font"


@functools.cache
def _families() -> frozenset[str]:
    return frozenset(typst.Fonts(include_system_fonts=True, include_embedded_fonts=False).families())


def chinese_font() -> str:
    """The first of the known Chinese fonts that is installed. Raises NoChineseFont with what to install."""
    font = next((name for name in FONTS if name in _families()), None)
    if font is None:
        raise NoChineseFont("This server has no Chinese font. Install the package fonts-noto-cjk, then try again.")
    return font


def render(document: str, data: dict[str, Any], now: datetime) -> bytes:
    """A document of this folder (``poster.typ``) as PDF. It reads ``data`` as JSON from ``sys.inputs.data``."""
    inputs = {"data": json.dumps(data, ensure_ascii=False), "font": chinese_font()}
    done: bytes = typst.compile(FOLDER / document, root=FOLDER, sys_inputs=inputs, timestamp=int(now.timestamp()))
    return done

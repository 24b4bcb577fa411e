"""PDF from typst documents, in the product's own Chinese font."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from tongxin.files import fonts

FOLDER = Path(__file__).resolve().parent


def render(document: str, data: dict[str, Any], now: datetime) -> bytes:
    """A document of this folder (``poster.typ``) as PDF. It reads ``data`` as JSON from ``sys.inputs.data``."""
    inputs = {"data": json.dumps(data, ensure_ascii=False), "font": fonts.FAMILY}
    done: bytes = typst.compile(
        FOLDER / document, root=FOLDER, font_paths=[fonts.FOLDER], sys_inputs=inputs, timestamp=int(now.timestamp())
    )
    return done

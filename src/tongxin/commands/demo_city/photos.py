"""Drawn pictures that stand for residents' photos: a wall, a lamp, a puddle. No stock pictures, nobody's home."""

from __future__ import annotations

import io
from random import Random
from typing import Any

from PIL import Image, ImageDraw

SIZE = (800, 600)


class Photo(io.BytesIO):
    """A picture as an upload."""

    name = "IMG.jpg"


def draw(category: str, random: Random, *, mended: bool = False) -> Any:
    """A JPEG of about 30 kB: dusk where something is broken, day where it is mended."""
    sky = (176, 196, 200) if mended else (88, 104, 112)
    picture = Image.new("RGB", SIZE, sky)
    pen = ImageDraw.Draw(picture)
    ground = random.randint(420, 470)
    pen.rectangle((0, ground, 800, 600), fill=(150, 142, 128) if mended else (96, 92, 84))
    for x in range(0, 800, random.randint(150, 220)):
        top = random.randint(120, 260)
        pen.rectangle((x, top, x + 140, ground), fill=(196, 184, 164) if mended else (120, 114, 106))
        for row in range(top + 20, ground - 40, 46):
            for column in range(x + 14, x + 126, 38):
                lit = random.random() < (0.2 if mended else 0.35)
                pen.rectangle((column, row, column + 22, row + 28), fill=(240, 214, 140) if lit else (78, 90, 98))
    _thing(pen, category.split(".")[0], ground, random, mended)
    file = Photo()
    picture.save(file, "JPEG", quality=78)
    file.seek(0)
    return file


def _thing(pen: ImageDraw.ImageDraw, kind: str, ground: int, random: Random, mended: bool) -> None:
    x = random.randint(200, 560)
    if kind == "lighting":
        pen.rectangle((x, 180, x + 10, ground + 40), fill=(60, 64, 66))
        pen.ellipse((x - 26, 150, x + 36, 196), fill=(255, 232, 150) if mended else (52, 56, 58))
    elif kind in {"water", "drain", "road"}:
        colour = (170, 160, 142) if mended else (70, 84, 92)
        pen.ellipse((x - 130, ground + 40, x + 150, ground + 110), fill=colour)
    elif kind in {"parking", "illegal"}:
        pen.rectangle((x, ground + 10, x + 150, ground + 70), fill=(150, 60, 50) if not mended else (150, 142, 128))
    elif not mended:
        for _ in range(9):
            left, top = x + random.randint(-90, 90), ground + random.randint(0, 70)
            pen.rectangle((left, top, left + 40, top + 30), fill=(110 + random.randint(0, 60), 90, 70))

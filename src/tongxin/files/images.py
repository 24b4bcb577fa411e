"""Pictures: what their header tells, and making them anew without anything that the camera added."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image, ImageDraw, ImageFont, ImageOps

from tongxin.files import fonts, rules
from tongxin.files.rules import Region
from tongxin.kernel.errors import Invalid

_FORMATS = ("JPEG", "PNG", "WEBP")
_SIDEWAYS = frozenset({5, 6, 7, 8})
_CELLS = 4
_SHADES = 16


class Undecodable(Exception):
    """The bytes are no picture that can be opened."""


@dataclass(frozen=True, slots=True)
class Details:
    """What the camera noted: dimensions as shown, position in WGS-84, time aware."""

    width: int
    height: int
    lat: float | None
    lng: float | None
    taken_at: datetime | None


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture made anew."""

    content: bytes
    mime: str
    width: int
    height: int


def check_header(content: bytes) -> tuple[int, int]:
    """Width and height as stored, from the header alone. Raises Undecodable, and Invalid for too many pixels."""
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            rules.check_dimensions(*picture.size)
            return picture.size
    except Invalid:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise rules.too_many_pixels() from None
    except Exception as error:  # Pillow's readers raise whatever a hostile file provokes
        raise Undecodable(str(error)) from error


def read_details(content: bytes) -> Details:
    """What the camera noted; unpacks nothing. Raises Undecodable."""
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            width, height = picture.size
            exif = picture.getexif()
            if exif.get(ExifTags.Base.Orientation) in _SIDEWAYS:
                width, height = height, width
            lat, lng = _position(exif)
            return Details(width, height, lat, lng, _taken_at(exif))
    except Exception as error:  # see check_header
        raise Undecodable(str(error)) from error


def _position(exif: Image.Exif) -> tuple[float | None, float | None]:
    try:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        if not gps:
            return None, None
        lat = _degrees(gps[ExifTags.GPS.GPSLatitude], gps[ExifTags.GPS.GPSLatitudeRef] == "S")
        lng = _degrees(gps[ExifTags.GPS.GPSLongitude], gps[ExifTags.GPS.GPSLongitudeRef] == "W")
    except Exception:  # a camera's nonsense is no reason to refuse the picture
        return None, None
    # Cameras without a fix write zeros.
    if not (math.isfinite(lat) and math.isfinite(lng) and abs(lat) <= 90 and abs(lng) <= 180) or lat == lng == 0:
        return None, None
    return lat, lng


def _degrees(parts: Any, negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = round(degrees + minutes / 60 + seconds / 3600, 6)
    return -value if negative else value


def _taken_at(exif: Image.Exif) -> datetime | None:
    try:
        inner = exif.get_ifd(ExifTags.IFD.Exif)
        text = inner.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
        if not text:
            return None
        offset = inner.get(ExifTags.Base.OffsetTimeOriginal)
        if offset:
            return datetime.strptime(f"{text}{offset}", "%Y:%m:%d %H:%M:%S%z").astimezone(UTC)
        local = datetime.strptime(text, "%Y:%m:%d %H:%M:%S")
        return local.replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
    except Exception:  # see _position
        return None


def encode_sizes(content: bytes, watermark: str = "") -> dict[str, Encoded]:
    """A picture in each of ``rules.SIDES``: upright, in RGB, without metadata. Raises Undecodable."""
    picture = _unpack(content)
    if watermark:
        _draw_watermark(picture, watermark)
    return _sizes(picture)


def encode_blurred(large: bytes, regions: Sequence[Region]) -> dict[str, Encoded]:
    """The same sizes from a kept ``large`` picture, with what lies in ``regions`` gone for good. Raises Undecodable."""
    picture = _unpack(large)
    for region in regions:
        _pixelate(picture, region.pixels(*picture.size))
    return _sizes(picture)


def _unpack(content: bytes) -> Image.Image:
    side = rules.SIDES["large"]
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as source:
            rules.check_dimensions(*source.size)
            # A JPEG can be unpacked at a half, a quarter or an eighth: much less memory, the same result after scaling.
            source.draft("RGB", (side, side))
            picture = ImageOps.exif_transpose(source)
            if picture.has_transparency_data:
                layer = picture.convert("RGBA")
                picture = Image.new("RGB", layer.size, "white")
                picture.paste(layer, mask=layer.getchannel("A"))
            elif picture.mode.startswith("I"):  # 16 bits of grey, as scanners make them
                picture = picture.point(lambda value: value / 256).convert("L").convert("RGB")
            elif picture.mode != "RGB":
                picture = picture.convert("RGB")
            else:
                picture.load()
    except Exception as error:  # Pillow's readers raise whatever a hostile file provokes
        raise Undecodable(str(error)) from error
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    return picture


def _sizes(picture: Image.Image) -> dict[str, Encoded]:
    made = {}
    for name, side in rules.SIDES.items():  # from the largest down, each from the one before
        if max(picture.size) > side:
            picture = picture.copy()
            picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        made[name] = _encode(picture, name)
    return made


def _encode(picture: Image.Image, size: str) -> Encoded:
    # A fresh picture of the same pixels: nothing that the file carried beside them can come along.
    bare = Image.frombytes("RGB", picture.size, picture.tobytes())
    buffer = io.BytesIO()
    if size == "large":  # offices print it and put it into papers
        bare.save(buffer, "JPEG", quality=84, optimize=True, progressive=True)
        return Encoded(buffer.getvalue(), rules.JPEG, *bare.size)
    bare.save(buffer, "WEBP", quality=78 if size == "medium" else 70, method=3)
    return Encoded(buffer.getvalue(), rules.WEBP, *bare.size)


def _pixelate(picture: Image.Image, box: tuple[int, int, int, int]) -> None:
    """Put at most 4 × 4 flat cells of 16 shades per colour in place of the box: too little to guess a plate from."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if width < 1 or height < 1:
        return
    cells = picture.crop(box).resize((min(_CELLS, width), min(_CELLS, height)), Image.Resampling.BOX)
    step = 256 // _SHADES
    cells = cells.point(lambda value: value // step * step + step // 2)
    picture.paste(cells.resize((width, height), Image.Resampling.NEAREST), (left, top))


def _draw_watermark(picture: Image.Image, text: str) -> None:
    """White text on a dark band at the lower edge, shrunk until it fits the width."""
    size = max(12, picture.width // 40)
    font = _font(size)
    while size > 6 and font.getlength(text) > picture.width - 2 * size:
        size -= 1
        font = _font(size)
    length = font.getlength(text)
    band = Image.new("RGBA", (picture.width, size * 2), (0, 0, 0, 140))
    ImageDraw.Draw(band).text((picture.width - length - size, size * 0.4), text, font=font, fill="white")
    picture.paste(band, (0, max(0, picture.height - band.height)), mask=band)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(fonts.FOLDER / "TongxinSans-Regular.otf"), size)

"""Pictures as phones make them."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image, ImageDraw

from tongxin.files import operations
from tongxin.files.queries import Picture
from tongxin.kernel.actor import Actor, Grant
from tongxin.kernel.ids import uuid7

AREA = "4203/420303/420303001/"
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def data(settings, tmp_path):
    """A data folder of the test's own."""
    settings.DATA = tmp_path
    return tmp_path


@pytest.fixture
def zhang() -> Actor:
    """张阿姨, a resident."""
    return Actor(id=uuid7(), name="张阿姨")


@pytest.fixture
def desk() -> Actor:
    """A worker of the community's desk."""
    return Actor(id=uuid7(), name="王干事", grants=(Grant("community_worker", frozenset({"file.release"}), AREA),))


def jpeg(width: int = 800, height: int = 600, **save: Any) -> bytes:
    """A street scene with a number plate: grey, with a fine pattern in the middle."""
    picture = Image.new("RGB", (width, height), (120, 130, 140))
    draw = ImageDraw.Draw(picture)
    for x in range(width * 4 // 10, width * 6 // 10, 4):
        draw.rectangle([x, height * 4 // 10, x + 1, height * 6 // 10], fill="white")
    buffer = io.BytesIO()
    picture.save(buffer, save.pop("format", "JPEG"), **save)
    return buffer.getvalue()


def camera_exif(**more: Any) -> Image.Exif:
    """What a phone notes: turned by a quarter, taken in Zhangwan at 09:30, by whose camera."""
    exif = Image.Exif()
    exif[0x0112] = more.get("orientation", 6)
    exif[0x010F] = "SecretPhone"
    exif[0x8825] = {1: "N", 2: (32.0, 39.0, 12.5), 3: "E", 4: (110.0, 47.0, 3.2)}
    exif[0x8769] = {36867: "2026:11:22 09:30:00"}
    return exif


def upload(content: bytes, name: str = "现场.jpg") -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


@pytest.fixture
def take(zhang, db) -> Callable[..., Picture]:
    """张阿姨 hands in a file with her report."""

    def taken(content: bytes, name: str = "现场.jpg", purpose: str = "report", **more: Any) -> Picture:
        owner = more.pop("owner", ("case", uuid7()))
        return operations.store(
            actor=zhang, upload=upload(content, name), purpose=purpose, owner=owner, area_path=AREA, now=NOW, **more
        )

    return taken


@pytest.fixture
def ready(take) -> Callable[..., Picture]:
    """The same, after the worker has been there."""
    from tongxin.files import queries

    def prepared(*args: Any, **more: Any) -> Picture:
        shown = take(*args, **more)
        operations.process_due(NOW)
        return queries.get(shown.id)

    return prepared

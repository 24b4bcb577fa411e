import io
import zlib

import pytest
from django.db import transaction
from PIL import Image

from tongxin.files import operations, queries, rules, storage
from tongxin.files.models import Attachment
from tongxin.kernel.errors import DomainError
from tongxin.kernel.ids import uuid7
from tongxin.record.operations import append_entries
from tongxin.record.queries import history

from .conftest import AREA, NOW, camera_exif, jpeg, upload

pytestmark = pytest.mark.django_db


def refusal(take, content: bytes, **more) -> DomainError:
    with pytest.raises(DomainError) as refused:
        take(content, **more)
    assert not Attachment.objects.exists()
    assert not list(storage.walk())
    return refused.value


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_taken_in_and_waits_unseen_for_the_worker(take, form):
    content = jpeg(format=form)
    shown = take(content)
    assert (shown.state, shown.width, shown.height, shown.is_public) == ("raw", 800, 600, False)
    assert storage.quarantine_path(shown.id).read_bytes() == content
    assert queries.link(shown, "large", now=NOW) == queries.public_link(shown, "large") == ""
    assert [(line.verb, line.data["size"]) for line in history(("file", shown.id))] == [("file.stored", len(content))]


def test_twelve_megabytes_are_the_limit_and_no_more_is_read(take):
    class Endless(io.RawIOBase):
        name = "film.jpg"
        given = 0

        def read(self, size: int = -1) -> bytes:
            assert 0 < size <= rules.MAX_BYTES + 1
            self.given += size
            return b"\xff\xd8\xff" + b"0" * (size - 3)

    error = refusal(take, jpeg() + b"0" * rules.MAX_BYTES)
    assert (error.code, error.status, error.params) == ("file-too-large", 413, {"megabytes": 12})
    with pytest.raises(DomainError) as refused:
        operations.store(
            actor=operations.SYSTEM,
            upload=Endless(),
            purpose="report",
            owner=("case", uuid7()),
            area_path=AREA,
            now=NOW,
        )
    assert refused.value.code == "file-too-large"


def test_what_says_it_is_too_large_is_not_read_at_all(zhang):
    class Huge:
        name, size = "film.jpg", 10**10

        def read(self, size: int = -1) -> bytes:
            raise AssertionError("read")

    with pytest.raises(DomainError) as refused:
        operations.store(actor=zhang, upload=Huge(), purpose="report", owner=("case", uuid7()), area_path=AREA, now=NOW)
    assert refused.value.status == 413


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (b"MZ\x90\x00" * 100, "file-kind"),
        (b"GIF89a" + b"0" * 100, "file-kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "file-kind"),
        (b"%PDF-1.7\n...\n%%EOF", "file-kind"),
        (b"\x00\x00\x00\x18ftypheic" + b"0" * 100, "file-heic"),
        (b"\xff\xd8\xff" + b"\x00" * 200 + b"\xff\xd9", "file-damaged"),
        (b"\xff\xd8\xff\xe0\x00\x04\x00\x00\xff\xda\x00\x02 no header \xff\xd9", "file-damaged"),
        (b"\xff\xd8\xff", "file-damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"IEND" * 9, "file-damaged"),
        (b"RIFF\xff\xff\xff\x7fWEBPVP8 ", "file-damaged"),
    ],
)
def test_odd_files_are_refused_with_a_clear_word(take, content, code):
    assert refusal(take, content).code == code


def test_a_name_does_not_make_a_picture(take):
    assert refusal(take, b"#!/bin/sh\n", name="photo.jpg").status == 415


@pytest.mark.parametrize("share", [0.3, 0.6, 0.99])
def test_a_photo_whose_upload_broke_off_is_refused_though_its_thumbnail_is_whole(take, share):
    exif = camera_exif().tobytes()
    thumbnail = jpeg(160, 120)
    whole = jpeg(exif=exif + thumbnail)
    assert thumbnail in whole
    assert refusal(take, whole[: int(len(whole) * share)]).code == "file-damaged"


def test_what_phones_put_behind_the_picture_does_no_harm(take):
    assert take(jpeg() + b"MotionPhoto" + b"\x00" * 5000).state == "raw"


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises gigabytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("width", "height"), [(8000, 8000), (30_000, 30_000), (60_000, 60_000), (20_001, 1)])
def test_a_decompression_bomb_is_refused_by_its_header(take, width, height):
    error = refusal(take, png_that_claims(width, height))
    assert (error.code, error.status) == ("file-too-many-pixels", 413)


def test_papers_may_be_pdf_and_can_be_saved_at_once(take):
    shown = take(b"%PDF-1.7\nhello\n%%EOF\n", name="政策文件.pdf", purpose="policy")
    assert (shown.state, shown.is_document) == ("ready", True)
    opened = queries.open_link(queries.link(shown, "original", now=NOW)[3:], NOW)
    assert (opened.path.read_bytes()[:5], opened.inline, opened.name) == (b"%PDF-", False, "政策文件.pdf")
    assert refusal_of_broken_pdf(take) == "file-damaged"


def refusal_of_broken_pdf(take) -> str:
    with pytest.raises(DomainError) as refused:
        take(b"%PDF-1.7\nhel", purpose="policy")
    return refused.value.code


def test_of_several_files_all_are_checked_before_one_is_written(zhang):
    with pytest.raises(DomainError), transaction.atomic():
        operations.stage(
            actor=zhang,
            uploads=[upload(jpeg()), upload(b"GIF89a")],
            purpose="report",
            owner=("case", uuid7()),
            area_path=AREA,
            now=NOW,
        )
    assert not list(storage.walk())


def test_nine_photos_cost_no_statement_of_their_own(zhang, django_assert_num_queries):
    owner = ("case", uuid7())
    with django_assert_num_queries(0):
        shown, drafts = operations.stage(
            actor=zhang, uploads=[upload(jpeg())] * 1, purpose="report", owner=owner, area_path=AREA, now=NOW
        )
    with django_assert_num_queries(0):
        more, more_drafts = operations.stage(
            actor=zhang,
            uploads=[upload(jpeg()) for _ in range(9)],
            purpose="report",
            owner=owner,
            area_path=AREA,
            now=NOW,
        )
    assert (len(shown), len(drafts), len(more), len(more_drafts)) == (1, 1, 9, 9)
    append_entries([*drafts, *more_drafts], now=NOW, beside=[*shown, *more])
    with django_assert_num_queries(1):
        assert [p.id for p in queries.of_owner(owner)] == [p.id for p in (*shown, *more)]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\照片\\灯.jpg", "灯.jpg"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("a\x00b\n.jpg", "ab.jpg"),
        ("x" * 300 + ".jpeg", "x" * 115 + ".jpeg"),
        ("...", ""),
        ("", ""),
    ],
)
def test_names_are_cleaned_and_never_become_paths(take, given, kept):
    shown = take(jpeg(), name=given)
    assert shown.name == kept
    assert storage.quarantine_path(shown.id).name == shown.id.hex


def test_a_jpeg_of_two_frames_as_some_phones_make_them(take):
    one, two = Image.open(io.BytesIO(jpeg())), Image.open(io.BytesIO(jpeg()))
    buffer = io.BytesIO()
    one.save(buffer, "MPO", save_all=True, append_images=[two])
    assert take(buffer.getvalue()).state == "raw"

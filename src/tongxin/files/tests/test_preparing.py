import io
import os
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from PIL import Image

from tongxin.files import images, operations, queries, rules, storage
from tongxin.files.models import Attachment
from tongxin.record.queries import history
from tongxin.record.verify import verify_all

from .conftest import AREA, NOW, camera_exif, jpeg

pytestmark = pytest.mark.django_db


def kept(shown: queries.Picture, size: str) -> bytes:
    return storage.kept_path(shown.id, shown.sizes[size]["file"]).read_bytes()


def opened(shown: queries.Picture, size: str) -> Image.Image:
    return Image.open(io.BytesIO(kept(shown, size)))


def test_the_camera_s_notes_stay_with_the_row_and_leave_the_picture(ready, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        shown = ready(jpeg(3000, 2000, exif=camera_exif()))
    assert (shown.state, shown.width, shown.height) == ("ready", 2000, 3000)
    assert (shown.lat, shown.lng) == (32.653472, 110.784222)
    assert shown.taken_at == datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
    for size, side in rules.SIDES.items():
        picture = opened(shown, size)
        assert max(picture.size) == side and picture.height > picture.width  # turned upright
        assert not picture.getexif() and not {"exif", "icc_profile", "comment", "xmp"} & picture.info.keys()
        assert b"SecretPhone" not in kept(shown, size)
    assert operations.sweep_orphans(NOW + timedelta(hours=25)) == 1
    assert not storage.quarantine_path(shown.id).exists()
    assert [line.verb for line in history(("file", shown.id))] == ["file.stored", "file.processed"]


def test_a_small_picture_is_not_made_larger(ready):
    shown = ready(jpeg(200, 100))
    assert opened(shown, "large").size == opened(shown, "thumb").size == (200, 100)


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "LA", "1", "I;16"])
def test_every_kind_of_png_becomes_a_plain_picture(ready, mode):
    buffer = io.BytesIO()
    source = (
        Image.new("I;16", (64, 64), 40_000)
        if mode == "I;16"
        else Image.new("RGBA", (64, 64), (255, 0, 0, 0)).convert(mode)
    )
    source.save(buffer, "PNG")
    shown = ready(buffer.getvalue())
    assert (shown.state, opened(shown, "large").mode) == ("ready", "RGB")
    if mode == "I;16":
        assert opened(shown, "large").getpixel((9, 9)) == (156, 156, 156)


def test_a_cmyk_jpeg_becomes_a_plain_picture(ready):
    buffer = io.BytesIO()
    Image.new("CMYK", (64, 64)).save(buffer, "JPEG")
    assert opened(ready(buffer.getvalue()), "large").mode == "RGB"


@pytest.mark.parametrize(
    "position",
    [
        {1: "N", 2: (0, 0, 0), 3: "E", 4: (0, 0, 0)},
        {1: "N", 2: (97.0, 0, 0), 3: "E", 4: (110.0, 0, 0)},
        {2: (32.0,)},
        {},
    ],
)
def test_a_camera_s_nonsense_is_ignored(ready, position):
    exif = Image.Exif()
    exif[0x8825] = position
    exif[0x8769] = {36867: "0000:00:00 00:00:00"}
    shown = ready(jpeg(exif=exif))
    assert (shown.state, shown.lat, shown.lng, shown.taken_at) == ("ready", None, None, None)


def test_what_cannot_be_opened_is_refused_later_and_the_case_can_say_so(take):
    content = jpeg(format="PNG")
    broken = content[:60] + bytes(b ^ 0x55 for b in content[60:-12]) + content[-12:]
    shown = take(broken)
    assert operations.process_due(NOW) == 1
    shown = queries.get(shown.id)
    assert (shown.state, shown.error, shown.sizes) == ("refused", "undecodable", {})
    assert [line.verb for line in history(("file", shown.id))] == ["file.stored", "file.refused"]
    assert verify_all().clean


def test_a_photo_altered_or_lost_before_it_was_prepared_is_refused(take):
    altered, lost = take(jpeg()), take(jpeg())
    storage.quarantine_path(altered.id).write_bytes(jpeg(format="PNG"))
    storage.quarantine_path(lost.id).unlink()
    operations.process_due(NOW)
    assert [queries.get(p.id).error for p in (altered, lost)] == ["altered", "lost"]


def test_a_worker_that_dies_delays_and_never_loses_or_doubles(take, monkeypatch):
    shown = take(jpeg())

    class Died(BaseException):
        pass

    def die(*args):
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(images, "encode_sizes", die)
        with pytest.raises(Died):
            operations.process_due(NOW)
    assert operations.process_due(NOW) == 0  # still claimed
    assert queries.waiting(NOW) == 0
    assert operations.process_due(NOW + timedelta(minutes=2)) == 1
    assert operations.process_due(NOW + timedelta(days=1)) == 0
    assert [line.verb for line in history(("file", shown.id))] == ["file.stored", "file.processed"]


def test_a_picture_that_kills_every_worker_is_given_up(take, monkeypatch):
    shown = take(jpeg())

    def die(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(images, "encode_sizes", die)
    now = NOW
    for _ in range(rules.MAX_ATTEMPTS):
        with pytest.raises(KeyboardInterrupt):
            operations.process_due(now)
        now += timedelta(days=1)
    assert operations.process_due(now) == 1
    assert queries.get(shown.id).error == "too-many-attempts"


def test_a_full_disk_is_tried_again(take, monkeypatch):
    shown = take(jpeg())

    def full(*args):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(storage, "write", full)
        assert operations.process_due(NOW) == 0
    assert operations.process_due(NOW + timedelta(minutes=2)) == 1
    assert queries.get(shown.id).state == "ready"


def test_time_and_place_are_drawn_into_the_picture_where_the_office_wants_it(ready):
    plain, marked = ready(jpeg()), ready(jpeg(), watermark="2026-11-22 10:00 西苑小区 3 栋")

    def lower_edge(shown):
        return opened(shown, "large").crop((0, 560, 800, 600)).convert("L").getextrema()

    assert lower_edge(plain)[0] > 100
    assert lower_edge(marked)[0] < 80 and lower_edge(marked)[1] > 200
    assert marked.watermark == "2026-11-22 10:00 西苑小区 3 栋"


def test_a_watermark_longer_than_the_picture_is_wide_is_shrunk(ready):
    assert (
        ready(jpeg(120, 90), watermark="2026-11-22 10:00 十堰市张湾区红卫街道西苑小区三号楼二单元门口").state == "ready"
    )


def test_files_without_a_row_are_swept_after_a_day_and_no_others(take, ready, zhang):
    waiting, done = take(jpeg()), ready(jpeg())
    with pytest.raises(RuntimeError), transaction.atomic():
        take(jpeg())
        raise RuntimeError("the case could not be saved")
    stray = storage.root() / "kept" / "zz" / "note.txt"
    stray.parent.mkdir(parents=True)
    stray.write_text("left here by somebody")
    files = [path for _, path, _ in storage.walk()]
    for path in files:
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    assert operations.sweep_orphans(NOW + timedelta(hours=23)) == 0
    # The orphan, the stray file, and the originals of the two pictures that are prepared by now.
    removed = operations.sweep_orphans(NOW + timedelta(hours=25))
    left = {path for _, path, _ in storage.walk()}
    expected = {path for row in Attachment.objects.all() for path in queries.expected_files(row)}
    assert left == expected and removed == len(files) - len(expected) == 4
    assert {queries.get(p.id).state for p in (waiting, done)} == {"ready"}


def test_an_erased_photo_is_gone_from_disk_row_and_links(ready, desk, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        shown = ready(jpeg(exif=camera_exif()))
        link = queries.link(shown, "large", now=NOW)
        operations.erase(
            actor=desk,
            attachment_id=shown.id,
            reason="erased on request",
            area_path=AREA,
            now=NOW + timedelta(minutes=1),
        )
    assert not list(storage.walk())
    gone = queries.get(shown.id)
    assert (gone.state, gone.name, gone.lat, gone.taken_at, gone.sizes) == ("erased", "", None, None, {})
    with pytest.raises(queries.NotFound):
        queries.open_link(link[3:], NOW)
    assert queries.of_owner(shown.owner) == []
    assert verify_all().clean


def test_verify_names_a_photo_of_which_a_byte_was_changed_and_one_that_is_gone(ready):
    one, two = ready(jpeg()), ready(jpeg())
    assert verify_all().clean
    altered = storage.kept_path(one.id, one.sizes["medium"]["file"])
    content = bytearray(altered.read_bytes())
    content[100] ^= 1
    altered.write_bytes(content)
    storage.kept_path(two.id, two.sizes["thumb"]["file"]).unlink()
    found = {(f.kind, str(one.id) in f.where, str(two.id) in f.where) for f in verify_all().findings}
    assert found == {("file-altered", True, False), ("file-missing", False, True)}


def test_verify_names_a_row_that_points_to_another_photo(ready):
    one, two = ready(jpeg()), ready(jpeg(300, 300))
    path = storage.kept_path(one.id, two.sizes["large"]["file"])
    path.write_bytes(kept(two, "large"))
    Attachment.objects.filter(pk=one.id).update(variants={**one.sizes, "large": two.sizes["large"]})
    assert [f.kind for f in verify_all().findings] == ["row-altered"]

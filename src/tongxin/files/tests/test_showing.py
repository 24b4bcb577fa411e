import io
from datetime import timedelta

import pytest
from PIL import Image

from tongxin.files import operations, queries, storage
from tongxin.files.rules import Region
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from tongxin.kernel.ids import uuid7
from tongxin.record.queries import history
from tongxin.record.verify import verify_all

from .conftest import AREA, NOW, jpeg

pytestmark = pytest.mark.django_db
PLATE = Region(left=380, top=380, width=240, height=240)
LATER = NOW + timedelta(minutes=5)


def token(link: str) -> str:
    assert link.startswith("/f/")
    return link[3:]


def shades(path) -> int:
    """How many different greys are in the middle of the picture, where the plate is."""
    picture = Image.open(path).convert("L")
    width, height = picture.size
    middle = picture.crop((width * 4 // 10, height * 4 // 10, width * 6 // 10, height * 6 // 10))
    return max(middle.tobytes()) - min(middle.tobytes())


def test_a_link_opens_for_its_time_and_is_the_same_within_it(ready):
    shown = ready(jpeg())
    link = queries.link(shown, "medium", now=NOW, seconds=600)
    assert link == queries.link(shown, "medium", now=NOW + timedelta(seconds=30), seconds=600)
    opened = queries.open_link(token(link), NOW)
    assert (opened.mime, opened.public, opened.inline) == ("image/webp", False, True)
    assert 600 <= opened.max_age <= 1200
    assert queries.open_link(token(link), NOW + timedelta(seconds=599)).path == opened.path
    with pytest.raises(NotFound) as gone:
        queries.open_link(token(link), NOW + timedelta(seconds=1201))
    assert gone.value.code == "link-expired"


@pytest.mark.parametrize(
    "forged",
    [
        "",
        ".",
        "../../../etc/passwd",
        "{hex}.large.99999999999",
        "{hex}.large.99999999999.AAAAAAAAAAAAAAAAAAAAAA",
        "p.{hex}.large.0000000000000000",
        "p.{hex}.../../x.0000000000000000",
        "p.{hex}.large",
        "照片",
    ],
)
def test_a_forged_link_opens_nothing(ready, forged):
    shown = ready(jpeg())
    with pytest.raises(NotFound):
        queries.open_link(forged.format(hex=shown.id.hex), NOW)


def test_a_link_cannot_be_turned_into_one_for_another_picture_or_size(ready):
    mine, other = ready(jpeg()), ready(jpeg())
    link = token(queries.link(mine, "thumb", now=NOW))
    for changed in (link.replace(mine.id.hex, other.id.hex), link.replace("thumb", "large")):
        with pytest.raises(NotFound):
            queries.open_link(changed, NOW)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "..", ".hidden", ""])
def test_no_row_can_lead_out_of_the_folder(name):
    with pytest.raises(ValueError, match="not the name"):
        storage.kept_path(uuid7(), name)


def test_only_staff_of_the_area_release_a_photo(ready, zhang, desk):
    shown = ready(jpeg())
    assert queries.public_link(shown, "medium") == ""
    with pytest.raises(NotAllowed):
        operations.release(actor=zhang, attachment_id=shown.id, area_path=AREA, now=LATER)
    with pytest.raises(NotAllowed):
        operations.release(actor=desk, attachment_id=shown.id, area_path="4203/420303/420303002/", now=LATER)
    shown = operations.release(actor=desk, attachment_id=shown.id, area_path=AREA, now=LATER)
    opened = queries.open_link(token(queries.public_link(shown, "medium")), LATER)
    assert (opened.public, opened.name) == (True, "medium.webp")  # not the name that the sender's phone gave it
    assert queries.of_owners("case", [shown.owner[1]], public_only=True)[shown.owner[1]][0].id == shown.id
    operations.release(actor=desk, attachment_id=shown.id, area_path=AREA, now=LATER)
    assert [line.verb for line in history(("file", shown.id))].count("file.released") == 1


def test_a_release_taken_back_closes_the_public_address(ready, desk):
    shown = operations.release(actor=desk, attachment_id=ready(jpeg()).id, area_path=AREA, now=LATER)
    link = token(queries.public_link(shown, "large"))
    operations.withdraw(actor=desk, attachment_id=shown.id, area_path=AREA, now=LATER)
    with pytest.raises(NotFound):
        queries.open_link(link, LATER)
    assert queries.of_owners("case", [shown.owner[1]], public_only=True) == {}


def test_what_is_not_ready_cannot_be_released_or_blurred(take, desk):
    shown = take(jpeg())
    with pytest.raises(Conflict):
        operations.release(actor=desk, attachment_id=shown.id, area_path=AREA, now=LATER)
    with pytest.raises(Conflict):
        operations.blur(actor=desk, attachment_id=shown.id, regions=[PLATE], area_path=AREA, now=LATER)
    with pytest.raises(NotFound):
        operations.release(actor=desk, attachment_id=uuid7(), area_path=AREA, now=LATER)


def test_a_blurred_plate_is_gone_from_every_public_size_and_clear_for_staff(ready, desk):
    shown = ready(jpeg(2400, 1800))
    operations.release(actor=desk, attachment_id=shown.id, area_path=AREA, now=LATER)
    shown = operations.blur(actor=desk, attachment_id=shown.id, regions=[PLATE], area_path=AREA, now=LATER)
    for size in ("large", "medium", "thumb"):
        public = queries.open_link(token(queries.public_link(shown, size)), LATER).path
        assert shades(public) < 60
    clear = queries.open_link(token(queries.link(shown, "large", now=LATER)), LATER).path
    assert shades(clear) > 100
    # The public address reaches the blurred form only, whatever is asked.
    with pytest.raises(NotFound):
        queries.open_link(f"p.{shown.id.hex}.large.{shown.sizes['large']['sha256'][:16]}", LATER)
    assert verify_all().clean


def test_blurring_again_replaces_what_was_blurred(ready, desk, django_capture_on_commit_callbacks):
    shown = ready(jpeg())
    with django_capture_on_commit_callbacks(execute=True):
        first = operations.blur(actor=desk, attachment_id=shown.id, regions=[PLATE], area_path=AREA, now=LATER)
    old = storage.kept_path(first.id, first.sizes["public-large"]["file"])
    with django_capture_on_commit_callbacks(execute=True):
        none = operations.blur(actor=desk, attachment_id=shown.id, regions=[], area_path=AREA, now=LATER)
    assert old.exists()  # a backup that copied the row a moment ago still finds it
    operations.sweep_orphans(LATER + timedelta(hours=25))
    assert not old.exists()
    assert none.blurred == [] and none.sizes == shown.sizes
    assert verify_all().clean


def test_a_blurred_region_at_the_edge_of_a_tiny_picture(ready, desk):
    shown = ready(jpeg(3, 2))
    edge = Region(left=999, top=999, width=1, height=1)
    assert operations.blur(actor=desk, attachment_id=shown.id, regions=[edge], area_path=AREA, now=LATER).blurred


@pytest.mark.parametrize(
    "region", [Region(-1, 0, 10, 10), Region(0, 0, 0, 10), Region(900, 0, 101, 10), Region(0, 1000, 1, 1)]
)
def test_regions_outside_of_the_picture_are_refused(ready, desk, region):
    with pytest.raises(Invalid):
        operations.blur(actor=desk, attachment_id=ready(jpeg()).id, regions=[region], area_path=AREA, now=LATER)


def test_links_cost_no_query(ready, django_assert_num_queries):
    shown = ready(jpeg())
    with django_assert_num_queries(0):
        queries.link(shown, "thumb", now=NOW)
        queries.public_link(shown, "thumb")
    with django_assert_num_queries(1):
        queries.open_link(token(queries.link(shown, "thumb", now=NOW)), NOW)


def test_the_kept_picture_is_what_the_row_says(ready):
    shown = ready(jpeg(1000, 500))
    for size, variant in shown.sizes.items():
        content = storage.kept_path(shown.id, variant["file"]).read_bytes()
        assert len(content) == variant["size"]
        assert Image.open(io.BytesIO(content)).size == (variant["width"], variant["height"]), size

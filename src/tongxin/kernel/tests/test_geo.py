"""Coordinates of Shiyan on three maps, distances, outlines of estates."""

import json
import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin.kernel.geo import (
    MAX_VERTICES,
    InvalidPolygon,
    bbox_around,
    bd09_to_gcj02,
    bd09_to_wgs84,
    contains,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    haversine_m,
    parse_polygon,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)

SHIYAN = (32.6469, 110.7879)
IN_CHINA = st.tuples(st.floats(18.5, 53), st.floats(74, 134))


def test_the_known_point_of_tiananmen():
    # The pair that the public conversion libraries (eviltransform, coordtransform) test with.
    lat, lng = wgs84_to_gcj02(39.915, 116.404)
    assert (lat, lng) == pytest.approx((39.91640428150164, 116.41024449916938), abs=1e-9)
    assert gcj02_to_bd09(39.915, 116.404) == pytest.approx((39.92133699351021, 116.41036949371029), abs=1e-9)


def test_the_shift_in_shiyan_is_some_hundred_metres():
    assert 100 < haversine_m(*SHIYAN, *wgs84_to_gcj02(*SHIYAN)) < 900


def test_nothing_is_shifted_outside_china():
    assert wgs84_to_gcj02(48.85, 2.35) == (48.85, 2.35)
    assert gcj02_to_wgs84(48.85, 2.35) == (48.85, 2.35)


@given(IN_CHINA)
def test_there_and_back_again(point: tuple[float, float]):
    assert gcj02_to_wgs84(*wgs84_to_gcj02(*point)) == pytest.approx(point, abs=1e-8)
    assert bd09_to_gcj02(*gcj02_to_bd09(*point)) == pytest.approx(point, abs=1e-8)
    assert bd09_to_wgs84(*wgs84_to_bd09(*point)) == pytest.approx(point, abs=1e-8)


def test_distance():
    assert haversine_m(*SHIYAN, *SHIYAN) == 0
    assert haversine_m(0, 0, 0, 1) == pytest.approx(111_195, abs=1)
    assert haversine_m(0, 0, 0, 180) == pytest.approx(math.pi * 6_371_008.8)


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 50_000), st.floats(0, 360), st.floats(0, 1))
def test_the_box_loses_no_point_within_the_radius(lat: float, lng: float, radius: float, bearing: float, part: float):
    box = bbox_around(lat, lng, radius)
    angle, course = radius * part / 6_371_008.8, math.radians(bearing)
    phi = math.radians(lat)
    to_phi = math.asin(
        max(
            -1.0,
            min(1.0, math.sin(phi) * math.cos(angle) + math.cos(phi) * math.sin(angle) * math.cos(course)),
        )
    )
    turned = math.atan2(
        math.sin(course) * math.sin(angle) * math.cos(phi), math.cos(angle) - math.sin(phi) * math.sin(to_phi)
    )
    to_lng = (lng + math.degrees(turned) + 540) % 360 - 180
    assert box.min_lat - 1e-9 <= math.degrees(to_phi) <= box.max_lat + 1e-9
    assert box.min_lng - 1e-9 <= to_lng <= box.max_lng + 1e-9 or abs(abs(to_lng) - 180) < 1e-9


def test_the_box_is_not_larger_than_needed():
    box = bbox_around(*SHIYAN, 500)
    assert haversine_m(box.min_lat, SHIYAN[1], box.max_lat, SHIYAN[1]) == pytest.approx(1000, rel=1e-3)
    assert haversine_m(SHIYAN[0], box.min_lng, SHIYAN[0], box.max_lng) == pytest.approx(1000, rel=1e-3)


def square(lng: float, lat: float, side: float = 0.001) -> list[list[float]]:
    return [[lng, lat], [lng + side, lat], [lng + side, lat + side], [lng, lat + side], [lng, lat]]


ESTATE = {"type": "Polygon", "coordinates": [square(110.78, 32.64)]}


def test_every_form_of_one_area_becomes_the_same():
    expected = parse_polygon(ESTATE)
    feature = {"type": "Feature", "properties": {"name": "五堰"}, "geometry": ESTATE}
    turned = {
        "type": "Polygon",
        "coordinates": [[[*position, 12.5] for position in reversed(square(110.78, 32.64))]],
    }
    assert expected["type"] == "MultiPolygon"
    assert parse_polygon({"type": "MultiPolygon", "coordinates": [ESTATE["coordinates"]]}) == expected
    assert parse_polygon(feature) == expected
    assert parse_polygon({"type": "FeatureCollection", "features": [feature, feature]}) == expected
    assert parse_polygon({"type": "GeometryCollection", "geometries": [ESTATE]}) == expected
    assert parse_polygon(turned) == expected
    assert parse_polygon(expected) == expected
    assert json.loads(json.dumps(expected)) == expected


def test_rings_run_as_in_rfc_7946():
    with_a_pond = {
        "type": "Polygon",
        "coordinates": [square(110.78, 32.64), square(110.7803, 32.6403, 0.0002)],
    }
    [[outer, pond]] = parse_polygon(with_a_pond)["coordinates"]

    def doubled_area(ring: list[list[float]]) -> float:
        return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))

    assert doubled_area(outer) > 0 > doubled_area(pond)


def test_parts_that_overlap_are_united():
    both = {"type": "MultiPolygon", "coordinates": [[square(110.78, 32.64)], [square(110.7805, 32.6405)]]}
    assert len(parse_polygon(both)["coordinates"]) == 1
    apart = {"type": "MultiPolygon", "coordinates": [[square(110.78, 32.64)], [square(110.79, 32.64)]]}
    assert len(parse_polygon(apart)["coordinates"]) == 2


@pytest.mark.parametrize(
    "geojson",
    [
        None,
        [],
        {},
        {"type": "Point", "coordinates": [110.78, 32.64]},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "MultiPolygon", "coordinates": [[]]},
        {"type": "Polygon", "coordinates": [[[110, 32], [111, 32], [110, 32]]]},
        {"type": "Polygon", "coordinates": [square(110.78, 32.64)[:-1]]},
        {
            "type": "Polygon",
            "coordinates": [[[110, 32], [111, 33], [111, 32], [110, 33], [110, 32]]],
        },  # a bow tie
        {"type": "Polygon", "coordinates": [[[110, 32], [111, 32], [112, 32], [110, 32]]]},  # a line
        {"type": "Polygon", "coordinates": [square(32.64, 110.78)]},  # latitude first
        {"type": "Polygon", "coordinates": [[[math.nan, 32], [111, 32], [111, 33], [math.nan, 32]]]},
        {"type": "Polygon", "coordinates": [[["110", 32], [111, 32], [111, 33], ["110", 32]]]},
        {"type": "Polygon", "coordinates": [[[True, 32], [111, 32], [111, 33], [True, 32]]]},
        {"type": "Polygon", "coordinates": [[110, 32, 111, 33]]},
        {"type": "Polygon", "coordinates": [square(110.78, 32.64), square(111, 33)]},  # a hole outside
        {"type": "Feature", "geometry": None},
        {"type": "FeatureCollection", "features": []},
        {"type": "FeatureCollection", "features": "all"},
        {"type": "FeatureCollection", "features": [{"type": "FeatureCollection", "features": []}]},
        {"type": "Polygon", "coordinates": [square(110, 32, 1e-9)]},
    ],
)
def test_what_is_no_area_is_refused(geojson: Any):
    with pytest.raises(InvalidPolygon):
        parse_polygon(geojson)


def test_a_deeply_nested_collection_is_refused():
    nested: dict[str, Any] = dict(ESTATE)
    for _ in range(5000):
        nested = {"type": "GeometryCollection", "geometries": [nested]}
    with pytest.raises(InvalidPolygon):
        parse_polygon(nested)


def test_an_outline_is_bounded():
    points = [
        [
            110 + math.cos(2 * math.pi * i / MAX_VERTICES) / 10,
            32 + math.sin(2 * math.pi * i / MAX_VERTICES) / 10,
        ]
        for i in range(MAX_VERTICES)
    ]
    with pytest.raises(InvalidPolygon) as refused:
        parse_polygon({"type": "Polygon", "coordinates": [[*points, points[0]]]})
    assert refused.value.params == {"limit": MAX_VERTICES}
    assert parse_polygon({"type": "Polygon", "coordinates": [[*points[1:], points[1]]]})


def test_a_point_on_the_boundary_lies_inside_both_neighbours():
    east = {"type": "Polygon", "coordinates": [square(110.781, 32.64)]}
    assert contains(parse_polygon(ESTATE), 32.6405, 110.7805)
    assert not contains(parse_polygon(ESTATE), 32.6405, 110.7815)
    assert contains(parse_polygon(ESTATE), 32.6405, 110.781)
    assert contains(parse_polygon(east), 32.6405, 110.781)

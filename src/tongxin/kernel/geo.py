"""Coordinates and areas: WGS-84 (stored), GCJ-02 and BD-09 (Chinese maps), distances, polygons. All angles in
degrees.

Everywhere the order is latitude, longitude, except inside GeoJSON (RFC 7946), which has longitude first.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, NamedTuple

from shapely import MultiPolygon, Point, Polygon, is_valid_reason, set_precision, unary_union
from shapely.geometry import mapping, shape
from shapely.geometry.polygon import orient

from tongxin.kernel.errors import Invalid

EARTH_RADIUS_M = 6_371_008.8
_KRASOVSKY_AXIS_M = 6_378_245.0
_KRASOVSKY_ECCENTRICITY_2 = 0.00669342162296594323
_BD_FACTOR = math.pi * 3000.0 / 180.0

MAX_VERTICES = 20_000
_MAX_DEPTH = 3  # a feature collection of features of geometry collections of polygons
_GRID_DEGREES = 1e-7  # about a centimetre

LatLng = tuple[float, float]


class InvalidPolygon(Invalid, ValueError):
    """The GeoJSON is not an area that can be stored; the message says why."""

    code = "invalid-polygon"


class Box(NamedTuple):
    """A rectangle of latitudes and longitudes, inclusive."""

    min_lat: float
    min_lng: float
    max_lat: float
    max_lng: float


def in_china(lat: float, lng: float) -> bool:
    """Whether the shift of GCJ-02 is applied there: the rectangle that the map services use."""
    return 0.8293 <= lat <= 55.8271 and 72.004 <= lng <= 137.8347


def _gcj02_shift(lat: float, lng: float) -> LatLng:
    x, y = lng - 105.0, lat - 35.0
    root = math.sqrt(abs(x))
    ripple = (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    north += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    east += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    radians = math.radians(lat)
    magic = 1 - _KRASOVSKY_ECCENTRICITY_2 * math.sin(radians) ** 2
    meridian = _KRASOVSKY_AXIS_M * (1 - _KRASOVSKY_ECCENTRICITY_2) / (magic * math.sqrt(magic))
    parallel = _KRASOVSKY_AXIS_M / math.sqrt(magic) * math.cos(radians)
    return math.degrees(north / meridian), math.degrees(east / parallel)


def wgs84_to_gcj02(lat: float, lng: float) -> LatLng:
    """GPS coordinates as the maps of Gaode and Tencent draw them; unchanged outside China."""
    if not in_china(lat, lng):
        return lat, lng
    d_lat, d_lng = _gcj02_shift(lat, lng)
    return lat + d_lat, lng + d_lng


def _inverse(forward: Callable[[float, float], LatLng], lat: float, lng: float) -> LatLng:
    """The point that `forward` takes to (lat, lng): the shifts change slowly, so a few corrections reach
    1e-9°."""
    guess_lat, guess_lng = lat, lng
    for _ in range(30):
        got_lat, got_lng = forward(guess_lat, guess_lng)
        if abs(got_lat - lat) < 1e-10 and abs(got_lng - lng) < 1e-10:
            break
        guess_lat, guess_lng = guess_lat + lat - got_lat, guess_lng + lng - got_lng
    return guess_lat, guess_lng


def gcj02_to_wgs84(lat: float, lng: float) -> LatLng:
    """The inverse of `wgs84_to_gcj02`, by iteration, far better than 1e-6° (a decimetre)."""
    return _inverse(wgs84_to_gcj02, lat, lng) if in_china(lat, lng) else (lat, lng)


def gcj02_to_bd09(lat: float, lng: float) -> LatLng:
    """GCJ-02 as Baidu's maps draw it."""
    radius = math.hypot(lng, lat) + 0.00002 * math.sin(lat * _BD_FACTOR)
    angle = math.atan2(lat, lng) + 0.000003 * math.cos(lng * _BD_FACTOR)
    return radius * math.sin(angle) + 0.006, radius * math.cos(angle) + 0.0065


def bd09_to_gcj02(lat: float, lng: float) -> LatLng:
    """The inverse of `gcj02_to_bd09`, by iteration."""
    return _inverse(gcj02_to_bd09, lat, lng)


def wgs84_to_bd09(lat: float, lng: float) -> LatLng:
    """GPS coordinates as Baidu's maps draw them."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lat, lng))


def bd09_to_wgs84(lat: float, lng: float) -> LatLng:
    """Baidu's coordinates as GPS has them."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lat, lng))


def haversine_m(lat1: float, lng1: float, lat2: float, lng2: float) -> float:
    """The distance in metres on a sphere, within 0.5 % of the true one."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half = math.sin((phi2 - phi1) / 2) ** 2
    half += math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lng2 - lng1) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(half, 1.0)))


def bbox_around(lat: float, lng: float, radius_m: float) -> Box:
    """A box that holds every point within `radius_m` of (lat, lng): the indexed filter before `haversine_m`.

    Near a pole or the date line it spans all longitudes rather than miss a point.
    """
    # A hair wider than needed, so that rounding never loses a point on the rim.
    reach = radius_m / EARTH_RADIUS_M * (1 + 1e-9) + 1e-12
    d_lat = math.degrees(reach)
    south, north = max(lat - d_lat, -90.0), min(lat + d_lat, 90.0)
    d_lng = 360.0
    if south > -90.0 and north < 90.0:
        d_lng = math.degrees(math.asin(min(math.sin(reach) / math.cos(math.radians(lat)), 1.0))) * (1 + 1e-9) + 1e-12
    if lng - d_lng < -180.0 or lng + d_lng > 180.0:
        return Box(south, -180.0, north, 180.0)
    return Box(south, lng - d_lng, north, lng + d_lng)


def _geometries(geojson: Any, depth: int = 0) -> list[dict[str, Any]]:
    """The Polygon and MultiPolygon objects in a geometry, feature or collection, nested at most three
    deep."""
    if not isinstance(geojson, dict):
        raise InvalidPolygon("This is not a GeoJSON object.")
    if depth > _MAX_DEPTH:
        raise InvalidPolygon("Collections inside one another are not accepted.")
    inner: Any
    match geojson.get("type"):
        case "Polygon" | "MultiPolygon":
            return [geojson]
        case "Feature":
            inner = [geojson.get("geometry")]
        case "FeatureCollection":
            inner = geojson.get("features")
        case "GeometryCollection":
            inner = geojson.get("geometries")
        case _:
            raise InvalidPolygon("This GeoJSON is not an area.")
    if not isinstance(inner, list) or len(inner) > MAX_VERTICES:
        raise InvalidPolygon("This GeoJSON is not an area.")
    return [geometry for part in inner for geometry in _geometries(part, depth + 1)]


def _ring(ring: Any, left: int) -> list[tuple[float, float]]:
    """A checked ring, height dropped; `left` is how many vertices may still come."""
    if not isinstance(ring, (list, tuple)) or not len(ring) >= 4:
        raise InvalidPolygon("A ring has at least four positions.")
    if len(ring) > left:
        raise InvalidPolygon("The outline has more than %(limit)d points.", limit=MAX_VERTICES)
    positions: list[tuple[float, float]] = []
    for position in ring:
        numbers = position[:2] if isinstance(position, (list, tuple)) else ()
        if len(numbers) != 2 or any(isinstance(n, bool) or not isinstance(n, (int, float)) for n in numbers):
            raise InvalidPolygon("A position is two numbers.")
        lng, lat = numbers
        if not (-180 <= lng <= 180 and -90 <= lat <= 90):
            raise InvalidPolygon("A position lies outside the earth: longitude comes first.")
        positions.append((float(lng), float(lat)))
    if positions[0] != positions[-1]:
        raise InvalidPolygon("A ring ends where it began.")
    return positions


def _polygons(geometry: dict[str, Any], left: int) -> tuple[list[Polygon], int]:
    parts = geometry.get("coordinates")
    parts = [parts] if geometry["type"] == "Polygon" else parts
    if not isinstance(parts, (list, tuple)):
        raise InvalidPolygon("This GeoJSON is not an area.")
    polygons: list[Polygon] = []
    for part in parts:
        if not isinstance(part, (list, tuple)) or not part:
            raise InvalidPolygon("A polygon has at least one ring.")
        rings = []
        for ring in part:
            rings.append(_ring(ring, left))
            left -= len(rings[-1])
        polygon = Polygon(rings[0], rings[1:])
        if not polygon.is_valid:
            raise InvalidPolygon("The outline crosses itself: %(reason)s", reason=is_valid_reason(polygon))
        polygons.append(polygon)
    return polygons, left


def parse_polygon(geojson: dict[str, Any]) -> dict[str, Any]:
    """An area from outside as a normalised GeoJSON MultiPolygon in WGS-84, fit for storing and comparing.

    Takes a Polygon, a MultiPolygon, or a feature or collection of them. Parts that overlap are united; rings
    run as in RFC 7946; positions are rounded to 1e-7° and have no height. Equal areas drawn alike give equal
    results. Raises InvalidPolygon for what is no area, crosses itself, is empty, or has more than 20,000
    vertices.
    """
    polygons: list[Polygon] = []
    left = MAX_VERTICES
    for geometry in _geometries(geojson):
        more, left = _polygons(geometry, left)
        polygons += more
    united = set_precision(unary_union(polygons), _GRID_DEGREES)
    parts = [part for part in getattr(united, "geoms", [united]) if isinstance(part, Polygon) and part.area > 0]
    if not parts:
        raise InvalidPolygon("The area is empty.")
    area = MultiPolygon([orient(part, sign=1.0) for part in MultiPolygon(parts).normalize().geoms])
    rounded: dict[str, Any] = json.loads(json.dumps(mapping(area)), parse_float=lambda n: round(float(n), 7))
    return rounded


def contains(geojson: dict[str, Any], lat: float, lng: float) -> bool:
    """Whether a stored area holds the point. The boundary belongs to it, so that a point between two areas
    lies in both rather than in none."""
    return bool(shape(geojson).covers(Point(lng, lat)))

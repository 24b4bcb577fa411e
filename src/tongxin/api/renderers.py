"""JSON as it is sent: Chinese stays readable, and a third of its size."""

from __future__ import annotations

from ninja.renderers import JSONRenderer


class Json(JSONRenderer):
    """Not escaped to ASCII."""

    json_dumps_params = {"ensure_ascii": False}

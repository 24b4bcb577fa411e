"""One database of one size: build the city, start the servers, measure every page beside the bare view."""

from __future__ import annotations

import io
import os
import random
import shutil
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench import servers, words
from bench.servers import get, post

ROUNDS, SECONDS, QUICK_SECONDS = 3, 4.0, 1.5
CSRF = "b" * 32
PHOTO_BYTES = 200_000


@dataclass
class Scene:
    """A city with sessions of its people."""

    city: Any
    cookies: dict[str, str]
    photo: bytes


@dataclass(frozen=True)
class Page:
    """What is measured: requests that are sent in turn, and the yardstick that goes with them."""

    name: str
    requests: Callable[[Scene], list[bytes]]
    bare: str = "bare"


def _lists(path: str, who: str) -> Callable[[Scene], list[bytes]]:
    def requests(scene: Scene) -> list[bytes]:
        community = scene.city.community.strip("/").rpartition("/")[2]
        return [get(path.format(community=community), scene.cookies[who])]

    return requests


def _report(category: str) -> Callable[[Scene], list[bytes]]:
    def requests(scene: Scene) -> list[bytes]:
        fields = {
            "csrfmiddlewaretoken": CSRF, "send": "1", "category": category, "home": scene.city.home,
            "text": "三号楼二单元门口的垃圾没有人收，味道很大，请尽快处理。", "lat": "32.6001", "lng": "110.7001",
        }  # fmt: skip
        return [post("/report/", fields, scene.cookies["resident"], scene.photo)]

    return requests


PAGES = (
    Page("filtered list of a community", _lists("/desk/?channel=app", "desk")),
    Page("filtered list of a county", _lists("/desk/?channel=app", "county")),
    Page("detail with 20 updates",
         lambda s: [get(f"/desk/cases/{n}/", s.cookies["desk"]) for n in s.city.detailed]),
    Page("search, rare word", _lists(f"/desk/?q={quote(words.RARE_WORD)}", "desk")),
    Page("search, common word", _lists(f"/desk/?q={quote(words.COMMON_WORD)}", "desk")),
    Page("search, rare word, county", _lists(f"/desk/?q={quote(words.RARE_WORD)}", "county")),
    Page("resident's home", _lists("/", "resident")),
    Page("resident's case page",
         lambda s: [get(f"/cases/{n}/", s.cookies["resident"]) for n in s.city.detailed]),
    Page("public list of a community", _lists("/public/?area={community}", "nobody")),
    Page("submit with a 200 kB photo", _report("waste"), "bare insert"),
    Page("submit, dispatched at once", _report("lighting"), "bare insert"),
)  # fmt: skip


def prepare(cases: int, submitted: int = 0) -> Scene:
    """Migrate and fill the database that the environment names; sign the people in."""
    from django.core.management import call_command

    from bench import city
    from bench.bare_rows.models import create_table

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    made = city.build(cases, submitted)
    create_table()
    accounts = {"desk": made.desk_account, "county": made.county_account, "handler": made.handler_account,
                "resident": made.resident_account}  # fmt: skip
    cookies = {who: _session(account, strong=who != "resident") for who, account in accounts.items()}
    from django.db import connection

    connection.close()
    return Scene(made, {**cookies, "nobody": f"csrftoken={CSRF}"}, photo())


def _session(account: str, strong: bool) -> str:
    """The cookies of somebody who signed in, after the second factor if ``strong``."""
    from uuid import UUID

    from django.utils import timezone

    from tongxin.people.operations.sessions import begin_session
    from tongxin.people.sessions import SessionStore

    session = SessionStore()
    begin_session(
        session, UUID(account), way="password" if strong else "phone", strong=strong, user_agent="bench",
        address="127.0.0.1", now=timezone.now(),
    )  # fmt: skip
    return f"sessionid={session.session_key}; csrftoken={CSRF}"


def photo() -> bytes:
    """A JPEG of about 200 kB, as a browser makes it small before it sends it."""
    from PIL import Image

    noise = random.Random(7)
    small = Image.frombytes("RGB", (320, 240), noise.randbytes(320 * 240 * 3))
    picture = small.resize((1280, 960), Image.Resampling.BICUBIC)
    best = b""
    for quality in range(30, 96, 3):
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=quality)
        if abs(len(buffer.getvalue()) - PHOTO_BYTES) < abs(len(best) - PHOTO_BYTES):
            best = buffer.getvalue()
    return best


def queries(scene: Scene) -> dict[str, int]:
    """Statements that each page sends, transaction control left out."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    counted = {}
    for page in PAGES:
        request = page.requests(scene)[0]
        for _ in range(2):  # the second time, with what a process keeps
            with CaptureQueriesContext(connection) as captured:
                response = replay(Client(), request)
        if response.status_code not in {200, 303}:
            raise SystemExit(f"bench: {page.name} answers {response.status_code}")
        counted[page.name] = sum(
            not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")) for q in captured.captured_queries
        )
    connection.close()
    return counted


def replay(client: Any, request: bytes) -> Any:
    """A ready-made request through Django's test client."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _version = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    kept = headers.pop("Content-Type", "text/plain")
    headers.pop("Content-Length", None)
    return client.generic(method, path, body, kept, headers=headers)


def run(cases: int, quick: bool) -> dict[str, Any]:
    """Everything for one database of one size. The environment names both."""
    scene = prepare(cases)
    print(f"  city of {cases:,} cases in {scene.city.seconds} s", flush=True)
    from django.db import connection

    vendor, counted = connection.vendor, queries(scene)
    log = Path(os.environ["TONGXIN_DATA"]) / "server.log"
    found: dict[str, list[dict[str, Any]]] = {}
    seconds, rounds = (QUICK_SECONDS, 1) if quick else (SECONDS, ROUNDS)
    with servers.serving(servers.PRODUCT, log) as port, servers.serving(servers.BARE, log) as bare_port:
        plan = [(page.name, port, page.requests(scene)) for page in PAGES]
        for name, at, requests in [*_yardsticks(scene, bare_port), *plan]:
            servers.ask(at, requests, 1.0)  # warm: connections, templates, what a process keeps
            found[name] = []
        for _ in range(rounds):
            for n, (name, at, requests) in enumerate(plan):
                if n % 4 == 0:  # the yardsticks in between, so that a busy moment of the machine falls on all
                    for yardstick, there, asked in _yardsticks(scene, bare_port):
                        found[yardstick].append(servers.ask(there, asked, seconds))
                found[name].append(servers.ask(at, requests, seconds))
    rows = {name: _figures(results) for name, results in found.items()}
    for page in PAGES:
        rows[page.name]["share"] = rows[page.name]["throughput"] / rows[page.bare]["throughput"]
        rows[page.name]["queries"] = counted[page.name]
    shutil.rmtree(Path(os.environ["TONGXIN_DATA"]) / "bare", ignore_errors=True)
    errors = log.read_text(errors="replace")
    return {"database": vendor, "cases": cases, "built_in": scene.city.seconds, "rows": rows,
            "log": errors[-2000:], "at": time.strftime("%Y-%m-%d %H:%M")}  # fmt: skip


def _yardsticks(scene: Scene, port: int) -> list[tuple[str, int, list[bytes]]]:
    keys = random.Random(3).sample(range(1, 10_001), 200)
    return [
        ("bare", port, [get(f"/row/{key}") for key in keys]),
        ("bare insert", port, [post("/row/", {"title": "垃圾没有人收"}, photo=scene.photo)]),
    ]


def _figures(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Of several rounds: percentiles over all of them in milliseconds, the median round's throughput per second."""
    every = sorted(latency for result in results for latency in result["latencies"])
    wrong = sum(n for r in results for status, n in r["statuses"].items() if int(status) not in {200, 201, 303})
    return {
        "p50": round(every[len(every) // 2] * 1000, 1),
        "p95": round(every[int(len(every) * 0.95)] * 1000, 1),
        "throughput": round(statistics.median(len(r["latencies"]) / r["seconds"] for r in results), 1),
        "requests": len(every),
        "wrong": wrong,
        "bytes": results[-1]["bytes"],
    }

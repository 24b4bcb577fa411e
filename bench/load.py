"""What is measured once: a minute of mixed requests on SQLite, and the weight of a first load."""

from __future__ import annotations

import os
import random
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench import measure, servers
from bench.goals import RATE, SHARES
from bench.measure import CSRF, Scene
from bench.servers import get, post

CLIENTS = 24


def mixed(cases: int, seconds: int) -> dict[str, Any]:
    """70 % reading, 20 % accepting cases at the desk, 10 % reporting with a photo; the worker runs beside it."""
    scene = measure.prepare(cases, submitted=int(RATE * seconds * SHARES["transition"] * 1.3) + 20)
    log = Path(os.environ["TONGXIN_DATA"]) / "server.log"
    requests = _mix(scene, seconds)
    with servers.serving(servers.PRODUCT, log, worker=True) as port:
        servers.ask(port, [get("/desk/", scene.cookies["desk"]), get("/", scene.cookies["resident"])], 3.0)
        result = servers.ask_at_rate(port, requests, RATE, CLIENTS)
    rows: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for kind, latency, status in result["found"]:
        rows[kind].append((latency, status))
    text = log.read_text(errors="replace")
    return {
        "rate": RATE,
        "seconds": seconds,
        "per_second": round(len(result["found"]) / result["seconds"], 1),
        "kept_up": result["seconds"] <= seconds * 1.05 + 1,
        "locked": text.count("database is locked"),
        "rows": {kind: _figures(found) for kind, found in sorted(rows.items())},
        "log": text[-3000:],
    }


def _mix(scene: Scene, seconds: int) -> list[tuple[str, bytes]]:
    wanted = random.Random(5)
    desk, resident = scene.cookies["desk"], scene.cookies["resident"]
    reads = [get("/desk/?channel=app", desk), get("/desk/?q=%E7%94%B5%E6%A2%AF", desk), get("/", resident),
             get("/public/", scene.cookies["nobody"])]  # fmt: skip
    reads += [get(f"/desk/cases/{n}/", desk) for n in scene.city.detailed[:8]]
    reads += [get(f"/cases/{n}/", resident) for n in scene.city.detailed[:4]]
    photo = next(page for page in measure.PAGES if page.name.startswith("submit with")).requests(scene)[0]
    waiting = iter(scene.city.submitted)
    kinds = wanted.choices(list(SHARES), list(SHARES.values()), k=RATE * seconds)
    form = {"csrfmiddlewaretoken": CSRF}
    make = {
        "read": lambda: wanted.choice(reads),
        "transition": lambda: post(f"/desk/cases/{next(waiting)}/accept/", form, desk),
        "photo": lambda: photo,
    }
    return [(kind, make[kind]()) for kind in kinds]


def _figures(found: list[tuple[float, int]]) -> dict[str, Any]:
    times = sorted(latency * 1000 for latency, _status in found)
    return {
        "n": len(times),
        "p50": round(times[len(times) // 2], 1),
        "p95": round(times[int(len(times) * 0.95)], 1),
        "worst": round(times[-1], 1),
        "wrong": sum(status not in {200, 303} for _latency, status in found),
    }


def weight(cases: int) -> dict[str, Any]:
    """Bytes on the wire of a resident's first load: the page and all that it links, each as it is sent."""
    import http.client

    scene = measure.prepare(cases)
    log = Path(os.environ["TONGXIN_DATA"]) / "server.log"
    pages = {"resident's home": "/", "report form": "/report/", "case page": f"/cases/{scene.city.detailed[0]}/"}
    with servers.serving(servers.PRODUCT, log) as port:

        def load(path: str) -> tuple[int, bytes]:
            """(bytes with headers, the body unpacked)."""
            connection = http.client.HTTPConnection("127.0.0.1", port)
            headers = {"Cookie": scene.cookies["resident"], "Accept-Encoding": "gzip"}
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            body = response.read()
            size = len(body) + sum(len(name) + len(value) + 4 for name, value in response.getheaders()) + 17
            if response.getheader("Content-Encoding") == "gzip":
                import gzip

                body = gzip.decompress(body)
            return size, body

        found: dict[str, dict[str, int]] = {}
        for name, path in pages.items():
            size, body = load(path)
            found[name] = {path: size}
            seen, todo = {path}, _links(body.decode())
            while todo:
                link = todo.pop()
                if link in seen:
                    continue
                seen.add(link)
                found[name][link], inner = load(link)
                if link.endswith((".js", ".css")):
                    todo |= _inner(inner.decode(), link)
    return {"pages": found}


def _links(html: str) -> set[str]:
    """What a browser loads with the page."""
    found = re.findall(r'<(?:link|script|img|use)\b[^>]*?\b(?:href|src)="(/[^"#]+)', html)
    return {link for link in found if link.startswith(("/static/", "/f/"))}


def _inner(text: str, at: str) -> set[str]:
    """What a module or a style sheet loads in turn."""
    from urllib.parse import urljoin

    found = re.findall(r'(?:^|[;\s])import\s[^"\']*["\']([^"\']+)["\']', text)
    found += re.findall(r'\bfrom\s*["\']([^"\']+)["\']', text)
    found += re.findall(r'url\(["\']?([^"\')]+)["\']?\)', text)
    return {urljoin(at, link) for link in found if not link.startswith("data:")}

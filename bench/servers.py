"""The web servers under measurement, as ``tongxin serve`` runs them, and the clients beside them."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tongxin.commands.serve import web_command

WORKERS, THREADS, CLIENTS = 2, 4, 4
PRODUCT, BARE = "tongxin.config.wsgi:application", "bench.bare_wsgi:application"


@contextmanager
def serving(application: str, log: Path, *, worker: bool = False) -> Iterator[int]:
    """Run the web server on a free port, and the product's worker if asked; gives the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "TONGXIN_PORT": str(port)}
    command = web_command("127.0.0.1", port, WORKERS, THREADS, application)
    commands = [command]
    if worker:
        commands.append([sys.executable, "-m", "tongxin.commands.main", "worker"])
    with log.open("ab") as output:
        started = [subprocess.Popen(c, env=environment, stdout=output, stderr=output) for c in commands]
    try:
        _await(port, started[0], log)
        yield port
    finally:
        for process in started:
            process.terminate()
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:  # a worker in the middle of its photos
                process.kill()
                process.wait()


def _await(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            time.sleep(1.5)  # the second process too
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"bench: the server did not start:\n{log.read_text(errors='replace')[-3000:]}")


def get(path: str, cookie: str = "") -> bytes:
    """A GET as a browser sends it."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: text/html", "Accept-Encoding: gzip, br"]
    return "\r\n".join([*lines, *([f"Cookie: {cookie}"] if cookie else []), "", ""]).encode()


def post(path: str, fields: dict[str, str], cookie: str = "", photo: bytes = b"") -> bytes:
    """A form, with a photo if there is one."""
    boundary = "----------tongxin-bench"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    if photo:
        disposition = 'Content-Disposition: form-data; name="photos"; filename="IMG_1.jpg"'
        parts += [f"--{boundary}\r\n{disposition}\r\nContent-Type: image/jpeg\r\n\r\n".encode(), photo, b"\r\n"]
    body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
    head = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}",
            "Accept-Encoding: gzip, br", f"Content-Type: multipart/form-data; boundary={boundary}"]  # fmt: skip
    return "\r\n".join([*head, *([f"Cookie: {cookie}"] if cookie else []), "", ""]).encode() + body


def ask(port: int, requests: Sequence[bytes], seconds: float) -> dict[str, Any]:
    """Let four clients send these requests in turn for so many seconds."""
    encoded = [base64.b64encode(request).decode() for request in requests]
    return _client({"port": port, "clients": CLIENTS, "seconds": seconds, "requests": encoded})


def ask_at_rate(port: int, requests: Sequence[tuple[str, bytes]], rate: float, clients: int) -> dict[str, Any]:
    """Let requests begin ``rate`` times a second."""
    encoded = [(kind, base64.b64encode(request).decode()) for kind, request in requests]
    return _client({"port": port, "clients": clients, "rate": rate, "requests": encoded})


def _client(wanted: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryFile("w+") as asked:
        json.dump(wanted, asked)
        asked.seek(0)
        done = subprocess.run([sys.executable, "-m", "bench.client"], stdin=asked, capture_output=True, text=True)
    if done.returncode or "Traceback" in done.stderr:
        raise SystemExit(f"bench: the clients failed:\n{done.stderr[-3000:]}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result

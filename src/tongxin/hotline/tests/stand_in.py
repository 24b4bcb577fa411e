"""The city's hotline on this machine: it checks time, nonce and signature by its own reckoning, and answers as told."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


class StandIn:
    """``answers``: statuses to give one after the other, then 200 for ever. ``taken``: what it took."""

    def __init__(self, secret: str, now: datetime, answers: list[int]) -> None:
        self.secret, self.now, self.answers = secret, now, answers
        self.taken: list[dict[str, Any]] = []
        self.nonces: list[str] = []
        self.wrong: list[str] = []
        self.url = ""

    def judge(self, headers: Any, body: bytes) -> int:
        time, nonce = headers["X-Tongxin-Time"], headers["X-Tongxin-Nonce"]
        right = hmac.new(self.secret.encode(), f"{time}.{nonce}.".encode() + body, hashlib.sha256).hexdigest()
        self.wrong += ["signature"] if right != headers["X-Tongxin-Signature"] else []
        self.wrong += ["time"] if abs(int(time) - self.now.timestamp()) > 300 else []
        self.wrong += ["nonce"] if nonce in self.nonces else []
        self.nonces.append(nonce)
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.taken.append(json.loads(body))
        return status


@contextmanager
def hotline(secret: str, now: datetime, *answers: int) -> Iterator[StandIn]:
    """One that listens, until the end of the block."""
    one = StandIn(secret, now, list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status = one.judge(self.headers, self.rfile.read(int(self.headers["Content-Length"])))
            told = json.dumps({"receipt": f"R{len(one.taken)}"}).encode()
            self.send_response(status)
            if status == 429:
                self.send_header("Retry-After", "120")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the screen."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    one.url = f"http://127.0.0.1:{server.server_port}/answers"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

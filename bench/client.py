"""The clients of a measurement, in a process of their own and as light as can be, so that they are never the limit.

Reads {"port", "clients", "seconds", "requests": [base64, …]} from stdin and prints {"latencies", "statuses", …}.
Each client sends ready-made requests over a kept connection, which it renews now and then, so that the connections
spread over the web workers.
"""

from __future__ import annotations

import base64
import json
import socket
import sys
import threading
import time
from collections import Counter
from typing import Any

RENEW_AFTER = 20


class Connection:
    """A kept HTTP/1.1 connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket: socket.socket | None = None
        self.uses = 0

    def ask(self, request: bytes) -> tuple[int, int]:
        """(status, bytes of the body). Opens the connection if it must."""
        if self.socket is None or self.uses >= RENEW_AFTER:
            self.close()
            self.socket = socket.create_connection(("127.0.0.1", self.port), 60)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.uses += 1
        self.socket.sendall(request)
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError("the server closed the connection")
            data += more
        head = data[:end].lower()
        status = int(head[9:12])
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        left = length - (len(data) - end - 4)
        while left > 0:
            left -= len(self.socket.recv(65536))
        if b"connection: close" in head:
            self.close()
        return status, length

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
        self.socket, self.uses = None, 0


def closed_loop(port: int, clients: int, seconds: float, requests: list[bytes]) -> dict[str, Any]:
    """Each client sends its next request when it has the answer to its last."""
    latencies: list[float] = []
    statuses: Counter[int] = Counter()
    sizes: Counter[int] = Counter()
    until = time.perf_counter() + seconds

    def run(which: int) -> None:
        connection, n = Connection(port), which
        own: list[float] = []
        while (started := time.perf_counter()) < until:
            try:
                status, size = connection.ask(requests[n % len(requests)])
            except OSError:
                connection.close()
                status, size = 0, 0
            own.append(time.perf_counter() - started)
            statuses[status] += 1
            sizes[size] += 1
            n += clients
        connection.close()
        latencies.extend(own)

    began = time.perf_counter()
    threads = [threading.Thread(target=run, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"latencies": latencies, "statuses": dict(statuses), "seconds": time.perf_counter() - began,
            "bytes": sizes.most_common(1)[0][0] if sizes else 0}  # fmt: skip


def open_loop(port: int, clients: int, rate: float, requests: list[tuple[str, bytes]]) -> dict[str, Any]:
    """Requests start ``rate`` times a second whatever becomes of the others. Latency counts from when each was due."""
    found: list[tuple[str, float, int]] = []
    began = time.perf_counter() + 0.5
    order = iter(range(len(requests)))
    lock = threading.Lock()

    def run() -> None:
        connection = Connection(port)
        while True:
            with lock:
                n = next(order, None)
            if n is None:
                break
            due = began + n / rate
            if (wait := due - time.perf_counter()) > 0:
                time.sleep(wait)
            kind, request = requests[n]
            try:
                status, _size = connection.ask(request)
            except OSError:
                connection.close()
                status = 0
            found.append((kind, time.perf_counter() - due, status))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"found": found, "seconds": time.perf_counter() - began}


def main() -> None:
    asked = json.load(sys.stdin)
    if "rate" in asked:
        requests = [(kind, base64.b64decode(data)) for kind, data in asked["requests"]]
        result = open_loop(asked["port"], asked["clients"], asked["rate"], requests)
    else:
        requests = [base64.b64decode(data) for data in asked["requests"]]
        result = closed_loop(asked["port"], asked["clients"], asked["seconds"], requests)
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()

"""``tongxin serve``: the web server, and in the embedded set-up the worker beside it."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from tongxin.commands.output import say, setup

RESTART_SECONDS = 2.0


def register(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("serve", help="serve the pages and the API", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port (default TONGXIN_PORT, else 8000)")
    parser.add_argument("--workers", type=int, default=2, help="web processes (default 2)")
    parser.add_argument("--threads", type=int, default=4, help="threads of each (default 4)")
    parser.add_argument("--worker", action=argparse.BooleanOptionalAction,
                        help="run the worker beside it (default: with an embedded database)")  # fmt: skip
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    setup()
    from django.conf import settings
    from django.db import connection

    from tongxin.commands.migrate import waiting_migrations

    if waiting_migrations():
        say("The database is of another version. Run: tongxin migrate")
        return 1
    embedded = connection.vendor == "sqlite"
    connection.close()
    port = args.port or settings.PORT
    return serve(args.host, port, args.workers, args.threads, embedded if args.worker is None else args.worker)


def web_command(
    host: str, port: int, workers: int, threads: int, application: str = "tongxin.config.wsgi:application"
) -> list[str]:
    """The web server's command line. The measurements (bench/) run the bare view by the same."""
    return [
        sys.executable, "-m", "gunicorn", application, "--bind", f"{host}:{port}",
        "--workers", str(workers), "--threads", str(threads), "--worker-class", "gthread", "--timeout", "60",
        "--graceful-timeout", "20", "--max-requests", "20000", "--max-requests-jitter", "2000",
        "--log-level", "warning",
    ]  # fmt: skip


def serve(host: str, port: int, workers: int, threads: int, with_worker: bool) -> int:
    """Run the web server, and the worker if asked, until told to stop. A part that dies is started again, save the
    web server when it cannot start at all."""
    from django.core.management import call_command

    parts: dict[str, Sequence[str]] = {"web": web_command(host, port, workers, threads)}
    if with_worker:
        parts["worker"] = [sys.executable, "-m", "tongxin.commands.main", "worker"]
    call_command("collectstatic", interactive=False, verbosity=0)
    say(f"Tongxin serves at http://{host}:{port}  (Ctrl-C ends it)")
    return Supervisor(parts).run()


class Supervisor:
    """Keeps child processes running, and ends them together."""

    def __init__(self, parts: dict[str, Sequence[str]]) -> None:
        self.parts = parts
        self.stopping = False
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.started: dict[str, float] = {}

    def run(self) -> int:
        """Until SIGTERM or SIGINT, or until the web server cannot start; returns the exit status."""
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self._stop)
        for name in self.parts:
            self._start(name)
        status = 0
        while not self.stopping:
            time.sleep(0.2)
            for name, process in list(self.running.items()):
                code = process.poll()
                if code is None or self.stopping:
                    continue
                young = time.monotonic() - self.started[name] < RESTART_SECONDS
                if name == "web" and young:
                    status, self.stopping = code or 1, True
                    break
                say(f"{name} ended with {code}; starting it again.")
                if young:
                    time.sleep(RESTART_SECONDS)
                self._start(name)
        self._end()
        return status

    def _start(self, name: str) -> None:
        self.running[name] = subprocess.Popen(self.parts[name])  # noqa: S603 - our own programme, no shell
        self.started[name] = time.monotonic()

    def _stop(self, *_: Any) -> None:
        self.stopping = True

    def _end(self) -> None:
        for process in self.running.values():
            if process.poll() is None:
                process.terminate()
        for process in self.running.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()

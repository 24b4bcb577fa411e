"""python -m bench day: one day of mixed arrivals by every channel, some sent twice, the worker killed in between.

Real appeals come from ``--data`` (appeals_supported.csv and appeals_replied.csv with a column ``text``); ``--invented N``
makes up as many. In the end every arrival must be one case, and every case with somebody or at a named desk, with a
clock that runs. Prints JSON; the exit status is 1 if anything was lost, doubled, unrouted or found by ``verify``.
"""

from __future__ import annotations

import argparse
import base64
import csv
import json
import os
import queue
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

THREADS = 4
REPEATED = 0.1
LONGEST = 1500
MARK = re.compile(r"〔来件(\d+)〕")
LAID_BY_HAND = ("appointment ", "route ")
"""What the stage makes without a word to the record."""


@dataclass(frozen=True)
class Arrival:
    """What reaches the office once, however often it is sent."""

    n: int
    key: UUID
    text: str
    category: str
    channel: str

    @property
    def said(self) -> str:
        return f"{self.text}〔来件{self.n}〕"


class Doors:
    """The doors by which matters come in, with somebody at each."""

    def __init__(self, scene: Any, token: str) -> None:
        from django.test import Client

        from tests.cast import sign_in

        self.scene, self.token, self.program = scene, token, Client()
        self.resident, self.neighbour, self.desk, self.grid = Client(), Client(), Client(), Client()
        sign_in(self.resident, scene.zhang)
        sign_in(self.neighbour, scene.chen)
        sign_in(self.desk, scene.wu, strong=True)
        sign_in(self.grid, scene.wang, strong=True)

    def _form(self, client: Any, arrival: Arrival, **more: str) -> Any:
        fields = {"text": arrival.said, "category": arrival.category, "area": f"a.{self.scene.place.estate.code}",
                  "once": str(arrival.key), "send": "1"}  # fmt: skip
        return client.post("/report/", fields | more)

    def _entry(self, arrival: Arrival, **more: str) -> Any:
        fields = {"text": arrival.said, "category": arrival.category, "place": f"area:{self.scene.place.estate.pk}",
                  "urgency": "normal", "leave_open": "on", "once": str(arrival.key)}  # fmt: skip
        return self.desk.post("/desk/new/", fields | more)

    def app(self, arrival: Arrival) -> Any:
        """Residents at their phones."""
        return self._form(self.neighbour if arrival.n % 3 == 0 else self.resident, arrival)

    def on_behalf(self, arrival: Arrival) -> Any:
        """The grid worker, for somebody without a phone."""
        return self._form(self.grid, arrival, for_person=str(self.scene.zhang.pk))

    def group(self, arrival: Arrival) -> Any:
        """The desk, from a message in the WeChat group."""
        return self._entry(arrival, channel="wechat", who="none")

    def caller(self, arrival: Arrival) -> Any:
        """The desk, for a caller without an account."""
        return self._entry(arrival, channel="phone", who="contact", contact_name="罗大爷",
                           contact_phone=f"139{arrival.n:08d}")  # fmt: skip

    def api(self, arrival: Arrival) -> Any:
        """A program with a resident's token; told to wait, it waits."""
        body = {"text": arrival.said, "category": arrival.category, "area": self.scene.place.estate.code}
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(arrival.key)}
        while True:
            answer = self.program.post(
                "/api/v1/cases", json.dumps(body), content_type="application/json", headers=headers
            )
            if answer.status_code not in {409, 429}:
                return answer
            time.sleep(0.2)


CHANNELS: dict[str, tuple[int, Callable[[Doors, Arrival], Any]]] = {
    "app": (40, Doors.app),
    "grid": (15, Doors.on_behalf),
    "wechat": (15, Doors.group),
    "phone": (15, Doors.caller),
    "api": (15, Doors.api),
}
"""Each channel with its share in a hundred and its door. Visits and the 12345 hotline join here."""


def texts(folder: Path | None, count: int) -> list[str]:
    """What people say: of the real appeals, or made up."""
    if folder is None:
        from bench import words

        chance = random.Random(count)
        return [words.text(chance, n)[0] for n in range(count)]
    found: list[str] = []
    for name in ("appeals_supported.csv", "appeals_replied.csv"):
        with (folder / name).open(encoding="utf-8-sig", newline="") as file:
            found += [" ".join(row["text"].split())[:LONGEST] for row in csv.DictReader(file) if row["text"].strip()]
    random.Random(count).shuffle(found)
    if len(found) < count:
        raise SystemExit(f"bench: {folder} holds {len(found)} appeals, not {count}")
    return found[:count]


def arrivals(said: Sequence[str]) -> list[Arrival]:
    """The day, in its order: each text with a channel, a key, and the kind that its words name, else any."""
    from tongxin.cases.queries.categories import categories

    rows = [row for row in categories() if not row.parent]
    plain = [row for row in rows if not any(question.get("required") for question in row.questions)]
    named = [
        (word, row.code) for row in plain for word in re.split(r"[、，]", f"{row.name}、{row.hint}") if len(word) > 1
    ]
    chance = random.Random(len(said))
    names = chance.choices(list(CHANNELS), [share for share, _door in CHANNELS.values()], k=len(said))
    day = []
    for n, (text, channel) in enumerate(zip(said, names, strict=True)):
        kind = next((code for word, code in named if word in text), chance.choice(plain).code)
        day.append(Arrival(n, uuid4(), text, kind, channel))
    return day


def set_up() -> tuple[Any, str]:
    """The people of the stories, and a program's token."""
    from django.core.management import call_command
    from django.utils import timezone

    from tongxin.cases.tests.stage import scene
    from tongxin.people.models import Ownership
    from tongxin.people.operations.tokens import make_personal_token
    from tongxin.people.queries.actors import actor_for
    from tongxin.people.rules.tokens import OWN_SCOPES

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    made, now = scene(), timezone.now()
    Ownership.objects.all().delete()  # laid by hand: no entry tells of them
    zhang = actor_for(made.zhang.account, False, now)
    return made, make_personal_token(
        zhang, now, name="bench", scopes=OWN_SCOPES, expires_at=now + timedelta(days=30)
    )[1]  # fmt: skip


class Replay:
    """Sends the day and keeps count."""

    def __init__(self, scene: Any, token: str) -> None:
        self.statuses: Counter[int] = Counter()
        self.wrong: list[str] = []
        self.repeats = self.refused = 0
        self.lock = threading.Lock()
        self.doors: queue.Queue[Doors] = queue.Queue()
        for _ in range(THREADS * 2):
            self.doors.put(Doors(scene, token))

    def send(self, arrival: Arrival, times: int, together: bool) -> None:
        """Send it once, or twice: one after the other, or both at the same time from two threads."""
        answers: list[str] = []
        if times == 2 and together:
            both = [threading.Thread(target=self._one, args=(arrival, answers)) for _ in range(2)]
            for thread in both:
                thread.start()
            for thread in both:
                thread.join()
        else:
            for _ in range(times):
                self._one(arrival, answers)
        with self.lock:
            self.repeats += times - 1
            # Nothing was made by the second: it was answered with the case of the first.
            self.refused += times == 2 and len(answers) == 2 and answers[0] == answers[1]

    def _one(self, arrival: Arrival, answers: list[str]) -> None:
        from django.db import connection

        doors = self.doors.get()
        try:
            answer = CHANNELS[arrival.channel][1](doors, arrival)
            number = re.search(r"[A-Z]+-\d{8}-\d{4,}", answer.headers.get("Location", ""))
            with self.lock:
                self.statuses[answer.status_code] += 1
            answers.append(number[0] if number else "")
            if number is None:
                self.wrong.append(f"{arrival.channel} {arrival.n}: {answer.status_code}")
        except Exception as error:  # whatever it is, the day goes on and the error is told
            self.wrong.append(f"{arrival.channel} {arrival.n}: {type(error).__name__}: {error}")
        finally:
            self.doors.put(doors)
            connection.close()


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """The worker, beside it all; killed at the end as by a power cut if it still runs."""
    command = [sys.executable, "-m", "tongxin.commands.main", "worker"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def replay(day: Sequence[Arrival], scene: Any, token: str) -> Replay:
    """The day: the worker is killed after half of it and started again."""
    sender, chance = Replay(scene, token), random.Random(7)
    plan = []
    for arrival in day:
        twice = chance.random() < REPEATED
        plan.append((arrival, 2 if twice else 1, chance.random() < 0.5))
    half = len(plan) // 2
    for part in (plan[:half], plan[half:]):
        with worker(), ThreadPoolExecutor(THREADS) as pool:
            for done in [pool.submit(sender.send, *one) for one in part]:
                done.result()
    return sender


def settle() -> None:
    """What the killed workers left is done."""
    from django.utils import timezone

    from tongxin.jobs.ticker import run_everything

    while run_everything(timezone.now() + timedelta(minutes=10)):
        pass


def found(day: Sequence[Arrival]) -> dict[str, Any]:
    """What became of the arrivals."""
    from tongxin.cases import rules
    from tongxin.cases.models import Assignment, Case, CaseClock
    from tongxin.people.models import Organisation

    came: Counter[int] = Counter()
    unrouted, with_somebody, at_a_desk = [], 0, 0
    running = set(CaseClock.objects.filter(stopped_at=None).values_list("case_id", flat=True))
    held = set(Assignment.objects.filter(ended_at=None, role="lead").values_list("case_id", flat=True))
    desks = set(Organisation.objects.filter(kind__in=("community", "government")).values_list("area__path", flat=True))
    for case in Case.objects.all():
        mark = MARK.search(case.text)
        came[int(mark[1]) if mark else -1] += 1
        if case.pk in held and case.pk in running:
            with_somebody += 1
        elif (
            case.state in {rules.State.SUBMITTED, rules.State.ACCEPTED}
            and case.pk in running
            and any(case.area_path.startswith(path) for path in desks)
        ):
            at_a_desk += 1
        else:
            unrouted.append(case.number)
    return {
        "cases": sum(came.values()),
        "routed": with_somebody + at_a_desk,
        "with_somebody": with_somebody,
        "at_a_desk": at_a_desk,
        "unrouted": unrouted[:10],
        "lost": sum(came[one.n] == 0 for one in day),
        "doubled": sum(count > 1 for count in came.values()) + came[-1],
    }


def verified() -> int:
    """How much ``tongxin verify`` finds, but for what the stage laid by hand."""
    from tongxin.record.verify import verify_all

    return sum(one.kind != "row-unrecorded" or not one.where.startswith(LAID_BY_HAND) for one in verify_all().findings)


def run(folder: Path | None, count: int) -> dict[str, Any]:
    """The whole day in the installation that the environment names."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    settings.ALLOWED_HOSTS = ["*"]
    scene, token = set_up()
    day = arrivals(texts(folder, count))
    began = time.perf_counter()
    sender = replay(day, scene, token)
    seconds = round(time.perf_counter() - began, 1)
    settle()
    result = found(day)
    findings = verified()
    good = not (result["lost"] or result["doubled"] or findings or sender.wrong) and (
        result["routed"] == result["cases"] == len(day) and sender.refused == sender.repeats
    )
    return {
        "database": connection.vendor,
        "arrivals": len(day),
        "channels": dict(Counter(one.channel for one in day)),
        "kinds": len({one.category for one in day}),
        "repeats": sender.repeats,
        "repeats_refused": sender.refused,
        **result,
        "worker_killed": 2,
        "verify_findings": findings,
        "wrong": sender.wrong[:10],
        "seconds": seconds,
        "per_second": round((len(day) + sender.repeats) / seconds, 1),
        "good": good,
    }


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench day", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with the appeals")
    parser.add_argument("--arrivals", type=int, default=2000)
    parser.add_argument("--invented", type=int, default=0, help="so many made-up arrivals instead")
    args = parser.parse_args(argv)
    if not args.data and not args.invented:
        parser.error("name a folder with --data, or a number with --invented")
    root = Path(__file__).resolve().parent.parent
    with tempfile.TemporaryDirectory(prefix="tongxin-day-") as folder:
        defaults = {
            "TONGXIN_DATA": folder,
            "TONGXIN_SECRET_KEY": "only-for-the-bench-" * 3,
            "TONGXIN_FIELD_KEY": base64.b64encode(b"only-for-bench--" * 2).decode(),
            "DJANGO_SETTINGS_MODULE": "tongxin.config.settings",
        }
        for name, value in defaults.items():
            os.environ.setdefault(name, value)
        Path(os.environ["TONGXIN_DATA"]).mkdir(parents=True, exist_ok=True)
        os.environ["PYTHONPATH"] = os.pathsep.join([str(root), str(root / "src")])
        result = run(None if args.invented else args.data, args.invented or args.arrivals)
        print(json.dumps(result, ensure_ascii=False, indent=1))
    return 0 if result["good"] else 1

"""A process of its own at work in an installation: ``python -m tests.system.busy WHAT …``. Tests start it and kill it."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tongxin.config.settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from tests.cast import sign_in  # noqa: E402
from tongxin.cases.models import Case, Party, SearchText  # noqa: E402
from tongxin.cases.operations import desk, work  # noqa: E402
from tongxin.cases.operations.submit import Report, submit_case  # noqa: E402
from tongxin.cases.rules import HeldByAnother  # noqa: E402
from tongxin.cases.tests.stage import photo, scene  # noqa: E402
from tongxin.kernel.actor import Actor  # noqa: E402
from tongxin.kernel.errors import DomainError  # noqa: E402
from tongxin.people.models import Ownership, Person  # noqa: E402
from tongxin.people.queries.actors import actor_for  # noqa: E402
from tongxin.places.models import Area  # noqa: E402


def actor(name: str) -> Actor:
    """Somebody of the scene."""
    return actor_for(Person.objects.get(name=name).account, True, timezone.now())


def report(once: UUID | None = None, **more: Any) -> Report:
    estate = Area.objects.get(code="420303001001-01")
    return Report(text="楼道灯不亮", category="lighting", area_id=estate.pk, once=once, **more)


def set_up() -> None:
    """The people of the stories."""
    scene()
    Ownership.objects.all().delete()  # laid by hand: no entry tells of them
    call_command("collectstatic", interactive=False, verbosity=0)


def keep_working(intents: str) -> None:
    """Report, take, answer, for ever. What is meant to be reported is noted before it is."""
    zhang, li = actor("张秀英"), actor("李师傅")
    with Path(intents).open("a", encoding="utf-8") as file:
        while True:
            once = uuid4()
            print(once, file=file, flush=True)
            case = submit_case(zhang, report(once, photos=[photo()]), timezone.now())
            work.claim_case(li, case.pk, timezone.now(), start=True)
            work.answer_case(li, case.pk, timezone.now(), text="换了灯头", after=[photo()])


def try_again(intents: str) -> None:
    """Report everything that was meant to be once more, with its own key; then say what there is."""
    zhang = actor("张秀英")
    for line in Path(intents).read_text().split():
        submit_case(zhang, report(UUID(line), photos=[photo()]), timezone.now())
    print(json.dumps(standing()))


def standing() -> dict[str, Any]:
    """Whether each case is whole: its reporter, its words to be found by, one report and at most one taker."""
    rows = []
    for case in Case.objects.all():
        verbs = list(case.updates.order_by("id").values_list("verb", flat=True))
        rows.append(
            {
                "once": str(case.once), "state": case.state, "verbs": verbs, "raised": case.raised,
                "parties": Party.objects.filter(case=case).count(),
                "search": SearchText.objects.filter(case=case).count(),
                "leads": case.assignments.filter(role="lead", ended_at=None).count(),
            }
        )  # fmt: skip
    return {"cases": rows}


def wait_for(moment: str) -> None:
    time.sleep(max(0.0, float(moment) - time.time()))


def race(name: str, moment: str, *cases: str) -> None:
    """Take each case, beside somebody else who tries the same; says of each “won” or who has it."""
    mine, told = actor(name), {}
    wait_for(moment)
    for case in cases:
        try:
            work.claim_case(mine, UUID(case), timezone.now())
            told[case] = "won"
        except HeldByAnother as held:
            told[case] = str(held.params.get("who", ""))
    print(json.dumps(told))


def cases_to_race_for(count: str) -> None:
    """Half of them given to the company, half in the pool."""
    made = []
    for number in range(int(count)):
        case = submit_case(actor("张秀英"), report(), timezone.now())
        if number % 2:
            desk.dispatch_case(actor("周明"), case.pk, timezone.now(), pool=True, reason="谁近谁去")
        made.append(str(case.pk))
    print(json.dumps(made))


def long_ago(count: str) -> None:
    """Reports that nobody saw to, so that much falls due at once."""
    for days in range(int(count)):
        submit_case(actor("张秀英"), report(), timezone.now() - timedelta(days=20 + days))


def say() -> None:
    print(json.dumps(standing()))


def mix(turns: str) -> None:
    """Eight threads of mixed requests: seventy in a hundred read, twenty take a step, ten report with a photo."""
    settings.ALLOWED_HOSTS = ["*"]
    done, wrong = [0] * 8, []
    cases = [submit_case(actor("张秀英"), report(), timezone.now()) for _ in range(4)]

    def at_work(thread: int) -> None:
        resident, office = Client(), Client()
        sign_in(resident, Person.objects.get(name="张秀英"))
        sign_in(office, Person.objects.get(name="吴敏"), strong=True)
        for turn in range(thread, thread + int(turns)):
            try:
                _one(turn, resident, office, cases[thread % 4])
                done[thread] += 1
            except DomainError:
                done[thread] += 1
            except Exception as error:
                wrong.append(f"{type(error).__name__}: {error}")
        connection.close()

    threads = [threading.Thread(target=at_work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"done": done, "wrong": wrong[:5]}))


def _one(turn: int, resident: Client, office: Client, case: Case) -> None:
    kind = turn % 10
    if kind == 0:
        submit_case(actor("张秀英"), report(photos=[photo()]), timezone.now())
    elif kind in {3, 7}:
        desk.add_note(actor("吴敏"), case.pk, timezone.now(), text="看过了")
    else:
        pages = (("/", resident), ("/desk/", office), (f"/desk/cases/{case.number}/", office), ("/cases/", resident))
        page, client = pages[turn % 4]
        answer = client.get(page)
        assert answer.status_code == 200, (page, answer.status_code)


WHAT: dict[str, Callable[..., None]] = {
    "set-up": set_up, "work": keep_working, "again": try_again, "race": race, "cases": cases_to_race_for,
    "long-ago": long_ago, "say": say, "mix": mix,
}  # fmt: skip

if __name__ == "__main__":
    WHAT[sys.argv[1]](*sys.argv[2:])

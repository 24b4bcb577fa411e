"""A visitor of a demo city: ``python -m tests.system.visiting`` enters as everybody on /demo and says what they find."""

from __future__ import annotations

import json
import os
import re
from html import unescape

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tongxin.config.settings"
os.environ["TONGXIN_DEMO"] = "1"
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db.models import Max, Min  # noqa: E402
from django.test import Client  # noqa: E402

from tongxin.cases.models import Case  # noqa: E402
from tongxin.people.models import Residence  # noqa: E402
from tongxin.people.queries.signin import demo_people  # noqa: E402
from tongxin.places.models import Area  # noqa: E402

PAGES = (
    "/cases/", "/cases/?which=waiting", "/me/home/", "/me/family/", "/work/?which=waiting", "/work/?which=mine",
    "/work/?which=pool", "/desk/?show=submitted", "/desk/?show=overdue", "/desk/?show=all", "/desk/petitions/",
    "/desk/verify/", "/desk/report-ins/", "/desk/settings/accounts/", "/desk/settings/system/", "/desk/places/",
    "/report/for/", "/report/for/?name=刘桂兰", "/seals/", "/desk/hotline/?show=changed", "/visits/", "/desk/visits/",
)  # fmt: skip


def found_by(account: str) -> dict[str, str]:
    """The words of each page for somebody; empty where it is not for them."""
    client = Client()
    assert client.post("/demo/enter/", {"account": account}).status_code == 303
    pages = {page: client.get(page) for page in PAGES}
    return {page: _words(answer.content.decode()) for page, answer in pages.items() if answer.status_code == 200}


def _words(html: str) -> str:
    main = html[html.find("<main") :]
    return unescape(re.sub(r"<[^>]+>|\s+", " ", main))


def figures() -> dict[str, object]:
    """How large the city is, and over how long its cases came."""
    communities = Area.objects.filter(level="community", valid_until=None)
    lived_in = {
        area.name: count
        for area in communities
        if (
            count := Residence.objects.filter(
                household__home__unit__building__estate__path__startswith=area.path
            ).count()
        )
    }
    times = Case.objects.aggregate(first=Min("created_at"), last=Max("created_at"))
    return {
        "residents": lived_in,
        "cases": Case.objects.count(),
        "days": (times["last"] - times["first"]).days,
        "states": sorted(Case.objects.values_list("state", flat=True).distinct()),
    }


if __name__ == "__main__":
    settings.ALLOWED_HOSTS = ["*"]
    call_command("collectstatic", interactive=False, verbosity=0)
    people = {one.title: found_by(str(one.account_id)) for one in demo_people()}
    print(json.dumps({"figures": figures(), "people": people}, ensure_ascii=False))

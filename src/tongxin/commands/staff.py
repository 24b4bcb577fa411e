"""``tongxin staff``: let the first people of an installation in, and back in whoever lost their way.

Everybody after them is appointed on the pages. A password that is printed here serves once: at the first sign-in it is
changed, and an authenticator is set up.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from tongxin.commands.output import result, say, setup
from tongxin.people.roles import ROLES


def register(subparsers: Any) -> None:
    """Add ``staff`` with its verbs."""
    parser = subparsers.add_parser("staff", help="let the first people in office sign in", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    _open(verbs)
    reset = verbs.add_parser("reset", help="a new password and authenticator for a user name")
    reset.add_argument("username")
    reset.add_argument("--json", action="store_true", help="print the result as JSON")
    reset.set_defaults(run=run, deed=_let_in)


def _open(verbs: Any) -> None:
    new = verbs.add_parser(
        "open",
        help="put a person on the register, give them an office and a user name",
        description="Roles: docs/roles.md. The system, security and audit administrators are three different people.",
    )
    new.add_argument("--name", required=True, help="the person's name")
    new.add_argument("--username", required=True, help="3 to 40 small letters, digits, dots or dashes")
    new.add_argument(
        "--role", required=True, choices=sorted(ROLES), metavar="ROLE", help="such as system_administrator"
    )
    new.add_argument("--area", required=True, metavar="CODE", help="code of the area, such as 420303")
    new.add_argument("--organisation", required=True, metavar="NAME", help="made in that area if it is missing")
    new.add_argument("--kind", default="government", help="of an organisation that is made (default government)")
    new.add_argument("--phone", default="", help="the person's mobile phone")
    new.add_argument("--json", action="store_true", help="print the result as JSON")
    new.set_defaults(run=run, deed=_admit)


def run(args: argparse.Namespace) -> int:
    setup()
    from tongxin.kernel.errors import DomainError

    try:
        opened = args.deed(args)
    except DomainError as error:
        say(f"tongxin: {error}")
        if args.json:
            result({"error": str(error)}, True, "")
        return 1
    words = f"{opened.username} may sign in at /staff/sign-in/ with the password {opened.password}"
    result(asdict(opened), args.json, words)
    return 0


def _admit(args: argparse.Namespace) -> Any:
    from django.utils import timezone

    from tongxin.journeys.first_office import Newcomer, open_office

    wanted = {name: getattr(args, name) for name in Newcomer.__slots__}
    return open_office(Newcomer(**wanted), now=timezone.now())


def _let_in(args: argparse.Namespace) -> Any:
    from django.utils import timezone

    from tongxin.journeys.first_office import let_in_again

    return let_in_again(args.username, now=timezone.now())

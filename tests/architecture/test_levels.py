"""Every action of residents states the level of trust it takes, and asks for it in the operation, whatever shell calls.

The residents' operations are found, not listed: what their pages name, and what a token that acts for a resident may
call. Each must reach the one table, or is written down here with the reason why it need not.
"""

import ast

from tests.architecture.source import Calls, Module, module_from, modules, top_level_functions
from tests.architecture.test_operations import is_operations, is_verb
from tongxin.api import verbs
from tongxin.api.policy import POLICIES
from tongxin.people.rules.tokens import OWN_WRITE
from tongxin.people.rules.trust import ACTIONS

ASKS = {"tongxin.people.rules.trust.require_level"}
ASKING = {"require_level", "open_for", "_child"}
"""Functions that are given the name of an action."""

IN_OFFICE: dict[str, str] = {
    "tongxin.people.operations.tokens.make_office_token": "it takes token.manage, on a page that residents have as well",
}


OF_BODIES = {"tongxin.web.people.bodies", "tongxin.web.people.offices"}
"""Pages of organisations: whoever is signed in may be in office there, and their operations ask for permissions alone."""


def acts_for_residents(module: Module) -> bool:
    """A module of pages of which one is open without an office."""
    if module.name in OF_BODIES:
        return False
    stated = [
        call
        for function in top_level_functions(module)
        for call in function.decorator_list
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "policy"
    ]
    return any(keyword.arg == "trust" for call in stated for keyword in call.keywords) or any(
        isinstance(one, ast.Constant) and one.value == "signed_in" for call in stated for one in call.args
    )


def named_by_pages(sources: tuple[Module, ...]) -> set[str]:
    """The operations and journeys, told who acts, that residents' pages name."""
    calls = Calls(sources)
    told = {
        f"{module.name}.{function.name}"
        for module in sources
        if is_operations(module) or module.parts[1:2] == ("journeys",)
        for function in top_level_functions(module)
        if is_verb(function)
    }
    found: set[str] = set()
    for module in sources:
        if module.parts[1:2] == ("web",) and acts_for_residents(module):
            for function in top_level_functions(module):
                found |= {calls._resolve(name) for name in calls.uses[f"{module.name}.{function.name}"]} & told
    return found


def named_by_programs() -> set[str]:
    """The operations behind the verbs that a resident's token may call."""
    found = set()
    for _, rows in verbs.TAGGED:
        for row in rows:
            if OWN_WRITE not in POLICIES[row.name].scopes:
                continue
            names = row.act.__code__.co_names
            rooms = [row.act.__globals__[name] for name in names if hasattr(row.act.__globals__.get(name), "__path__")
                     or type(row.act.__globals__.get(name)).__name__ == "module"]  # fmt: skip
            operations = [getattr(room, name) for room in rooms for name in names if hasattr(room, name)]
            assert operations, f"{row.name} names no operation"
            found |= {f"{one.__module__}.{one.__name__}" for one in operations}
    return found


def silent(operations: set[str], sources: tuple[Module, ...]) -> set[str]:
    calls = Calls(sources)
    return {name for name in operations if not calls.reaches(name, ASKS)}


def test_every_operation_of_residents_asks_for_its_level():
    operations = named_by_pages(modules()) | named_by_programs()
    assert len(operations) > 20, "they are looked for in the right places"
    assert not silent(operations, modules()) - IN_OFFICE.keys(), (
        "each asks for its action, or is listed with its reason"
    )
    assert not IN_OFFICE.keys() - operations, "listed, but no page of residents names it any more"


def asked_for(sources: tuple[Module, ...]) -> set[str]:
    """The actions that operations name."""
    return {
        argument.value
        for module in sources
        if is_operations(module)
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ASKING
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def test_the_table_has_the_actions_that_are_asked_for_and_no_others():
    assert asked_for(modules()) == ACTIONS.keys()


def test_an_operation_that_forgets_would_be_seen():
    sources = (
        module_from("tongxin.people.rules.trust", "def require_level(actor, action): ..."),
        module_from(
            "tongxin.cases.operations.resident",
            "from tongxin.people.rules.trust import require_level\n"
            "def urge(actor):\n    require_level(actor, 'case.urge')\n"
            "def thank(actor):\n    pass\n",
        ),
        module_from(
            "tongxin.web.cases.detail",
            "from tongxin.cases.operations import resident\n"
            "@policy('signed_in')\ndef page(request):\n    resident.urge(request.actor), resident.thank(request.actor)\n",
        ),
        module_from(
            "tongxin.web.desk.steps",
            "from tongxin.cases.operations import resident\n"
            "@policy(permission='case.desk')\ndef page(request):\n    resident.thank(request.actor)\n",
        ),
    )
    assert silent(named_by_pages(sources), sources) == {"tongxin.cases.operations.resident.thank"}
    assert asked_for(sources) == {"case.urge"}

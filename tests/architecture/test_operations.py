"""Operations are the only writers, and none of them forgets the record.

A verb is a public function of a capability's operations that is told who acts: it takes an ``actor``.
"""

import ast

from tests.architecture.source import Calls, Module, module_from, modules, public, top_level_functions

APPEND = {"tongxin.record.operations.append_entry", "tongxin.record.operations.append_entries"}

# Public functions of operations that write no entry of their own, and why that is right.
WITHOUT_ENTRY: dict[str, str] = {
    "tongxin.cases.operations.desktop.drop_filter": "which filters I keep for myself concerns nobody else",
    "tongxin.cases.operations.desktop.save_filter": "which filters I keep for myself concerns nobody else",
    "tongxin.cases.operations.base.open_case": "it locks and looks; the step that follows appends",
    "tongxin.cases.operations.levels.open_for": "it opens and asks for the level; the step that follows appends",
    "tongxin.cases.operations.levels.open_to_reopen": "it opens and asks for the level; the step that follows appends",
    "tongxin.deputies.operations.lock_opinions": "it locks and looks; the suggestion that follows appends",
    "tongxin.files.operations.stage": "it gives its entries to the caller, who appends them together with his own",
}


def is_operations(module: Module) -> bool:
    """``app/operations.py`` or a public module of ``app/operations/``."""
    return len(module.parts) >= 3 and module.parts[2] == "operations" and all(map(public, module.parts[3:]))


def is_verb(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return public(function.name) and any(argument.arg == "actor" for argument in arguments)


def silent_operations(sources: tuple[Module, ...]) -> list[str]:
    """Public operations that never reach the record."""
    calls = Calls(sources)
    return [
        name
        for module in sources
        if is_operations(module) and module.parts[1] != "record"
        for function in top_level_functions(module)
        if is_verb(function) and not calls.reaches(name := f"{module.name}.{function.name}", APPEND)
    ]


def test_every_operation_writes_a_record_entry():
    silent = set(silent_operations(modules()))
    assert not silent - WITHOUT_ENTRY.keys(), "each operation appends to the record, or is listed with its reason"
    assert not WITHOUT_ENTRY.keys() - silent, "listed as writing no entry, but they do, or are gone"


def test_a_silent_operation_would_be_seen():
    sources = (
        module_from("tongxin.record.operations", "def append_entry(): ..."),
        module_from(
            "tongxin.cases.operations._common",
            "from tongxin.record import operations as record\ndef move(case, actor):\n    record.append_entry(case)\n",
        ),
        module_from(
            "tongxin.cases.operations.dispatch",
            "from ._common import move\n"
            "def dispatch_case(case, *, actor):\n    return move(case, actor)\n"
            "def claim_case(actor, case):\n    case.save()\n"
            "def _help(actor): ...\ndef late(case): ...\n",
        ),
        module_from(
            "tongxin.places.operations",
            "from tongxin.record.operations import append_entry as write\n"
            "class Import:\n    def run(self):\n        write()\n"
            "def import_homes(actor):\n    return Import().run()\n",
        ),
    )
    assert silent_operations(sources) == ["tongxin.cases.operations.dispatch.claim_case"]


def writers(module: Module) -> list[str]:
    """Places outside of operations that write to the database."""
    verbs = {"save", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
    verbs |= {"write_new", "write_changed"}
    called = [
        (node.lineno, node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)
    ]
    return [f"{module.name}:{line} {name}()" for line, name in called if name in verbs]


def test_queries_and_rules_only_read():
    rooms = [m for m in modules() if len(m.parts) >= 3 and m.parts[2].partition("_")[0] in {"queries", "rules"}]
    assert not [row for module in rooms for row in writers(module)]


def test_a_query_that_writes_would_be_seen():
    bad = module_from("tongxin.cases.queries", "def case(id):\n    case.save()\n    return case\n")
    assert writers(bad) == ["tongxin.cases.queries:2 save()"]
    bad = module_from("tongxin.cases.queries", "from tongxin.record.writes import write_new\nwrite_new([])\n")
    assert writers(bad) == ["tongxin.cases.queries:2 write_new()"]

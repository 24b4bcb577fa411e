"""The house stands in layers, and its rules are pure."""

import ast
import subprocess
import sys

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.architecture.source import PACKAGE, ROOT, Module, layers, module_from, modules

PURE_PROGRAM = """
import importlib, sys
class NoDjango:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "django":
            raise ImportError(f"{name} must not be imported here")
sys.meta_path.insert(0, NoDjango())
for name in sys.argv[1:]:
    importlib.import_module(name)
"""
CLOCKS = {"now", "utcnow", "today", "localtime", "monotonic", "perf_counter", "time_ns", "uuid4", "uuid7", "urandom"}


def is_rules(module: Module) -> bool:
    """``rules``, and the further files of a capability's rules, such as ``rules_clocks``."""
    return any(part == "rules" or part.startswith("rules_") for part in module.parts[2:3])


def pure_modules() -> list[Module]:
    return [m for m in modules() if is_rules(m) or m.parts[:2] == ("tongxin", "kernel")]


def test_every_import_points_down_the_layers():
    assert lint_imports(config_filename=str(ROOT / ".importlinter"), no_cache=True) == EXIT_STATUS_SUCCESS


def test_a_layer_that_exists_is_no_longer_optional():
    _, optional = layers()
    standing = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert not optional & standing, "take the parentheses off in .importlinter"


def test_rules_and_kernel_load_where_django_cannot():
    names = [module.name for module in pure_modules()]
    assert "tongxin.kernel.actor" in names
    done = subprocess.run(
        [sys.executable, "-c", PURE_PROGRAM, *names],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT / "src")},
        check=False,
    )
    assert done.returncode == 0, done.stderr


def clocks_read(module: Module) -> list[str]:
    """Places where a module asks the machine for the time or for chance."""
    rows = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in CLOCKS:
                rows.append(f"{module.name}:{node.lineno} {called}()")
    return rows


def test_rules_are_told_the_time_and_never_ask_for_it():
    assert not [row for module in modules() if is_rules(module) for row in clocks_read(module)]


def test_a_rule_that_looks_at_the_clock_would_be_seen():
    bad = module_from("tongxin.cases.rules", "from datetime import datetime\ndef due():\n    return datetime.now()\n")
    assert clocks_read(bad) == ["tongxin.cases.rules:3 now()"]

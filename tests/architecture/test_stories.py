"""Stories are played by their people with nothing but the screen: no story reaches behind it."""

import ast
from pathlib import Path

from tests.architecture.source import ROOT, Module, module_from

BROWSER = ROOT / "tests" / "browser"
SCREEN_ONLY = ("tests.browser.play", "tests.browser.conftest")
"""What a story knows of the house."""
BEHIND = ("operations", "models", "queries", "journeys")
"""What whoever plays one may not touch."""


def imported(module: Module) -> set[str]:
    """The modules, and what is taken from them, that a file names in its imports."""
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def behind_the_screen(module: Module) -> list[str]:
    """Imports of a story that are more than a screen."""
    ours = {name for name in imported(module) if name.split(".")[0] in {"tongxin", "tests", "django"}}
    return sorted(name for name in ours if not name.startswith(SCREEN_ONLY))


def read(path: Path) -> Module:
    return module_from(f"tests.browser.{path.stem}", path.read_text(encoding="utf-8"), path)


def stories() -> list[Module]:
    return [read(path) for path in sorted(BROWSER.glob("test_story_*.py"))]


def test_the_stories_know_nothing_but_the_screen():
    names = {module.name.rpartition("_")[2] for module in stories()}
    assert names >= {"01", "02", "03", "15", "18", "24"}
    assert not {module.name: found for module in stories() if (found := behind_the_screen(module))}


def test_who_plays_them_does_nothing_for_them_behind_it():
    named = imported(read(BROWSER / "play.py"))
    assert not {name for name in named if name.startswith("tongxin.") and set(name.split(".")) & set(BEHIND)}


def test_a_story_that_reaches_behind_would_be_seen():
    bad = module_from(
        "tests.browser.test_story_99",
        "from tongxin.cases.operations import desk\nfrom tongxin.cases import models\nfrom tests.cast import sign_in\n",
    )
    assert behind_the_screen(bad) == ["tests.cast.sign_in", "tongxin.cases.models", "tongxin.cases.operations.desk"]


POINTER = {
    "click",
    "dblclick",
    "focus",
    "check",
    "fill",
    "select_option",
    "set_input_files",
    "tap",
    "hover",
    "dispatch_event",
}


def uses(node: ast.AST) -> set[str]:
    """Names of the methods that a piece of source calls."""
    calls = [inner.func for inner in ast.walk(node) if isinstance(inner, ast.Call)]
    return {call.attr for call in calls if isinstance(call, ast.Attribute)}


def test_who_plays_by_keyboard_is_helped_by_no_pointer():
    classes = {node.name: node for node in read(BROWSER / "play.py").tree.body if isinstance(node, ast.ClassDef)}
    assert not uses(classes["Keyboard"]) & POINTER
    own = {node.name for node in classes["Keyboard"].body if isinstance(node, ast.FunctionDef)}
    methods = [node for node in classes["Screen"].body if isinstance(node, ast.FunctionDef)]
    pointed = {node.name for node in methods if uses(node) & POINTER}
    assert pointed and pointed <= own, "the keyboard has no way of its own for these"

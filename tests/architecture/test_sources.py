"""Sources stay small, told, finished, and free of the place they were written at."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.architecture.source import (
    PACKAGE,
    ROOT,
    Module,
    committed_texts,
    module_from,
    modules,
    public,
    top_level_functions,
)

LONGEST_FUNCTION = 70
LONGEST_FILE = 450
# Put together from halves, so that this file does not hold what it looks for.
PLACES = re.compile(
    "|".join(
        [
            r"/wor" r"k/(main|wt|plan|venv|shared|\.)",
            r"\.\./share" r"d/(?!data)",
            r"/opt/(wheel" r"s|pyp" r"i)",
            r"/home/" r"\w+/|/Users/" r"\w+/",
            r"pypi\.o" r"rg|files\.pythonhosted\.o" r"rg|test\.pypi\.o" r"rg",
            r"registry\.npmj" r"s\.org|registry\.npmmirr" r"or\.com|registry\.yarnpk" r"g\.com",
            r"deb\.debian\.o" r"rg|mirrors\.(aliyu" r"n|tuna)",
        ]
    )
)
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b|raise Not" r"ImplementedError|mark\.(s" r"kip|x" r"fail)")


def functions_too_long(module: Module) -> list[str]:
    return [
        f"{module.name}.{node.name}: {length} lines"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]


def python_files() -> list[tuple[str, str]]:
    return [(name, text) for name, text in committed_texts() if name.endswith(".py") and "/migrations/" not in name]


def test_functions_fit_on_a_screen():
    sources = [module_from(name, text) for name, text in python_files()]
    assert not [row for module in sources for row in functions_too_long(module)]


def test_files_are_split_before_they_grow_long():
    lengths = {name: len(text.splitlines()) for name, text in python_files()}
    assert lengths
    assert not {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE}


def test_nothing_names_the_place_it_was_written_at():
    assert not [f"{name}: {found[0]}" for name, text in committed_texts() if (found := PLACES.search(text)) is not None]


def test_a_path_of_this_machine_would_be_seen():
    assert PLACES.search("see /wor" + "k/main/README.md")
    assert PLACES.search("--index-url https://pypi.o" + "rg/simple")
    assert not PLACES.search("path('desk/work/', views.work)")


def test_nothing_is_left_unfinished():
    assert not [
        f"{name}: {found[0]}" for name, text in python_files() if (found := UNFINISHED.search(text)) is not None
    ]


def untold(module: Module) -> list[str]:
    return [
        f"{module.name}.{node.name}"
        for node in top_level_functions(module)
        if public(node.name) and not ast.get_docstring(node)
    ]


def room(module: Module) -> str:
    """The room of a capability in which a module lies: ``rules`` for ``rules_clocks`` too."""
    return "".join(module.parts[2:3]).partition("_")[0]


def test_public_functions_of_the_domain_say_what_they_mean():
    rooms = {"rules", "queries", "operations"}
    told = [m for m in modules() if m.parts[1:2] in (("kernel",), ("journeys",)) or room(m) in rooms]
    assert told
    assert not [row for module in told if all(map(public, module.parts)) for row in untold(module)]


def declared() -> set[str]:
    """Packages of requirements/runtime.in, in lower case with dashes."""
    lines = (ROOT / "requirements" / "runtime.in").read_text(encoding="utf-8").splitlines()
    names = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines if not line.startswith("#"))
    return {re.sub(r"[-_.]+", "-", found[0]).lower() for found in names if found}


def test_what_the_product_imports_is_among_its_requirements():
    providers = packages_distributions()
    missing = set()
    for module in modules():
        for node in ast.walk(module.tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names = [node.module]
            for top in {name.split(".")[0] for name in names} - {"tongxin"} - sys.stdlib_module_names:
                packages = {re.sub(r"[-_.]+", "-", name).lower() for name in providers.get(top, [top])}
                if not packages & declared():
                    missing.add(f"{module.name} imports {top}")
    assert not missing, "add it to requirements/runtime.in and run `make lock`"


def test_locks_hold_hashes_for_every_requirement():
    for name in ("runtime", "dev"):
        lock = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        pins = re.findall(r"^(\S+)==\S+ \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", lock, re.MULTILINE)
        assert len(pins) == lock.count("==") > 0
        assert {re.sub(r"[-_.]+", "-", package).lower() for package, _ in pins} >= declared()


def test_every_folder_of_the_product_is_a_package():
    folders = {path.parent for path in PACKAGE.rglob("*.py")}
    assert not [str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists()]


def test_scripts_are_executable_and_say_what_they_do():
    for path in sorted((ROOT / "scripts").iterdir()):
        if path.is_file():
            assert path.stat().st_mode & 0o100, path
            head = Path(path).read_text(encoding="utf-8").splitlines()[:3]
            assert head[0].startswith("#!"), path
            assert len(head[1]) > 20, path

"""The sources as the architecture tests read them: modules, layers, and who calls whom."""

import ast
import configparser
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
PACKAGE = SRC / "tongxin"


@dataclass(frozen=True)
class Module:
    """One source file: its dotted name, its path and its syntax tree."""

    name: str
    path: Path
    tree: ast.Module = field(compare=False, repr=False)

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.name.split("."))

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"


def module_from(name: str, text: str, path: Path | None = None) -> Module:
    return Module(name, path or Path(f"{name.replace('.', '/')}.py"), ast.parse(text))


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the product, without migrations and tests."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(SRC).with_suffix("").parts
        if {"migrations", "tests"}.isdisjoint(parts):
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found.append(module_from(name, path.read_text(encoding="utf-8"), path))
    return tuple(found)


@cache
def layers() -> tuple[tuple[frozenset[str], ...], frozenset[str]]:
    """The layers of .importlinter from top to bottom, and the names that are optional as yet."""
    config = configparser.ConfigParser(comment_prefixes=(";", "#"))
    config.read(ROOT / ".importlinter", encoding="utf-8")
    lines = config["importlinter:contract:layers"]["layers"].split("\n")
    rows = [[name.strip() for name in line.split("|")] for line in lines if line.strip()]
    optional = frozenset(name.strip("()") for row in rows for name in row if name.startswith("("))
    return tuple(frozenset(name.strip("()") for name in row) for row in rows), optional


def level(app: str) -> int:
    """Distance of a package from the bottom of the house."""
    rows, _ = layers()
    for distance, row in enumerate(reversed(rows)):
        if app in row:
            return distance
    raise AssertionError(f"{app} is in no layer of .importlinter")


@cache
def committed_texts() -> tuple[tuple[str, str], ...]:
    """Path and text of every file that is, or would be, committed. Binary files are left out."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    rows = []
    for name in sorted(filter(None, listed.stdout.split("\0"))):
        path = ROOT / name
        if path.is_file():
            data = path.read_bytes()
            if b"\0" not in data[:8192]:
                rows.append((name, data.decode("utf-8", errors="replace")))
    return tuple(rows)


def public(name: str) -> bool:
    return not name.startswith("_")


def top_level_functions(module: Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in module.tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


class Calls:
    """Which function names which: an over-approximation by names, good enough to see who never reaches something.

    Nodes are dotted names of functions and classes (a class stands for all of its methods). A name counts when it is
    used at all, called or handed on, so that decorators, callbacks and context managers are seen.
    """

    def __init__(self, sources: tuple[Module, ...]) -> None:
        self.uses: dict[str, set[str]] = {}
        self.aliases: dict[str, str] = {}
        for module in sources:
            self._read(module)

    def _read(self, module: Module) -> None:
        names = self._imports(module)
        definitions = [
            node for node in module.tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        ]
        names.update({node.name: f"{module.name}.{node.name}" for node in definitions})
        # What a package re-exports is reached under both names.
        self.aliases.update({f"{module.name}.{local}": target for local, target in names.items()})
        for node in definitions:
            local = names | {
                key: value
                for inner in ast.walk(node)
                if isinstance(inner, ast.Import | ast.ImportFrom)
                for key, value in self._imports_of(module, inner).items()
            }
            self.uses[f"{module.name}.{node.name}"] = {
                found for inner in ast.walk(node) if (found := self._dotted(inner, local))
            }

    def _imports(self, module: Module) -> dict[str, str]:
        names: dict[str, str] = {}
        for node in module.tree.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                names.update(self._imports_of(module, node))
        return names

    @staticmethod
    def _imports_of(module: Module, node: ast.Import | ast.ImportFrom) -> dict[str, str]:
        if isinstance(node, ast.Import):
            return {
                (alias.asname or alias.name.split(".")[0]): (alias.name if alias.asname else alias.name.split(".")[0])
                for alias in node.names
            }
        base = node.module or ""
        if node.level:
            up = module.parts if module.is_package else module.parts[:-1]
            up = up[: len(up) - node.level + 1]
            base = ".".join([*up, *([node.module] if node.module else [])])
        return {alias.asname or alias.name: f"{base}.{alias.name}" for alias in node.names}

    @staticmethod
    def _dotted(node: ast.AST, names: dict[str, str]) -> str | None:
        trail: list[str] = []
        while isinstance(node, ast.Attribute):
            trail.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name) and node.id in names:
            return ".".join([names[node.id], *reversed(trail)])
        return None

    def _resolve(self, name: str) -> str:
        seen: set[str] = set()
        while name not in seen:
            seen.add(name)
            parts = name.split(".")
            for cut in range(len(parts), 0, -1):
                head = ".".join(parts[:cut])
                if head in self.aliases and self.aliases[head] != head:
                    name = ".".join([self.aliases[head], *parts[cut:]])
                    break
        return name

    def reaches(self, start: str, targets: set[str]) -> bool:
        """True if ``start`` names one of ``targets``, itself or through what it names."""
        todo, seen = [start], set()
        while todo:
            name = self._resolve(todo.pop())
            if name in targets:
                return True
            if name in seen:
                continue
            seen.add(name)
            # ``Class.method`` is looked up as its class.
            node = name if name in self.uses else name.rpartition(".")[0]
            todo.extend(self.uses.get(node, ()))
        return False

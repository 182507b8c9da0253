"""The code keeps to the map in ``engine/__init__.py``: who may import whom, and who may touch the outside."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

#: From low to high. What shares a level does not import each other; the lowest is every other module of engine.
LEVELS = (
    {"engine"},
    {"engine.language"},
    {"engine.authentication", "engine.store"},
    {"engine.definitions", "engine.doctor"},
    {"engine.actions", "engine.finder"},
    {"engine.published"},
    {"engine.runtime"},
    {"engine.path"},
    {"engine.emulation", "engine.testing"},
    {"engine.executors"},
    {"engine.app"},
    {"web"},
    {"engine.cli"},
)
#: What one place alone may import.
OWNERS = {
    "web": {"apiflask", "flask", "granian", "werkzeug"},
    "engine.store": {"alembic", "psycopg", "sqlalchemy"},
    "engine.actions": {"pydantic_monty", "pyreqwest", "requests", "socket", "urllib.request", "urllib3"},
    "engine.cli.remote": {"http.client"},
    "engine.executors.celery": {"amqp", "celery", "kombu"},
}
#: What is theirs by its name, and opens nothing.
HARMLESS = {f"socket.{name}" for name in ("AF_INET", "AF_INET6", "IPPROTO_IPV6", "IPV6_V6ONLY", "SHUT_RD")}
PURE = (
    "engine.language",
    "engine.authentication",
    "engine.definitions",
    "engine.doctor",
    "engine.emulation",
    "engine.finder",
)
READS_FILES = "engine.definitions.catalog"
OUTSIDE = {"os", "pathlib", "shutil", "sqlite3", "subprocess", "tempfile"}
SAY_NOTHING = {"common", "helper", "helpers", "misc", "util", "utils"}
LONGEST = 400
FOLDERS = ("engine", "web", "tests")


@dataclass(frozen=True)
class Import:
    """One imported name, in full, and the line that it stands in."""

    name: str
    line: int


@dataclass(frozen=True)
class Module:
    name: str
    tree: ast.Module

    def imports(self) -> Iterator[Import]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (Import(alias.name, node.lineno) for alias in node.names)
            if isinstance(node, ast.ImportFrom):
                yield from (Import(f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def home(name: str) -> str:
    """Return the part of the map that a module of ours belongs to."""
    parts = {part for level in LEVELS for part in level}
    return max((part for part in parts if is_in(name, part)), key=len)


def level(part: str) -> int:
    return next(height for height, parts in enumerate(LEVELS) if part in parts)


def climbs(module: Module) -> Iterator[str]:
    mine = home(module.name)
    for found in module.imports():
        ours = is_in(found.name, "engine") or is_in(found.name, "web")
        if ours and home(found.name) != mine and level(home(found.name)) >= level(mine):
            yield f"{module.name}:{found.line} imports {found.name}; {mine} may import lower layers only: move the code"


def trespasses(module: Module) -> Iterator[str]:
    for owner, names in OWNERS.items():
        for found in module.imports():
            if (
                found.name not in HARMLESS
                and not is_in(module.name, owner)
                and any(is_in(found.name, name) for name in names)
            ):
                yield f"{module.name}:{found.line} imports {found.name}; only {owner} may: ask it instead"


def late_imports(module: Module) -> Iterator[str]:
    for function in ast.walk(module.tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield f"{module.name}:{node.lineno} imports inside {function.name}(): move it to the top"


def outside_touches(module: Module) -> Iterator[str]:
    if module.name == READS_FILES or not any(is_in(module.name, package) for package in PURE):
        return
    lines = [found.line for found in module.imports() if found.name.split(".")[0] in OUTSIDE]
    lines += [node.lineno for node in ast.walk(module.tree) if isinstance(node, ast.Name) and node.id == "open"]
    for line in lines:
        yield f"{module.name}:{line} touches the outside, and is to be pure: let the caller do it, or {READS_FILES}"


@cache
def modules() -> tuple[Module, ...]:
    files = [*python_files("engine"), *python_files("web")]
    return tuple(Module(module_name(file), ast.parse(file.read_bytes(), file.name)) for file in files)


def python_files(folder: str) -> list[Path]:
    """Return the files of ours in a folder: npm puts some of others beside the front end."""
    return sorted(file for file in ROOT.glob(f"{folder}/**/*.py") if "node_modules" not in file.parts)


def module_name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("rule", [climbs, trespasses, late_imports, outside_touches])
def test_the_code_keeps_the_rule(rule):
    mistakes = [mistake for module in modules() for mistake in rule(module)]

    assert not mistakes, "\n".join(mistakes)


def test_no_modules_import_each_other_in_a_circle():
    names = {module.name for module in modules()}
    graph = {
        module.name: {
            found.name if found.name in names else found.name.rpartition(".")[0] for found in module.imports()
        }
        for module in modules()
    }

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"{' -> '.join(error.args[1])}: move what they share into a module of its own")


def test_no_file_is_longer_than_one_can_keep_in_mind():
    files = [ROOT / "dev.py", *(file for folder in FOLDERS for file in python_files(folder))]

    too_long = [str(file) for file in files if len(file.read_text("utf-8").splitlines()) > LONGEST]

    assert not too_long, f"{', '.join(too_long)}: over {LONGEST} lines, so split it by ideas"


def test_every_module_has_a_name_that_says_what_is_in_it():
    empty = [module.name for module in modules() if module.name.rpartition(".")[2] in SAY_NOTHING]

    assert not empty, f"{', '.join(empty)}: name the module after the idea that it holds"


@pytest.mark.parametrize(
    ("rule", "name", "source"),
    [
        (climbs, "engine.path.run", "from engine import app"),
        (climbs, "engine.store.ledger", "import engine.authentication.way"),
        (climbs, "engine.clock", "from engine.language import yaml12"),
        (trespasses, "engine.app", "from flask import Flask"),
        (trespasses, "engine.path.run", "import http.client"),
        (trespasses, "engine.executors.embedded", "import celery"),
        (late_imports, "engine.ids", "def new():\n    import secrets"),
        (outside_touches, "engine.definitions.workflow", "from pathlib import Path"),
        (outside_touches, "engine.language.yaml12", "text = open('x').read()"),
    ],
)
def test_a_broken_rule_is_noticed(rule, name, source):
    module = Module(name, ast.parse(source))

    mistakes = list(rule(module))

    assert len(mistakes) == 1


@pytest.mark.parametrize(
    ("rule", "name", "source"),
    [
        (climbs, "engine.path.run", "from engine.store.journal import claim\nfrom engine.path import step"),
        (climbs, "engine.errors", "from engine.words import Reason"),
        (trespasses, "web.api.triggers", "from flask import Flask"),
        (trespasses, "engine.path.run", "from urllib.parse import urlsplit\nfrom http import HTTPStatus"),
        (outside_touches, "engine.definitions.catalog", "from pathlib import Path"),
        (outside_touches, "engine.store.database", "from pathlib import Path"),
    ],
)
def test_what_a_rule_allows_passes(rule, name, source):
    module = Module(name, ast.parse(source))

    mistakes = list(rule(module))

    assert mistakes == []

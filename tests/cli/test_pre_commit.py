"""``.pre-commit-hooks.yaml``: what it declares can be run, and sees workflow files alone."""

import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from engine.path.folder import workflow_files

ROOT = Path(__file__).parents[2]


@pytest.fixture
def hook() -> Mapping[str, str]:
    """Return the hook that is offered."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    return hook


def call(hook: Mapping[str, str], folder: Path, *files: str) -> subprocess.CompletedProcess[str]:
    """Run the entry as pre-commit does: in the repository, with the names of the files behind it."""
    command, *words = shlex.split(hook["entry"])
    script = Path(sys.executable).with_name(command)
    return subprocess.run([script, *words, *files], cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def wanted(hook: Mapping[str, str], path: str) -> bool:
    return bool(re.search(hook["files"], path)) and not re.search(hook["exclude"], path)


def test_what_pre_commit_needs_to_know_is_there(hook):
    assert {"id", "name", "entry", "language"} <= hook.keys()
    assert (hook["id"], hook["language"]) == ("wink-check", "system")


@pytest.mark.parametrize(
    ("path", "is_wanted"),
    [
        ("workflows/ticket.yaml", True),
        ("workflows/team/ticket.yml", True),
        ("workflows/ticket.test.yaml", False),
        ("connectors/acme/connector.yaml", False),
        (".github/workflows/ci.yaml", False),
    ],
)
def test_it_sees_workflow_files_alone(hook, path, is_wanted):
    assert wanted(hook, path) is is_wanted


def test_good_files_pass(hook):
    files = [f"workflows/{file.name}" for file in workflow_files(ROOT / "workflows")]

    result = call(hook, ROOT, *files)

    assert all(wanted(hook, file) for file in files)
    assert (result.returncode, result.stdout) == (0, "")


def test_a_mistake_stops_the_commit_and_is_told_with_its_place(hook, tmp_path):
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows/bad.yaml").write_text("name: Bad\non: {manual: true}\nsteps: [{uses: core.lgo}]\n")

    result = call(hook, tmp_path, "workflows/bad.yaml")

    assert result.returncode == 1
    assert result.stdout.startswith("workflows/bad.yaml:3:16: mistake: ")

"""docs/connections.md, held against what there is: its commands, schemes, examples and numbers."""

import re
from pathlib import Path

import pytest

from engine.actions.caller import Caller
from engine.actions.client import HttpClient
from engine.actions.declared import declared_actions
from engine.actions.guard import Guard
from engine.actions.oauth import MARGIN
from engine.actions.registry import build_actions
from engine.actions.schemes import GENERIC
from engine.app import CONNECTORS
from engine.definitions.catalog import read_connectors
from engine.definitions.checker import check_workflow
from engine.language.yaml12 import load
from engine.redact import SHORTEST
from tests.actions.test_declared import Manifest
from tests.cli.test_reference import parsed

PAGE = (Path(__file__).parents[1] / "docs/connections.md").read_text()
STEPS, MANIFEST = re.findall(r"```yaml\n(.+?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("line", re.findall(r"^wink (.+)", PAGE, re.MULTILINE))
def test_every_command_can_be_called(line):
    assert parsed(line.replace("--values-file -", "")).startswith("wink connections ")


def test_the_schemes_and_their_fields_are_those_of_the_code():
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", PAGE, re.MULTILINE)

    assert {scheme: re.findall(r"`(\w+)`", fields) for scheme, fields in rows} == {
        scheme.value: list(one.fields_) for scheme, one in GENERIC.items()
    }


def test_the_steps_are_steps():
    text = "name: W\non: {manual: true}\nsteps:\n" + re.sub(r"^", "  ", STEPS, flags=re.MULTILINE)
    known = build_actions(lambda: HttpClient(Guard()), read_connectors(CONNECTORS))
    specs = {name: action.spec for name, action in known.items()}

    checked = check_workflow(text, "w", actions=specs, schemas=lambda trigger, event_type: None)

    assert [str(mistake) for mistake in checked.mistakes] == []


def test_the_manifest_is_one():
    written = load(MANIFEST).value
    manifest = Manifest(written["actions"], written["connection"])

    (action,) = declared_actions(Caller(HttpClient(Guard()), {}), "acme", manifest).values()

    assert (action.spec.name, action.spec.needs_connection) == ("acme.create_order", True)


def test_the_numbers_are_those_of_the_code():
    assert f"shorter than {SHORTEST} characters" in PAGE
    assert (MARGIN.total_seconds(), "at most a minute" in PAGE) == (60, True)

"""README.md, held against what there is: its workflow has no mistake, its commands and settings exist."""

import re
from pathlib import Path

import pytest
import yaml

from engine.actions.core import core_actions
from engine.definitions.checker import check_workflow
from engine.settings import PREFIX, Settings
from tests.cli.test_reference import parsed
from tests.connectors.subjects import CONNECTORS
from tests.reference.catalogue_page import totals

PAGE = (Path(__file__).parents[1] / "README.md").read_text()


def test_the_workflow_has_no_mistake():
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)

    checked = check_workflow(
        text, "hello", actions={action.spec.name: action.spec for action in core_actions()}, schemas=lambda *_: None
    )

    assert yaml.safe_load(text)["name"] == "Say hello"
    assert checked.mistakes == ()


@pytest.mark.parametrize("line", re.findall(r"^\.venv/bin/wink ([^#\n]+)", PAGE, re.MULTILINE))
def test_every_command_can_be_called(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ann.json").touch()

    assert parsed(line).startswith("wink ")


def test_every_setting_is_one():
    named = {name.removeprefix(PREFIX).removesuffix("_FILE").lower() for name in re.findall(r"`(WINK_[A-Z_]+)`", PAGE)}

    assert named
    assert named <= set(Settings.model_fields)


def test_the_numbers_of_the_catalogue_are_so():
    assert totals(CONNECTORS) in PAGE, "write the sentence of docs/reference/connectors.md"


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#:]+)\)", PAGE))
def test_every_link_leads_somewhere(target):
    assert (Path(__file__).parents[1] / target).exists()

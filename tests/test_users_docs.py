"""docs/users.md, held against what there is: its commands, settings, roles and numbers."""

import re
from pathlib import Path

import pytest

from engine import passwords
from engine.path import sign_in
from engine.settings import PREFIX, Settings
from engine.store.sessions import IDLE
from engine.words import Role
from tests.cli.test_reference import parsed

PAGE = (Path(__file__).parents[1] / "docs/users.md").read_text()


@pytest.mark.parametrize("line", re.findall(r"^wink (.+)", PAGE, re.MULTILINE))
def test_every_command_can_be_called(line):
    assert parsed(line).startswith("wink ")


def test_every_setting_is_one():
    named = {name.removeprefix(PREFIX).removesuffix("_FILE").lower() for name in re.findall(r"`(WINK_[A-Z_]+)`", PAGE)}

    assert named
    assert named <= set(Settings.model_fields)


def test_the_roles_are_those_of_the_code_in_their_order():
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == list(Role)


def test_the_numbers_are_those_of_the_code():
    assert f"at least {passwords.SHORTEST} characters, at least {passwords.VARIETY} different ones" in PAGE
    assert f"after {IDLE.total_seconds() / 3600:.0f} hours without use, and {sign_in.LONGEST.days} days after" in PAGE
    assert (sign_in.TRIES.count, sign_in.TRIES.per.total_seconds()) == (10, 60)
    assert "ten tries a minute" in PAGE

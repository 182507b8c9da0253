import re
from pathlib import Path

import pytest

from engine.definitions.action import ActionSpec

TEXT = (Path(__file__).parents[2] / "docs" / "actions.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^### (.+)\n((?:(?!^#).*\n)*)", TEXT, re.MULTILINE))


def names_in(heading: str) -> list[str]:
    return re.findall(r"`([a-z_.]+)`", heading)


def inputs_in(section: str) -> set[str]:
    table = section.partition("| input | meaning |\n|---|---|\n")[2].partition("\n\n")[0]
    return set(table.strip().splitlines())


def row(name: str, schema) -> str:
    needed = " (required)" if schema.get("required") else ""
    default = f" Default: `{str(schema['default']).lower()}`." if schema.get("default") else ""
    return f"| `{name}`{needed} | {schema['description']}{default} |"


def test_every_action_has_its_section(actions):
    assert {name for heading in SECTIONS for name in names_in(heading)} == set(actions)


@pytest.mark.parametrize("heading", SECTIONS)
def test_a_section_lists_the_inputs_of_its_actions_as_they_are(actions, heading: str):
    specs: list[ActionSpec] = [actions[name].spec for name in names_in(heading)]

    assert inputs_in(SECTIONS[heading]) == {row(name, one) for spec in specs for name, one in spec.inputs.items()}


def test_the_failures_are_those_that_a_retry_can_name():
    table = TEXT.partition("| kind | when |\n|---|---|\n")[2].partition("\n\n")[0]

    assert set(re.findall(r"`([a-z0-9_]+)`", "".join(line.split("|")[1] for line in table.splitlines()))) == {
        "timeout",
        "connection",
        "http_429",
        "http_4xx",
        "http_5xx",
        "refused",
        "invalid",
        "failed",
    }

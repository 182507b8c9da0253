"""The documentation of workflows says what the checker does."""

import re
from pathlib import Path
from textwrap import indent

import pytest

from engine.actions.client import HttpClient
from engine.actions.guard import Guard
from engine.actions.registry import build_actions
from engine.definitions import dialect
from engine.definitions.checker import check_workflow

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "workflows.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT + (DOCS / "actions.md").read_text("utf-8"), re.DOTALL)
TABLES = {
    "The file": dialect.FILE,
    "`on`": dialect.ON_TABLE,
    "`schedule`": dialect.SCHEDULE_TABLE,
    "`limits`": dialect.LIMITS_TABLE,
    "A step": dialect.STEP,
    "`retry`": dialect.RETRY_TABLE,
    "`on_error`": dialect.ON_ERROR_TABLE,
}


def whole(example):
    """Return an example as a file: one that is only steps gets a head."""
    head = "name: Example\non: {trigger: example}\nsteps:\n"
    return example if example.startswith("name:") else head + indent(example, "  ")


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_has_no_mistake(example):
    actions = {name: action.spec for name, action in build_actions(lambda: HttpClient(Guard()), {}).items()}

    checked = check_workflow(whole(example), "example", actions=actions, schemas=lambda trigger, event_type: None)

    assert checked.mistakes == ()


@pytest.mark.parametrize("heading", TABLES)
def test_every_key_is_explained_as_the_editor_explains_it(heading):
    section = TEXT.partition(f"\n## {heading}\n")[2]

    rows = section.partition("| key | meaning |\n|---|---|\n")[2].partition("\n\n")[0].splitlines()

    assert rows == [
        f"| `{key.name}`{' (required)' if key.required else ''} | {key.doc} |" for key in TABLES[heading].keys.values()
    ]

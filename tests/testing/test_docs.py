"""``docs/testing.md`` says what there is: its example passes, and its tables are those of the code."""

import re
from pathlib import Path

import pytest

from engine.testing import dialect
from engine.testing.pseudonyms import RULES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/testing.md").read_text("utf-8")


def test_the_example_passes(attempt):
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)

    suite = attempt((ROOT / "workflows/detectify-ticket.yaml").read_text(), example)

    assert suite.mistakes is None
    assert [len(result.differences) for result in suite.results] == [0, 0, 0]


@pytest.mark.parametrize("table", [dialect.GIVEN_TABLE, dialect.EXPECT_TABLE], ids=["given", "expect"])
def test_every_key_is_on_the_page(table):
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE))

    assert {name: key.doc for name, key in table.keys.items()}.items() <= rows.items()


def test_every_rule_is_on_the_page_in_order():
    after = PAGE.partition("| what | is found by | becomes |")[2]

    assert re.findall(r"^\| ([A-Z][^|]*?) \|", after, re.MULTILINE) == [rule.title for rule in RULES]

"""``docs/testing.md`` says what there is: its example passes, and its tables are those of the code."""

import re
from pathlib import Path

import pytest

from engine.testing import dialect
from engine.testing.rules import PERSONS, RULES

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


def test_every_rule_is_on_the_page_in_order_with_its_fields():
    after = PAGE.partition("| what | fields | becomes | by its form |")[2]
    rows = re.findall(r"^\| ([A-Z][^|]*?) \| ([^|]*) \|", after, re.MULTILINE)

    assert [title for title, _ in rows] == [rule.title for rule in RULES]
    for (_, fields), rule in zip(rows, RULES, strict=True):
        persons = {word + end for word in PERSONS for end in ("", "s", "name", "id")} if "`user`" in fields else set()
        assert set(re.findall(r"`(\w+)`", fields)) | persons == rule.fields

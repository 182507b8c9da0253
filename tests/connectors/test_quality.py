"""What holds for the data of every connector: that people can rely on what is written there."""

import re
from collections import Counter
from datetime import UTC, date, datetime

import pytest

from engine.definitions.catalog import MANIFEST, read_file
from engine.definitions.connector import Connector
from engine.definitions.sample import SampleSpec
from tests.connectors.subjects import CONNECTORS, FOLDER

every_connector = pytest.mark.parametrize("connector", CONNECTORS.values(), ids=lambda connector: connector.name)

#: Senders that describe themselves in no page that everybody can read.
WITHOUT_PAGE = {"bearer-scan"}
#: Senders of every kind: there is no vendor at whom anything is clicked.
WITHOUT_VENDOR = {"blink", "custom"}
#: What the steps say of a secret, by who makes it: ours is shown or stands in the address, theirs is brought here.
FROM = {
    "us": r"shown here|full url|our secret|the (key|secret|token|password)",
    "them": r"(enter|paste|goes|needs|put|copy)[^.]{0,80} here|here:? (enter|paste)",
}
LONGEST = 120


@every_connector
def test_a_type_that_names_a_sample_is_what_the_sample_becomes(connector: Connector) -> None:
    named = {name: kind.sample for name, kind in connector.manifest.types.items() if kind.sample}

    assert named, "at least one type has a sample"
    wrong = {name for name, sample in named.items() if name not in types_of(connector, sample)}
    assert wrong == set()


def types_of(connector: Connector, sample: str) -> set[str]:
    spec = read_file(FOLDER / connector.name / "samples" / f"{sample}.yaml", SampleSpec)
    return {event.type for event in spec.events}


@every_connector
def test_the_set_up_is_a_list_of_short_steps(connector: Connector) -> None:
    lines = connector.setup.splitlines()

    assert connector.name in WITHOUT_VENDOR or lines[0].startswith("1. "), "numbered steps"
    assert [line for line in lines if len(line) > LONGEST] == []


@every_connector
def test_the_set_up_says_where_each_secret_comes_from(connector: Connector) -> None:
    secrets = [each for each in connector.manifest.setup.secret if each.name not in connector.brought]
    text = " ".join(connector.setup.replace("*", "").split())

    silent = {each.name for each in secrets if not re.search(FROM[each.made_by], text, re.IGNORECASE)}
    assert silent == set()


@every_connector
def test_no_line_of_an_expression_is_too_long_to_read(connector: Connector) -> None:
    lines = (FOLDER / connector.name / MANIFEST).read_text("utf-8").splitlines()

    assert [line for line in lines if "${{" in line and len(line) > LONGEST] == []


@every_connector
def test_what_people_read_is_made_of_sentences(connector: Connector) -> None:
    manifest = connector.manifest
    texts = filter(None, (manifest.notes, manifest.limits.gives_up))

    assert [text for text in texts if not text.strip().endswith((".", ":"))] == []


@every_connector
def test_a_connector_was_compared_with_a_page_on_a_day_that_was(connector: Connector) -> None:
    manifest = connector.manifest

    assert date.fromisoformat(manifest.checked) <= datetime.now(UTC).date()
    assert manifest.source.startswith("https://") or connector.name in WITHOUT_PAGE


def test_no_two_connectors_have_one_title() -> None:
    titles = Counter(each.manifest.title.casefold() for each in CONNECTORS.values())

    assert [title for title, count in titles.items() if count > 1] == []

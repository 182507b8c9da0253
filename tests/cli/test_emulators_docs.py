"""``docs/emulators.md`` and the keys that ``docs/connectors.md`` has of it, held against what there is."""

import re
import shlex
from pathlib import Path

import click
import pytest

from engine.cli.emulate import emulate
from engine.definitions.manifest import Limits
from engine.definitions.sender import HealthWords, SenderSpec
from engine.language.yaml12 import load

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "emulators.md").read_text("utf-8")
PLAYED = re.findall(r"^```console\n\$ wink (.+?)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SENT = [line.removeprefix("wink ") for line in PAGE.splitlines() if line.startswith("wink emulate")]
_, LIMITS, SENDER = re.split(
    r"^```yaml\n(?=limits:\n  answer_within: 15s|source: https://acme\.example/docs/webhooks#deliveries)",
    (DOCS / "connectors.md").read_text("utf-8"),
    flags=re.MULTILINE,
)


@pytest.mark.parametrize(("command", "output"), PLAYED, ids=[command for command, _ in PLAYED])
def test_what_is_played_is_shown_as_it_is(wink, command, output):
    assert wink(*shlex.split(command)).stdout == output


@pytest.mark.parametrize("command", SENT)
def test_what_is_sent_can_be_called_so(home, command):
    (home / "secret.txt").touch()

    with emulate.make_context("emulate", shlex.split(command)[1:]) as context:
        assert context.params["url"]

    with pytest.raises(click.UsageError):
        emulate.make_context("emulate", ["--no-such-option", *shlex.split(command)[1:]])


def test_every_key_of_limits_and_sender_is_on_the_page_and_can_be_read():
    limits = load(LIMITS.partition("```")[0].encode()).value["limits"]
    sender = load(SENDER.partition("```")[0].encode()).value

    assert limits.keys() == Limits.model_fields.keys() - {"source"}
    assert sender.keys() == SenderSpec.model_fields.keys()
    assert sender["health"].keys() == HealthWords.model_fields.keys()
    assert Limits.model_validate(limits).attempts == 5
    assert SenderSpec.model_validate(sender).lists == 50

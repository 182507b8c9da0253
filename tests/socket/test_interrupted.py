"""Steps that may happen once, a power cut in the middle of them, and a person who says what became of each."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pytest

from tests.serving import Wink, eventually, serving
from tests.sink import Sink, open_sink
from tests.wire import send

DECISIONS = ("happened", "repeat", "fail")


class Interrupted(NamedTuple):
    """A server after the power cut; events: by the decision that is to be made about their only run."""

    wink: Wink
    sink: Sink
    events: Mapping[str, str]


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Interrupted]:
    with open_sink() as sink, serving(tmp_path_factory.mktemp("interrupted")) as wink:
        with sink.closed():
            events = {decision: _begun(wink, sink, decision) for decision in DECISIONS}
            wink.kill()
        wink.start()
        yield Interrupted(wink, sink, events)


def _begun(wink: Wink, sink: Sink, name: str) -> str:
    """Return the event of a run that is in the midst of its step."""
    trigger = wink.trigger()
    step = f'{{id: once, uses: http.post, effect: once, with: {{url: "{sink.url}/{name}", body: x}}}}'
    wink.workflow(trigger, f"  - {step}\n")
    (event_id,) = send(trigger.full_url or "", b"{}").json()["events"]
    eventually(lambda: sink.at(f"/{name}"))
    return event_id


@pytest.mark.parametrize(
    ("decision", "outcome", "sent"), [("happened", "succeeded", 1), ("repeat", "succeeded", 2), ("fail", "failed", 1)]
)
def test_a_person_decides_after_a_power_cut(interrupted: Interrupted, decision: str, outcome: str, sent: int) -> None:
    wink, sink, events = interrupted
    (run,) = eventually(lambda: _standing(wink, events[decision]))

    wink.api("POST", f"/runs/{run['id']}/resolve", {"step": "once", "decision": decision})

    (ended,) = wink.event(events[decision])["runs"]
    calls = sink.at(f"/{decision}")
    assert (ended["outcome"], len(calls)) == (outcome, sent)
    assert len({call.key for call in calls}) == 1
    assert wink.call("POST", f"/runs/{run['id']}/resolve", {"step": "once", "decision": "fail"}).status == 409


def _standing(wink: Wink, event_id: str):
    """Return the runs of an event that are interrupted."""
    return [run for run in wink.get(f"/events/{event_id}")["runs"] if run["outcome"] == "interrupted"]

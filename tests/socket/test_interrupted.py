"""A step that may happen once, a power cut in the middle of it, and a person who says what became of it."""

from pathlib import Path

import pytest

from tests.serving import eventually, serving
from tests.sink import Sink
from tests.wire import send


@pytest.mark.parametrize(
    ("decision", "outcome", "sent"), [("happened", "succeeded", 1), ("repeat", "succeeded", 2), ("fail", "failed", 1)]
)
def test_a_person_decides_after_a_power_cut(tmp_path: Path, sink: Sink, decision: str, outcome: str, sent: int) -> None:
    path = f"/once/{decision}"
    with serving(tmp_path) as wink:
        trigger = wink.trigger()
        step = f'{{id: once, uses: http.post, effect: once, with: {{url: "{sink.url}{path}", body: x}}}}'
        wink.workflow(trigger, f"  - {step}\n")
        with sink.closed():
            (event_id,) = send(trigger.full_url or "", b"{}").json()["events"]
            eventually(lambda: sink.at(path))
            wink.kill()
        wink.start()
        (run,) = eventually(lambda: wink.get("/runs?outcome=interrupted")["items"])

        wink.api("POST", f"/runs/{run['id']}/resolve", {"step": "once", "decision": decision})

        (ended,) = wink.event(event_id)["runs"]
        assert (ended["outcome"], len(sink.at(path))) == (outcome, sent)
        assert len({call.key for call in sink.at(path)}) == 1
        assert wink.call("POST", f"/runs/{run['id']}/resolve", {"step": "once", "decision": "fail"}).status == 409

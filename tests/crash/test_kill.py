"""The real server dies at random moments under load: nothing acknowledged is lost, one step at most is repeated."""

import json
import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException

import pytest

from tests import signing
from tests.crash.load import Load
from tests.serving import Trigger, Wink, eventually
from tests.sink import Sink
from tests.wire import send

#: How often a server is killed; more takes longer and finds more.
ROUNDS = int(os.environ.get("TEST_CRASH_ROUNDS", "3"))

#: Acknowledgements and effects after which it is killed at the latest.
BUSY = 200

PATHS = ("/one", "/two", "/three")


@pytest.fixture
def trigger(wink: Wink, sink: Sink) -> Trigger:
    """Return a trigger whose workflow has three effects one after the other."""
    made = wink.trigger()
    wink.workflow(made, "".join(sink.step(path, "event.data.n", sends="json") for path in PATHS))
    return made


def outcomes(wink: Wink) -> dict[str, str]:
    """Return how the run of each event stands, by the event's id."""
    found, cursor = {}, ""
    while cursor is not None:
        page = wink.get(f"/runs?limit=500{cursor and f'&cursor={cursor}'}")
        found |= {run["event"]: run["outcome"] for run in page["items"]}
        cursor = page["next"]
    return found


def settled(wink: Wink, load: Load) -> dict[str, str] | None:
    """Return how the runs ended once all have, and every acknowledged event has one."""
    found = outcomes(wink)
    return found if set(found) >= set(load.acknowledged) and set(found.values()) <= {"succeeded", "failed"} else None


@pytest.mark.parametrize("number", range(ROUNDS))
def test_what_was_acknowledged_survives_kill_9_and_one_step_at_most_is_repeated(
    wink: Wink, trigger: Trigger, sink: Sink, number: int
) -> None:
    load, seen, moment = Load(trigger), len(sink.calls), random.randint(1, BUSY)  # noqa: S311 - any moment will do

    with load.running():
        eventually(lambda: len(load.acknowledged) + len(sink.calls) - seen >= moment)
        wink.kill()
    wink.start()
    ended = eventually(lambda: settled(wink, load), within=90)

    calls = sink.calls[seen:]
    keys = {(call.path, int(call.body)): call.key for call in calls}
    assert set(ended.values()) == {"succeeded"}
    assert set(keys) >= {(path, number) for path in PATHS for number in load.acknowledged.values()}
    assert set(keys.values()) == {call.key for call in calls}
    assert max(Counter(call.body for call in calls).values()) <= len(PATHS) + 1
    wink.ledger()


def test_003_r6_every_200_of_the_scan_service_has_its_row_after_kill_9(wink: Wink) -> None:
    scans = wink.trigger(connector="bearer-scan")
    acknowledged: list[str] = []

    def report(number: int) -> None:
        scan = {"scanId": f"{number}", "status": "completed", "timestamp": "2023-10-23T14:55:00Z", "results": {}}
        with suppress(OSError, HTTPException):
            answer = send(scans.base_url, json.dumps(scan).encode(), signing.bearer(scans.api_key or ""))
            assert answer.status == 200
            acknowledged.append(f"{number}/completed/2023-10-23T14:55:00Z")

    with ThreadPoolExecutor(8) as senders:
        reports = senders.map(report, range(300))
        eventually(lambda: len(acknowledged) >= random.randint(1, 250))  # noqa: S311 - any moment will do
        wink.kill()
        list(reports)
    wink.start()

    kept = {event["key"] for event in wink.get(f"/events?trigger={scans.name}&limit=500")["items"]}
    assert kept >= set(acknowledged)
    assert wink.command("ledger", "check").returncode == 0


def test_sigterm_under_load_ends_with_0_and_repeats_nothing(wink: Wink, trigger: Trigger, sink: Sink) -> None:
    load, seen = Load(trigger), len(sink.calls)

    with load.running():
        eventually(lambda: len(load.acknowledged) >= BUSY)
        status = wink.stop()
    wink.start()
    ended = eventually(lambda: settled(wink, load), within=90)

    assert status == 0
    assert set(ended.values()) == {"succeeded"}
    assert set(Counter(call.key for call in sink.calls[seen:]).values()) == {1}
    wink.ledger()


def test_sigterm_hands_back_a_step_that_takes_too_long(wink: Wink, trigger: Trigger, sink: Sink) -> None:
    load, seen = Load(trigger), len(sink.calls)

    with sink.closed(), load.running():
        eventually(lambda: len(sink.calls) > seen)
        status = wink.stop()
    wink.start()
    ended = eventually(lambda: settled(wink, load), within=90)

    assert status == 0
    assert set(ended.values()) == {"succeeded"}
    assert max(Counter(call.key for call in sink.calls[seen:]).values()) == 2
    wink.ledger()


def test_a_second_server_on_the_same_data_refuses_to_start(wink: Wink) -> None:
    second = wink.command("serve", "--port", "0" if wink.port == 0 else str(wink.port + 1), "--no-examples")

    assert second.returncode == 1
    assert f"process {wink.process.pid if wink.process else ''} uses the data folder {wink.data}" in second.stderr
    assert "stop it first" in second.stderr
    assert "Traceback" not in second.stderr
    assert wink.is_ready()

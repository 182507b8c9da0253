"""More comes in than can be written down: some are told to come again, and nothing of theirs is left."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.client import HTTPException, HTTPResponse
from itertools import repeat
from pathlib import Path
from socket import create_connection, socket

import pytest

from engine.intake import EACH, LATEST, ROOM
from tests.serving import Trigger, Wink, eventually, serving
from tests.wire import JSON, PATIENCE, Answer, exchange, head, request

#: Small deliveries for which there is room.
PLACES = ROOM // EACH

LARGE = b'{"text": "%s"}' % (b"x" * 5_000_000)


@pytest.fixture(scope="module")
def wink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wink]:
    with serving(tmp_path_factory.mktemp("overload")) as wink:
        yield wink
        wink.ledger()
        assert "Traceback" not in wink.log()


def _target(trigger: Trigger) -> str:
    return f"{trigger.target}?apikey={trigger.api_key}"


def _post(wink: Wink, trigger: Trigger, held: ExitStack, number: int) -> socket:
    connection = held.enter_context(create_connection(("127.0.0.1", wink.port), timeout=PATIENCE))
    connection.sendall(request("POST", _target(trigger), [JSON], b'{"n": %d}' % number))
    return connection


def _answer(connection: socket) -> Answer:
    with HTTPResponse(connection, method="POST") as response:
        response.begin()
        headers = tuple((name.lower(), value) for name, value in response.getheaders())
        return Answer(response.status, headers, response.read())


def _deliveries(wink: Wink, trigger: Trigger) -> Counter[str]:
    """Return how many rows a trigger has, by their verdicts."""
    with closing(sqlite3.connect(wink.data / "wink.db")) as database:
        query = "SELECT verdict FROM deliveries WHERE trigger_id = ?"
        return Counter(row[0] for row in database.execute(query, (trigger.id,)))


def _counted(wink: Wink, trigger_id: str, reason: str) -> int:
    """Return how many were counted on disk, soon after they were answered; trigger_id: empty for unknown addresses."""
    with closing(sqlite3.connect(wink.data / "wink.db")) as database:
        query = "SELECT coalesce(sum(count), 0) FROM tallies WHERE (trigger_id, reason) = (?, ?)"
        return int(database.execute(query, (trigger_id, reason)).fetchone()[0])


def test_who_finds_no_room_is_told_to_come_again_and_nothing_is_left_but_a_count(wink: Wink) -> None:
    trigger = wink.trigger()
    with ExitStack() as held, closing(sqlite3.connect(wink.data / "wink.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        sent = [_post(wink, trigger, held, number) for number in range(PLACES + 100)]
        refused = _answer(sent[-1])
        other.execute("ROLLBACK")
        answers = [*map(_answer, sent[:-1]), refused]

    statuses = Counter(answer.status for answer in answers)
    assert refused.status == 503
    assert 1 <= int(refused.header("retry-after") or 0) <= LATEST
    assert {answer.body for answer in answers if answer.status == 503} == {b'{"error":"try_again"}'}
    assert set(statuses) == {202, 503}
    assert _deliveries(wink, trigger) == {"accepted": statuses[202]}
    assert eventually(lambda: _counted(wink, trigger.id, "overloaded")) >= 1
    assert exchange(wink.port, request("POST", _target(trigger), [JSON], b"{}")).status == 202


def test_large_bodies_fill_the_room_and_not_the_memory(wink: Wink) -> None:
    trigger, before = wink.trigger(), _peak(wink)

    def post(_: int) -> int:
        try:
            return exchange(wink.port, request("POST", _target(trigger), [JSON], LARGE)).status
        except (OSError, HTTPException):  # it was refused before its body was read, and hung up on
            return 503

    with ThreadPoolExecutor(24) as senders:
        statuses = Counter(senders.map(post, range(72)))

    assert set(statuses) == {202, 503}
    assert _deliveries(wink, trigger) == {"accepted": statuses[202]}
    assert _peak(wink) - before < 400_000_000


def _peak(wink: Wink) -> int:
    """Return the most bytes that the process has held so far."""
    assert wink.process is not None
    lines = Path(f"/proc/{wink.process.pid}/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


def test_bodies_that_come_slowly_take_no_room(wink: Wink) -> None:
    trigger = wink.trigger()
    with ExitStack() as held:
        for _ in range(PLACES + 10):
            connection = held.enter_context(create_connection(("127.0.0.1", wink.port)))
            connection.sendall(head("POST", _target(trigger), [JSON, ("Content-Length", "5000000")]) + b"{")

        assert exchange(wink.port, request("POST", _target(trigger), [JSON], b"{}")).status == 202


@pytest.mark.parametrize("sent", [b"", b"POST /webhooks/some HTTP/1.1\r\nHost: w"])
def test_connections_on_which_nothing_comes_keep_nobody_out(wink: Wink, sent: bytes) -> None:
    trigger = wink.trigger()
    with ExitStack() as held:
        for _ in range(1_500):
            held.enter_context(create_connection(("127.0.0.1", wink.port))).sendall(sent)

        assert exchange(wink.port, request("POST", _target(trigger), [JSON], b"{}")).seconds < 10


def test_a_flood_at_unknown_addresses_is_counted_whole(wink: Wink) -> None:
    with ThreadPoolExecutor(8) as senders:
        statuses = set(senders.map(lambda sent: exchange(wink.port, sent).status, repeat(_unknown(), 300)))

    assert statuses == {404}
    assert eventually(lambda: _counted(wink, "", "unknown_address") >= 300)
    assert _counted(wink, "", "unknown_address") == 300


def _unknown() -> bytes:
    return request("POST", "/webhooks/nobody", [JSON], json.dumps({}).encode())


def test_events_that_were_taken_in_a_flood_are_worked_on_to_the_last(wink: Wink) -> None:
    trigger = wink.trigger()
    wink.workflow(trigger, "  - {id: log, uses: core.log, with: {message: hello}}\n")
    with ExitStack() as held:
        sent = [_post(wink, trigger, held, number) for number in range(PLACES - 50)]
        accepted = [answer.json()["events"][0] for answer in map(_answer, sent) if answer.status == 202]

    assert accepted
    assert all(run["outcome"] == "succeeded" for event in accepted for run in wink.event(event)["runs"])
    assert len(wink.event(accepted[-1])["runs"]) == 1

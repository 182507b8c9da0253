"""Who asked for a callback is told once a run has ended, again until it is taken, and the headers stay secret."""

import json
from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import select
from werkzeug import Request, Response

from engine.app import build
from engine.errors import Invalid
from engine.path.callback import PAUSES
from engine.path.replay import cancel
from engine.path.start import start
from engine.settings import Settings
from engine.store import callbacks, tables
from engine.store.callbacks import Target
from engine.store.secrets import cipher_from
from engine.store.store import open_store
from tests.engines import LOGS, WAITS, MovableClock, running, workflow
from tests.serving import eventually

pytestmark = pytest.mark.usefixtures("quick_sweeps")

SECRET = "swordfish-9"


@pytest.fixture
def engine(tmp_path):
    with running(tmp_path, allow_private_addresses="127.0.0.1/32") as engine:
        yield engine


@pytest.fixture
def listener(httpserver: HTTPServer):
    """Return a maker of addresses that answer with these statuses, and the requests that came."""
    seen: list[Request] = []

    def make(*statuses: int, **headers: str) -> tuple[Target, list[Request]]:
        left = list(statuses)

        def answer(request: Request) -> Response:
            request.get_data()
            seen.append(request)
            return Response(status=left.pop(0) if len(left) > 1 else left[0], headers=headers)

        httpserver.expect_request("/ended").respond_with_handler(answer)
        return Target(httpserver.url_for("/ended?key=k-123456"), {"Authorization": f"Bearer {SECRET}"}), seen

    return make


def settled(engine, run, *, attempts=1):
    def look():
        row = engine.store.read(callbacks.of, run.id)
        return row if row.attempts >= attempts and (row.error or row.finished_at) else None

    return eventually(look)


def test_the_end_of_a_run_is_told_with_its_outputs_and_a_key(engine, listener):
    target, seen = listener(204)
    workflow(engine)

    run = start(engine, "w", {"asset": "www"}, target)

    row = settled(engine, run)
    (request,) = seen
    told = json.loads(request.get_data())
    assert (row.delivered, row.attempts, row.next_at, row.error) == (True, 1, None, None)
    assert (told["run"], told["outcome"], told["outputs"]) == (run.id, "succeeded", {"first": {"asset": "www"}})
    assert request.headers["Idempotency-Key"] == f"{run.id}/callback"
    assert request.headers["Authorization"] == f"Bearer {SECRET}"


def test_nobody_is_told_before_the_end(engine, listener):
    target, seen = listener(204)
    workflow(engine, WAITS)
    run = start(engine, "w", {}, target)
    assert engine.store.read(callbacks.due, engine.clock.now() + timedelta(minutes=5), 9) == []

    cancel(engine, run.id)

    assert settled(engine, run).delivered
    assert json.loads(seen[0].get_data())["outcome"] == "cancelled"


def test_what_is_not_taken_is_told_again_with_the_same_key(engine, listener):
    target, seen = listener(503, 500, 200)
    workflow(engine)
    run = start(engine, "w", {}, target)

    first = settled(engine, run)
    engine.clock.advance(PAUSES[0])
    eventually(lambda: engine.store.read(callbacks.of, run.id).error == "127.0.0.1 answered 500")
    engine.clock.advance(PAUSES[1])
    last = eventually(lambda: (row := engine.store.read(callbacks.of, run.id)).delivered and row)

    assert (first.delivered, first.error) == (False, "127.0.0.1 answered 503")
    assert (last.attempts, last.error) == (3, None)
    assert len({request.headers["Idempotency-Key"] for request in seen}) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 410])
def test_what_is_refused_for_good_is_given_up(engine, listener, status):
    target, _ = listener(status)
    workflow(engine)

    row = settled(engine, start(engine, "w", {}, target))

    assert (row.delivered, row.attempts, row.next_at) == (False, 1, None)
    assert row.error == f"127.0.0.1 answered {status}"


def test_after_the_last_attempt_it_is_given_up(engine, listener):
    target, _ = listener(503)
    workflow(engine)
    run = start(engine, "w", {}, target)

    for number, pause in enumerate(PAUSES, 1):
        settled(engine, run, attempts=number)
        eventually(lambda: not engine.executor._callbacks._busy)
        engine.clock.advance(pause)
    row = eventually(lambda: (row := engine.store.read(callbacks.of, run.id)).finished_at and row)

    assert (row.attempts, row.delivered, row.next_at) == (len(PAUSES) + 1, False, None)


def test_a_private_address_is_not_called(tmp_path, httpserver):
    with running(tmp_path) as engine:
        workflow(engine)

        row = settled(engine, start(engine, "w", {}, Target(httpserver.url_for("/"), {})))

    assert (row.delivered, row.next_at, httpserver.log) == (False, None, [])


@pytest.mark.parametrize(
    ("url", "headers"),
    [("ftp://example.com", {}), ("example.com", {}), ("https://u:p@example.com/", {})]
    + [("https://example.com/", headers) for headers in ({"Host": "a"}, {"a b": "c"}, {"x": "a\r\nb: c"})],
)
def test_what_cannot_be_sent_is_refused_and_starts_nothing(engine, url, headers):
    workflow(engine)

    with pytest.raises(Invalid) as refused:
        start(engine, "w", {}, Target(url, headers))

    assert refused.value.field == "callback"
    with engine.store.reading() as connection:
        assert connection.execute(select(tables.runs)).all() == []


def test_address_and_headers_are_encrypted_and_forgotten_at_the_end(engine, listener):
    target, _ = listener(503, 204)
    workflow(engine)
    run = start(engine, "w", {}, target)

    before = settled(engine, run)
    engine.clock.advance(PAUSES[0])
    after = eventually(lambda: (row := engine.store.read(callbacks.of, run.id)).delivered and row)

    assert SECRET.encode() not in before.sealed
    assert b"k-123456" not in before.sealed
    assert "k-123456" not in before.origin
    assert after.sealed == b""


def test_a_callback_survives_the_process(tmp_path, listener):
    target, seen = listener(204)
    clock, settings = MovableClock(), Settings.load({}, tmp_path, threads=2, allow_private_addresses="127.0.0.1/32")
    with build(settings, clock=clock) as engine:
        workflow(engine, LOGS)
        engine.executor.stop()  # as a process that is killed before anything of the run
        run = start(engine, "w", {}, target)

    with build(settings, clock=clock) as engine:
        assert settled(engine, run).delivered
    assert len(seen) == 1


def test_an_attempt_whose_process_died_is_made_again(engine, listener):
    target, seen = listener(204)
    workflow(engine, WAITS)
    run = start(engine, "w", {}, target)
    assert engine.store.write(callbacks.begin, engine.store.read(callbacks.of, run.id), engine.clock.now())
    cancel(engine, run.id)

    engine.clock.advance(callbacks.HOLD)

    assert settled(engine, run, attempts=2).delivered
    assert len(seen) == 1


def test_of_two_processes_one_makes_the_attempt(store, clock):
    row = callbacks.new(store.cipher, "run_a", Target("https://example.com/", {}), "https://example.com", clock.now())
    store.write(lambda connection: connection.execute(tables.callbacks.insert().values(row._asdict())))

    assert [store.write(callbacks.begin, row, clock.now()) for _ in range(2)] == [True, False]


@pytest.fixture
def store(database_url):
    opened = open_store(database_url, cipher_from("test"))
    yield opened
    opened.close()

"""One `wink serve` receives, workers run what it rings for, and whatever happens to them, runs end once."""

import signal
from datetime import UTC, datetime, timedelta
from itertools import groupby
from urllib.parse import urlsplit

import pytest
from kombu import Connection, Producer

from engine.executors.bell import Lane
from tests.cluster.conftest import open_cluster, start_worker
from tests.serving import SLOW, eventually, free_port
from tests.sink import open_sink
from tests.wire import exchange, request

LOG = "  - {id: say, uses: core.log, with: {message: hello}}\n"


def test_a_worker_runs_what_serve_receives_and_ends_when_it_is_asked_to(cluster):
    trigger = _triggered(cluster, LOG)
    with cluster.workers(1) as (worker,):
        answer = cluster.deliver(trigger)

        (run,) = cluster.serve.runs(answer)
        assert run["outcome"] == "succeeded"
        assert worker.stop() == 0
        assert "worker.stopped" in worker.log.read_text().splitlines()[-1]


def test_a_worker_counts_its_runs_for_prometheus(cluster):
    trigger, port = _triggered(cluster, LOG), free_port()
    with cluster.workers(1, "--metrics-port", str(port)):
        cluster.serve.runs(cluster.deliver(trigger))

        counted = 'wink_runs_total{outcome="succeeded"} 1.0'
        eventually(lambda: counted in exchange(port, request("GET", "/metrics")).body.decode())
        assert exchange(cluster.serve.port, request("GET", "/readyz")).json()["workers"] == 1

    eventually(lambda: exchange(cluster.serve.port, request("GET", "/readyz")).json()["workers"] == 0)


def test_a_worker_says_where_everything_is_and_no_password(cluster, postgresql_server, broker_url):
    port, database, broker = free_port(), urlsplit(postgresql_server), urlsplit(broker_url)

    with cluster.workers(1, "--metrics-port", str(port)) as (worker,):
        log = eventually(lambda: "worker.connected" in (text := worker.log.read_text()) and text)

    (line,) = (line for line in log.splitlines() if "worker.connected" in line)
    assert f"{database.hostname}:{database.port}/wink_test_" in line
    assert f"{broker.hostname}:{broker.port}" in line
    assert f"{broker.username}" not in line
    assert f"http://127.0.0.1:{port}/metrics" in line


def test_a_worker_whose_port_is_taken_begins_no_work(cluster):
    refused = start_worker(cluster.serve, "--metrics-port", str(cluster.serve.port))

    assert refused.process.wait(SLOW) == 1
    assert "cannot be listened on" in refused.log.read_text()
    assert "worker.ready" not in refused.log.read_text()


def test_who_receives_alone_says_what_runs(cluster):
    line = eventually(lambda: next((line for line in cluster.serve.log().splitlines() if "  runs " in line), None))

    assert "worker`" in line


def test_an_event_that_waits_for_a_worker_says_so(cluster):
    (event,) = cluster.deliver(_triggered(cluster, LOG)).json()["events"]

    told = [stage["words"] for stage in cluster.serve.get(f"/events/{event}/explain")["stages"]]

    assert "wink worker" in told[-1]


def test_whoever_sends_while_no_worker_is_there_hears_that_nothing_is_decided(cluster):
    trigger = _triggered(cluster, LOG)

    told = cluster.serve.command("send", trigger.name, "--wait", "0s").stdout

    assert "No workflow was asked about it yet: no worker is there" in told
    assert "No workflow ran" not in told


def test_what_was_rung_for_while_no_worker_listened_is_found_without_a_message(cluster):
    trigger = _triggered(cluster, LOG)
    answer = cluster.deliver(trigger)
    eventually(lambda: _purge(cluster, Lane.NEW))

    with cluster.workers(1):
        (run,) = cluster.serve.runs(answer)

    assert run["outcome"] == "succeeded"


def test_a_message_that_comes_twice_or_late_or_about_nothing_starts_nothing(cluster):
    trigger = _triggered(cluster, LOG)
    with cluster.workers(2):
        answer = cluster.deliver(trigger)
        (run,) = cluster.serve.runs(answer)

        for _ in range(3):
            cluster.lines.send(Lane.NEW, [*answer.json()["events"], "evt_unknown"])
            cluster.lines.send(Lane.RESUME, [run["id"], "run_unknown"])
        cluster.serve.runs(cluster.deliver(trigger))

        assert cluster.serve.runs(answer) == [run]


@pytest.mark.parametrize(
    "options", [{"countdown": 3600}, {"chain": "?"}, {"args": [7]}, {"args": [["\0"]]}, {"args": 1}]
)
def test_a_message_that_somebody_made_up_keeps_no_other_from_being_heard(cluster, options):
    with cluster.workers(1) as (worker,):
        _send(cluster, **options)
        cluster.lines.send(Lane.NEW, ["evt_unknown"])

        eventually(lambda: _waiting(cluster, Lane.NEW) == 0)
        assert worker.stop() == 0
        assert "internal_error" not in worker.log.read_text()


def test_when_a_worker_dies_another_goes_on_with_the_same_keys(cluster):
    with open_sink() as sink:
        trigger = _triggered(cluster, sink.step("/first", "1", sends="json") + sink.step("/second", "1", sends="json"))
        with cluster.workers(1) as (worker,), sink.closed():
            answers = [cluster.deliver(trigger) for _ in range(5)]
            eventually(lambda: len(sink.calls) == 5)
            worker.kill()
        cluster.end_leases()
        with cluster.workers(1):
            runs = [cluster.serve.runs(answer)[0] for answer in answers]

        assert {run["outcome"] for run in runs} == {"succeeded"}
        assert sorted(sink.counts().values()) == [1] * 5 + [2] * 5


def test_a_step_that_must_happen_once_waits_for_a_person_when_its_worker_dies(cluster):
    with open_sink() as sink:
        step = sink.step("/", "1", sends="json").replace("uses:", "effect: once, uses:")
        trigger = _triggered(cluster, step)
        with cluster.workers(1) as (worker,), sink.closed():
            (event,) = cluster.deliver(trigger).json()["events"]
            eventually(lambda: sink.calls)
            worker.kill()
        cluster.end_leases()
        with cluster.workers(1):
            eventually(lambda: _outcomes(cluster, event) == ["interrupted"])

        assert len(sink.calls) == 1


def test_a_worker_that_was_frozen_for_longer_than_its_lease_writes_nothing(cluster):
    with open_sink() as sink:
        trigger = _triggered(cluster, sink.step("/", "1", sends="json"))
        with cluster.workers(1) as (frozen,), sink.closed():
            answer = cluster.deliver(trigger)
            eventually(lambda: sink.calls)
            frozen.process.send_signal(signal.SIGSTOP)
            cluster.end_leases()
            with cluster.workers(1) as (other,):
                sink.door.set()
                (run,) = cluster.serve.runs(answer)
                assert other.stop() == 0
            frozen.process.send_signal(signal.SIGCONT)
            cluster.serve.runs(cluster.deliver(trigger))  # so it is awake

            assert cluster.serve.runs(answer) == [run]
            assert run["outcome"] == "succeeded"


def test_a_worker_that_is_asked_to_stop_amid_much_work_hands_it_to_another(cluster):
    with open_sink() as sink:
        trigger = _triggered(cluster, sink.step("/first", "1", sends="json") + sink.step("/second", "1", sends="json"))
        with cluster.workers(2) as (worker, _):
            answers = [cluster.deliver(trigger) for _ in range(40)]

            assert worker.stop() == 0
            runs = [cluster.serve.runs(answer)[0] for answer in answers]

        assert {run["outcome"] for run in runs} == {"succeeded"}
        assert len(sink.counts()) == 80


def test_runs_of_one_value_are_one_at_a_time_on_two_workers(cluster):
    with open_sink() as sink:
        limits = 'limits: {runs_per: "${{ event.data.of }}"}\n'
        trigger = cluster.serve.trigger()
        cluster.serve.workflow(trigger, 4 * sink.step("/", "1", sends="json"), more=limits)
        with cluster.workers(2):
            answers = [cluster.deliver(trigger, of="one") for _ in range(6)]
            runs = [cluster.serve.runs(answer)[0] for answer in answers]

    assert {run["outcome"] for run in runs} == {"succeeded"}
    calls = [(call.key or "").partition("/")[0] for call in sink.calls]
    assert [(run, len(list(its))) for run, its in groupby(calls)] == [(run, 4) for run in dict.fromkeys(calls)]


def test_a_workflow_with_many_slow_runs_leaves_room_on_every_worker(cluster):
    with open_sink() as sink:
        slow, quick = _triggered(cluster, sink.step("/", "1", sends="json")), _triggered(cluster, LOG)
        with cluster.workers(1, "--concurrency", "8"), sink.closed():
            for _ in range(20):
                cluster.deliver(slow)
            eventually(lambda: len(sink.calls) == 6)

            (run,) = cluster.serve.runs(cluster.deliver(quick))

            assert (run["outcome"], len(sink.calls)) == ("succeeded", 6)


@pytest.mark.parametrize("what", ["nobody listens", "a wrong password", "a vhost that is not there"])
def test_without_its_broker_everything_still_runs(tmp_path, postgresql_server, broker_url, what):
    with open_cluster(tmp_path, postgresql_server, broker_url, rings=_useless(broker_url, what)) as cluster:
        trigger = _triggered(cluster, LOG)
        with cluster.workers(1) as (worker,):
            (run,) = cluster.serve.runs(cluster.deliver(trigger))
            eventually(lambda: "broker.unreachable" in worker.log.read_text())

            assert run["outcome"] == "succeeded"
            assert exchange(cluster.serve.port, request("GET", "/readyz")).json()["status"] == "degraded"
            assert worker.stop() == 0
            assert "Traceback" not in worker.log.read_text()


def _useless(broker_url, what):
    """Return the address of a broker that is not there, or that lets nobody in."""
    real = urlsplit(broker_url)
    return {
        "nobody listens": f"amqp://guest:guest@127.0.0.1:{free_port()}",
        "a wrong password": real._replace(netloc=f"guest:wrong@{real.netloc.rpartition('@')[2]}").geturl(),
        "a vhost that is not there": real._replace(path="/nobody-made-it").geturl(),
    }[what]


def _triggered(cluster, steps):
    trigger = cluster.serve.trigger()
    cluster.serve.workflow(trigger, steps)
    return trigger


def _outcomes(cluster, event):
    return [run["outcome"] for run in cluster.serve.get(f"/events/{event}")["runs"]]


def _send(cluster, args=((),), chain=None, countdown=0):
    """Send a message about events as somebody does who is not Wink."""
    eta = (datetime.now(UTC) + timedelta(seconds=countdown)).isoformat() if countdown else None
    headers = {"task": Lane.NEW.value, "id": "made-up", "eta": eta}
    queue = cluster.lines._queues[Lane.NEW]
    with Connection(cluster.lines.url) as connection:
        embed = chain or {"callbacks": None}
        Producer(connection).publish(
            [args, {}, embed], exchange=queue.exchange, routing_key=Lane.NEW.value, serializer="json", headers=headers
        )


def _waiting(cluster, lane):
    """Return how many messages no worker has read."""
    cluster.lines.check()
    channel = cluster.lines._connection.default_channel
    return cluster.lines._queues[lane](channel).queue_declare(passive=True).message_count


def _purge(cluster, lane):
    cluster.lines.check()
    return cluster.lines._queues[lane](cluster.lines._connection.default_channel).purge()

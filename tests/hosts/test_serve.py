"""``wink serve`` twice and a worker, for real, from one empty database."""

import json
from contextlib import ExitStack
from functools import partial

import pytest

from tests.cluster.conftest import start_worker
from tests.hosts.conftest import at_once, both_serve
from tests.wire import exchange, request

STEPS = "  - {id: first, uses: core.log, with: {message: hello}}\n"


@pytest.fixture
def migrated_url(postgresql_url):
    """Return a database without tables: who comes first makes them."""
    return postgresql_url


@pytest.fixture
def served(tmp_path, common):
    with both_serve(tmp_path, common) as hosts, ExitStack() as stack:
        stack.callback(start_worker(hosts[0]).kill)
        yield hosts


def _post(host, target):
    return exchange(host.port, request("POST", target, [("Content-Type", "application/json")], b'{"n": 1}'))


def test_two_servers_that_start_at_once_work_as_one(served):
    a, b = served
    made = a.trigger(name="t", rate="4/h")
    target = "/" + made.full_url.split("/", 3)[3]
    name = b.workflow(made, STEPS)

    answers = at_once(*(partial(_post, host, target) for host in [a, b] * 4))

    assert sorted(answer.status for answer in answers) == [202] * 4 + [429] * 4
    accepted = [json.loads(answer.body)["events"][0] for answer in answers if answer.status == 202]
    assert [[run["workflow"] for run in a.event(event)["runs"]] for event in accepted] == [[name]] * 4
    assert a.ledger() == b.ledger()
    assert sorted("shown this once" in host.log() for host in served) == [False, True]
    assert [host.stop() for host in served] == [0, 0]

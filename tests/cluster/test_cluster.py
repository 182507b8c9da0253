"""One `wink serve` receives, and workers run what it rings for."""

import json

from tests.wire import exchange, request


def test_a_worker_runs_what_serve_receives(cluster):
    worker = cluster.worker()
    trigger = cluster.serve.trigger()
    cluster.serve.workflow(trigger, "  - {id: say, uses: core.log, with: {message: hello}}\n")

    answer = _deliver(cluster, trigger)

    (run,) = cluster.serve.runs(answer)
    assert run["outcome"] == "succeeded"
    assert worker.stop() == 0


def _deliver(cluster, trigger, **data):
    headers = [("Content-Type", "application/json"), ("X-Api-Key", trigger.api_key)]
    return exchange(cluster.serve.port, request("POST", trigger.target, headers, json.dumps(data or {"n": 1}).encode()))

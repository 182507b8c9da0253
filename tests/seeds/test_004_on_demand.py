"""Seed 004, row R18: runs on demand by REST, by the command line and by URL.

The pages are tested in ``tests/browser/test_seed_004_on_demand.py``.
"""

import json

from tests.serving import Wink, eventually
from tests.sink import Sink
from tests.wire import send


def test_004_r18_a_workflow_runs_on_demand_waits_for_its_end_and_is_repeated(wink: Wink) -> None:
    text = (
        "name: On demand\non: {manual: true}\ninputs:\n  n: {type: integer, required: true}\n"
        "steps:\n  - {id: double, uses: core.set, with: {values: {n: '${{ inputs.n * 2 }}'}}}\n"
        "outputs: {n: '${{ steps.double.output.n }}'}\n"
    )
    wink.api("PUT", "/workflows/on-demand", text=text)

    run = wink.api("POST", "/workflows/on-demand/run", {"inputs": {"n": 21}, "wait": "10s"})
    wrong = wink.call("POST", "/workflows/on-demand/run", {"inputs": {"n": "x"}})
    again = wink.api("POST", f"/runs/{run['id']}/rerun", {})

    assert (run["outcome"], run["outputs"]) == ("succeeded", {"n": 42})
    assert wrong.status == 422
    assert eventually(lambda: wink.get(f"/runs/{again['id']}")["outputs"] == {"n": 42})


def test_004_r18_a_callback_tells_the_end_and_a_run_is_repeated_from_a_step_with_the_current_version(
    wink: Wink, sink: Sink
) -> None:
    text = (
        "name: Called back\non: {manual: true}\nsteps:\n"
        "  - {id: one, uses: core.set, with: {values: {n: 1}}}\n  - {id: two, uses: core.set, with: {values: {n: 2}}}\n"
        "outputs: {sum: '${{ steps.one.output.n + steps.two.output.n }}'}\n"
    )
    wink.api("PUT", "/workflows/called-back", text=text)

    run = wink.api("POST", "/workflows/called-back/run", {"callback": {"url": f"{sink.url}/called"}})
    (call,) = eventually(lambda: sink.at("/called"))
    wink.api("PUT", "/workflows/called-back", text=text.replace("n: 2", "n: 20").replace("n: 1", "n: 10"))
    again = wink.api("POST", f"/runs/{run['id']}/rerun", {"from": "two", "version": "current"})

    told = json.loads(call.body)
    assert (told["run"], told["outcome"], told["outputs"]) == (run["id"], "succeeded", {"sum": 3})
    assert call.key == f"{run['id']}/callback"
    assert eventually(lambda: wink.get(f"/runs/{again['id']}")["outputs"] == {"sum": 21})
    assert eventually(lambda: wink.get(f"/runs/{run['id']}")["callback"]["delivered"])


SLOW = """
name: Slow
on: {manual: true}
LIMITS
steps:
  - {id: pause, uses: core.wait, with: {for: 1h}}
"""


def test_004_r18_who_does_not_wait_long_enough_gets_the_run_as_it_is(wink: Wink) -> None:
    wink.api("PUT", "/workflows/slow", text=SLOW.replace("LIMITS\n", ""))

    answer = wink.call("POST", "/workflows/slow/run", {"wait": "200ms"})

    run = answer.json()
    assert (answer.status, run["finished_at"]) == (202, None)
    wink.api("POST", f"/runs/{run['id']}/cancel")
    assert wink.get(f"/runs/{run['id']}")["outcome"] == "cancelled"


def test_004_r18_a_run_that_takes_longer_than_its_timeout_ends_as_failed(wink: Wink) -> None:
    wink.api("PUT", "/workflows/hasty", text=SLOW.replace("LIMITS", "limits: {timeout: 300ms}"))

    run = wink.api("POST", "/workflows/hasty/run", {"wait": "20s"})

    assert (run["outcome"], run["error"]["kind"]) == ("failed", "timeout")


def test_004_r18_a_url_alone_starts_a_workflow(wink: Wink) -> None:
    trigger = wink.trigger()
    name = wink.workflow(trigger, "  - {id: say, uses: core.log, with: {message: hello}}\n")

    (run,) = wink.runs(send(trigger.full_url or "", b"{}"))

    assert (run["workflow"], run["outcome"]) == (name, "succeeded")


def test_004_r18_the_command_line_starts_waits_and_repeats(wink: Wink) -> None:
    wink.api(
        "PUT",
        "/workflows/by-command",
        text="name: By command\non: {manual: true}\ninputs: {n: {type: integer, required: true}}\n"
        "steps: [{id: double, uses: core.set, with: {values: {n: '${{ inputs.n * 2 }}'}}}]\n"
        "outputs: {n: '${{ steps.double.output.n }}'}\n",
    )

    ran = wink.command("workflows", "run", "by-command", "--input", "n=21", "--wait", "20s", "--json")
    run = json.loads(ran.stdout)
    again = wink.command("runs", "rerun", run["id"])

    assert (ran.returncode, run["outputs"], again.returncode) == (0, {"n": 42}, 0), ran.stderr + again.stderr
    ids = [each["id"] for each in wink.get("/runs?workflow=by-command")["items"]]
    assert len(ids) == 2
    assert eventually(lambda: wink.get(f"/runs/{ids[0]}")["outputs"] == {"n": 42})

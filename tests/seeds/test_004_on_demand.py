"""Seed 004, row R18: runs on demand; the command line has its own test of it."""

import json

from tests.serving import Wink, eventually
from tests.sink import Sink


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

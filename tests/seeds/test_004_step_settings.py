"""Seed 004, row R16: the settings of a step. (To save an output to a file waits for a store of files.)"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.serving import Trigger, Wink
from tests.wire import send

Run = Mapping[str, object]


@pytest.fixture
def trigger(wink: Wink) -> Trigger:
    return wink.trigger()


def ran(wink: Wink, trigger: Trigger, steps: str, more: str = "") -> Run:
    """Run a workflow of these steps to its end."""
    wink.workflow(trigger, steps, more=more)
    (run,) = wink.runs(send(trigger.full_url or "", b"{}"))
    return run


def test_004_r16_a_step_s_timeout_ends_it_and_the_run_fails(wink: Wink, trigger: Trigger) -> None:
    run = ran(wink, trigger, "  - {id: slow, uses: core.wait, with: {for: 1h}, timeout: 100ms}\n")

    assert (run["outcome"], run["error"]["step"], run["error"]["kind"]) == ("failed", "slow", "timeout")


def test_004_r16_continue_on_error_goes_on_and_later_steps_can_ask(wink: Wink, trigger: Trigger) -> None:
    run = ran(
        wink,
        trigger,
        "  - {id: broken, uses: core.fail, with: {message: no}, on_error: continue}\n"
        "  - {id: told, uses: core.set, with: {values: {was: '${{ steps.broken.outcome }}', "
        "why: '${{ steps.broken.error.message }}'}}}\n",
        "outputs: {told: '${{ steps.told.output }}'}\n",
    )

    assert (run["outcome"], run["outputs"]) == ("succeeded", {"told": {"was": "failed", "why": "no"}})


def test_004_r16_a_discarded_output_is_there_for_the_next_step_and_kept_nowhere(wink: Wink, trigger: Trigger) -> None:
    run = ran(
        wink,
        trigger,
        "  - {id: quiet, uses: core.set, with: {values: {a: not-to-be-kept}}, keep_output: false}\n"
        "  - {id: size, uses: core.set, with: {values: {n: '${{ length(steps.quiet.output.a) }}'}}}\n",
        "outputs: {n: '${{ steps.size.output.n }}'}\n",
    )

    assert (run["outcome"], run["outputs"], run["steps"][0]["output"]) == ("succeeded", {"n": 14}, None)
    assert "not-to-be-kept" not in wink.log()


def test_004_r16_a_disabled_step_is_skipped(wink: Wink, trigger: Trigger) -> None:
    run = ran(
        wink,
        trigger,
        "  - {id: off, uses: core.fail, with: {message: never}, disabled: true}\n"
        "  - {id: group, disabled: true, steps: [{id: inner, uses: core.fail}]}\n"
        "  - {id: on, uses: core.set, with: {values: {was: '${{ steps.off.outcome }}'}}}\n",
    )

    assert {step["path"]: step["outcome"] for step in run["steps"]} == {
        "off": "skipped", "group": "skipped", "on": "succeeded",
    }  # fmt: skip
    assert run["steps"][2]["output"] == {"was": "skipped"}


@contextmanager
def answering() -> Iterator[str]:
    """Listen on the loopback, and answer with a status, a header and a body of JSON."""

    class Exchange(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = b'{"id": 7, "open": true}'
            self.send_response(404 if self.path == "/gone" else 203)
            self.send_header("Content-Type", "application/json")
            self.send_header("X-Rate-Left", "41")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Exchange) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_004_r16_the_full_response_is_the_output_status_headers_and_body(wink: Wink, trigger: Trigger) -> None:
    with answering() as url:
        steps = f"""
  - {{id: ask, uses: http.get, with: {{url: {url}/a}}}}
  - {{id: gone, uses: http.get, with: {{url: {url}/gone, fail_on_status: false}}}}
  - {{id: refused, uses: http.get, with: {{url: {url}/gone}}, on_error: continue}}
"""
        parts = {
            "status": "steps.ask.output.status",
            "left": "int(steps.ask.output.headers['x-rate-left'])",
            "id": "steps.ask.output.body.id",
            "gone": "steps.gone.output.status",
            "body": "steps.gone.output.body",
            "refused": "steps.refused.error.kind",
        }
        outputs = json.dumps({name: f"${{{{ {text} }}}}" for name, text in parts.items()})

        run = ran(wink, trigger, steps, f"outputs: {outputs}\n")

    assert run["outputs"] == {
        "status": 203, "left": 41, "id": 7, "gone": 404, "body": {"id": 7, "open": True}, "refused": "http_4xx",
    }  # fmt: skip

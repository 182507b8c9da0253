"""A step with a connection may write a path alone: it stands below the connection's base URL, and nowhere else."""

import pytest
from pytest_httpserver import HTTPServer

from engine.app import build
from engine.path import connections
from engine.path.connection_spec import ConnectionSpec
from engine.settings import Settings
from engine.words import ConnectionScheme, Outcome
from tests.engines import MovableClock, deliver, runs_of, trigger, workflow

CALLS = """
name: Calls
on: {trigger: t}
steps: [{id: call, uses: http.get, CONNECTION with: {url: "PATH"}}]
outputs: {body: "${{ steps.call.output.body }}"}
"""


def called(folder, server: HTTPServer, path: str, connection: str = "connection: api,"):
    """Return the run of a workflow that reads a path."""
    there = [("127.0.0.1", server.port)]
    with build(Settings.load({}, folder, threads=2), clock=MovableClock(), reachable=there) as engine:
        values = {"token": "tok_of_the_test"}
        base = server.url_for("/v1/")
        connections.put(engine, "api", ConnectionSpec(scheme=ConnectionScheme.BEARER, base_url=base, values=values))
        trigger(engine)
        workflow(engine, CALLS.replace("PATH", path).replace("CONNECTION", connection))
        return runs_of(engine, deliver(engine).event_ids[0])[0]


def test_a_path_is_read_below_the_base_url(tmp_path, httpserver: HTTPServer):
    httpserver.expect_request("/v1/issues/7", query_string="a=1").respond_with_data("seven")

    assert called(tmp_path, httpserver, "/issues/7?a=1").outputs == {"body": "seven"}


@pytest.mark.parametrize("path", ["/../admin", "//elsewhere.example/x", "/%2e%2e/admin"])
def test_no_path_leads_out_of_it(tmp_path, httpserver: HTTPServer, path):
    run = called(tmp_path, httpserver, path)

    assert run.outcome is Outcome.FAILED
    assert [request.path.startswith("/v1/") for request, _ in httpserver.log] in ([], [True])


def test_a_path_without_a_connection_is_no_address(tmp_path, httpserver: HTTPServer):
    run = called(tmp_path, httpserver, "/issues", connection="")

    assert (run.outcome, run.error["kind"], httpserver.log) == (Outcome.FAILED, "invalid", [])

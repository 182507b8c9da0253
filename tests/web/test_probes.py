"""A worker is watched like `wink serve`: over HTTP, by whoever is near or has a token; neither needs pages for it."""

import json
from contextlib import closing
from http.client import HTTPConnection, RemoteDisconnected
from socket import create_connection
from socketserver import ThreadingMixIn

import pytest
from sqlalchemy import text
from werkzeug.test import Client

from engine.errors import AddressTaken
from engine.path.access import Access, local_token
from tests.engines import deliver, runs_of, trigger, workflow
from tests.serving import eventually
from web import probes
from web.application import create_application
from web.probes import open_probes, take_address, with_probes
from web.rsgi import respond

HERE = "127.0.0.1"


@pytest.fixture
def port(engine):
    with take_address(HERE, 0) as server, open_probes(engine, server) as port:
        yield port


def _get(port, path, host=HERE, **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(HTTPConnection(host, port, timeout=5)) as connection:
        connection.request("GET", path, headers=names)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def test_it_is_alive_and_ready(port):
    assert _get(port, "/healthz") == (200, '{"status":"ok"}')

    status, body = _get(port, "/readyz")
    assert (status, json.loads(body)["status"]) == (200, "ok")


def test_runs_that_end_are_counted(engine, port):
    trigger(engine)
    workflow(engine)
    runs_of(engine, deliver(engine).event_ids[0])

    assert 'wink_runs_total{outcome="succeeded"} 1.0' in _get(port, "/metrics")[1]


def test_without_its_tables_it_is_not_ready(engine, port):
    engine.store.write(lambda connection: connection.execute(text("update alembic_version set version_num = '0001'")))

    assert _get(port, "/readyz")[0] == 503


def _asked(engine, path, method="GET", **parts):
    """Return the answer to a server's probe, and whether the application had to give it."""
    called = []

    def application(environ, start):
        called.append(environ["PATH_INFO"])
        start("418 I'm a teapot", [])
        return []

    front = with_probes(engine, Access.open(engine), application)
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "REMOTE_ADDR": HERE, **parts}
    return respond(front, environ), bool(called)


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
def test_a_server_answers_as_its_application_would_without_it(engine, path):
    answer, had_to = _asked(engine, path)

    whole = Client(create_application(engine)).get(path, environ_overrides={"REMOTE_ADDR": HERE})
    assert (answer.status, had_to) == (200, False)
    assert answer.body == whole.data
    assert {*answer.headers} <= {(name.lower(), value) for name, value in whole.headers}


def test_a_server_s_metrics_are_for_this_machine_and_for_who_has_a_token(engine):
    away, token = {"REMOTE_ADDR": "192.0.2.1"}, f"Bearer {local_token(engine.settings)}"

    assert _asked(engine, "/metrics", **away)[0].status == 401
    assert _asked(engine, "/metrics", HTTP_X_FORWARDED_FOR="192.0.2.1")[0].status == 401
    assert _asked(engine, "/metrics", **away, HTTP_AUTHORIZATION="Bearer made-up")[0].status == 401
    assert _asked(engine, "/metrics", **away, HTTP_AUTHORIZATION=token)[0].status == 200


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
def test_neither_strangers_nor_outages_have_the_application_made(engine, path):
    away = {"REMOTE_ADDR": "192.0.2.1"}
    engine.store.write(lambda connection: connection.execute(text("update alembic_version set version_num = '0001'")))

    answer, had_to = _asked(engine, path, **away)

    whole = Client(create_application(engine)).get(path, environ_overrides=away)
    assert (answer.status, had_to) == (whole.status_code, False)
    assert json.loads(answer.body) == whole.json
    assert {name.lower(): value for name, value in answer.headers}.items() <= {
        name.lower(): value for name, value in whole.headers
    }.items()


def test_who_asks_is_looked_up_for_metrics_alone(engine, monkeypatch):
    monkeypatch.setattr(Access, "holder_of", lambda *_: pytest.fail("it was looked up"))
    stranger = {"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": "Bearer made-up"}

    assert _asked(engine, "/readyz", **stranger)[0].status == 200


@pytest.mark.parametrize(("method", "path"), [("POST", "/readyz"), ("HEAD", "/metrics"), ("GET", "/"), ("GET", "/x")])
def test_everything_else_is_the_application_s_to_answer(engine, method, path):
    assert _asked(engine, path, method)[1]


def test_behind_a_proxy_metrics_need_a_token(engine, port):
    token = f"Bearer {local_token(engine.settings)}"

    assert _get(port, "/metrics", x_forwarded_for="192.0.2.1")[0] == 401
    assert _get(port, "/metrics", x_forwarded_for="192.0.2.1", authorization="Bearer made-up")[0] == 401
    assert _get(port, "/metrics", x_forwarded_for="192.0.2.1", authorization=token)[0] == 200


@pytest.mark.parametrize("path", ["/", "/api/v1/runs", "/healthz/.."])
def test_there_is_nothing_else(port, path):
    assert _get(port, path)[0] == 404


def test_an_address_that_somebody_has_is_refused(port):
    with pytest.raises(AddressTaken, match="--metrics-port"), take_address(HERE, port):
        pass


@pytest.mark.parametrize(("host", "reached"), [("::1", "::1"), ("::", "::1"), ("::", HERE)])
def test_it_answers_on_ipv6_too(engine, host, reached):
    with take_address(host, 0) as server, open_probes(engine, server) as port:
        assert _get(port, "/metrics", host=reached)[0] == 200


def test_whoever_comes_when_many_are_there_is_hung_up_on_and_may_come_again(engine, monkeypatch):
    monkeypatch.setattr(probes, "MOST", 2)
    with take_address(HERE, 0) as server, open_probes(engine, server) as port:
        silent = [create_connection((HERE, port)) for _ in range(probes.MOST)]
        eventually(lambda: _is_hung_up_on(port))

        for connection in silent:
            connection.close()

        eventually(lambda: not _is_hung_up_on(port))
        assert _get(port, "/healthz")[0] == 200


def test_a_request_for_which_no_thread_can_be_started_keeps_no_place(engine, monkeypatch):
    def fail(*_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(probes, "MOST", 1)
    with take_address(HERE, 0) as server, open_probes(engine, server) as port:
        with monkeypatch.context() as patched:
            patched.setattr(ThreadingMixIn, "process_request", fail)
            assert _is_hung_up_on(port)

        assert _get(port, "/healthz")[0] == 200


def test_who_sends_slowly_is_waited_for_no_longer_than_who_sends_nothing(engine, monkeypatch):
    monkeypatch.setattr(probes, "PATIENCE", 1)
    with (
        take_address(HERE, 0) as server,
        open_probes(engine, server) as port,
        create_connection((HERE, port)) as slow,
    ):
        eventually(lambda: not _takes_more(slow))


def _takes_more(connection):
    try:
        connection.send(b"x")
    except (ConnectionResetError, BrokenPipeError):
        return False
    return True


def _is_hung_up_on(port):
    try:
        return _get(port, "/healthz")[0] != 200
    except (RemoteDisconnected, ConnectionResetError, BrokenPipeError):
        return True

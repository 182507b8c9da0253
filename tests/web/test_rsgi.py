"""The server's front reads requests without trusting whoever sends them."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from threading import Event
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from engine.actions.documents import Documents
from engine.authentication.token import write_token
from engine.errors import StoreUnavailable
from engine.published import Published
from tests.engines import trigger
from web import rsgi
from web.hooks import Body
from web.late import Late
from web.rsgi import Front


class Stalled:
    """An exchange whose body never comes to its end."""

    answer = b""

    async def __call__(self) -> bytes:
        await asyncio.Event().wait()
        return b""

    async def __aiter__(self):
        yield b"some"
        await asyncio.Event().wait()

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answer = body


def _tell_length(environ, start):
    start("200 OK", [])
    return [f"{environ['CONTENT_LENGTH']}, and {len(environ['wsgi.input'].read())} bytes".encode()]


@pytest.mark.parametrize(("headers", "size"), [({"content-length": "9"}, 9), ({"transfer-encoding": "chunked"}, 1)])
def test_a_body_that_does_not_come_counts_as_broken_off(monkeypatch, headers: dict[str, str], size: int) -> None:
    monkeypatch.setattr(rsgi, "PATIENCE", 0.01)
    monkeypatch.setattr(rsgi, "GLANCE", 0.01)
    scope = SimpleNamespace(method="POST", path="/", query_string="", client="127.0.0.1:1", scheme="http")
    scope.server, scope.headers = "127.0.0.1:2", headers
    stalled, front = Stalled(), Front(SimpleNamespace(settings=SimpleNamespace(max_body=100)), _tell_length)

    async def answered() -> None:
        front.__rsgi_init__(asyncio.get_running_loop())
        await front.__rsgi__(scope, stalled)

    asyncio.run(answered())

    assert stalled.answer == b"%d, and 0 bytes" % size


class Sent:
    """An exchange whose body is there."""

    status = 0

    async def __call__(self) -> bytes:
        return b"{}"

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status = status


class Token(Sent):
    """An exchange whose body is a token."""

    async def __call__(self) -> bytes:
        return write_token({"alg": "RS256"}, {"type": "user.created"}, lambda _: b"none")


def _ask(front: Front, scope: SimpleNamespace) -> int:
    async def answered() -> int:
        front.__rsgi_init__(asyncio.get_running_loop())
        await front.__rsgi__(scope, exchange := Sent())
        return exchange.status

    return asyncio.run(answered())


def _scope(path: str, client: str, query: str = "") -> SimpleNamespace:
    headers = {"content-type": "application/json", "content-length": "2"}
    told = {"method": "POST", "query_string": query, "scheme": "http", "server": "127.0.0.1:2", "headers": headers}
    return SimpleNamespace(path=path, client=client, **told)


@pytest.mark.parametrize(
    ("client", "status"), [("[2001:db8::1]:443", 202), ("[2001:db9::1]:443", 401), ("192.0.2.1:443", 401)]
)
def test_a_sender_is_known_by_its_address_whatever_its_kind(engine, client: str, status: int) -> None:
    made = trigger(engine, networks=["2001:db8::/32"])

    asked = _scope(f"/webhooks/{made.trigger.path}", client, f"apikey={made.api_key}")

    assert _ask(Front(engine, _tell_length), asked) == status


@pytest.mark.parametrize(("client", "address"), [("[::1]:443", "::1"), ("127.0.0.1:443", "127.0.0.1")])
def test_the_api_is_told_the_address_without_its_port(client: str, address: str) -> None:
    assert rsgi.environ(_scope("/metrics", client), Body())["REMOTE_ADDR"] == address


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("POST", 202)])
def test_a_probe_of_the_process_waits_for_no_application(method: str, status: int) -> None:
    def told(_, start):
        start("202 Accepted", [])
        return []

    scope = _scope("/healthz", "127.0.0.1:1")
    scope.method = method

    assert _ask(Front(SimpleNamespace(settings=SimpleNamespace(max_body=100)), told), scope) == status


@pytest.mark.parametrize(
    ("error", "status", "logged"),
    [(ModuleNotFoundError("apiflask"), 500, ["hooks.internal_error"]), (StoreUnavailable("no disk"), 503, [])],
)
def test_that_the_application_cannot_be_made_is_answered_and_a_mistake_logged(error, status, logged) -> None:
    def create():
        raise error

    front = Front(SimpleNamespace(settings=SimpleNamespace(max_body=100)), Late(create))

    with capture_logs() as lines:
        assert _ask(front, _scope("/login", "127.0.0.1:1")) == status
    assert [line["event"] for line in lines] == logged


def test_a_delivery_whose_keys_have_to_be_fetched_holds_up_nobody(engine) -> None:
    released = Event()

    def slow(_: str) -> str:
        released.wait(10)
        return "{}"

    slowed = replace(engine, documents=Documents(slow, engine.clock))
    waiting = trigger(engine, connector="kinde", secret="example").trigger.path
    quick = trigger(engine, name="quick")
    front = Front(slowed, _tell_length)
    headers = {"content-type": "application/jwt", "content-length": "2"}
    held = SimpleNamespace(**{**vars(_scope(f"/webhooks/{waiting}", "192.0.2.1:1")), "headers": headers})

    async def both() -> tuple[int, int]:
        front.__rsgi_init__(asyncio.get_running_loop())
        first = asyncio.create_task(front.__rsgi__(held, late := Token()))
        path = f"/webhooks/{quick.trigger.path}"
        await front.__rsgi__(_scope(path, "192.0.2.1:1", f"apikey={quick.api_key}"), soon := Sent())
        released.set()
        await first
        return soon.status, late.status

    assert asyncio.run(both()) == (202, 401)


def test_while_the_database_hangs_senders_are_told_to_come_again(engine, monkeypatch) -> None:
    made, released, front = trigger(engine), Event(), Front(engine, _tell_length)
    monkeypatch.setattr(rsgi, "LONGEST", 0.05)
    monkeypatch.setattr(Published, "_look", lambda _: released.wait(10))
    engine.clock.advance(timedelta(minutes=1))
    scope = _scope(f"/webhooks/{made.trigger.path}", "192.0.2.1:1", f"apikey={made.api_key}")

    async def before_and_after() -> tuple[int, int]:
        front.__rsgi_init__(asyncio.get_running_loop())
        await front.__rsgi__(scope, hanging := Sent())
        released.set()
        await front.__rsgi__(scope, answering := Sent())
        return hanging.status, answering.status

    assert asyncio.run(before_and_after()) == (503, 202)

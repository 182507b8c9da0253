"""What follows from a handshake: an address of the vendor's is fetched once, and beside the receiving of deliveries."""

import shutil
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from engine.actions.response import Response
from engine.app import CONNECTORS
from engine.errors import ActionFailed
from engine.path import confirming
from engine.path.receive import Request, receive
from engine.store import search, triggers
from engine.store.search import DeliveryFilter, Span
from engine.words import Reason, Verdict
from tests.engines import running, trigger
from tests.serving import eventually

MANIFEST = """
name: acme
title: Acme
category: other
source: https://example.com/docs/webhooks
checked: "2026-01-02"
auth:
  key: [{scheme: shared_secret, secret: key, places: [{query: key}]}]
handshake:
  kind: confirm_url
  signed: true
  when: body.kind == 'confirm'
  address: body.url
  hosts: [confirm.*.example.com]
event: {type: "acme.${{ body.kind }}"}
types: {acme.ping: {title: Ping, sample: ping}}
"""
SAMPLE = """
source: https://example.com/docs/webhooks
made: by hand
headers: {Content-Type: application/json}
body: '{"kind": "ping"}'
events: [{type: acme.ping}]
"""
RIGHT = "https://confirm.eu.example.com/?token=t1"


class Vendor:
    """Stands for the vendor's host: remembers what was fetched, and answers as it is told."""

    def __init__(self) -> None:
        self.fetched: list[str] = []
        self.answer: Response | ActionFailed = Response(200, {}, b"")
        self.asked = Event()

    def __call__(self, _: object) -> "Vendor":
        return self

    async def send(self, request, *, within: timedelta) -> Response:
        self.fetched.append(str(request.url))
        self.asked.set()
        if isinstance(self.answer, ActionFailed):
            raise self.answer
        return self.answer


@pytest.fixture
def vendor(monkeypatch) -> Vendor:
    vendor = Vendor()
    monkeypatch.setattr(confirming, "HttpClient", vendor)
    return vendor


@pytest.fixture
def engine(tmp_path: Path, monkeypatch, vendor):
    folder = tmp_path / "connectors"
    (folder / "acme" / "samples").mkdir(parents=True)
    shutil.copytree(CONNECTORS / "custom", folder / "custom")
    (folder / "acme" / "connector.yaml").write_text(MANIFEST)
    (folder / "acme" / "setup.md").write_text("Click.\n")
    (folder / "acme" / "samples" / "ping.yaml").write_text(SAMPLE)
    monkeypatch.setattr("engine.app.CONNECTORS", folder)
    with running(tmp_path) as engine:
        yield engine


def sent(engine, key: str, address: str = RIGHT) -> int:
    body = b'{"kind": "confirm", "url": "%s"}' % address.encode()
    path = engine.store.read(triggers.find, "t").path
    headers = {"content-type": ("application/json",)}
    return receive(engine, path, Request("POST", f"key={key}", headers, body, len(body), "192.0.2.7")).status


def last(engine):
    which = DeliveryFilter(trigger_id=engine.store.read(triggers.find, "t").id)
    return engine.store.read(search.list_deliveries, which, Span(limit=1)).items[0]


def test_a_proven_question_is_confirmed_once_at_the_vendors_host(engine, vendor):
    made = trigger(engine, connector="acme", auth="key")

    assert sent(engine, made.api_key or "") == 200
    assert vendor.asked.wait(10)
    assert vendor.fetched == [RIGHT]
    assert (last(engine).verdict, last(engine).reason) == (Verdict.HANDSHAKE, Reason.HANDSHAKE)


def test_nothing_is_fetched_for_whoever_proves_nothing(engine, vendor):
    trigger(engine, connector="acme", auth="key")

    assert sent(engine, "a-key-that-is-not-the-triggers") == 401
    assert vendor.fetched == []


def test_nothing_is_fetched_at_another_host(engine, vendor):
    made = trigger(engine, connector="acme", auth="key")

    assert sent(engine, made.api_key or "", "https://confirm.eu.example.com.evil.example/") == 401
    assert vendor.fetched == []


@pytest.mark.parametrize("answer", [Response(500, {}, b""), ActionFailed("timeout", "it did not answer in time")])
def test_a_host_that_fails_changes_no_answer_and_holds_no_place(engine, vendor, answer):
    made = trigger(engine, connector="acme", auth="key")
    vendor.answer = answer

    for number in range(1, 6):
        assert sent(engine, made.api_key or "") == 200
        assert eventually(lambda number=number: vendor.fetched == [RIGHT] * number), (
            "more than there are places: each is free again"
        )

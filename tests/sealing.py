"""A trigger that keeps what a wrong secret signed, in an engine in this process, and senders of signed deliveries."""

import json

from engine.path.receive import Request, receive
from engine.path.shown import Shown
from engine.runtime import Engine
from engine.store import search
from engine.store.search import DeliveryFilter, DeliveryLine, Span
from engine.words import OnUnproven
from tests import signing
from tests.engines import trigger

OLD = "bl_secret_before_it_was_regenerated"
NEW = "bl_secret_after_it_was_regenerated"


def scan(number: int = 1) -> bytes:
    """Return a delivery of Blazelock, about its own scan."""
    envelope = {"event": "file_scan.completed", "integration_id": "int_1", "occurred_at": "2026-01-02T03:04:05Z"}
    return json.dumps({**envelope, "data": {"id": f"scan_{number}", "verdict": "malicious"}}).encode()


def sealing(engine: Engine, **fields: object) -> Shown:
    """Make a trigger for Blazelock that seals, with its old secret."""
    return trigger(engine, **{"connector": "blazelock", "secret": OLD, "on_unproven": OnUnproven.SEAL, **fields})


def post(engine: Engine, body: bytes, secret: str = NEW, *, name: str = "t", shift: int = 0, **more: str) -> int:
    """Send a delivery, signed with the secret so many seconds off, and return the status.

    more: headers; query; stamp: the time that is signed, instead of now.
    """
    query = more.pop("query", "")
    stamp = more.pop("stamp", str(int(engine.clock.now().timestamp()) + shift))
    signed = dict(signing.blazelock(secret, body, stamp=stamp)) | more
    headers = {each.lower(): (value,) for each, value in signed.items()}
    (live,) = [each for each in engine.published.now().by_path.values() if each.trigger.name == name]
    request = Request("POST", query, headers, body, len(body), "127.0.0.1")
    return receive(engine, live.trigger.path, request).status


def listed(engine: Engine, *, sealed: bool = False) -> list[DeliveryLine]:
    """Return the deliveries, or those of them that are sealed, in order."""
    found = engine.store.read(search.list_deliveries, DeliveryFilter(sealed=sealed), Span(limit=500))
    return list(reversed(found.items))

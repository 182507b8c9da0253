"""A Wink with something of everything in it, and the address of each of its pages."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.path.access import new_token
from engine.path.connection_spec import ConnectionSpec
from engine.path.connections import put as put_connection
from engine.path.receive import Request, receive
from engine.runtime import Engine
from engine.store.search import DeliveryFilter, Span, list_deliveries
from engine.words import ConnectionScheme, Role, Verdict
from tests.browser.asking import asking
from tests.doubt import interrupted
from tests.engines import WAITS, deliver, running, runs_of, trigger, workflow
from tests.serving import Wink
from tests.web.browser import person
from tests.wire import exchange, request
from web.application import _flask
from web.roles import NEEDS, OPEN

#: One user of each role.
NAMES = {Role.VIEWER: "victor", Role.EDITOR: "edith", Role.ADMIN: "ann"}

#: A name that wants to be more than a name.
HOSTILE = '<script>alert("hello")</script> {{ 7 * 7 }} \u202egnp.exe \U0001f40e ' + "long" * 30

FAILS = """
name: Fails
on: {trigger: t}
steps:
  - {id: first, uses: core.set, with: {values: {count: "${{ event.data.n }}"}}}
  - {id: broken, uses: core.fail, with: {message: "The ticket system did not take it."}}
"""

#: Uses a connection, on demand alone.
CALLS = """
name: Calls
on: {manual: true}
steps:
  - {id: list, uses: http.get, connection: ticket-system, with: {url: https://tickets.example.com/api/open}}
"""
CONNECTION = ConnectionSpec(
    scheme=ConnectionScheme.BASIC,
    base_url="https://tickets.example.com/a-long-name/of-a-folder/that-goes-on-and-on-and-on/api",
    values={"username": "ann", "password": "correct horse battery"},
)

#: Addresses that people see before they sign in.
STRANGERS = frozenset({"session.show_sign_in", "approval_pages.show_by_link"})

_PLACEHOLDER = re.compile(r"([^/]+)/<(?:[^:>]+:)?[^>]+>")
_PROGRAMS = ("/api/", "/static/")


@dataclass(frozen=True)
class Address:
    """An address that can be opened: who may, its rule as a name for files, and one of its pages."""

    needed: Role | None
    name: str
    path: str


@dataclass(frozen=True)
class Place:
    """A Wink that is served, and its addresses."""

    wink: Wink
    addresses: tuple[Address, ...]

    def open_to(self, role: Role | None) -> Iterator[Address]:
        """Return what somebody may open; role: None for a stranger."""
        for address in self.addresses:
            if (address.needed is OPEN) if role is None else (address.needed and role.covers(address.needed)):
                yield address


def fill(folder: Path, **settings: object) -> tuple[Address, ...]:
    """Put something of everything into a folder, and return the addresses that there are then.

    settings: as ``running`` takes them.
    """
    with running(folder, **settings) as engine:
        for role, name in NAMES.items():
            person(engine, name, role)
        new_token(engine, HOSTILE, Role.VIEWER)
        known = _work(engine)
        asked = {**dict(asking(engine)), "delivery-refused": _refused(engine)}
        known |= {"approvals": _last(asked["approval-open"]), "decide": _last(asked["link"])}
        return (*_addresses(engine, known), *_further(asked))


def _work(engine: Engine) -> dict[str, str]:
    """Return by the part of an address what may stand behind it."""
    trigger(engine)
    trigger(engine, name="github-pulls", connector="github", title=HOSTILE, condition="event.data.n > 1")
    trigger(engine, name="stripe-draft", connector="stripe", draft=True)
    put_connection(engine, "ticket-system", CONNECTION)
    workflow(engine, CALLS, "calls")
    version = workflow(engine)
    workflow(engine, FAILS, "fails")
    sent = deliver(engine, json.dumps({"n": 1, "name": HOSTILE, "list": [1.5, None, {"deep": True}]}).encode())
    runs = runs_of(engine, sent.event_ids[0])
    workflow(engine, WAITS, "waits")
    deliver(engine, name="github-pulls")
    deliver(engine, b'{"n": 2}')
    for _ in ("to look at", "to decide about"):
        interrupted(engine)
    assert sent.delivery
    return {
        "triggers": "t",
        "workflows": "w",
        "versions": version,
        "deliveries": sent.delivery.id,
        "events": sent.event_ids[0],
        "runs": runs[0].id,
        "connectors": "github",
        "connections": "ticket-system",
        "tests": "w",
        "users": NAMES[Role.EDITOR],
    }


def _refused(engine: Engine) -> str:
    """Return the page of a delivery whose signature is right for nothing."""
    path = trigger(engine, name="signed", auth="signature", recipe="hmac-body").trigger.path
    headers = {"x-hub-signature-256": (f"sha256={'0' * 64}",)}
    receive(engine, path, Request("POST", "", headers, b"{}", 2, "203.0.113.9"))
    (line,) = engine.store.read(list_deliveries, DeliveryFilter(verdict=Verdict.REJECTED), Span(limit=1)).items
    return f"/deliveries/{line.id}"


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _further(pages: Mapping[str, str]) -> Iterator[Address]:
    """Return pages of a kind that there is one of already, with something else on them."""
    for name, path in pages.items():
        yield Address(OPEN if path.startswith("/decide/") else Role.VIEWER, name, path)


def _addresses(engine: Engine, known: Mapping[str, str]) -> Iterator[Address]:
    """Derive what can be opened from the routes: a new page cannot be forgotten."""
    for rule in _flask(engine, None).url_map.iter_rules():
        needed = NEEDS[rule.endpoint]
        shown = needed is not OPEN or rule.endpoint in STRANGERS
        if "GET" in (rule.methods or ()) and shown and not rule.rule.startswith(_PROGRAMS):
            name = re.sub(r"\W+", "-", rule.rule).strip("-") or "overview"
            path = _PLACEHOLDER.sub(lambda found: f"{found[1]}/{known.get(found[1], found[0])}", rule.rule)
            assert "<" not in path, f"{rule.rule}: say in _work what may stand in its place"
            yield Address(needed, name, path)


def refuse_some(wink: Wink) -> None:
    """Send what a trigger has to refuse."""
    target = "/" + wink.get("/triggers/t")["base_url"].split("/", 3)[3]
    for body in (b'{"n": 1}', b"<script>alert(1)</script>"):
        assert exchange(wink.port, request("POST", target, [("Content-Type", "application/json")], body)).status == 401

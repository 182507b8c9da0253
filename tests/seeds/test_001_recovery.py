"""Seed 001: an endpoint that the vendor has disabled is switched on again by the workflow that ships for it."""

import re
from pathlib import Path

from pytest_httpserver import HTTPServer
from sqlalchemy import update
from werkzeug import Request, Response

from engine import json_bytes
from engine.app import build
from engine.emulation.agenda import Agenda, VirtualClock
from engine.emulation.api import answer
from engine.emulation.endpoint import Health
from engine.emulation.sender import Sender
from engine.path import connections
from engine.path.connection_spec import ConnectionSpec
from engine.path.shown import show
from engine.runtime import Engine
from engine.settings import Settings
from engine.store import search
from engine.store.search import RunFilter, Span
from engine.store.trigger_tables import silences
from engine.words import ConnectionScheme, Outcome
from tests.emulated import DAY, HOUR, MINUTE, URL, Script, connectors, to_trigger
from tests.engines import MovableClock, trigger, workflow
from tests.serving import eventually

FILE = Path(__file__).parents[2] / "workflows/optional/securecodinghub-recovery.yaml"
NAME = "securecodinghub-training"
SECRETS = {"signing_secret": "whsec_" + "c" * 40}


def api_of(sender: Sender, server: HTTPServer) -> list[str]:
    """Let the vendor's API answer at the server; return what it is sent as authorization, as it comes."""
    seen: list[str] = []

    def respond(request: Request) -> Response:
        seen.append(request.headers.get("Authorization", ""))
        status, said = answer(sender, request.method, request.path, request.get_data())
        return Response(json_bytes.dump(said), int(status), content_type="application/json")

    server.expect_request(re.compile("/api/sch/org/webhooks/[^/]+"), method="PATCH").respond_with_handler(respond)
    return seen


def outcomes(engine: Engine) -> list[Outcome]:
    return [line.outcome for line in engine.store.read(search.list_runs, RunFilter(), Span()).items]


def fall_silent(engine: Engine, clock: MovableClock) -> None:
    """Let a day and an hour pass in which somebody was there and nothing came."""
    eventually(lambda: engine.store.read(lambda connection: connection.execute(silences.select()).first()))
    clock.advance(DAY + HOUR)
    seen = update(silences).values(seen_at=clock.now() - MINUTE)
    engine.store.write(lambda connection: connection.execute(seen).rowcount)


def test_001_r8_a_silence_issues_the_patch_that_clears_auto_disable(tmp_path, httpserver: HTTPServer) -> None:
    clock = MovableClock()
    begun = clock.now()
    sender = Sender(connectors()["securecodinghub"], Agenda(VirtualClock(begun)), Script(500))
    endpoint = sender.create(URL, secrets=SECRETS).endpoint
    authorized = api_of(sender, httpserver)
    sender.happen("certificate.issued")
    sender.agenda.run(begun + DAY)
    assert (endpoint.health, endpoint.active) == (Health.GIVEN_UP, False)

    with build(
        Settings.load({}, tmp_path, threads=2), clock=clock, reachable=[("127.0.0.1", httpserver.port)]
    ) as engine:
        shown = trigger(engine, name=NAME, connector="securecodinghub", secret=SECRETS, silence="24h")
        base = httpserver.url_for("")
        spec = ConnectionSpec(scheme=ConnectionScheme.BEARER, base_url=base, values={"token": "tok_of_the_admin"})
        connections.put(engine, "securecodinghub", spec)
        workflow(engine, FILE.read_text().replace("the-id-of-the-webhook", endpoint.id), "recovery")
        fall_silent(engine, clock)
        eventually(lambda: outcomes(engine) == [Outcome.SUCCEEDED])

        assert authorized == ["Bearer tok_of_the_admin"]
        assert (endpoint.health is Health.GIVEN_UP, endpoint.active) == (False, True)
        assert show(engine, NAME).silent_since is not None

        sender.receive = to_trigger(engine, shown)
        sender.agenda.run(begun + DAY + HOUR)
        sender.happen("assignment.completed")
        sender.agenda.run(begun + DAY + HOUR)

        assert endpoint.health is Health.HEALTHY
        eventually(lambda: show(engine, NAME).silent_since is None)


def test_001_r8_it_is_opt_in_and_loaded_by_nobody(tmp_path) -> None:
    with build(Settings.load({}, tmp_path, threads=2, workflows=FILE.parents[1]), clock=MovableClock()) as engine:
        assert "securecodinghub-recovery" not in engine.published.now().by_name

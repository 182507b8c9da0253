"""The example of the workflow language, whole: a reported account is contained, in front of a stand-in for Okta.

Okta's part is data of the test's own, so that the example says the same whatever the shipped connector grows into.
"""

import json
import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from engine.app import CONNECTORS
from engine.path.approve import Door, Voter
from engine.path.connection_spec import ConnectionSpec
from engine.path.connections import put as put_connection
from engine.runtime import Engine
from engine.store import approvals, journal, show
from engine.store.rows import Run
from engine.words import ConnectionScheme, Decision, Outcome, Role
from tests.engines import MovableClock, deliver, ended, running, trigger, workflow
from tests.path.waiting import entry
from tests.serving import eventually

EXAMPLE = (Path(__file__).parents[1] / "definitions" / "contain-reported-account.yaml").read_text()
OKTA = """
name: okta
title: Okta of the tests
category: identity
source: https://example.com/okta
checked: "2026-11-21"
setup: {secret: {name: key, made_by: us, title: Key}}
auth: {api_key: [{scheme: shared_secret, secret: key, places: [{header: Authorization, prefix: "Bearer "}]}]}
event: {type: "okta.${{ body.eventType }}"}
types: {okta.user.account.report_suspicious_activity_by_enduser: {title: Suspicious activity, sample: report}}
connection:
  fields: {token: {title: Token, secret: true}}
  sends: {header: Authorization, value: "SSWS {token}"}
  base_url: https://acme.okta.example/api/v1
  source: https://example.com/okta
actions:
  okta.list_groups:
    title: List the groups of a user
    source: https://example.com/okta
    inputs: {user: {type: string, required: true}}
    request: {method: GET, url: "/users/${{ url_encode(inputs.user) }}/groups"}
    output: {body: "${{ response.json }}"}
  okta.suspend_user:
    title: Suspend a user
    source: https://example.com/okta
    inputs: {user: {type: string, required: true}}
    request: {method: POST, url: "/users/${{ url_encode(inputs.user) }}/lifecycle/suspend"}
    output: {}
  okta.delete_factor:
    title: Delete a factor
    source: https://example.com/okta
    inputs: {user: {type: string, required: true}, factor: {type: string, required: true}}
    request: {method: DELETE, url: "/users/${{ url_encode(inputs.user) }}/factors/${{ url_encode(inputs.factor) }}"}
    output: {}
"""
SAMPLE = """
source: https://example.com/okta
made: by hand
headers: {Content-Type: application/json}
body: '{}'
events: []
"""
REPORT = {
    "eventType": "user.account.report_suspicious_activity_by_enduser",
    "outcome": {"result": "SUCCESS"},
    "actor": {"id": "00u1", "alternateId": "alice@example.com"},
    "factors": [{"id": "f1", "status": "ACTIVE"}, {"id": "f2", "status": "INACTIVE"}, {"id": "f3", "status": "ACTIVE"}],
}
CONTAINED = ["POST /users/00u1/lifecycle/suspend", "DELETE /users/00u1/factors/f1", "DELETE /users/00u1/factors/f3"]


@dataclass(frozen=True)
class Place:
    """An engine with the example, and the server that stands in for Okta and PagerDuty."""

    engine: Engine
    server: HTTPServer

    def groups(self, *names: str) -> None:
        found = [{"id": name, "profile": {"name": name}} for name in names]
        self.server.expect_request("/okta/users/00u1/groups").respond_with_json(found)

    def report(self, **changes: object) -> str:
        (event_id,) = deliver(self.engine, json.dumps(REPORT | changes).encode(), "okta-production").event_ids
        return event_id

    def run_of(self, event_id: str) -> Run:
        return eventually(lambda: self.engine.store.read(show.event_history, event_id).runs)[0]

    def asked(self, run: Run):
        ((asked, _, _),) = eventually(lambda: self.engine.store.read(approvals.of_run, run.id))
        return asked

    def answer(self, run: Run, decision: Decision) -> None:
        door, edith = Door(self.engine, "key"), Voter.user("edith", Role.EDITOR)
        asked = self.asked(run)
        door.vote(asked.id, edith, decision, nonce=door.nonce(asked, edith), fields={})

    def called(self, prefix: str = "/okta") -> list[str]:
        """Return what the stand-in was asked to change, in the order of methods and paths."""
        requests = [request for request, _ in self.server.log if request.path.startswith(prefix)]
        return [f"{one.method} {one.path.removeprefix(prefix)}" for one in requests if one.method != "GET"]

    def outcomes(self, run: Run) -> dict[str, str]:
        entries = self.engine.store.read(journal.entries_of, [run.id])[run.id]
        return {entry.path: str(entry.outcome) for entry in entries}


@pytest.fixture
def place(tmp_path: Path, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch):
    shutil.copytree(CONNECTORS, tmp_path / "connectors", ignore=shutil.ignore_patterns("okta"))
    (tmp_path / "connectors/okta/samples").mkdir(parents=True)
    (tmp_path / "connectors/okta/samples/report.yaml").write_text(SAMPLE)
    (tmp_path / "connectors/okta/connector.yaml").write_text(OKTA)
    monkeypatch.setattr("engine.app.CONNECTORS", tmp_path / "connectors")
    with running(tmp_path, allow_private_addresses="127.0.0.0/8,::1/128") as engine:
        trigger(engine, name="okta-production", connector="okta")
        for name, connector, folder, values in (
            ("okta-production", "okta", "/okta", {"token": "00token"}),
            ("pagerduty-security", "pagerduty", "/pagerduty", {"routing_key": "a" * 32}),
        ):
            spec = ConnectionSpec(
                connector=connector,
                scheme=ConnectionScheme.DECLARED,
                base_url=httpserver.url_for(folder),
                values=values,
            )
            put_connection(engine, name, spec)
        workflow(engine, EXAMPLE, "contain-reported-account")
        yield Place(engine, httpserver)


@pytest.fixture
def okta(place: Place) -> Place:
    place.server.expect_request("/okta/users/00u1/lifecycle/suspend", "POST").respond_with_json({})
    for factor in ("f1", "f3"):
        place.server.expect_request(f"/okta/users/00u1/factors/{factor}", "DELETE").respond_with_data(status=204)
    return place


def test_an_account_without_rights_is_contained_at_once(okta: Place) -> None:
    okta.groups("Everyone")

    run = ended(okta.engine, okta.run_of(okta.report()).id)

    assert run.outcome is Outcome.SUCCEEDED, run.error
    assert sorted(okta.called()) == sorted(CONTAINED)
    assert okta.called()[0] == CONTAINED[0]
    assert okta.outcomes(run) == {
        "groups": "succeeded", "gate": "skipped", "suspend": "succeeded", "reset": "succeeded",
        "reset[0]/delete": "succeeded", "reset[1]/delete": "skipped", "reset[2]/delete": "succeeded",
    }  # fmt: skip


def test_every_call_carries_the_connection_s_token_and_no_page_shows_it(okta: Place) -> None:
    okta.groups("Everyone")

    run = ended(okta.engine, okta.run_of(okta.report()).id)

    assert {request.headers["Authorization"] for request, _ in okta.server.log} == {"SSWS 00token"}
    assert "00token" not in repr(okta.engine.store.read(journal.entries_of, [run.id]))


def test_an_administrator_is_contained_when_an_editor_approves(okta: Place) -> None:
    okta.groups("Everyone", "Administrators")
    run = okta.run_of(okta.report())
    title, before = okta.asked(run).title, okta.called()

    okta.answer(run, Decision.APPROVED)

    assert ended(okta.engine, run.id).outcome is Outcome.SUCCEEDED
    assert (title, before) == ("Suspend alice@example.com?", [])
    assert sorted(okta.called()) == sorted(CONTAINED)


def test_a_refusal_stops_the_run_and_nothing_is_done(okta: Place) -> None:
    okta.groups("Administrators")
    run = okta.run_of(okta.report())

    okta.answer(run, Decision.REJECTED)

    assert ended(okta.engine, run.id).outcome is Outcome.STOPPED
    assert entry(okta.engine, run.id, "gate/refused").input == {"message": "Refused by edith"}
    assert okta.called() == []


def test_half_an_hour_without_an_answer_contains(okta: Place) -> None:
    okta.groups("Administrators")
    run = okta.run_of(okta.report())
    okta.asked(run)
    assert isinstance(okta.engine.clock, MovableClock)

    okta.engine.clock.advance(timedelta(minutes=31))

    done = ended(okta.engine, run.id)
    outcomes = okta.outcomes(done)
    assert done.outcome is Outcome.SUCCEEDED, done.error
    assert (outcomes["gate/ask"], outcomes["gate/ask/on_error/unanswered"]) == ("failed", "succeeded")
    assert sorted(okta.called()) == sorted(CONTAINED)


def test_groups_are_asked_for_again_after_a_429(okta: Place) -> None:
    answers = iter([Response(status=429, headers={"Retry-After": "0"})])
    found = Response(json.dumps([{"profile": {"name": "Everyone"}}]), content_type="application/json")
    okta.server.expect_request("/okta/users/00u1/groups").respond_with_handler(lambda _: next(answers, found))

    run = ended(okta.engine, okta.run_of(okta.report()).id)

    assert (run.outcome, entry(okta.engine, run.id, "groups").attempts) == (Outcome.SUCCEEDED, 2)


def test_a_failure_pages_security_with_the_step_and_the_reason(place: Place) -> None:
    place.groups("Everyone")
    place.server.expect_request("/okta/users/00u1/lifecycle/suspend").respond_with_json({"errorCode": "E1"}, 403)
    place.server.expect_request("/pagerduty/enqueue", "POST").respond_with_json({"dedup_key": "d"}, 202)

    run = ended(place.engine, place.run_of(place.report()).id)

    (page,) = [request.get_json() for request, _ in place.server.log if request.path == "/pagerduty/enqueue"]
    assert run.outcome is Outcome.FAILED
    assert page["payload"]["summary"].startswith("Containment failed at suspend: ")
    assert page["routing_key"] == "a" * 32


def test_a_second_report_about_the_same_account_is_skipped_while_the_first_waits(okta: Place) -> None:
    okta.groups("Administrators")
    first = okta.run_of(okta.report())
    okta.asked(first)

    second = ended(okta.engine, okta.run_of(okta.report()).id)

    assert second.outcome is Outcome.SKIPPED
    assert first.id in second.error["message"]


def test_a_report_that_was_not_a_success_starts_nothing(okta: Place) -> None:
    event_id = okta.report(outcome={"result": "FAILURE"})

    history = eventually(
        lambda: found if (found := okta.engine.store.read(show.event_history, event_id)).event.matched_at else None
    )
    assert history.runs == ()

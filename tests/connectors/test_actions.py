"""The actions that ship, each against a server that notes what is sent: method, path, headers and body."""

import asyncio
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from pytest_httpserver import HTTPServer

from engine.actions.action import Action, Call
from engine.actions.client import HttpClient
from engine.actions.guard import Guard
from engine.actions.registry import build_actions
from engine.app import CONNECTORS
from engine.definitions.catalog import read_connectors
from engine.errors import ActionFailed
from engine.store.connections import OpenConnection
from engine.words import ConnectionScheme

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SHIPPED = read_connectors(CONNECTORS)


@pytest.fixture(scope="module")
def actions() -> Mapping[str, Action]:
    return build_actions(lambda: HttpClient(Guard((ip_network("127.0.0.0/8"),))), SHIPPED)


@pytest.fixture
def perform(actions, httpserver: HTTPServer):
    """Use an action with a connection of its connector to the tests' server, below a folder."""

    def run(name: str, values: Mapping[str, str], **inputs: object) -> object:
        connector = name.partition(".")[0]
        base = httpserver.url_for("/base")
        connection = OpenConnection("c", connector, ConnectionScheme.DECLARED, base, values=values)
        call = Call(inputs, "run_1/step/1", NOW, NOW + timedelta(seconds=10), connection)
        return asyncio.run(actions[name].run(call))

    return run


def test_slack_posts_a_message(perform, httpserver: HTTPServer):
    httpserver.expect_request(
        "/base/chat.postMessage",
        "POST",
        headers={"Authorization": "Bearer xoxb-1", "Content-Type": "application/json"},
        json={"channel": "C1", "text": "hello"},
    ).respond_with_json({"ok": True, "channel": "C1", "ts": "1503435956.000247", "message": {}})

    output = perform("slack.post_message", {"token": "xoxb-1"}, channel="C1", text="hello")

    assert output == {"channel": "C1", "ts": "1503435956.000247"}


def test_slack_answers_in_a_thread_with_blocks_that_keep_their_nulls(perform, httpserver: HTTPServer):
    sent = {"channel": "C1", "text": "a", "thread_ts": "1.2", "blocks": [{"type": "divider", "block_id": None}]}
    httpserver.expect_request("/base/chat.postMessage", json=sent).respond_with_json(
        {"ok": True, "channel": "C1", "ts": "3.4"}
    )

    assert perform("slack.post_message", {"token": "xoxb-1"}, **sent) == {"channel": "C1", "ts": "3.4"}


def test_slacks_200_that_says_no_is_a_failure(perform, httpserver: HTTPServer):
    httpserver.expect_request("/base/chat.postMessage").respond_with_json({"ok": False, "error": "channel_not_found"})

    with pytest.raises(ActionFailed) as failure:
        perform("slack.post_message", {"token": "xoxb-1"}, channel="C0", text="hello")

    assert failure.value.output["body"]["error"] == "channel_not_found"


def test_github_creates_an_issue(perform, httpserver: HTTPServer):
    httpserver.expect_request(
        "/base/repos/octo/wink/issues",
        "POST",
        headers={
            "Authorization": "Bearer ghp_1",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        },
        json={"title": "Broken", "labels": ["bug"]},
    ).respond_with_json({"number": 7, "html_url": "https://github.com/octo/wink/issues/7"}, 201)

    output = perform("github.create_issue", {"token": "ghp_1"}, repository="octo/wink", title="Broken", labels=["bug"])

    assert output == {"number": 7, "url": "https://github.com/octo/wink/issues/7"}


@pytest.mark.parametrize("repository", ["wink", "octo/", "a/b/c", "../x"])
def test_github_takes_a_repository_with_its_owner_alone(perform, httpserver: HTTPServer, repository):
    with pytest.raises(ActionFailed):
        perform("github.create_issue", {"token": "ghp_1"}, repository=repository, title="Broken")

    assert not httpserver.log


def test_what_no_vendor_can_tell_as_a_repetition_happens_once(actions):
    once = {name for name, action in actions.items() if action.spec.effect == "once"}

    assert once >= {"slack.post_message", "github.create_issue", "okta.reset_password", "servicenow.create_incident"}


@pytest.mark.parametrize("connector", [name for name, one in SHIPPED.items() if one.connection])
def test_every_connection_and_action_has_its_source(connector):
    shipped = SHIPPED[connector]

    assert shipped.connection["source"].startswith("https://")
    assert all(action["source"].startswith("https://") for action in shipped.actions.values())


def test_the_documentation_lists_every_action_that_ships():
    table = (CONNECTORS.parent / "docs/connections.md").read_text().partition("## What connectors do")[2]

    written = re.findall(r"`([a-z-]+\.[a-z_]+)`", table.partition("\nWhere no")[0])

    assert sorted(written) == sorted(name for shipped in SHIPPED.values() for name in shipped.actions)


def test_pagerduty_triggers_an_alert_with_its_key_in_the_body(perform, httpserver: HTTPServer):
    sent = {
        "routing_key": "a" * 32,
        "event_action": "trigger",
        "payload": {"summary": "Containment failed", "source": "Wink", "severity": "error"},
    }
    httpserver.expect_request(
        "/base/enqueue", "POST", headers={"Content-Type": "application/json"}, json=sent
    ).respond_with_json({"status": "success", "message": "Event processed", "dedup_key": "k"}, 202)

    assert perform("pagerduty.trigger", {"routing_key": "a" * 32}, summary="Containment failed") == {"dedup_key": "k"}
    assert "Authorization" not in httpserver.log[0][0].headers


def test_pagerduty_takes_what_tells_two_alerts_apart(perform, httpserver: HTTPServer):
    httpserver.expect_request("/base/enqueue").respond_with_json({"dedup_key": "host-1"}, 202)

    perform(
        "pagerduty.trigger",
        {"routing_key": "a" * 32},
        summary="Down",
        dedup_key="host-1",
        severity="critical",
        custom_details={"load": None},
    )

    body = httpserver.log[0][0].get_json()
    assert (body["dedup_key"], body["payload"]["severity"]) == ("host-1", "critical")
    assert body["payload"]["custom_details"] == {"load": None}


@pytest.mark.parametrize("inputs", [{"summary": "a" * 1025}, {"summary": "a", "severity": "bad"}, {}])
def test_pagerduty_gets_nothing_that_it_would_refuse(perform, httpserver: HTTPServer, inputs):
    with pytest.raises(ActionFailed) as failure:
        perform("pagerduty.trigger", {"routing_key": "a" * 32}, **inputs)

    assert failure.value.kind == "invalid"
    assert not httpserver.log


def test_jira_creates_an_issue(perform, httpserver: HTTPServer):
    fields = {"project": {"key": "SEC"}, "issuetype": {"name": "Bug"}, "summary": "Broken", "description": "Badly"}
    pair = b64encode(b"ann@example.com:t0ken").decode()
    httpserver.expect_request(
        "/base/rest/api/2/issue", "POST", headers={"Authorization": f"Basic {pair}"}, json={"fields": fields}
    ).respond_with_json({"id": "10001", "key": "SEC-1", "self": "https://a.example/rest/api/2/issue/10001"}, 201)

    output = perform(
        "jira.create_issue",
        {"email": "ann@example.com", "token": "t0ken"},
        project="SEC",
        issue_type="Bug",
        summary="Broken",
        description="Badly",
    )

    assert output == {"id": "10001", "key": "SEC-1"}


@pytest.mark.parametrize(
    ("action", "asked", "status"),
    [
        ("get_user", "GET /base/api/v1/users/00u1", 200),
        ("list_groups", "GET /base/api/v1/users/00u1/groups", 200),
        ("list_factors", "GET /base/api/v1/users/00u1/factors", 200),
        ("suspend_user", "POST /base/api/v1/users/00u1/lifecycle/suspend", 200),
        ("unsuspend_user", "POST /base/api/v1/users/00u1/lifecycle/unsuspend", 200),
        ("reset_factors", "POST /base/api/v1/users/00u1/lifecycle/reset_factors", 200),
        ("expire_password", "POST /base/api/v1/users/00u1/lifecycle/expire_password", 200),
        ("clear_sessions", "DELETE /base/api/v1/users/00u1/sessions", 204),
    ],
)
def test_okta_is_asked_about_a_user(perform, httpserver: HTTPServer, action, asked, status):
    method, path = asked.split()
    httpserver.expect_request(path, method, headers={"Authorization": "SSWS 00token"}).respond_with_data("", status)

    assert perform(f"okta.{action}", {"token": "00token"}, user="00u1")["status"] == status


def test_the_groups_of_an_okta_user_are_the_body(perform, httpserver: HTTPServer):
    groups = [{"id": "00g1", "profile": {"name": "Administrators"}}]
    httpserver.expect_request("/base/api/v1/users/ann@example.com/groups").respond_with_json(groups)

    assert perform("okta.list_groups", {"token": "00token"}, user="ann@example.com")["body"] == groups
    assert httpserver.log[0][0].environ["RAW_URI"] == "/base/api/v1/users/ann%40example.com/groups"


def test_okta_unenrolls_one_factor(perform, httpserver: HTTPServer):
    httpserver.expect_request("/base/api/v1/users/00u1/factors/opf3", "DELETE").respond_with_data("", 204)

    assert perform("okta.delete_factor", {"token": "00token"}, user="00u1", factor="opf3")["status"] == 204


@pytest.mark.parametrize("factor", ["", "..", "."])
def test_no_factor_of_okta_is_not_all_of_them(perform, httpserver: HTTPServer, factor):
    with pytest.raises(ActionFailed) as failure:
        perform("okta.delete_factor", {"token": "00token"}, user="00u1", factor=factor)

    assert failure.value.kind == "invalid"
    assert not httpserver.log


def test_okta_ends_sessions_and_tokens_when_it_is_asked_to(perform, httpserver: HTTPServer):
    httpserver.expect_request("/base/api/v1/users/00u1/sessions", "DELETE").respond_with_data("", 204)

    perform("okta.clear_sessions", {"token": "00token"}, user="00u1", oauth_tokens=True)

    assert httpserver.log[0][0].query_string == b"oauthTokens=true"


def test_okta_mails_the_link_for_a_new_password_and_gives_it_to_nobody_else(perform, httpserver: HTTPServer):
    httpserver.expect_request("/base/api/v1/users/00u1/lifecycle/reset_password", "POST").respond_with_json({})

    perform("okta.reset_password", {"token": "00token"}, user="00u1")

    assert httpserver.log[0][0].query_string == b"sendEmail=true&revokeSessions=false"


def test_what_okta_refuses_says_so_with_its_answer(perform, httpserver: HTTPServer):
    refusal = {"errorCode": "E0000007", "errorSummary": "Not found: Resource not found: 00u1 (User)"}
    httpserver.expect_request("/base/api/v1/users/00u1/lifecycle/suspend").respond_with_json(refusal, 404)

    with pytest.raises(ActionFailed) as failure:
        perform("okta.suspend_user", {"token": "00token"}, user="00u1")

    assert (failure.value.kind, failure.value.output["body"]) == ("http_4xx", refusal)


def test_okta_limits_how_often_it_is_asked(perform, httpserver: HTTPServer):
    httpserver.expect_request("/base/api/v1/users/00u1").respond_with_json({}, 429)

    with pytest.raises(ActionFailed) as failure:
        perform("okta.get_user", {"token": "00token"}, user="00u1")

    assert failure.value.kind == "http_429"


SERVICENOW = {"username": "wink", "password": "s3cret"}
SERVICENOW_AUTH = {"Authorization": f"Basic {b64encode(b'wink:s3cret').decode()}", "Accept": "application/json"}


def test_servicenow_opens_an_incident(perform, httpserver: HTTPServer):
    sent = {"short_description": "Unable to connect to office wifi", "urgency": "2", "assignment_group": "287ebd7d"}
    httpserver.expect_request(
        "/base/api/now/table/incident", "POST", headers=SERVICENOW_AUTH, json=sent
    ).respond_with_json({"result": {"sys_id": "ef43c6d4", "number": "INC0010002", "state": "1"}}, 201)

    output = perform("servicenow.create_incident", SERVICENOW, **sent)

    assert output == {"sys_id": "ef43c6d4", "number": "INC0010002"}


def test_servicenow_creates_any_record(perform, httpserver: HTTPServer):
    fields = {"short_description": "Replace the switch", "cmdb_ci": None}
    httpserver.expect_request(
        "/base/api/now/table/change_request", "POST", headers=SERVICENOW_AUTH, json=fields
    ).respond_with_json({"result": {"sys_id": "1", "number": "CHG1"}}, 201)

    output = perform("servicenow.create_record", SERVICENOW, table="change_request", fields=fields)

    assert output == {"sys_id": "1", "number": "CHG1"}


def test_servicenow_changes_a_record(perform, httpserver: HTTPServer):
    httpserver.expect_request(
        "/base/api/now/table/incident/ef43c6d4", "PATCH", headers=SERVICENOW_AUTH, json={"urgency": "1"}
    ).respond_with_json({"result": {"sys_id": "ef43c6d4", "urgency": "1"}})

    output = perform(
        "servicenow.update_record", SERVICENOW, table="incident", sys_id="ef43c6d4", fields={"urgency": "1"}
    )

    assert output == {"sys_id": "ef43c6d4", "urgency": "1"}


def test_servicenow_looks_a_record_up(perform, httpserver: HTTPServer):
    httpserver.expect_request(
        "/base/api/now/table/incident/ef43c6d4", "GET", headers=SERVICENOW_AUTH
    ).respond_with_json({"result": {"number": "INC0000046"}})

    output = perform("servicenow.get_record", SERVICENOW, table="incident", sys_id="ef43c6d4")

    assert output == {"number": "INC0000046"}


@pytest.mark.parametrize("table", ["incident/../sys_user", "", "Incident", "incident?sysparm_query=x"])
def test_servicenow_takes_the_plain_name_of_a_table_alone(perform, httpserver: HTTPServer, table):
    with pytest.raises(ActionFailed) as failure:
        perform("servicenow.get_record", SERVICENOW, table=table, sys_id="1")

    assert failure.value.kind == "invalid"
    assert not httpserver.log


def card(*blocks: Mapping[str, object]) -> Mapping[str, object]:
    """Return an Adaptive Card of text blocks."""
    schema = "http://adaptivecards.io/schemas/adaptive-card.json"
    return {"$schema": schema, "type": "AdaptiveCard", "version": "1.2", "body": list(blocks)}


@pytest.fixture
def teams(httpserver: HTTPServer):
    """Return a connection's values: the address of a workflow in Teams."""
    return {"webhook_url": httpserver.url_for("/base/workflows/1/invoke?sv=1.0&sig=Zm9vYmFyYmF6cXV4cXV1eA")}


@pytest.mark.parametrize(
    ("inputs", "blocks"),
    [
        ({"text": "host-7"}, [{"type": "TextBlock", "text": "host-7", "wrap": True}]),
        (
            {"text": "host-7", "title": "Contained"},
            [
                {"type": "TextBlock", "text": "Contained", "size": "Medium", "weight": "Bolder", "wrap": True},
                {"type": "TextBlock", "text": "host-7", "wrap": True},
            ],
        ),
    ],
)
def test_teams_gets_a_message_as_a_card(perform, teams, httpserver: HTTPServer, inputs, blocks):
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card(*blocks)}
    httpserver.expect_request(
        "/base/workflows/1/invoke",
        "POST",
        query_string="sv=1.0&sig=Zm9vYmFyYmF6cXV4cXV1eA",
        json={"type": "message", "attachments": [attachment]},
    ).respond_with_data("", 202)

    assert perform("ms-teams.post_message", teams, **inputs)["status"] == 202


def test_teams_gets_a_card_of_the_authors_own(perform, teams, httpserver: HTTPServer):
    own = {"type": "AdaptiveCard", "version": "1.4", "body": [], "fallbackText": None}
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": own}
    httpserver.expect_request(
        "/base/workflows/1/invoke", json={"type": "message", "attachments": [attachment]}
    ).respond_with_data("", 202)

    assert perform("ms-teams.post_card", teams, card=own)["status"] == 202


@pytest.mark.parametrize(
    ("status", "text"), [(404, ""), (200, "Microsoft Teams endpoint returned HTTP error 429 with ContextId")]
)
def test_what_teams_did_not_take_is_a_failure_that_tells_no_address(
    perform, teams, httpserver: HTTPServer, status, text
):
    httpserver.expect_request("/base/workflows/1/invoke").respond_with_data(text, status)

    with pytest.raises(ActionFailed) as failure:
        perform("ms-teams.post_message", teams, text="host-7")

    assert "sig" not in str(failure.value)

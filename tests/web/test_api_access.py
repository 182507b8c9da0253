"""Nobody comes in without a token; what is open is open on purpose."""

import pytest

from engine.path.access import local_token
from tests.engines import deliver, trigger
from tests.serving import PATIENCE

CLOSED = ["/api/v1/triggers", "/api/v1/runs", "/api/v1/ledger/check", "/api/v1/nothing", "/api/v1/"]
OPEN = ["/healthz", "/readyz", "/schema/workflow.json", "/schema/connector.json", "/api/v1/openapi.json"]

HERE = {"REMOTE_ADDR": "127.0.0.1"}
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.1"}


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic d2luazp3aW5r", "wink_pat_x"])
def test_without_a_token_everything_is_closed(api, path, header):
    response = api.client.get(path, headers={} if header is None else {"Authorization": header})

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.content_type == "application/problem+json"


def test_the_scheme_is_written_in_any_case(api, engine):
    for scheme in ("Bearer", "bearer", "BEARER"):
        headers = {"Authorization": f"{scheme} {local_token(engine.settings)}"}

        assert api.client.get("/api/v1/triggers", headers=headers).status_code == 200


@pytest.mark.parametrize("path", OPEN)
def test_what_is_open_needs_no_token(api, path):
    assert api.client.get(path).status_code == 200


def test_a_token_that_is_made_opens_and_is_shown_once(api):
    made = api.post("/tokens", {"name": "ci"})
    headers = {"Authorization": f"Bearer {made['token']}"}

    listed = api.client.get("/api/v1/tokens", headers=headers).json["items"]

    assert made["token"].startswith("wink_pat_")
    assert [(each["name"], "token" in each) for each in listed] == [("ci", False)]


def test_a_deleted_token_opens_nothing(api):
    made = api.post("/tokens", {"name": "ci"})

    assert api.call("DELETE", f"/tokens/{made['id']}").status_code == 204

    headers = {"Authorization": f"Bearer {made['token']}"}
    assert api.client.get("/api/v1/tokens", headers=headers).status_code == 401


def test_metrics_are_for_this_machine(api):
    response = api.client.get("/metrics", environ_overrides=HERE)

    assert response.status_code == 200
    assert b"wink_deliveries_total" in response.data


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": "192.0.2.1"}, {"Forwarded": "for=192.0.2.1"}])
def test_behind_a_proxy_on_this_machine_metrics_need_a_token(api, headers):
    assert api.client.get("/metrics", environ_overrides=HERE, headers=headers).status_code == 401


def test_from_afar_metrics_need_a_token(api, engine):
    headers = {"Authorization": f"Bearer {local_token(engine.settings)}"}

    assert api.client.get("/metrics", environ_overrides=ELSEWHERE).status_code == 401
    assert api.client.get("/metrics", environ_overrides=ELSEWHERE, headers=headers).status_code == 200


def test_receiving_is_timed(api, engine):
    trigger(engine)

    for _ in range(3):
        deliver(engine)

    registry = engine.metrics.registry
    assert registry.get_sample_value("wink_receive_seconds_count") == 3
    assert 0 < registry.get_sample_value("wink_receive_seconds_sum") < PATIENCE


def test_refusals_are_counted_by_their_reason(api):
    made = api.post("/triggers", {"name": "t"})

    api.deliver(made["base_url"], {})

    metrics = api.client.get("/metrics", environ_overrides=HERE).text
    assert 'wink_deliveries_total{reason="missing_proof",verdict="rejected"} 1.0' in metrics

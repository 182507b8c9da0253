"""What is changed at one host counts at every other as soon as the change is answered."""

import hmac

import pytest

from engine.store import show
from engine.words import Verdict
from tests.engines import LOGS, running, runs_of, trigger


@pytest.fixture
def made(hosts):
    """Return a trigger as host A answered when it was made there."""
    return hosts.a.call("POST", "/triggers", {"name": "t", "connector": "custom"}).json


def _delivery(host, response):
    return host.engine.store.read(show.delivery, response.json["delivery"])


def test_a_trigger_that_one_host_made_takes_deliveries_at_another(hosts, made):
    assert hosts.b.deliver(made["full_url"], {"n": 1}).status_code == 202


def test_a_key_that_one_host_rotated_counts_at_another_and_the_old_one_does_not(hosts, made):
    hosts.b.deliver(made["full_url"], {"n": 1})

    rotated = hosts.a.call("POST", "/triggers/t/rotate", {"overlap": "0s"}).json

    assert hosts.b.deliver(made["full_url"], {"n": 2}).status_code == 401
    assert hosts.b.deliver(rotated["full_url"], {"n": 3}).status_code == 202


def test_a_trigger_that_one_host_deleted_is_unknown_at_another(hosts, made):
    hosts.b.deliver(made["full_url"], {"n": 1})

    hosts.a.call("DELETE", "/triggers/t")

    assert hosts.b.deliver(made["full_url"], {"n": 2}).status_code == 404


def test_a_workflow_that_one_host_took_runs_for_events_at_another(hosts, worker, made):
    hosts.b.deliver(made["full_url"], {"n": 1})

    version = hosts.a.call("PUT", "/workflows/w", data=LOGS, content_type="text/yaml").json["version"]
    sent = hosts.b.deliver(made["full_url"], {"n": 2})

    assert [run.version for run in runs_of(hosts.a.engine, sent.json["events"][0])] == [version]


def test_what_comes_to_another_host_after_a_pause_is_held_and_released_with_the_rest(hosts, worker, made):
    hosts.a.call("PUT", "/workflows/w", data=LOGS, content_type="text/yaml")
    hosts.b.deliver(made["full_url"], {"n": 1})

    hosts.a.call("POST", "/triggers/t/pause")
    sent = hosts.b.deliver(made["full_url"], {"n": 2})
    assert runs_of(hosts.a.engine, sent.json["events"][0]) == ()
    hosts.a.call("POST", "/triggers/t/resume", {"held": "run"})

    assert len(runs_of(hosts.b.engine, sent.json["events"][0])) == 1


def test_listening_that_began_at_one_host_takes_the_sample_that_comes_to_another(hosts):
    draft = hosts.a.call("POST", "/triggers", {"name": "d", "connector": "custom", "state": "draft"}).json
    assert hosts.b.deliver(draft["full_url"], {"n": 1}).status_code == 409

    hosts.a.call("POST", "/triggers/d/listen", {"for": "2m"})
    taken = hosts.b.deliver(draft["full_url"], {"n": 2})

    assert _delivery(hosts.a, taken).verdict is Verdict.SAMPLED
    assert hosts.a.call("GET", "/triggers/d/sample").json["event"]["data"] == {"n": 2}


def test_a_change_waits_for_no_other_host_where_there_can_be_none(tmp_path):
    with running(tmp_path) as engine:
        trigger(engine)

        assert engine.published.unseen() == 0


def test_a_secret_that_a_vendor_brought_to_one_host_proves_it_at_another(hosts):
    made = hosts.a.call("POST", "/triggers", {"name": "t", "connector": "asana"}).json
    body = b'{"events": []}'
    assert hosts.b.deliver(made["base_url"], {"events": []}).status_code == 401

    brought = hosts.a.deliver(made["base_url"], {}, **{"X-Hook-Secret": "s" * 32})
    proof = hmac.new(b"s" * 32, body, "sha256").hexdigest()
    sent = hosts.b.deliver(made["base_url"], {"events": []}, **{"X-Hook-Signature": proof})

    assert (brought.status_code, sent.status_code) == (200, 200)

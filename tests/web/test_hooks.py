"""The triggers' addresses in front of a WSGI application answer as the server does."""

from io import BytesIO

import pytest
from structlog.testing import capture_logs

from engine.errors import StoreUnavailable
from engine.intake import ROOM
from tests.engines import trigger
from web import hooks
from web.proxies import sender


@pytest.fixture
def target(engine) -> str:
    made = trigger(engine)
    return made.full_url.replace(made.base_url, f"/webhooks/{made.trigger.path}")


def test_a_body_that_does_not_say_its_size_is_read_up_to_the_limit(api, engine, target):
    statuses = []
    for size in (engine.settings.max_body, engine.settings.max_body + 1):
        body = BytesIO(b'"' + b"x" * (size - 2) + b'"')
        stream = {"wsgi.input": body, "wsgi.input_terminated": True}
        answer = api.client.post(target, content_type="application/json", environ_overrides=stream)
        statuses.append(answer.status_code)

    assert statuses == [202, 413]


def test_a_body_of_an_unknown_address_is_not_read(api):
    body = BytesIO(b"{}")

    answer = api.client.post("/webhooks/nobody", content_length=2, environ_overrides={"wsgi.input": body})

    assert (answer.status_code, body.tell()) == (404, 0)


@pytest.mark.parametrize(
    ("error", "told"), [(StoreUnavailable(), (503, [])), (ValueError("s3cret"), (500, ["hooks.internal_error"]))]
)
def test_what_is_our_fault_is_told_to_the_log_alone(api, target, monkeypatch, error, told):
    def fail(*_):
        raise error

    monkeypatch.setattr(hooks, "receive", fail)

    with capture_logs() as logs:
        answer = api.client.post(target, json={})

    assert (answer.status_code, [line["event"] for line in logs]) == told
    assert b"s3cret" not in answer.data


@pytest.mark.parametrize(
    ("forwarded", "trusted", "address"),
    [
        (("192.0.2.1",), 0, "127.0.0.1"),
        ((), 1, "127.0.0.1"),
        (("192.0.2.1",), 1, "192.0.2.1"),
        (("invented, 192.0.2.1",), 1, "192.0.2.1"),
        (("invented", "192.0.2.1, 192.0.2.2"), 2, "192.0.2.1"),
        (("192.0.2.1",), 2, "192.0.2.1"),
        ((" , ",), 1, "127.0.0.1"),
    ],
)
def test_the_sender_is_who_our_own_proxies_saw(forwarded, trusted, address):
    assert sender("127.0.0.1", {"x-forwarded-for": forwarded}, trusted) == address


def test_for_whom_there_is_no_room_is_counted_unread_and_told_to_come_again(api, engine, target):
    body = BytesIO(b"{}")
    with engine.intake.place() as place:
        place.hold(ROOM)
        answer = api.client.post(target, content_length=2, environ_overrides={"wsgi.input": body})
    after = api.client.post(target, json={})

    assert (answer.status_code, answer.data, body.tell()) == (503, b'{"error":"try_again"}', 0)
    assert int(answer.headers["Retry-After"]) >= 1
    assert after.status_code == 202
    assert [each["verdict"] for each in api.get("/deliveries")["items"]] == ["accepted"]
    counted = {"verdict": "rejected", "reason": "overloaded"}
    assert engine.metrics.registry.get_sample_value("wink_deliveries_total", counted) == 1


def test_a_body_for_which_there_is_no_room_is_not_read(api, engine, target):
    body = BytesIO(b"{}" + b" " * 1_000_000)
    with engine.intake.place() as place:
        place.hold(ROOM - 500_000)
        answer = api.client.post(target, content_length=1_000_002, environ_overrides={"wsgi.input": body})

    assert (answer.status_code, body.tell()) == (503, 0)

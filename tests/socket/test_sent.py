"""A test event comes over a socket to the trigger's own address, as a vendor's delivery does."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.serving import Wink, free_port, serving


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"auth": "signature"},
        {"auth": "signature", "recipe": "blink"},
        {"auth": "signature", "recipe": "hmac-body"},
        {"connector": "bearer-scan"},
        {"connector": "github"},
    ],
)
def test_it_is_signed_as_its_vendor_signs_and_comes_to_the_address(wink: Wink, fields: dict[str, str]) -> None:
    trigger = wink.trigger(**fields)

    sent = wink.api("POST", f"/triggers/{trigger.id}/test", {})

    assert sent["verdict"] == "accepted"
    assert wink.delivery(sent["delivery"])["headers"]["host"] == [f"127.0.0.1:{wink.port}"]


def test_the_command_line_sends_over_the_address_too(wink: Wink) -> None:
    trigger = wink.trigger()

    told = wink.command("send", trigger.name)

    assert told.returncode == 0, told.stderr
    assert wink.last_delivery(trigger)["headers"]["host"] == [f"127.0.0.1:{wink.port}"]


def test_what_the_address_refuses_is_told(wink: Wink) -> None:
    trigger = wink.trigger(networks=["192.0.2.0/24"])

    sent = wink.api("POST", f"/triggers/{trigger.id}/test", {})

    assert (sent["status"], sent["reason"]) == (401, "address_not_allowed")


def test_an_address_where_nobody_answers_is_told_with_what_to_do(tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    with serving(tmp_path, public_url=nowhere) as wink:
        trigger = wink.trigger()
        answer = wink.call("POST", f"/triggers/{trigger.id}/test", {})
        kept = wink.get(f"/deliveries?trigger={trigger.name}")["items"]

    told = answer.json()["detail"]
    assert answer.status == 424
    assert f"{nowhere}/webhooks/" in told
    assert "refused" in told
    assert "set WINK_PUBLIC_URL" in told
    assert trigger.api_key not in told
    assert kept == []


def test_more_at_once_than_there_are_threads_are_sent_or_refused_and_hold_nobody_up(wink: Wink) -> None:
    trigger = wink.trigger()
    with ThreadPoolExecutor(16) as pool:
        sent = list(pool.map(lambda _: wink.call("POST", f"/triggers/{trigger.id}/test", {}), range(32)))

    taken = [answer.json()["verdict"] for answer in sent if answer.status == 200]
    assert set(taken) == {"accepted"}
    assert {answer.status for answer in sent} <= {200, 429}
    assert wink.api("POST", f"/triggers/{trigger.id}/test", {})["verdict"] == "accepted"

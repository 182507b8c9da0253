"""``wink emulate``: a vendor that is played, without a network and over a real socket."""

import json
import time

import pytest

from engine.emulation.attempt import Heard
from engine.store import search
from engine.store.search import DeliveryFilter, Span
from tests.engines import LOGS, trigger, workflow

SECRET = "bl_secret_9f8e7d6c5b4a3210"


def attempts(result):
    return json.loads(result.stdout)["attempts"]


def url_of(running, shown) -> str:
    return f"{running.url}/webhooks/{shown.trigger.path}"


def deliveries(running, shown):
    which = DeliveryFilter(trigger_id=shown.trigger.id)
    return running.engine.store.read(search.list_deliveries, which, Span(limit=500)).items


#: Whose schedule is published, is supposed, is not known; and who signs with a key that it publishes.
VENDORS = ("securecodinghub", "blazelock", "github", "aws-sns")


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_schedule_of_a_vendor_is_shown_without_a_network(wink, vendor):
    result = wink("emulate", vendor, "--json")

    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert len(told["attempts"]) == told["schedule"]["attempts"] == 1 + len(told["schedule"]["retries"])
    assert told["events"] == {"happened": 1, "delivered": 0, "pending": 0, "lost": 1}


def test_each_attempt_is_a_line_and_what_is_supposed_has_a_star(wink):
    lines = wink("emulate", "blazelock").stdout.splitlines()

    assert "after 1m, 2m, 5m, 10m, 30m, 1h, 2h, 4h, 8h*" in lines[0]
    assert lines[1] == "* is supposed, and not published."
    assert sum("/10" in line for line in lines) == 10
    assert "tries again at +15h48m*" in lines[-7]


@pytest.mark.parametrize(("down", "status", "health"), [("2h30m", 0, "Healthy"), ("2h37m", 1, "Disabled")])
def test_how_long_an_outage_may_be_is_in_the_exit_status_and_the_health(wink, down, status, health):
    result = wink("emulate", "securecodinghub", "--down", down)

    assert result.exit_code == status
    assert f"Health: {health}\n" in result.stdout


def test_events_that_wait_for_the_switch_are_told_apart_from_lost_ones(wink):
    words = ["--down", "2h37m", "--count", "4", "--rate", "1/h", "--json"]

    told = json.loads(wink("emulate", "securecodinghub", *words).stdout)

    assert told["events"] == {"happened": 4, "delivered": 0, "pending": 2, "lost": 2}
    assert told["endpoint"]["shown_as"] == "Disabled"


def test_events_take_turns_and_happen_at_the_rate(wink):
    words = ["--event", "file_scan.failed", "--event", "blazelock.file_scan.submitted", "--count", "3", "--rate", "2/h"]

    made = attempts(wink("emulate", "blazelock", *words, "--outage", "5h..6h", "--json"))

    kinds = [each["type"].removeprefix("blazelock.file_scan.") for each in made]
    assert (kinds, [each["after"] for each in made]) == (["failed", "submitted", "failed"], ["+0s", "+30m", "+1h"])
    assert len({each["event_id"] for each in made}) == 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["blazelok"], "did you mean 'blazelock'?"),
        (["blazelock", "--event", "file_scan.complete"], "did you mean 'blazelock.file_scan.completed'?"),
        (["blazelock", "--auth", "magic"], "there are signature"),
        (["blazelock", "--to", "http://127.0.0.1:1/x", "--secret", SECRET], "--allow-local sends there all the same"),
        (["blazelock", "--to", "https://a.example/x"], "give what the trigger has"),
        (["aws-sns", "--to", "https://a.example/x"], "only Amazon SNS has the private key that it signs with"),
        (["blazelock", "--to", "nowhere", "--allow-local", "--secret", SECRET], "is no address"),
        (["blazelock", "--secret", "a", "--secret", "b"], "VALUE once"),
        (["blazelock", "--down", "2"], "is no length of time"),
        (["blazelock", "--outage", "2h..1h"], "ends before it begins"),
        (["blazelock", "--speed", "fast"], "or max"),
        (["blazelock", "--speed", "0x"], "or max"),
        (["blazelock", "--rate", "often"], "is no rate"),
    ],
)
def test_what_cannot_be_played_is_told_in_a_sentence(wink, words, told):
    result = wink("emulate", *words)

    assert result.exit_code in {1, 2}
    assert told in result.stderr
    assert "Traceback" not in result.stderr


def test_real_requests_are_signed_as_the_vendor_does_and_start_runs(running, wink):
    shown = trigger(running.engine, name="scans", connector="blazelock", secret=SECRET)
    workflow(running.engine, LOGS.replace("trigger: t", "trigger: scans"), "scans")

    result = wink("emulate", "blazelock", "--to", url_of(running, shown), "--allow-local", "--secret-file", "-",
                  "--count", "3", "--rate", "1/s", input=f"{SECRET}\n")  # fmt: skip

    assert result.exit_code == 0, result.output
    assert "3 events, 3 attempts" in result.stdout
    assert [each.verdict for each in deliveries(running, shown)] == ["accepted"] * 3
    assert SECRET not in result.output


def test_a_wrong_secret_is_tried_to_the_end_and_exits_with_1(running, wink):
    shown = trigger(running.engine, name="training", connector="securecodinghub", secret="whsec_" + "a" * 40)
    words = ["--allow-local", "--secret", "whsec_" + "b" * 40, "--speed", "max", "--json"]

    result = wink("emulate", "securecodinghub", "--to", url_of(running, shown), *words)

    assert result.exit_code == 1
    assert [(each["code"], each["error"]) for each in attempts(result)] == [(401, '{"error":"unauthorized"}')] * 5
    assert json.loads(result.stdout)["endpoint"]["shown_as"] == "Disabled"


def test_a_key_in_the_address_goes_along(running, wink):
    shown = trigger(running.engine, name="findings", connector="detectify")
    key = shown.issued["shared_secret"]

    result = wink("emulate", "detectify", "--to", url_of(running, shown), "--allow-local", "--secret", key)

    assert result.exit_code == 0, result.output


def test_the_key_in_a_full_url_is_the_secret_and_is_not_shown(running, wink):
    shown = trigger(running.engine, name="full-url", connector="detectify")
    key = shown.issued["shared_secret"]

    result = wink("emulate", "detectify", "--to", f"{url_of(running, shown)}?a=1&apikey={key}", "--allow-local")

    assert result.exit_code == 0, result.output
    assert key not in result.output
    assert deliveries(running, shown)[0].verdict == "accepted"


def test_a_burst_of_110_findings_is_acknowledged_and_accounted_for(running, wink):
    shown = trigger(running.engine, name="burst", connector="detectify")
    words = ["--secret", shown.issued["shared_secret"], "--count", "110", "--rate", "55/s", "--speed", "1x", "--json"]

    result = wink("emulate", "detectify", "--to", url_of(running, shown), "--allow-local", *words)

    assert result.exit_code == 0, result.output
    assert [each.verdict for each in deliveries(running, shown)] == ["accepted"] * 110


def test_during_an_outage_nothing_arrives_and_waits_are_as_much_shorter_as_said(running, wink):
    shown = trigger(running.engine, name="outage", connector="blazelock", secret=SECRET)
    words = ["--allow-local", "--secret", SECRET, "--down", "90s", "--speed", "1200x", "--json"]
    began = time.monotonic()

    result = wink("emulate", "blazelock", "--to", url_of(running, shown), *words)

    assert [each["code"] for each in attempts(result)] == [None, None, 202]
    assert len(deliveries(running, shown)) == 1
    assert time.monotonic() - began > 180 / 1200


def test_an_address_where_nobody_listens_is_told_as_the_vendor_meets_it(wink):
    words = ["--allow-local", "--secret", "x" * 40, "--speed", "max", "--json"]

    result = wink("emulate", "bearer-scan", "--to", "http://127.0.0.1:9/webhooks/x", *words)

    assert result.exit_code == 1
    assert [each["error"] for each in attempts(result)] == ["connection refused"]


def test_what_the_receiver_says_cannot_steer_the_terminal(wink, monkeypatch):
    monkeypatch.setattr("engine.cli.emulate.over_http", lambda _: lambda _: Heard(500, "\x1b[31mred\nline"))

    result = wink("emulate", "bearer-scan", "--to", "https://a.example/x", "--secret", "x" * 40)

    assert "\x1b" not in result.stdout
    assert "red line" in result.stdout


def test_what_was_refused_is_shown_with_when_the_vendor_tries_again(running, served):
    shown = trigger(running.engine, name="again", connector="securecodinghub", secret="whsec_" + "a" * 40)
    words = ["--allow-local", "--secret", "whsec_" + "b" * 40, "--speed", "max"]
    served("emulate", "securecodinghub", "--to", url_of(running, shown), *words)

    last, *_, first = (served("deliveries", "show", each.id).stdout for each in deliveries(running, shown))

    assert "SecureCodingHub, attempt 1 of 5; the next: 20" in first
    assert "SecureCodingHub, attempt 5 of 5, the last. After five attempts the endpoint is disabled" in last


@pytest.mark.parametrize(("vendor", "unknown"), [("github", False), ("gitea", True)])
def test_retries_are_called_unknown_only_where_nothing_is_known_of_them(wink, vendor, unknown):
    told = wink("emulate", vendor).output

    assert ("Whether it tries again is not known" in told) is unknown

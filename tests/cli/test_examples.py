import json

import pytest

from engine.cli.examples import EXAMPLES, make_examples

#: What a workflow sends when its trigger gets a delivery: the path and a part of the body.
SENT = {
    ("blink-alerts", None): [("/alerts", "Login page is slow")],
    ("detectify-findings", None): [("/tickets", "SQL Injection on app.example.com"), ("/chat", "Ticket SINK-")],
    ("blazelock-scans", "blazelock.file_scan.completed"): [("/files/scan_41/quarantine", "invoice.pdf")],
    ("blazelock-scans", "blazelock.file_scan.failed"): [("/files/scan_41/scans", "could not be read")],
    ("bearer-scans", None): [("/scans/abc123", '"threats":0')],
    ("securecodinghub-training", "securecodinghub.certificate.issued"): [
        ("/training/certificates/SCH-2026-0009", "Injection")
    ],
    ("securecodinghub-training", "securecodinghub.assignment.completed"): [("/chat", "Ada Lovelace")],
}


@pytest.mark.parametrize(("trigger", "event"), SENT)
def test_an_example_is_sent_proven_run_and_seen_in_the_sink(served, running, trigger, event):
    result = served("send", trigger, "--json", *(["--event", event] if event else []))

    assert result.exit_code == 0
    run = json.loads(result.stdout)["runs"][0]
    assert run["outcome"] == "succeeded"
    arrived = [arrival for arrival in running.sink.arrivals if arrival.idempotency_key.startswith(run["id"])]
    assert [arrival.path for arrival in arrived] == [path for path, _ in SENT[trigger, event]]
    assert all(part in arrival.body for arrival, (_, part) in zip(arrived, SENT[trigger, event], strict=True))


def test_each_threat_of_a_scan_gets_its_message(served, running, home):
    scan = {"scanId": "s1", "status": "completed", "timestamp": "2026-01-02T03:04:05Z"}
    scan["results"] = {"threatsFound": 2, "details": [{"file": "a.exe"}, {"file": "b.exe"}]}
    (home / "scan.json").write_text(json.dumps(scan))

    result = served("send", "bearer-scans", "-f", "scan.json", "--json")

    run = json.loads(result.stdout)["runs"][0]["id"]
    arrived = [arrival for arrival in running.sink.arrivals if arrival.idempotency_key.startswith(run)]
    assert sorted(arrival.path for arrival in arrived) == ["/chat", "/chat", "/scans/s1"]
    assert all(any(name in arrival.body for arrival in arrived) for name in ("a.exe", "b.exe"))


def test_an_example_with_the_key_in_its_address_comes_first():
    assert EXAMPLES[0].connector == "blink"


def test_making_the_examples_again_makes_nothing(running):
    assert make_examples(running.engine) == []

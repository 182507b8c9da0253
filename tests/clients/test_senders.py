"""Programs that really send webhooks, as they are, to a running Wink."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen

import pytest

from engine.authentication.request import Inbound
from engine.clock import rfc3339
from tests.clients.entries import ALERTMANAGER, Entry, Peer, entries
from tests.serving import Trigger, Wink, eventually, free_port
from tests.wire import JSON, send

CONFIGURATION = """
route: {{receiver: wink, group_by: [alertname], group_wait: 100ms, group_interval: 1s, repeat_interval: 1h}}
receivers:
  - name: wink
    webhook_configs:
      - {{url: "{url}", send_resolved: true, http_config: {{authorization: {{type: Bearer, credentials: "{key}"}}}}}}
"""


@pytest.fixture
def trigger(wink: Wink, entry: Entry) -> Trigger:
    return wink.trigger(connector=entry.connector, auth=entry.way)


@pytest.fixture
def alertmanager(trigger: Trigger, tmp_path: Path) -> Iterator[str]:
    """Run Debian's Prometheus Alertmanager, which sends to the trigger, and return its address."""
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if program is None:
        pytest.skip("prometheus-alertmanager: not on this machine; apt-get install prometheus-alertmanager")
    config, address = tmp_path / "alertmanager.yml", f"127.0.0.1:{free_port()}"
    config.write_text(CONFIGURATION.format(url=trigger.base_url, key=trigger.api_key))
    words = ["--cluster.listen-address=", f"--web.listen-address={address}", f"--config.file={config}"]
    with Popen(
        [program, *words, f"--storage.path={tmp_path}"], stdin=DEVNULL, stdout=DEVNULL, stderr=STDOUT
    ) as process:
        yield f"http://{address}"
        process.terminate()


def deliveries(wink: Wink, trigger: Trigger, at_least: int = 1) -> list[Mapping[str, object]]:
    """Return what the ledger says of a trigger's deliveries, oldest first, once there are as many."""

    def arrived():
        found = wink.get(f"/deliveries?trigger={trigger.name}")["items"]
        return found if len(found) >= at_least else None

    return [wink.delivery(each["id"]) for each in reversed(eventually(arrived))]


@pytest.mark.parametrize("entry", [ALERTMANAGER], ids=str)
def test_alertmanager_tells_of_an_alert_and_of_its_end(
    wink: Wink, trigger: Trigger, alertmanager: str, entry: Entry
) -> None:
    alert = {"labels": {"alertname": "DiskFull", "severity": "page"}, "annotations": {"summary": "Zürich is full"}}
    eventually(lambda: is_up(alertmanager))

    send(f"{alertmanager}/api/v2/alerts", json.dumps([alert]).encode(), [JSON])
    deliveries(wink, trigger)
    over = {**alert, "endsAt": rfc3339(datetime.now(UTC) - timedelta(seconds=1))}
    send(f"{alertmanager}/api/v2/alerts", json.dumps([over]).encode(), [JSON])
    sent = deliveries(wink, trigger, at_least=2)

    assert [delivery["verdict"] for delivery in sent] == ["accepted", "accepted"]
    firing, resolved = (wink.get(f"/events/{delivery['events'][0]}") for delivery in sent)
    assert (firing["type"], resolved["type"]) == ("alertmanager.firing", "alertmanager.resolved")
    assert firing["data"]["alert"]["annotations"] == {"summary": "Zürich is full"}


def is_up(address: str) -> bool:
    try:
        return send(f"{address}/-/ready", b"", method="GET").status == 200
    except OSError:
        return False


@pytest.mark.parametrize("entry", entries("posts"), ids=str)
def test_apprise_sends_json_a_form_and_xml(
    wink: Wink, trigger: Trigger, peers: Mapping[str, Peer], entry: Entry
) -> None:
    said = peers["PyPI"].ask(entry, bare(trigger.base_url), {"api_key": trigger.api_key})

    assert said.ok, said.why
    sent = deliveries(wink, trigger)
    assert [delivery["verdict"] for delivery in sent] == ["accepted"] * 3
    by_json, by_form, by_xml = (wink.get(f"/events/{delivery['events'][0]}")["data"] for delivery in sent)
    assert by_json["message"] == by_form["message"] == "Disk is full"
    assert re.search("<Message>Disk is full</Message>", by_xml)


@pytest.mark.parametrize("entry", entries("posts"), ids=str)
def test_apprise_is_refused_with_another_key(
    wink: Wink, trigger: Trigger, peers: Mapping[str, Peer], entry: Entry
) -> None:
    said = peers["PyPI"].ask(entry, bare(trigger.base_url), {"api_key": "another"})

    assert not said.ok
    assert {delivery["reason"] for delivery in deliveries(wink, trigger)} == {"wrong_proof"}


def bare(url: str) -> Inbound:
    return Inbound("POST", url, "", "", {}, b"", "127.0.0.1", datetime.now(UTC))

"""Behind the proxy of compose.yaml, each that receives can be replaced, and a sender hardly notices.

A connection that the kernel has taken when a Wink stops ends without an answer: the proxy says 502 then, once for each
of those who send at that moment, and they send it again.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from subprocess import STDOUT, Popen

import pytest

from tests.brokers import broker_of
from tests.cluster.conftest import Cluster
from tests.deploy.files import ROOT
from tests.deploy.sender import sending
from tests.serving import Wink, eventually, free_port
from tests.wire import PATIENCE, exchange, request

pytestmark = pytest.mark.skipif(which("caddy") is None, reason="there is no caddy")

STEPS = "  - {id: log, uses: core.log, with: {message: hello}}\n"


@contextmanager
def _proxy(folder: Path, *behind: Wink) -> Iterator[int]:
    """Give the port of the proxy in front of them."""
    port = free_port()
    variables = {"SITE": f"http://:{port}", "UPSTREAMS": " ".join(f"127.0.0.1:{each.port}" for each in behind)}
    # Its own door for an administrator has a port that others may have taken; and a start takes long on a busy machine.
    text = (ROOT / "deploy/Caddyfile").read_text().replace("lb_try_duration 10s", f"lb_try_duration {PATIENCE:.0f}s")
    file = folder / "Caddyfile"
    file.write_text("{\n\tadmin off\n}\n" + text)
    words = ["caddy", "run", "--adapter", "caddyfile", "--config", str(file)]
    environ = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), **variables}
    with (folder / "caddy.log").open("ab") as log, Popen(words, env=environ, stdout=log, stderr=STDOUT) as process:
        try:
            eventually(lambda: _answers(port))
            yield port
        finally:
            process.kill()


def _answers(port: int) -> bool:
    try:
        return exchange(port, request("GET", "/healthz")).status == 200
    except OSError:
        return False


@pytest.fixture
def cluster(tmp_path, postgresql_url, broker_url) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path / "first", postgresql_url, broker_url)
    with broker_of(broker_url, cluster.lines().deployment):
        cluster.serve.start()
        yield cluster
        cluster.serve.kill()
        for hand in cluster.workers:
            hand.kill()


def test_one_after_the_other(cluster, tmp_path):
    first, second = cluster.serve, Wink(tmp_path / "second", cluster.serve.settings)
    cluster.worker()
    trigger = first.trigger()
    first.workflow(trigger, STEPS)
    second.start()
    try:
        with _proxy(tmp_path, first, second) as port:
            with sending(port, f"{trigger.target}?apikey={trigger.api_key}") as sender:
                for each in (first, second):
                    sender.goes_on()
                    assert each.stop() == 0
                    sender.goes_on()
                    each.start()
            closed = [exchange(port, request("GET", path)).status for path in ("/metrics", "/readyz")]

        assert closed == [404, 404]
        assert len(sender.again) <= 2
        assert all(told == (502, b"") for told in sender.again)
        assert all(len(first.event(event)["runs"]) == 1 for event in sender.events)
    finally:
        second.kill()


def test_a_single_one_is_waited_for(cluster, tmp_path):
    only, trigger = cluster.serve, cluster.serve.trigger()
    with _proxy(tmp_path, only) as port, sending(port, f"{trigger.target}?apikey={trigger.api_key}") as sender:
        sender.goes_on()
        assert only.stop() == 0
        only.start()
        sender.goes_on()

    assert len(sender.again) <= 1
    assert all(told == (502, b"") for told in sender.again)

"""``wink serve`` as a process of its own, as a person starts it."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import takewhile
from pathlib import Path
from subprocess import PIPE
from urllib.request import Request, urlopen

import pytest

from engine.cli.serve import tell_mistakes
from engine.cli.welcome import LAST_LINE, welcome
from engine.errors import AddressTaken, StoreUnavailable
from engine.published import Published
from tests.engines import running
from web.built import read_manifest
from web.sink import PORT, open_sink

ROOT = Path(__file__).parents[2]
WINK = [sys.executable, "-c", "from engine.cli import main; main(prog_name='wink')"]

SLOW = """
name: Slow
on: {trigger: orders}
steps:
  - uses: core.wait
    with: {for: 1h}
"""

#: Seconds for a start or a stop on a machine that does other things too.
PATIENCE = 60


@dataclass
class Served:
    """A process that serves."""

    process: subprocess.Popen[str]
    home: Path
    #: What it said when it served.
    welcome: str

    def wink(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command beside it."""
        return run(self.home, *words)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WINK_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*WINK, *words], cwd=home, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def free_port() -> int:
    with open_sink(0) as sink:
        return sink.port


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Return what starts a server and waits until it has said that it serves; all are gone after the test."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> Served:
        command = [*WINK, "serve", "--port", str(free_port()), *words]
        process = subprocess.Popen(command, cwd=tmp_path, env=environment(), stdout=PIPE, stderr=PIPE, text=True)
        started.append(process)
        welcome = "".join(takewhile(lambda line: line.strip() != LAST_LINE, process.stdout))
        assert welcome, process.stderr.read()
        return Served(process, tmp_path, welcome)

    yield start
    for process in started:
        process.kill()
        process.wait(PATIENCE)
        process.stdout.close()
        process.stderr.close()


@pytest.fixture
def examples(tmp_path: Path) -> None:
    """Have the examples in the folder, and their sink's port for us."""
    try:
        with open_sink(PORT):
            shutil.copytree(ROOT / "workflows", tmp_path / "workflows")
    except AddressTaken as error:
        pytest.skip(str(error))


def test_a_first_start_says_how_to_start_a_run_and_the_run_succeeds(serve, examples):
    served = serve()
    _, address, _, header, _, body = shlex.split(re.search("curl .*", served.welcome)[0])

    with urlopen(Request(address, body.encode(), dict([header.split(": ")]))) as answer:  # noqa: S310 - our own
        assert answer.status == 202

    assert "succeeded" in served.wink("send", "blink-alerts").stdout
    assert served.wink("runs", "list").stdout.count("blink-forward") == 2
    assert served.stop() == 0


def test_a_later_start_does_not_show_the_key_again(serve, examples):
    serve().stop()

    served = serve()

    assert "apikey" not in served.welcome
    assert "send blink-alerts" in served.welcome


def test_nobody_is_warned_of_examples_that_are_not_made(serve, examples):
    served = serve("--no-examples")
    served.stop()

    told = served.process.stderr.read()

    assert "workflow.imported" in told
    assert "warning" not in told


def test_the_administrators_password_is_printed_once_and_nowhere_else(serve):
    first = serve("--no-examples")
    (password,) = re.findall(r"as admin with the password (\S+) \(shown this once", first.welcome)
    users = json.loads(first.wink("users", "list", "--json").stdout)["items"]
    first.stop()

    second = serve("--no-examples")

    assert [(user["name"], user["role"], user["must_change"]) for user in users] == [("admin", "admin", True)]
    assert "/login" in second.welcome
    assert "with the password" not in second.welcome
    assert password not in first.process.stderr.read()


def test_the_password_is_shown_also_when_the_database_goes_away_once_it_is_made(tmp_path, monkeypatch, capsys):
    def fail(_):
        raise StoreUnavailable("the database does not answer")

    with running(tmp_path) as engine:
        monkeypatch.setattr(Published, "_look", fail)
        engine.clock.advance(timedelta(minutes=1))

        welcome(engine, (), "correct horse battery")
        tell_mistakes(engine)

    assert "with the password correct horse battery" in capsys.readouterr().out


def test_the_operators_password_is_not_printed(serve, tmp_path):
    (tmp_path / "wink.toml").write_text('admin_password = "correct horse battery"')

    served = serve("--no-examples")

    assert "with the password" not in served.welcome


def test_a_second_server_on_the_same_folder_refuses_to_start(serve):
    served = serve("--no-examples")

    second = served.wink("serve", "--no-examples", "--port", str(free_port()))

    assert (second.returncode, second.stdout) == (1, "")
    assert re.fullmatch(r"Error: process \d+ uses the data folder .+: stop it first, or .+ --data\n", second.stderr)


def test_a_port_that_is_taken_is_said_in_words(tmp_path):
    with open_sink(0) as other:
        refused = run(tmp_path, "serve", "--no-examples", "--port", str(other.port))

    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"127.0.0.1:{other.port} cannot be listened on (Address already in use)" in refused.stderr


def test_a_sink_that_has_no_port_stops_the_start(tmp_path, examples):
    with open_sink(PORT):
        refused = run(tmp_path, "serve", "--port", str(free_port()))

    assert refused.returncode == 1
    assert "--no-examples" in refused.stderr


def test_a_front_end_that_is_not_built_stops_the_start(wink, monkeypatch, home):
    monkeypatch.setattr("engine.cli.serve.read_manifest", partial(read_manifest, home))

    refused = wink("serve", "--no-examples", "--port", str(free_port()))

    assert refused.exit_code == 1
    assert "dev.py run" in refused.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_waits_is_still_there_after_a_stop(serve, tmp_path, number):
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows/slow.yaml").write_text(SLOW)
    served = serve("--no-examples")
    served.wink("triggers", "create", "orders")
    served.wink("send", "orders", "--wait", "1s")

    status = served.stop(number)

    runs = json.loads(run(tmp_path, "runs", "list", "--json").stdout)["items"]
    assert (status, [each["outcome"] for each in runs]) == (0, ["waiting"])
    assert "serve.stopped" in served.process.stderr.read().splitlines()[-1]


def test_a_server_that_was_killed_leaves_nothing_in_the_way(serve):
    served = serve("--no-examples")
    served.wink("triggers", "create", "orders")
    served.stop(signal.SIGKILL)

    listed = served.wink("triggers", "list")

    assert (listed.returncode, "orders" in listed.stdout) == (0, True)
    assert serve("--no-examples").stop() == 0


def test_keys_are_in_no_log_line(serve):
    served = serve("--no-examples")
    key = json.loads(served.wink("triggers", "create", "orders", "--json").stdout)["api_key"]
    served.wink("send", "orders")

    served.stop()

    logged = served.process.stderr.read()
    assert "trigger.created" in logged
    assert key not in logged

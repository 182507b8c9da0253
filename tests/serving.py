"""A real Wink to test against: the process of ``wink serve`` on a port of the loopback, and its API."""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from socket import socket
from subprocess import STDOUT, CompletedProcess, Popen, run
from threading import Event
from time import monotonic
from typing import TypeVar

from engine.app import secret_key
from engine.settings import Settings
from engine.store import triggers
from engine.store.secrets import cipher_from
from engine.store.setup import change_trigger
from engine.store.store import open_store
from engine.words import UNFINISHED
from tests.wire import PATIENCE, Answer, exchange, request

T = TypeVar("T")

#: Seconds for a process to start or to end: a bound for what hangs beside much else, and no measure of it.
SLOW = 60.0

ROOT = Path(__file__).parents[1]

#: The command, as the script of an installed Wink calls it.
WINK = [sys.executable, "-c", "from engine.cli import main; main(prog_name='wink')"]

#: The administrator token of every server of the tests.
TOKEN = "wink_pat_of_the_tests"

_numbers = count(1)


def eventually(question: Callable[[], T | None], *, within: float = PATIENCE) -> T:
    """Ask again and again until the answer is true, and return it."""
    deadline, pause = monotonic() + within, Event()
    while not (answer := question()):
        assert monotonic() < deadline, f"not within {within} s: {getattr(question, '__name__', question)}"
        pause.wait(0.02)
    return answer


def free_port() -> int:
    with socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger as the API answered when it was made."""

    id: str
    name: str
    state: str
    base_url: str
    full_url: str | None
    #: The secret, whatever its scheme calls it.
    api_key: str | None

    @property
    def target(self) -> str:
        """The base URL without scheme and host."""
        return "/" + self.base_url.split("/", 3)[3]


@dataclass
class Wink:
    """A server that can be started, asked, stopped and killed. Its data folder outlives it."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        """Start it, and return when it answers."""
        (self.folder / "workflows").mkdir(parents=True, exist_ok=True)
        words = ["serve", "--port", str(self.port), "--workflows", str(self.folder / "workflows"), "--no-examples"]
        with (self.folder / "log").open("ab") as log:
            self.process = Popen(
                [*WINK, *words], env=self._environ(), cwd=self.folder, stdout=log, stderr=STDOUT, process_group=0
            )
        eventually(self.is_ready, within=SLOW)

    def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log()
        try:
            return exchange(self.port, request("GET", "/readyz")).status == 200
        except OSError:
            return False

    def kill(self) -> None:
        """End it as a power cut does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> int:
        """Ask it to stop, as an operator does, and return its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=SLOW)

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def command(self, *words: str) -> CompletedProcess[str]:
        """Run a command of ``wink`` on the data folder."""
        return run(
            [*WINK, *words],
            env=self._environ(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def call(self, method: str, path: str, value: object = None, *, text: str | None = None) -> Answer:
        """Call the API; text: a workflow's YAML instead of JSON."""
        body = json.dumps(value).encode() if text is None and value is not None else (text or "").encode()
        kind = "application/json" if text is None else "text/yaml"
        headers = [("Authorization", f"Bearer {TOKEN}"), *([("Content-Type", kind)] if body else [])]
        return exchange(self.port, request(method, f"/api/v1{path}", headers, body))

    def api(self, method: str, path: str, value: object = None, *, text: str | None = None):
        """Call the API and return what it answers; a refusal fails the test."""
        answer = self.call(method, path, value, text=text)
        assert answer.status < 400, (answer.status, answer.body)
        return answer.json() if answer.body else None

    def get(self, path: str):
        return self.api("GET", path)

    def trigger(self, **fields: object) -> Trigger:
        """Make a trigger, with a name of its own unless it is given one."""
        made = self.api("POST", "/triggers", {"name": f"trigger-{next(_numbers)}", **fields})
        return Trigger(**{name: made[name] for name in ("id", "name", "state", "base_url", "full_url", "api_key")})

    def keep(self, trigger: Trigger, values: Mapping[str, str]) -> None:
        """Put values beside a trigger's secrets, as documents that a vendor publishes at an address: past the API."""
        settings = Settings.load({"WINK_DATA": str(self.data)}, self.folder)
        store = open_store(settings.database_url.get_secret_value(), cipher_from(secret_key(settings)))
        row = store.read(triggers.find, trigger.name)._replace(updated_at=datetime.now(UTC))
        store.write(change_trigger, store.cipher, row, {}, values)
        store.close()
        # Whoever changes something looks at once for what others have changed.
        self.trigger()

    def workflow(self, trigger: Trigger, steps: str, *, on: str = "", more: str = "") -> str:
        """Put a workflow for the trigger's events, and return its name; on: further keys of ``on:``, indented."""
        name = f"workflow-{next(_numbers)}"
        text = f"name: {name}\non:\n  trigger: {trigger.name}\n{on}{more}steps:\n{steps}"
        self.api("PUT", f"/workflows/{name}", text=text)
        return name

    def delivery(self, answer: Answer | str):
        """Return what the ledger says of a delivery, by its id or by the answer to it."""
        return self.get(f"/deliveries/{answer if isinstance(answer, str) else answer.json()['delivery']}")

    def last_delivery(self, trigger: Trigger):
        """Return what the ledger says of the newest delivery of a trigger, for answers that do not name theirs."""
        (newest,) = self.get(f"/deliveries?trigger={trigger.name}&limit=1")["items"]
        return self.delivery(newest["id"])

    def event(self, event_id: str):
        """Return an event once its workflows were asked, and every run of it has ended."""

        def settled():
            found = self.get(f"/events/{event_id}")
            ended = found["matched_at"] and all(run["outcome"] not in UNFINISHED for run in found["runs"])
            return found if ended else None

        return eventually(settled)

    def runs(self, answer: Answer) -> Sequence[Mapping[str, object]]:
        """Return the runs that an accepted delivery led to, ended, each with its steps."""
        (event_id,) = answer.json()["events"]
        return [self.get(f"/runs/{run['id']}") for run in self.event(event_id)["runs"]]

    def ledger(self):
        """Return the numbers, which have to add up whenever they are asked for."""
        numbers = self.get("/ledger/check")
        assert numbers["received"] == sum(numbers["verdicts"].values()), numbers
        assert numbers["unaccounted"] == 0, numbers
        return numbers

    def _environ(self) -> dict[str, str]:
        ours = {
            "WINK_API_TOKEN": TOKEN,
            "WINK_DATA": str(self.data),
            "WINK_ALLOW_PRIVATE_ADDRESSES": "127.0.0.1/32",
            "PYTHONPATH": str(ROOT),
            **self.settings,
        }
        return {name: value for name, value in os.environ.items() if not name.startswith("WINK_")} | ours


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Wink]:
    """Serve until the block ends; settings: names without their prefix, in lower case."""
    wink = Wink(folder, {f"WINK_{name.upper()}": value for name, value in settings.items()})
    try:
        wink.start()
        yield wink
    finally:
        wink.kill()

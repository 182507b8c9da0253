"""The entries of the clients, as both languages write them, and the processes that they run in."""

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from select import select
from subprocess import PIPE, Popen
from uuid import uuid4

from engine.authentication.request import Inbound

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

#: An entry is told by its first words, which are the same in Python and in JavaScript.
ENTRY = re.compile(r"^@?(signs|verifies|makes|posts)\(\"([^\"]+)\", \"((?:PyPI|npm) [^\"]+)\"", re.MULTILINE)

#: Seconds for one answer: the first one waits for every package to be loaded.
PATIENCE = 300


@dataclass(frozen=True, slots=True)
class Entry:
    """What a package does for a connector."""

    #: ``signs``, ``verifies``, ``makes`` or ``posts``.
    kind: str
    #: As it is written: ``connector``, ``connector/way`` or ``connector/way/recipe``.
    subject: str
    #: As a manifest names it, ``PyPI stripe``.
    package: str

    @property
    def connector(self) -> str:
        return self.subject.partition("/")[0]

    @property
    def way(self) -> str | None:
        return (self.subject.split("/")[1:] or [None])[0]

    @property
    def recipe(self) -> str | None:
        return (self.subject.split("/")[2:] or [None])[0]

    def __str__(self) -> str:
        return f"{self.subject} {self.kind.removesuffix('s')} {self.package}"


#: A program that sends, by a test of its own.
ALERTMANAGER = Entry("posts", "alertmanager/bearer", "Debian prometheus-alertmanager")


def entries(*kinds: str) -> list[Entry]:
    """Return every entry of these kinds; programs are none."""
    files = [*sorted(HERE.glob("python/*.py")), *sorted(HERE.glob("node/*.mjs"))]
    found = [Entry(*words) for file in files for words in ENTRY.findall(file.read_text())]
    return [entry for entry in found if entry.kind in kinds]


@dataclass(frozen=True, slots=True)
class Said:
    """What an entry answered; why: what the package said, where it refused."""

    ok: bool
    why: str
    answer: Mapping[str, object]

    @property
    def request(self) -> Mapping[str, object]:
        """The signed request."""
        assert self.ok, self.why
        return self.answer["request"]

    @property
    def payloads(self) -> Sequence[Mapping[str, object]]:
        """The whole requests that were made."""
        assert self.ok, self.why
        return self.answer["payloads"]


@dataclass
class Peer:
    """A process with the packages of one language, which answers one question at a time."""

    process: Popen[str]
    #: How many questions were asked.
    asked: int = 0

    def ask(self, entry: Entry, request: Inbound, secrets: Mapping[str, str]) -> Said:
        """Have the entry do its part with the request; ``received_at`` is the time to sign."""
        self.asked += 1
        asked = {
            "number": self.asked,
            "kind": entry.kind,
            "connector": entry.subject,
            "package": entry.package,
            "request": written(request, secrets),
        }
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        answer = self._answer(entry)
        # An answer that came too late for its own question is not taken for the answer to this one.
        while answer["number"] != self.asked:
            answer = self._answer(entry)
        return Said(answer["ok"], answer.get("why", ""), answer)

    def _answer(self, entry: Entry) -> Mapping[str, object]:
        assert select([self.process.stdout], [], [], PATIENCE)[0], f"{entry}: no answer"
        line = self.process.stdout.readline()
        assert line, f"{entry}: the process has ended; why is said above"
        return json.loads(line)


def written(request: Inbound, secrets: Mapping[str, str]) -> Mapping[str, object]:
    return {
        "method": request.method,
        "url": request.url,
        "headers": {name: values[0] for name, values in request.headers.items()},
        "body": base64.b64encode(request.body).decode(),
        "time": int(request.received_at.timestamp()),
        "secrets": dict(secrets),
        "message": f"msg_{uuid4().hex}",
    }


def read(request: Inbound, said: Mapping[str, object]) -> Inbound:
    """Return the request as an entry has changed it."""
    return request._replace(
        method=said["method"],
        url=said["url"],
        query=said["url"].partition("?")[2],
        headers={name: (value,) for name, value in said["headers"].items()},
        body=base64.b64decode(said["body"]),
    )


def started(*command: str) -> Iterator[Peer]:
    """Run a process of clients until the caller is done with it."""
    with Popen([*command], stdin=PIPE, stdout=PIPE, text=True, cwd=HERE) as process:
        yield Peer(process)
        process.stdin.close()

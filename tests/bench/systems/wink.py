"""Wink: triggers that only receive, and others whose workflows do the work. Embedded here: one process on SQLite."""

import base64
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from engine import __version__
from tests.bench.children import BenchError, Launch
from tests.bench.client import give
from tests.bench.request import Target, answers, call, new_run
from tests.bench.sink import ID_HEADER
from tests.bench.systems.system import Given, Place

_TOKEN = "wink_pat_of_the_benchmark"

#: Connections over which findings are handed over that are to become runs.
_GIVING = 16

_WORKFLOW = """\
name: Benchmark
on:
  trigger: work
  if: event.data.finding.severity in ['critical', 'high']
steps:
  - id: ticket
    uses: core.set
    with: {values: {title: "${{ event.data.finding.title }} on ${{ event.data.asset.host }}"}}
  - id: notice
    uses: core.set
    with: {values: {text: "${{ steps.ticket.output.title }}: ${{ event.data.finding.url }}"}}
  - id: post
    uses: http.post
    with:
      url: SINK
      headers: {ID_HEADER: "${{ event.data.id }}"}
      json: {title: "${{ steps.ticket.output.title }}", text: "${{ steps.notice.output.text }}"}
"""


#: Five steps, each of which is in the journal and takes from the one before.
_FIVE = """\
name: Five steps
on: {trigger: five}
steps:
  - id: title
    uses: core.set
    with: {values: {text: "${{ event.data.finding.title }} on ${{ event.data.asset.host }}"}}
  - id: link
    uses: core.set
    with: {values: {text: "${{ steps.title.output.text }}: ${{ event.data.finding.url }}"}}
  - id: owner
    uses: core.set
    with: {values: {text: "${{ steps.link.output.text }}, for ${{ event.data.asset.owner }}"}}
  - id: grade
    uses: core.set
    with: {values: {text: "${{ event.data.finding.severity }}: ${{ steps.owner.output.text }}"}}
  - id: notice
    uses: core.set
    with: {values: {text: "${{ steps.grade.output.text }}, from ${{ event.data.scan.profile }}"}}
"""

#: Work that takes long: three steps for each pair of the twelve references.
_HEAVY = """\
name: Heavy
on: {trigger: heavy}
steps:
  - for_each: ${{ event.data.finding.references }}
    as: one
    steps:
      - for_each: ${{ event.data.finding.references }}
        as: other
        steps:
          - {uses: core.set, with: {values: {text: "${{ one }} on ${{ event.data.asset.host }}"}}}
          - {uses: core.set, with: {values: {text: "${{ other }} on ${{ event.data.asset.host }}"}}}
          - {uses: core.set, with: {values: {text: "${{ one }} and ${{ other }}"}}}
"""


@dataclass(frozen=True, slots=True)
class Wink:
    """This checkout.

    settings: what it is started with beside the usual; services: names of processes that work for it and that are
    there already; workers: so many processes of ``wink worker``; ways: ``api_key``, ``signature``, by which its
    receiving is measured.
    """

    name: str
    settings: Mapping[str, str] = field(default_factory=dict)
    services: Sequence[str] = ()
    workers: int = 0
    ways: Sequence[str] = ()
    health: str = "/healthz"

    @property
    def database(self) -> str:
        """Return the address of the PostgreSQL that it was given."""
        return self.settings["WINK_DATABASE_URL"]

    def is_up(self, place: Place) -> bool:
        """Tell whether it answers."""
        return answers(place.port, self.health)

    def launch(self, place: Place) -> Sequence[Launch]:
        """Return how it is started, on a database in its folder if no other is set."""
        program = str(Path(sys.executable).with_name("wink"))
        workflows = str(place.folder / "workflows")
        options = ["--workflows", workflows, "--port", str(place.port), "--no-examples"]
        usual = {"WINK_API_TOKEN": _TOKEN, "WINK_ALLOW_PRIVATE_ADDRESSES": "127.0.0.1/32"}
        settings = {"WINK_DATA": str(place.folder / "data"), **usual, **self.settings}
        workers = [
            Launch([program, "worker"], settings | {"WINK_DATA": str(place.folder / f"worker-{number}")})
            for number in range(self.workers)
        ]
        return [Launch([program, "serve", *options], settings), *workers]

    def open(self, place: Place) -> Target:
        """Make the trigger that the workflow waits for, and the workflow."""
        text = _WORKFLOW.replace("SINK", place.sink).replace("ID_HEADER", ID_HEADER)
        return _working(place, "work", text)

    def open_runs(self, place: Place) -> Callable[[int], Given]:
        """Make a trigger and a workflow of five journalled steps, and return what hands over so many findings."""
        target = _working(place, "five", _FIVE)

        def hand_over(number: int) -> Given:
            began = time.time_ns() // 1000
            taken = give(target, run=new_run(), connections=_GIVING, number=number)
            if len(taken) < number:
                raise BenchError(f"{self.name} took {len(taken)} of {number} findings")
            return Given(began)

        return hand_over

    def open_heavy(self, place: Place) -> Target:
        """Make a trigger and a workflow that keeps whoever runs it busy."""
        return _working(place, "heavy", _HEAVY)

    def receivers(self, place: Place) -> Mapping[str, Target]:
        """Make a trigger for each way, which no workflow waits for."""
        make = {"api_key": ("API key", _by_key), "signature": ("HMAC-SHA256", _signed)}
        return {f"{self.name}, {make[way][0]}": make[way][1](place, f"by-{way.replace('_', '-')}") for way in self.ways}

    def has_runs(self, place: Place) -> bool:
        """Tell whether any run was begun."""
        return bool(_api(place, "GET /api/v1/runs?limit=1")["items"])

    def has_backlog(self, place: Place) -> bool:
        """Tell whether there are heavy findings that no workflow was asked about, or whose runs have not ended."""
        asked = ("events?trigger=heavy&matched=false", "runs?outcome=queued", "runs?outcome=running")
        return any(_api(place, f"GET /api/v1/{each}&limit=1")["items"] for each in asked)


@contextmanager
def embedded(*, ways: Sequence[str] = ("api_key", "signature")) -> Iterator[Wink]:
    """Yield Wink as it starts without any settings."""
    yield Wink(f"Wink {__version__} embedded", ways=ways)


def _working(place: Place, name: str, text: str) -> Target:
    target = _by_key(place, name)
    _api(place, f"PUT /api/v1/workflows/{name}", text.encode(), kind="text/yaml")
    return target


def _by_key(place: Place, name: str) -> Target:
    trigger = _trigger(place, name=name, auth="api_key")
    return Target(place.port, _path(trigger), {"X-API-Key": trigger["api_key"]})


def _signed(place: Place, name: str) -> Target:
    trigger = _trigger(place, name=name, auth="signature")
    key = base64.b64decode(trigger["api_key"].removeprefix("whsec_"))
    return Target(place.port, _path(trigger), key=key)


def _path(trigger: Mapping[str, str]) -> str:
    return "/webhooks/" + trigger["base_url"].rpartition("/")[2]


def _trigger(place: Place, **fields: str) -> Mapping[str, str]:
    answer = _api(place, "POST /api/v1/triggers", json.dumps(fields).encode())
    return {name: str(value) for name, value in answer.items()}


def _api(place: Place, line: str, body: bytes = b"", *, kind: str = "application/json") -> Mapping[str, object]:
    status, answer = call(place.port, line, body, authorization=f"Bearer {_TOKEN}", content_type=kind)
    if status >= 300 or not isinstance(answer, dict):
        raise BenchError(f"{line} was answered with {status}: {answer}")
    return answer

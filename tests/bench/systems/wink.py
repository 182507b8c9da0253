"""Wink: two triggers that only receive, and one whose workflow does the work."""

import base64
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from engine import __version__
from tests.bench.children import BenchError, Launch
from tests.bench.request import Target, call
from tests.bench.sink import ID_HEADER
from tests.bench.systems.system import Place

_TOKEN = "wink_pat_of_the_benchmark"

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


class Wink:
    """This checkout."""

    name = f"Wink {__version__}"
    health = "/healthz"

    def launch(self, place: Place) -> Launch:
        """Return how it is started on a database in its folder."""
        data, port = place.folder / "data", str(place.port)
        program = str(Path(sys.executable).with_name("wink"))
        workflows = str(place.folder / "workflows")
        options = ["--data", str(data), "--workflows", workflows, "--port", port, "--no-examples"]
        settings = {"WINK_API_TOKEN": _TOKEN, "WINK_ALLOW_PRIVATE_ADDRESSES": "127.0.0.1/32"}
        return Launch([program, "serve", *options], settings)

    def open(self, place: Place) -> Target:
        """Make the trigger that the workflow waits for, and the workflow."""
        target = _by_key(place, "work")
        text = _WORKFLOW.replace("SINK", place.sink).replace("ID_HEADER", ID_HEADER)
        _api(place, "PUT /api/v1/workflows/bench", text.encode(), kind="text/yaml")
        return target

    def receivers(self, place: Place) -> Mapping[str, Target]:
        """Make a trigger by API key and one by signature, which no workflow waits for."""
        return {"Wink receiving, API key": _by_key(place, "by-key"), "Wink receiving, HMAC-SHA256": _signed(place)}


def _by_key(place: Place, name: str) -> Target:
    trigger = _trigger(place, name=name, auth="api_key")
    return Target(place.port, _path(trigger), {"X-API-Key": trigger["api_key"]})


def _signed(place: Place) -> Target:
    trigger = _trigger(place, name="signed", auth="signature")
    key = base64.b64decode(trigger["api_key"].removeprefix("whsec_"))
    return Target(place.port, _path(trigger), key=key)


def _path(trigger: Mapping[str, str]) -> str:
    return "/webhooks/" + trigger["base_url"].rpartition("/")[2]


def _trigger(place: Place, **fields: str) -> Mapping[str, str]:
    answer = _api(place, "POST /api/v1/triggers", json.dumps(fields).encode())
    return {name: str(value) for name, value in answer.items()}


def _api(place: Place, line: str, body: bytes, *, kind: str = "application/json") -> Mapping[str, object]:
    status, answer = call(place.port, line, body, authorization=f"Bearer {_TOKEN}", content_type=kind)
    if status >= 300 or not isinstance(answer, dict):
        raise BenchError(f"{line} was answered with {status}: {answer}")
    return answer

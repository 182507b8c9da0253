"""Node-RED with a flow of the same work: webhook in, a condition, two set nodes, a POST."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.bench.children import Launch
from tests.bench.request import Target
from tests.bench.sink import ID_HEADER
from tests.bench.systems.node import ENVIRONMENT, install
from tests.bench.systems.system import Place

_VERSION = "5.0.7"

_SETTINGS = """
module.exports = {uiHost: "127.0.0.1", telemetry: {enabled: false}, logging: {console: {level: "warn"}}};
"""


@contextmanager
def node_red() -> Iterator["NodeRed"]:
    """Install Node-RED where that has not been done, and yield it.

    Raises:
        BenchError: it will not install.
    """
    yield NodeRed(install(f"node-red@{_VERSION}"))


class NodeRed:
    """Node-RED, with the nodes that it ships."""

    name = f"Node-RED {_VERSION}"
    health = "/"
    services: Sequence[str] = ()

    def __init__(self, package: Path) -> None:
        self._package = package

    def launch(self, place: Place) -> Sequence[Launch]:
        """Write settings and flow, and return how it is started on them."""
        (place.folder / "settings.js").write_text(_SETTINGS)
        (place.folder / "flows.json").write_text(json.dumps(_flow(place.sink)))
        options = ["--userDir", str(place.folder), "--port", str(place.port), "flows.json"]
        return [Launch(["node", str(self._package / "red.js"), *options], ENVIRONMENT)]

    def open(self, place: Place) -> Target:
        """Return the address of the flow."""
        return Target(place.port, "/findings")

    def receivers(self, place: Place) -> Mapping[str, Target]:
        """Return nothing: it keeps no events that it could receive and do no more with."""
        return {}


def _flow(sink: str) -> list[dict[str, object]]:
    grave = [{"t": "eq", "v": word, "vt": "str"} for word in ("critical", "high")]
    ticket = "{{{payload.finding.title}}} on {{{payload.asset.host}}}"
    notice = "{{{ticket}}}: {{{payload.finding.url}}}"
    # The headers that came in would go out again; the body is built without JSONata, which is slow.
    parts = {"id": "payload.id", "payload": "{}", "payload.title": "ticket", "payload.text": "notice"}
    body = [{"t": "delete", "p": "headers", "pt": "msg"}, *(_set(*part) for part in parts.items())]
    header = {"keyType": "other", "keyValue": ID_HEADER, "valueType": "msg", "valueValue": "id"}
    keep_alive = {"persist": True, "senderr": False, "ret": "txt"}
    return [
        {"id": "tab", "type": "tab", "label": "Benchmark"},
        _node("in", "http in", ["answer", "if"], url="/findings", method="post"),
        _node("answer", "http response", [], statusCode="202"),
        _node("if", "switch", ["ticket", "ticket"], property="payload.finding.severity", rules=grave, outputs=2),
        _node("ticket", "template", ["notice"], field="ticket", template=ticket),
        _node("notice", "template", ["body"], field="notice", template=notice),
        _node("body", "change", ["post"], rules=body),
        _node("post", "http request", [], method="POST", url=sink, headers=[header], **keep_alive),
    ]


def _node(name: str, kind: str, wires: list[str], **properties: object) -> dict[str, object]:
    # A switch has an output for each rule; every other node has one, whose wires may be several.
    outputs = [[wire] for wire in wires] if kind == "switch" else [wires]
    # Without a place on the page it would be taken for configuration.
    return {"id": name, "type": kind, "z": "tab", "x": 0, "y": 0, "wires": outputs, **properties}


def _set(name: str, value: str) -> dict[str, str]:
    return {"t": "set", "p": name, "pt": "msg", "to": value, "tot": "json" if value == "{}" else "msg"}

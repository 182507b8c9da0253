"""n8n with a workflow of the same work, in the setting that was fastest: legacy expressions, no finished runs kept."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from tests.bench.children import BenchError, Launch
from tests.bench.request import Target
from tests.bench.sink import ID_HEADER
from tests.bench.systems.node import ENVIRONMENT, install
from tests.bench.systems.system import Place

_VERSION = "2.41.1"

#: Later versions of what it depends on ask for packages that npm does not have.
_UNTIL = "2026-10-01"

_ID = "benchmark"

_SETTINGS = {
    "N8N_DIAGNOSTICS_ENABLED": "false",
    "N8N_VERSION_NOTIFICATIONS_ENABLED": "false",
    "N8N_TEMPLATES_ENABLED": "false",
    "N8N_LISTEN_ADDRESS": "127.0.0.1",
    "N8N_LOG_LEVEL": "warn",
    "N8N_EXPRESSION_ENGINE": "legacy",
    "EXECUTIONS_DATA_SAVE_ON_SUCCESS": "none",
    "EXECUTIONS_DATA_SAVE_ON_PROGRESS": "false",
}


@contextmanager
def n8n() -> Iterator["N8n"]:
    """Install n8n where that has not been done, and yield it.

    Raises:
        BenchError: it will not install.
    """
    yield N8n(install(f"n8n@{_VERSION}", until=_UNTIL, compiled="sqlite3"))


class N8n:
    """n8n in one process, on SQLite."""

    name = f"n8n {_VERSION}"
    health = "/healthz/readiness"
    services: Sequence[str] = ()

    def __init__(self, package: Path) -> None:
        self._command = ["node", str(package / "bin" / "n8n")]

    def launch(self, place: Place) -> Sequence[Launch]:
        """Import and publish the workflow, which n8n has to be stopped for; return how it is started."""
        environment = {**ENVIRONMENT, **_SETTINGS, "N8N_PORT": str(place.port), "N8N_USER_FOLDER": str(place.folder)}
        file = place.folder / "workflow.json"
        if not file.exists():
            file.write_text(json.dumps(_workflow(place.sink)))
            for words in (["import:workflow", f"--input={file}"], ["publish:workflow", f"--id={_ID}"]):
                self._call(words, environment)
        return [Launch([*self._command, "start"], environment)]

    def open(self, place: Place) -> Target:
        """Return the address of the workflow."""
        return Target(place.port, "/webhook/findings")

    def receivers(self, place: Place) -> Mapping[str, Target]:
        """Return nothing: it keeps no events that it could receive and do no more with."""
        return {}

    def _call(self, words: list[str], environment: Mapping[str, str]) -> None:
        command = [*self._command, *words]
        ended = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise BenchError(f"n8n {words[0]}: {(ended.stderr or ended.stdout).strip()[-200:]}")


def _workflow(sink: str) -> dict[str, object]:
    names = ["in", "if", "ticket", "notice", "post"]
    nodes = [
        _node("in", "webhook", 2, {"httpMethod": "POST", "path": "findings", "responseMode": "onReceived"}),
        _node("if", "if", 2.2, {"conditions": _GRAVE}),
        _node("ticket", "set", 3.4, _set("title", "{{ $json.body.finding.title }} on {{ $json.body.asset.host }}")),
        _node("notice", "set", 3.4, _set("text", "{{ $json.title }}: {{ $('in').item.json.body.finding.url }}")),
        _node("post", "httpRequest", 4.2, _post(sink)),
    ]
    links = {name: {"main": [[{"node": then, "type": "main", "index": 0}]]} for name, then in pairwise(names)}
    return {"id": _ID, "name": "Benchmark", "nodes": nodes, "connections": links, "settings": {}, "active": False}


def _severity(word: str) -> dict[str, object]:
    operator = {"type": "string", "operation": "equals"}
    return {"id": word, "leftValue": "={{ $json.body.finding.severity }}", "rightValue": word, "operator": operator}


_GRAVE = {
    "options": {"caseSensitive": True, "typeValidation": "loose", "version": 2},
    "conditions": [_severity("critical"), _severity("high")],
    "combinator": "or",
}


def _node(name: str, kind: str, version: float, parameters: Mapping[str, object]) -> dict[str, object]:
    where = {"position": [0, 0], "webhookId": "findings"} if kind == "webhook" else {"position": [0, 0]}
    kind = f"n8n-nodes-base.{kind}"
    return {"id": name, "name": name, "type": kind, "typeVersion": version, "parameters": parameters, **where}


def _set(name: str, template: str) -> dict[str, object]:
    assignment = {"id": name, "name": name, "type": "string", "value": f"={template}"}
    return {"assignments": {"assignments": [assignment]}, "includeOtherFields": True, "options": {}}


def _post(sink: str) -> dict[str, object]:
    headers = [{"name": ID_HEADER, "value": "={{ $('in').item.json.body.id }}"}]
    return {
        "method": "POST",
        "url": sink,
        "sendHeaders": True,
        "headerParameters": {"parameters": headers},
        "sendBody": True,
        "specifyBody": "json",
        "jsonBody": "={{ JSON.stringify({title: $json.title, text: $json.text}) }}",
        "options": {},
    }

"""adnanh/webhook: a rule, and a command for each finding that calls the sink by curl."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from tests.bench.children import BenchError, Launch
from tests.bench.request import Target
from tests.bench.sink import ID_HEADER
from tests.bench.systems.system import Place

_SCRIPT = f"""#!/bin/sh
ticket="$2 on $3"
notice="$ticket: $4"
exec curl --silent --output /dev/null --header "{ID_HEADER}: $1" --header 'Content-Type: application/json' \\
    --data "{{\\"title\\": \\"$ticket\\", \\"text\\": \\"$notice\\"}}" SINK
"""

_ARGUMENTS = ("id", "finding.title", "asset.host", "finding.url")


@contextmanager
def webhook() -> Iterator["Webhook"]:
    """Find the installed program, and yield it.

    Raises:
        BenchError: it or curl is not installed.
    """
    program = shutil.which("webhook")
    if program is None or shutil.which("curl") is None:
        raise BenchError("not installed: apt-get install webhook curl")
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=True)
    yield Webhook(program, said.stdout.split()[-1])


class Webhook:
    """The program as Debian packages it."""

    health = "/"
    services: Sequence[str] = ()

    def __init__(self, program: str, version: str) -> None:
        self._program = program
        self.name = f"adnanh/webhook {version}"

    def launch(self, place: Place) -> Sequence[Launch]:
        """Write the rule and the command, and return how it is started on them."""
        script, hooks = place.folder / "post.sh", place.folder / "hooks.json"
        script.write_text(_SCRIPT.replace("SINK", place.sink))
        script.chmod(0o700)
        hooks.write_text(json.dumps([_hook(str(script))]))
        return [Launch([self._program, "-hooks", str(hooks), "-ip", "127.0.0.1", "-port", str(place.port)])]

    def open(self, place: Place) -> Target:
        """Return the address of the hook."""
        return Target(place.port, "/hooks/findings")

    def receivers(self, place: Place) -> Mapping[str, Target]:
        """Return nothing: it keeps no events that it could receive and do no more with."""
        return {}


def _hook(command: str) -> dict[str, object]:
    return {
        "id": "findings",
        "execute-command": command,
        "success-http-response-code": 202,
        "pass-arguments-to-command": [{"source": "payload", "name": name} for name in _ARGUMENTS],
        "trigger-rule": {"or": [_severity("critical"), _severity("high")]},
        "trigger-rule-mismatch-http-response-code": 400,
    }


def _severity(value: str) -> dict[str, object]:
    parameter = {"source": "payload", "name": "finding.severity"}
    return {"match": {"type": "value", "value": value, "parameter": parameter}}

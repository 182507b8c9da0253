"""Open load by wrk: as many requests as a number of connections can make, each with an id of its own."""

import json
import resource
import shutil
import subprocess
import time
from itertools import islice
from pathlib import Path

from tests.bench.children import BenchError
from tests.bench.request import Requests, Target, identities
from tests.bench.results import Load

_SCRIPT = Path(__file__).with_name("wrk.lua")

#: Ids made for each second of a measurement: more than any system takes. A signed one costs 5 us to make.
_UNSIGNED = 60_000
_SIGNED = 15_000


def load(target: Target, folder: Path, *, run: str, connections: int, seconds: float) -> Load:
    """Send findings over so many connections for so long.

    Raises:
        BenchError: wrk is not installed, or could not do it.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise BenchError("wrk makes the load, and it is not installed: apt-get install wrk")
    template, lines = _write(target, folder, run=run, seconds=seconds)
    options = ["--threads", "1", "--connections", str(connections), "--duration", f"{max(1, round(seconds))}s"]
    address = f"http://127.0.0.1:{target.port}/"
    began, before = time.monotonic_ns(), _cpu_seconds()
    command = [wrk, *options, "--script", str(_SCRIPT), address, str(template), str(lines)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    if ended.returncode:
        raise BenchError(f"wrk: {ended.stderr or ended.stdout}")
    return read_load(ended.stdout, began=began, cpu_seconds=_cpu_seconds() - before)


def read_load(output: str, *, began: int, cpu_seconds: float) -> Load:
    """Read the line of JSON that our script ends with."""
    line = json.loads(output.splitlines()[-1])
    return Load(
        began=began,
        accepted=line["requests"] - line["refused"],
        failed=line["refused"] + line["broken"],
        seconds=line["seconds"],
        p50=line["p50"],
        p99=line["p99"],
        generator=cpu_seconds / line["seconds"],
    )


def _write(target: Target, folder: Path, *, run: str, seconds: float) -> tuple[Path, Path]:
    requests = Requests(target)
    template, lines = folder / "template", folder / "lines"
    template.write_text(requests.template, newline="")
    number = int((_SIGNED if target.key else _UNSIGNED) * seconds)
    with lines.open("w") as file:
        file.writelines(f"{identity} {requests.proof(identity)}\n" for identity in islice(identities(run), number))
    return template, lines


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime

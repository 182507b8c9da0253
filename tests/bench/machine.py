"""The machine that a benchmark ran on: figures mean nothing without it."""

import os
import platform
import time
from pathlib import Path
from statistics import median

_SYNCS = 200


def describe(folder: Path) -> str:
    """Return cores, memory, processor, system, and the time that one fsync takes in this folder."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    parts = [
        f"{len(os.sched_getaffinity(0))} cores ({_processor()})",
        f"{memory:.0f} GiB",
        f"Linux {platform.release()}",
        f"Python {platform.python_version()}",
        f"fsync {sync_milliseconds(folder):.2f} ms",
        f"load before the run {os.getloadavg()[0]:.1f}",
    ]
    return ", ".join(parts)


def sync_milliseconds(folder: Path) -> float:
    """Return what it takes to append 4 KiB to a file and have it on the disk: the median of many times."""
    with (folder / "sync").open("wb", buffering=0) as file:
        return median(_sync(file.fileno()) for _ in range(_SYNCS))


def _sync(descriptor: int) -> float:
    begin = time.perf_counter()
    os.write(descriptor, b"\0" * 4096)
    os.fsync(descriptor)
    return 1000 * (time.perf_counter() - begin)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()

"""Code to run in sandboxes, and which of their processes there are."""

import os
import subprocess

#: Goes on for ever.
SPIN = "while True: pass"


def returning(expression: str, before: str = "") -> str:
    """Return code whose ``main`` returns an expression; before: what stands above it."""
    return f"{before}\ndef main():\n    return {expression}\n"


def sandboxes(parent: int | None = None) -> list[int]:
    """Return the sandboxes' processes that live below a process, by default this one.

    One that has ended may be listed until somebody asks how: it does not count.
    """
    command = ["ps", "--ppid", str(parent or os.getpid()), "-o", "pid=", "-o", "stat=", "-o", "comm="]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    children = [line.split(maxsplit=2) for line in listed]
    return [int(pid) for pid, state, name in children if name == "monty" and "Z" not in state]

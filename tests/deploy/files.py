"""The files that Wink is shipped with, read."""

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]

PAGE = (ROOT / "docs/operations.md").read_text()

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())

#: The services of Wink itself.
OURS: Mapping[str, Mapping[str, object]] = {
    name: service for name, service in COMPOSE["services"].items() if service["image"] == "wink"
}

UNITS = tuple(sorted((ROOT / "deploy").glob("*.service")))


def dockerfile() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile: (word, the rest of its line)."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(None, 1)[0], " ".join(line.split(None, 1)[1].split())) for line in lines]


def block(name: str) -> str:
    """Return the commands that docs/operations.md calls by that name."""
    (found,) = re.findall(rf"^```sh {name}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)

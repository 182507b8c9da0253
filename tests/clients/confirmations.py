"""By what each vendor is confirmed: packages whose tests have just passed, and vectors that the vendor publishes."""

import json
import re
from collections.abc import Iterator, Mapping
from subprocess import run

from engine.definitions.catalog import read_connectors
from engine.definitions.connector import Connector
from tests.clients.entries import HERE, ROOT, Entry

#: Connectors that are no vendor.
NO_VENDOR = {"custom"}

DPKG_QUERY = "/usr/bin/dpkg-query"

PIN = re.compile(r"^([a-z0-9.-]+)==(\S+)", re.MULTILINE)


def report(outcomes: Mapping[Entry, set[str]]) -> str:
    """Return a line for each vendor, and the totals; outcomes: how the tests of every entry ended."""
    connectors = read_connectors(ROOT / "connectors")
    lines = {name: "; ".join(proofs(one, outcomes)) for name, one in connectors.items() if name not in NO_VENDOR}
    unconfirmed = [name for name, said in lines.items() if not said]
    told = [f"{name:<22} {said}" for name, said in lines.items() if said]
    totals = f"confirmed: {len(told)} vendors; unconfirmed: {len(unconfirmed)}"
    return "\n".join([*told, "", f"unconfirmed: {', '.join(unconfirmed) or 'none'}", totals])


def proofs(connector: Connector, outcomes: Mapping[Entry, set[str]]) -> Iterator[str]:
    """Return what confirms a connector: packages with their version, pages of vectors."""
    mine = {entry: ended for entry, ended in outcomes.items() if entry.connector == connector.name}
    for package in (each.package for each in connector.manifest.confirmed_by if each.package):
        ended = set().union(*(outcome for entry, outcome in mine.items() if entry.package == package))
        if ended == {"passed"}:
            does = sorted({entry.kind for entry in mine if entry.package == package})
            yield f"{package} {version(package)} {' and '.join(does)}"
    yield from (f"vector of {each.vector}" for each in connector.manifest.confirmed_by if each.vector)


def version(package: str) -> str:
    """Return the version that is pinned; that of a program as it is installed."""
    registry, _, name = package.partition(" ")
    if registry == "Debian":
        said = run([DPKG_QUERY, "--show", "--showformat=${Version}", name], capture_output=True, text=True, check=False)
        return said.stdout or "of an unknown version"
    if registry == "npm":
        packages = json.loads((HERE / "package-lock.json").read_text())["packages"]
        return str(packages[f"node_modules/{name}"]["version"])
    pins = dict(PIN.findall((ROOT / "requirements/clients.txt").read_text()))
    return pins[name.lower().replace("_", "-")]

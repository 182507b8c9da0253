"""What the manifests say of packages is what the clients do; it needs none of the packages."""

import re
import sys
from datetime import UTC, datetime

from engine.authentication.request import Inbound
from engine.definitions.catalog import read_connectors
from tests.clients.entries import ALERTMANAGER, ROOT, Entry, entries, started

CONNECTORS = read_connectors(ROOT / "connectors")

#: What is not the vendor's own: it is tried as all are, and confirms nobody.
OF_OTHERS = {
    ("custom", "PyPI standardwebhooks"),
    ("github", "PyPI gidgethub"),
    ("securecodinghub", "PyPI standardwebhooks"),
}


def test_a_package_that_confirms_has_an_entry() -> None:
    shown = {(entry.connector, entry.package) for entry in (*entries("signs", "verifies"), ALERTMANAGER)}
    named = {
        (name, each.package) for name, one in CONNECTORS.items() for each in one.manifest.confirmed_by if each.package
    }

    assert named <= shown


def test_every_entry_that_signs_or_verifies_is_named_by_its_connector() -> None:
    for entry in entries("signs", "verifies"):
        if (entry.connector, entry.package) not in OF_OTHERS:
            confirmed_by = {each.package for each in CONNECTORS[entry.connector].manifest.confirmed_by}
            assert entry.package in confirmed_by, f"{entry}: write `- package: {entry.package}` into its manifest"


def test_no_entry_is_written_twice() -> None:
    found = [str(entry) for entry in entries("signs", "verifies", "makes", "posts")]

    assert len(found) == len(set(found))


def test_every_entry_is_seen() -> None:
    files = [*ROOT.glob("tests/clients/python/[sv]*.py"), *ROOT.glob("tests/clients/node/vendors*.mjs")]

    written = [
        found
        for file in files
        for found in re.findall(r"^@?(?:signs|verifies|makes|posts)\(", file.read_text(), re.MULTILINE)
    ]

    assert len(written) == len(entries("signs", "verifies", "makes", "posts"))


def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_one() -> None:
    late = "import json; print(json.dumps({'number': 1, 'ok': True})); print(json.dumps({'number': 2, 'ok': False}))"
    entry = Entry("verifies", "acme", "PyPI acme")
    request = Inbound("POST", "https://a.example", "/", "", {}, b"", "127.0.0.1", datetime.now(UTC))

    for peer in started(sys.executable, "-c", f"{late}; input()"):
        peer.asked = 1
        said = peer.ask(entry, request, {})

        assert not said.ok

"""The page of the catalogue: every connector, and by what it is confirmed."""

from collections.abc import Mapping

from engine.definitions.connector import Connector
from engine.definitions.manifest import Manifest
from tests.reference.markdown import page, section, table


def catalogue_page(connectors: Mapping[str, Connector]) -> str:
    """Return the page."""
    return page(
        "Connectors",
        f"{totals(connectors)} What confirms a connector, and how one is added: [connectors.md](../connectors.md). "
        "`wink connectors show NAME` shows one.",
        section("Confirmed", table(_HEAD, _rows(connectors, confirmed=True))),
        section("Not confirmed yet", _UNCONFIRMED, table(_HEAD[:-1], _rows(connectors, confirmed=False))),
    )


def totals(connectors: Mapping[str, Connector]) -> str:
    """Return how many connectors there are, in a sentence that the README has as well."""
    good = sum(each.manifest.confirmed for each in connectors.values())
    rest = len(connectors) - good
    return f"{len(connectors)} connectors: {good} are confirmed by the vendor's own signature, {rest} are not yet."


_HEAD = ("name", "title", "category", "ways", "confirmed by")
_UNCONFIRMED = (
    "What stands in them is what the vendor writes about itself. Let the vendor send a test while the trigger listens: "
    "it shows whether that is right."
)


def _rows(connectors: Mapping[str, Connector], *, confirmed: bool) -> list[list[str]]:
    found = [each for each in connectors.values() if each.manifest.confirmed is confirmed]
    return [_row(each)[: None if confirmed else -1] for each in found]


def _row(connector: Connector) -> list[str]:
    manifest = connector.manifest
    ways = (f"{name} ({', '.join(way.kinds)})" for name, way in connector.ways.items())
    return [f"`{manifest.name}`", manifest.title, manifest.category, ", ".join(ways), _confirmed_by(manifest)]


def _confirmed_by(manifest: Manifest) -> str:
    packages = [each.package for each in manifest.confirmed_by if each.package]
    return ", ".join(["published vector"] * any(each.vector for each in manifest.confirmed_by) + packages)

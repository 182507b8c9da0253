"""The fields with which people look through the catalogue, on every page that shows it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from engine.definitions.connector import Connector
from web.catalogue import Search, grouped

#: Longest words that are looked for.
_LONGEST = 100

_CONFIRMED: Mapping[str, bool] = {"yes": True, "no": False}

#: Pairs of value and words, as the macro ``choice`` takes them.
Options = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the lists of the search offer, with how many connectors there are of each."""

    categories: Options
    confirmed: Options


def search_of(query: Mapping[str, str]) -> Search:
    """Return the search that an address asks for; what it does not know is no limit."""
    return Search(
        query.get("q", "")[:_LONGEST],
        query.get("category", "")[:_LONGEST],
        _CONFIRMED.get(query.get("confirmed", "")),
    )


def choices_of(connectors: Collection[Connector]) -> Choices:
    """Return what can be chosen of these connectors."""
    categories = [(each.category, f"{each.title} ({len(each.connectors)})") for each in grouped(connectors)]
    good = sum(each.manifest.confirmed for each in connectors)
    confirmed = [("yes", f"Confirmed ({good})"), ("no", f"Unconfirmed ({len(connectors) - good})")]
    return Choices([("", "Any"), *categories], [("", "Any"), *confirmed])

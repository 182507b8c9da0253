"""The catalogue as people look through it: a search, the categories, and the order of both."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from engine.definitions.connector import Connector
from engine.definitions.manifest import Manifest

#: What stands first: senders of every kind, and what a security team works with. The others follow by their names.
_FIRST = ("standard", "security", "identity", "incident", "it", "chat", "developer")

#: Categories that their word alone does not say well.
_TITLES: Mapping[str, str] = {"ai": "AI", "crm": "CRM", "hr": "HR", "it": "IT", "standard": "Custom and standards"}


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for; all of it has to fit."""

    #: Each has to stand somewhere in the name, title, category or types of a connector.
    words: str = ""
    #: Empty for any.
    category: str = ""
    #: None for both.
    confirmed: bool | None = None

    def fits(self, manifest: Manifest) -> bool:
        """Tell whether a connector is looked for."""
        text = f"{manifest.name} {manifest.title} {manifest.category} {' '.join(manifest.types)}".casefold()
        return (
            self.category in {"", manifest.category}
            and self.confirmed in {None, manifest.confirmed}
            and all(word in text for word in self.words.casefold().split())
        )


@dataclass(frozen=True, slots=True)
class Group:
    """The connectors of one category, by title."""

    category: str
    title: str
    connectors: Sequence[Connector]


def grouped(connectors: Iterable[Connector]) -> list[Group]:
    """Return connectors by category, in the order in which pages show both."""
    ordered = sorted(connectors, key=lambda each: (_place(each.manifest.category), each.manifest.title.casefold()))
    groups = groupby(ordered, key=lambda each: each.manifest.category)
    return [Group(category, category_title(category), list(of_one)) for category, of_one in groups]


def category_title(category: str) -> str:
    """Return what people call a category."""
    return _TITLES.get(category, category.capitalize())


def _place(category: str) -> tuple[int, str]:
    return (_FIRST.index(category) if category in _FIRST else len(_FIRST), category_title(category).casefold())

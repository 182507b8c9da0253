"""Begin a trigger with one choice, its connector: title and name follow, and nothing runs until it is published."""

import re
from unicodedata import normalize

from engine.definitions.kinds import LONGEST_NAME
from engine.errors import Invalid
from engine.language.values import shorten
from engine.path.setup import create
from engine.path.shown import Shown
from engine.path.trigger_spec import TriggerSpec
from engine.runtime import Engine
from engine.store import triggers

#: What the pages' addresses use.
RESERVED = frozenset({"new"})

#: Room for the number behind a name.
_LONGEST_STEM = LONGEST_NAME - 6


def draft(engine: Engine, connector: str, title: str = "") -> Shown:
    """Make an unpublished trigger; its name is made from the title, else from the connector's.

    Raises:
        Invalid: there is no such connector (422).
        Conflict: somebody took the name in this very moment (409).
    """
    known = engine.connectors.get(connector)
    if known is None:
        raise Invalid(f"there is no connector {shorten(connector, 40)!r}: choose one of the list", "connector")
    usual = known.manifest.title
    stem = slug_of(title) or slug_of(usual) or known.name
    taken = engine.store.read(triggers.names_from, stem) | RESERVED
    number = next(number for number in range(1, len(taken) + 2) if _numbered(stem, number, "-") not in taken)
    spec = TriggerSpec(
        name=_numbered(stem, number, "-"), connector=connector, title=title.strip() or _numbered(usual, number, " ")
    )
    return create(engine, spec, draft=True)


def slug_of(title: str) -> str:
    """Return a title as a name: small letters, digits and hyphens; empty where it holds none of them."""
    plain = normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain)[:_LONGEST_STEM].strip("-")


def _numbered(text: str, number: int, between: str) -> str:
    return text if number == 1 else f"{text}{between}{number}"

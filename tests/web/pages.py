"""A place with something on every page: an engine, its application, and people of each role who are signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

from engine.runtime import Engine
from engine.words import Role
from tests.engines import running
from tests.web.browser import Browser, person, signed_in
from web.application import create_application

#: What a sender or an author writes who means harm, or is only unlucky.
HOSTILE = "<script>alert(1)</script> {{7*7}} \u202egnp.exe \U0001f40e"


@dataclass
class Place:
    """An engine, with a browser for each role."""

    engine: Engine
    browsers: dict[Role, Browser] = field(default_factory=dict)

    @property
    def viewer(self) -> Browser:
        return self.browsers[Role.VIEWER]

    @property
    def editor(self) -> Browser:
        return self.browsers[Role.EDITOR]


@contextmanager
def place(folder: Path) -> Iterator[Place]:
    """Run an engine whose people are signed in."""
    with running(folder) as engine:
        found, application = Place(engine), create_application(engine)
        for role in (Role.VIEWER, Role.EDITOR):
            person(engine, f"the-{role}", role)
            found.browsers[role] = signed_in(application, f"the-{role}")
        yield found


class Seen(HTMLParser):
    """A page as it is seen: its words, links, headings and elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words, self.links, self.headings, self.tags = "", [], [], []
        self.attributes: list[dict[str, str | None]] = []
        self.feed(page)
        self.words = " ".join(self.words.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.attributes.append(found)
        if tag == "a":
            self.links.append(found.get("href"))
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append(int(tag[1]))

    def handle_data(self, data: str) -> None:
        self.words += f" {data}"

    @property
    def in_order(self) -> bool:
        """Whether there is one first heading, and none skips a level."""
        levels = [0, *self.headings]
        return levels.count(1) == 1 and all(b - a <= 1 for a, b in pairwise(levels))

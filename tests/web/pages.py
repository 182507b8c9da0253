"""A place with something on every page: an engine, its application, and people of each role who are signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
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

"""An example of a key or of an action: the reference shows it, and the tests run it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.language.yaml12 import load
from engine.words import Outcome


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a service answers to one request of an example."""

    json: object = None
    status: int = 200


@dataclass(frozen=True, slots=True)
class Gives:
    """What comes for a step that waits, or what an action gives back that is stood in for."""

    output: object


@dataclass(frozen=True, slots=True)
class Example:
    """A use that runs as it is written; it is started by an event unless it says otherwise."""

    #: A workflow file, or a list of steps alone.
    text: str
    #: The event's ``data``.
    data: Mapping[str, object] = field(default_factory=dict)
    #: The event's type.
    event: str = "example.event"
    #: What a run by hand is given; None: nobody starts it by hand.
    inputs: Mapping[str, object] | None = None
    #: The time of a run by the clock, in RFC 3339; None: the clock does not start it.
    scheduled_for: str | None = None
    #: The trigger whose silence starts it; None: none does.
    silence: str | None = None
    #: What the outside gives, in the order in which the run asks for it.
    answers: tuple[HttpAnswer | Gives, ...] = ()
    #: Name of an action that reaches out by other ways than HTTP: what it gives back is among the answers.
    stood_in: str = ""
    #: Text of the other workflows that there are, by name.
    others: Mapping[str, str] = field(default_factory=dict)
    #: How the run stands when it goes no further.
    outcome: Outcome = Outcome.SUCCEEDED

    @property
    def file(self) -> str:
        """Return the text as a workflow file."""
        if not self.text.startswith("- "):
            return self.text
        lines = "".join(f"  {line}" for line in self.text.splitlines(keepends=True))
        return f"name: Example\non: {{trigger: example}}\nsteps:\n{lines}"

    def value(self, key: str) -> object:
        """Return the value that the text gives the key, where it does so first and least deep."""
        return next(found[key] for found in _mappings(load(self.text).value) if key in found)

    def inputs_of(self, action: str) -> object:
        """Return what the text gives an action that it uses."""
        return next(found.get("with", {}) for found in _mappings(load(self.text).value) if found.get("uses") == action)


def _mappings(value: object) -> Iterator[Mapping[str, object]]:
    """Yield every mapping of a document, those above before those below."""
    level = [value]
    while level:
        yield from (each for each in level if isinstance(each, dict))
        level = [part for each in level for part in _parts(each)]


def _parts(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []

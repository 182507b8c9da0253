"""What a connector's deliveries look like, read off its manifest and its samples: nothing is kept anywhere else."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from pydantic import BaseModel

from engine.definitions.connector import Connector
from engine.errors import Rejected

#: Headers that any client sends, whoever it is.
_ANYBODYS = re.compile(
    r"(?i)accept.*|authorization|connection|content-(length|type|encoding)|host|user-agent|cookie|traceparent|tracestate"
    r"|baggage|x-forwarded-.*|x-real-ip|x-request-id|x-amzn-.*|cf-.*|via|date|idempotency-key"
)
_IN_EXPRESSION = re.compile(r"""headers\s*(?:\[\s*['"]([^'"]+)['"]\s*\]|\.([A-Za-z][\w-]*))""")
_IN_TEMPLATE = re.compile(r"\{headers?:([^{}|]+)[^{}]*\}")
_WORD = re.compile(r"[a-z0-9]+")

#: Shorter words stand in too many headers to be anybody's name.
SHORTEST_NAME = 4

#: How deep the fields of a body are looked at, and how many of them: those of a stranger meet those of every sample.
_DEPTH, MOST_FIELDS = 2, 200

Fields = frozenset[str]


@dataclass(frozen=True, slots=True)
class Traits:
    """What tells one connector's deliveries."""

    connector: Connector
    #: Headers, in lower case, as somebody wrote them: those that the manifest reads, then those of samples.
    headers: Mapping[str, str]
    #: Which of them prove the sender, or say what an event is.
    read: frozenset[str]
    #: First words of user agents, in lower case.
    agents: frozenset[str]
    #: For each sample the paths in its body.
    samples: tuple[Fields, ...]
    #: The words of its name and title by which a header can be known as its own.
    words: frozenset[str]

    @property
    def tokens(self) -> frozenset[str]:
        """The words in its headers and user agents."""
        return words_of(" ".join([*self.headers, *self.agents]))


def traits_of(connector: Connector) -> Traits:
    """Read a connector's traits off its manifest and samples."""
    read = {name.lower(): name for name in _read_headers(connector) if not _ANYBODYS.fullmatch(name)}
    sent = {
        name.lower(): name
        for sample in connector.samples.values()
        for name in sample.headers
        if not _ANYBODYS.fullmatch(name)
    }
    agents = {
        agent_of(text)
        for sample in connector.samples.values()
        for name, text in sample.headers.items()
        if name.lower() == "user-agent"
    }
    return Traits(
        connector=connector,
        headers={**sent, **{name: sent.get(name, written) for name, written in read.items()}},
        read=frozenset(read),
        agents=frozenset(agents - {""}),
        samples=tuple(_sample_fields(connector)),
        words=_words(connector),
    )


def words_of(text: str) -> frozenset[str]:
    """Return the words of a name, in lower case."""
    return frozenset(_WORD.findall(text.lower()))


def agent_of(text: str) -> str:
    """Return the product of a user agent, in lower case."""
    return text.partition("/")[0].strip().lower()


def fields_of(body: object) -> Fields:
    """Return the paths of a body down to two levels; of a list, those of its first element."""
    return frozenset(islice(_paths(body, "", _DEPTH), MOST_FIELDS))


def _paths(value: object, above: str, depth: int) -> Iterator[str]:
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, Mapping) and depth:
        for name, inner in first.items():
            path = f"{above}.{name}" if above else str(name)
            yield path
            yield from _paths(inner, path, depth - 1)


def _sample_fields(connector: Connector) -> Iterator[Fields]:
    for sample in connector.samples.values():
        kind = next((text for name, text in sample.headers.items() if name.lower() == "content-type"), "")
        try:
            yield fields_of(connector.bodies.read(sample.body, kind))
        except Rejected:
            continue


def _read_headers(connector: Connector) -> Iterator[str]:
    manifest = connector.manifest
    for ways in manifest.auth.values():
        yield from _in_spec(ways)
    said = " ".join(map(str, _texts(manifest.event))) + " ".join(map(str, _texts(manifest.handshake)))
    yield from (found[1] or found[2] for found in _IN_EXPRESSION.finditer(said))


def _in_spec(value: object) -> Iterator[str]:
    """Yield the headers that a part of a manifest names: as a place, or in a signed text."""
    for name, text in _leaves(value):
        if name in {"header", "also"} or name.endswith("_header"):
            yield text
        yield from _IN_TEMPLATE.findall(text)


def _texts(value: object) -> Iterator[str]:
    return (text for _, text in _leaves(value))


def _leaves(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text below a model, with the name of its field."""
    if isinstance(value, BaseModel):
        value = {field: getattr(value, field) for field in type(value).model_fields}
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for field, inner in value.items():
            yield from _leaves(inner, str(field))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner, name)


def _words(connector: Connector) -> frozenset[str]:
    """Return the words of name and title; short ones stand in too many headers."""
    found = words_of(f"{connector.name} {connector.manifest.title}") | {connector.name.replace("-", "")}
    return frozenset(word for word in found if len(word) >= SHORTEST_NAME)

"""The ways of every connector, each with fresh secrets and a request that carries the right proof."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, TypeAdapter

from engine import json_bytes
from engine.authentication.request import Inbound
from engine.authentication.spec import Spec
from engine.authentication.way import Way
from engine.clock import rfc3339
from engine.definitions.catalog import read_connectors
from engine.definitions.connector import Connector
from engine.errors import Rejected
from engine.language.yaml12 import load
from engine.words import Reason

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "connectors"
CONNECTORS = read_connectors(FOLDER)
URL = "https://hooks.example.com/webhooks/4k1s2v6d9f0h3j5l7n8p0q2r4t"
#: Vendors whose names are words that code uses for other things.
PLAIN_WORDS = {"close", "front", "line", "meta", "plain"}
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Vector(Spec):
    """One request of ``vectors.yaml``: to accept, or to refuse for a reason."""

    title: str
    source: str
    #: ``package``: made by the vendor's own package, which ``source`` names.
    made: Literal["published", "package", "by hand"] = "by hand"
    way: str
    recipe: str | None = None
    secrets: dict[str, list[str]]
    at: str = rfc3339(NOW)
    #: The public URL that the vendor was told, without the query.
    url: str = URL
    query: str = ""
    headers: dict[str, str] = Field(default_factory=dict)
    body: str = ""
    refused: str | None = None


@dataclass(frozen=True)
class Subject:
    """One way of one connector, with fresh secrets and a request that carries the right proof."""

    title: str
    connector: Connector
    way: Way
    #: The secrets, and the documents with keys that were fetched, by their addresses.
    secrets: Mapping[str, str]
    bare: Inbound
    signed: Inbound

    def verdict(self, request: Inbound, secrets: Mapping[str, list[str]] | None = None) -> Reason | None:
        """Return why the request is refused, or None when it is accepted."""
        rejected = self.refusal(request, secrets)
        return rejected.reason if rejected else None

    def refusal(self, request: Inbound, secrets: Mapping[str, list[str]] | None = None) -> Rejected | None:
        """Return the refusal, or None when the request is accepted."""
        try:
            self.way.prove(request, secrets or {name: [value] for name, value in self.secrets.items()})
        except Rejected as rejected:
            return rejected
        return None

    @cached_property
    def others(self) -> Mapping[str, str]:
        """Other secrets and documents of the same kind; made once, for keys of RSA take long."""
        return fresh(self.way)

    def window(self) -> timedelta:
        """Return how far from now the signed time may be."""
        expires_at = self.way.prove(self.signed, {name: [value] for name, value in self.secrets.items()}).expires_at
        assert expires_at
        return expires_at - NOW

    def proves_in_body(self) -> bool:
        """Return whether signing wrote into the body alone."""
        return not self.proof_headers() and self.signed.query == self.bare.query

    def changed_texts(self) -> list[bytes]:
        """Return the texts that signing put into the body."""
        before, after = (set(texts(value_of(each.body))) for each in (self.bare, self.signed))
        return [text.encode() for text in after - before]

    def proof_headers(self) -> list[str]:
        """Return the headers that signing added."""
        return [name for name in self.signed.headers if name not in self.bare.headers]


def inbound(headers: Mapping[str, str], query: str, body: bytes, at: datetime = NOW, url: str = URL) -> Inbound:
    return Inbound(
        method="POST",
        url=f"{url}?{query}" if query else url,
        path="/webhooks/4k1s2v6d9f0h3j5l7n8p0q2r4t",
        query=query,
        headers={name.lower(): (value,) for name, value in headers.items()},
        body=body,
        address="192.0.2.7",
        received_at=at,
    )


def value_of(body: bytes) -> object:
    """Return what a body says: its JSON, or itself where it is a token."""
    try:
        return json_bytes.parse(body)
    except ValueError:
        return body.decode()


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)


def subjects() -> Iterator[Subject]:
    for connector in CONNECTORS.values():
        for name, way in connector.ways.items():
            known = connector.recipes.get(name, {"": way})
            for recipe, each in known.items():
                yield subject("/".join(filter(None, (connector.name, name, recipe))), connector, each)


def is_signature(way: Way) -> bool:
    """Tell whether the way is a signature and nothing else: its key never travels."""
    return all(kind.partition(":")[0] in {"hmac", "public_key", "jwt", "special"} for kind in way.kinds)


def subject(title: str, connector: Connector, way: Way) -> Subject:
    sample = connector.sample()
    bare = inbound(sample.headers, sample.query, sample.body)
    secrets = fresh(way)
    return Subject(title, connector, way, secrets, bare, way.sign(bare, secrets))


def fresh(way: Way) -> Mapping[str, str]:
    """Return new secrets of a way. A private key stands in place of the public one, so that it signs and proves."""
    secrets = {name: spec.generate() for name, spec in way.secrets.items()}
    return {**secrets, **way.made_up_documents(secrets)}


SUBJECTS = list(subjects())
TIMED = [each for each in SUBJECTS if each.way.prove(each.signed, {k: [v] for k, v in each.secrets.items()}).digest]
SIGNED = [each for each in SUBJECTS if is_signature(each.way) and not each.way.body_is_unsigned]
UNBOUND = [each for each in SUBJECTS if each.way.body_is_unsigned]
SAMPLES = [(name, path) for name in CONNECTORS for path in sorted((FOLDER / name / "samples").glob("*.yaml"))]


def vectors() -> Iterator[tuple[Connector, Vector]]:
    for connector in CONNECTORS.values():
        file = FOLDER / connector.name / "vectors.yaml"
        # A folder without the file fails a test of its own, and keeps no other from being tried.
        listed = load(file.read_bytes()).value if file.exists() else []
        yield from ((connector, each) for each in TypeAdapter(list[Vector]).validate_python(listed))


VECTORS = list(vectors())

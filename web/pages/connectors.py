"""``/connectors``: what Wink knows of vendors."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request

from engine.clock import format_duration
from engine.definitions.action import ActionSpec
from engine.definitions.connector import Connector
from engine.definitions.manifest import Manifest
from engine.definitions.sample import Sample
from engine.errors import NotFound
from engine.runtime import Engine
from web.context import the_engine
from web.pages.door import page
from web.pages.markdown import render
from web.pages.triggers import method_title

#: Schemes of authentication, in words.
PROOFS: Mapping[str, str] = {
    "hmac": "HMAC signature",
    "shared_secret": "shared secret",
    "basic": "name and password (HTTP Basic)",
    "network": "the sender's network",
    "none": "nothing",
}

#: Longest search that is looked at.
_LONGEST = 100

connectors = Blueprint("connector_pages", __name__)


@dataclass(frozen=True, slots=True)
class Offered:
    """A way to authenticate, as the page shows it."""

    title: str
    proofs: Sequence[str]
    #: What the secrets are called, and who makes them.
    secrets: Sequence[tuple[str, str]]
    recipes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of event, with a delivery as the vendor sends it, where we have one."""

    name: str
    title: str
    headers: str
    body: str


@connectors.get("/connectors")
def show_connectors() -> Response:
    """List the connectors that fit a search and a category."""
    words, category = request.args.get("q", "")[:_LONGEST], request.args.get("category", "")[:_LONGEST]
    known = sorted(the_engine().connectors.values(), key=lambda each: each.manifest.title.lower())
    return page(
        "connectors/list.html",
        here="Connectors",
        words=words,
        category=category,
        categories=[
            ("", "Any"),
            *((each, each.capitalize()) for each in sorted({area(one.manifest) for one in known})),
        ],
        found=[each for each in known if fits(each.manifest, words, category)],
        total=len(known),
    )


@connectors.get("/connectors/<name>")
def show_connector(name: str) -> Response:
    """Show what a connector offers, and what to do at the vendor."""
    engine = the_engine()
    found = engine.connectors.get(name)
    if found is None:
        raise NotFound(f"there is no connector {name!r}")
    return page(
        "connectors/connector.html",
        here="Connectors",
        connector=found,
        manifest=found.manifest,
        ways=[_offered(found, name) for name in found.ways],
        kinds=list(_kinds(found)),
        facts=list(_facts(found.manifest)),
        actions=_actions(engine, found),
        setup=render(found.setup),
        sources=list(dict.fromkeys(_sources(found.manifest))),
    )


def area(manifest: Manifest) -> str:
    """Return the first part of a connector's category: ``security`` of ``security/training``."""
    return manifest.category.partition("/")[0]


def fits(manifest: Manifest, words: str, category: str) -> bool:
    """Tell whether a connector is of the category, if there is one, and every word stands somewhere in it."""
    text = f"{manifest.name} {manifest.title} {manifest.category} {' '.join(manifest.types)}".lower()
    return category in {"", area(manifest)} and all(word in text for word in words.lower().split())


def _offered(connector: Connector, name: str) -> Offered:
    way, setup = connector.ways[name], connector.manifest.setup
    titles = {each.name: each.title or each.name for each in setup.secret}
    return Offered(
        method_title(name),
        [PROOFS.get(kind, kind) for kind in way.kinds],
        [(titles.get(each, each), _maker(connector, each)) for each in way.secrets],
        list(connector.recipes.get(name, ())),
    )


def _maker(connector: Connector, secret: str) -> str:
    return "Wink makes it" if connector.secret_made_by_us(secret) else f"{connector.manifest.title} makes it"


def _kinds(connector: Connector) -> Iterator[Kind]:
    for name, kind in connector.manifest.types.items():
        sample = connector.samples[kind.sample] if kind.sample else Sample("", {}, "", b"")
        headers = "\n".join(f"{header}: {value}" for header, value in sample.headers.items())
        yield Kind(name, kind.title, headers, sample.body.decode("utf-8", "replace"))


def _facts(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Return what else is known, each with its label."""
    limits = manifest.limits
    yield "Bodies", ", ".join(manifest.body)
    yield "Sends to", "public HTTPS addresses only" if manifest.setup.public_url else "any address that it reaches"
    if limits.answer_within:
        yield "Waits for an answer", format_duration(limits.answer_within)
    if limits.retries:
        yield "Tries again after", ", ".join(map(format_duration, limits.retries))
    if limits.gives_up:
        yield "In the end", limits.gives_up


def _actions(engine: Engine, connector: Connector) -> list[tuple[str, ActionSpec]]:
    return [(name, each.spec) for name, each in engine.actions.items() if name.startswith(f"{connector.name}.")]


def _sources(manifest: Manifest) -> Iterator[str]:
    parts = (manifest.source, manifest.setup.source, manifest.limits.source, manifest.reply.source)
    yield from (source for source in parts if source)

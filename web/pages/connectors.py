"""``/connectors``: what Wink knows of vendors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request

from engine.definitions.action import ActionSpec
from engine.definitions.connector import Connector
from engine.definitions.manifest import Manifest
from engine.definitions.sample import Sample
from engine.errors import NotFound
from engine.path.catalogue import mistakes_of
from engine.runtime import Engine
from web.catalogue import category_title, grouped
from web.context import the_engine
from web.pages.catalogue_search import choices_of, search_of
from web.pages.connector_words import confirmed_by, limit_facts, proof_words, receiving_facts
from web.pages.door import page
from web.pages.markdown import render
from web.pages.triggers import method_title

connectors = Blueprint("connector_pages", __name__)


@dataclass(frozen=True, slots=True)
class Offered:
    """A way to authenticate, as the page shows it."""

    title: str
    proof: str
    #: What the secrets are called, and who makes them.
    secrets: Sequence[tuple[str, str]]
    recipes: Sequence[str]
    #: What the proof does not cover, or why there is none; empty where it is whole.
    lacks: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of event, with a delivery as the vendor sends it, where we have one."""

    name: str
    title: str
    headers: str
    body: str


@connectors.get("/connectors")
def show_connectors() -> Response:
    """List the connectors that are looked for, by category."""
    engine, search = the_engine(), search_of(request.args)
    known = list(engine.connectors.values())
    found = [each for each in known if search.fits(each.manifest)]
    return page(
        "connectors/list.html",
        here="Connectors",
        search=search,
        choices=choices_of(known),
        groups=grouped(found),
        found=len(found),
        total=len(known),
        confirmed=sum(each.manifest.confirmed for each in known),
        mistakes=mistakes_of(engine),
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
        category=category_title(found.manifest.category),
        ways=[_offered(found, name) for name in found.ways],
        kinds=list(_kinds(found)),
        confirmed_by=confirmed_by(found.manifest),
        limits=limit_facts(found.manifest.limits),
        receiving=receiving_facts(found),
        actions=_actions(engine, found),
        setup=render(found.setup),
        sources=list(dict.fromkeys(_sources(found.manifest))),
    )


def _offered(connector: Connector, name: str) -> Offered:
    way, setup = connector.ways[name], connector.manifest.setup
    titles = {each.name: each.title or each.name for each in setup.secret}
    return Offered(
        method_title(name),
        proof_words(way),
        [(titles.get(each, each), _maker(connector, each)) for each in way.secrets],
        list(connector.recipes.get(name, ())),
        way.because or way.body_is_unsigned or "",
    )


def _maker(connector: Connector, secret: str) -> str:
    return "Wink makes it" if connector.secret_made_by_us(secret) else f"{connector.manifest.title} makes it"


def _kinds(connector: Connector) -> Iterator[Kind]:
    for name, kind in connector.manifest.types.items():
        sample = connector.samples[kind.sample] if kind.sample else Sample("", {}, "", b"")
        headers = "\n".join(f"{header}: {value}" for header, value in sample.headers.items())
        yield Kind(name, kind.title, headers, sample.body.decode("utf-8", "replace"))


def _actions(engine: Engine, connector: Connector) -> list[tuple[str, ActionSpec]]:
    return [(name, engine.actions[name].spec) for name in connector.actions if name in engine.actions]


def _sources(manifest: Manifest) -> Iterator[str]:
    parts = (manifest.source, manifest.setup.source, manifest.limits.source, manifest.reply.source)
    yield from (source for source in parts if source)

"""``wink connectors``: what Wink knows of vendors."""

from typing import get_args

import click

from engine.cli import show
from engine.cli.client import Client, Row, row, rows, texts, within
from engine.cli.options import json_option, with_client
from engine.cli.show import Column
from engine.definitions.manifest import Category


def _confirmed_by(connector: Row) -> list[str]:
    return [str(each["package"] or each["vector"]) for each in rows(connector.get("confirmed_by"))]


def _ways(connector: Row) -> list[str]:
    return [f"{name} ({', '.join(texts(kinds))})" for name, kinds in row(connector["auth"]).items()]


def _limit(name: str) -> Column:
    return Column(name.replace("_", " "), lambda connector: row(connector["limits"]).get(name))


LIST = (
    Column("connector", "name"),
    Column("title", "title"),
    Column("category", "category"),
    Column("ways", lambda connector: list(row(connector["auth"]))),
    Column("confirmed", "confirmed"),
)
DETAILS = (
    Column("connector", "name"),
    Column("title", "title"),
    Column("category", "category"),
    Column("ways", _ways),
    Column("confirmed", "confirmed"),
    Column("confirmed by", _confirmed_by),
    *map(_limit, ("answer_within", "retries", "attempts", "disables", "gives_up")),
    Column("types", lambda connector: list(row(connector["types"]))),
    Column("actions", lambda connector: list(row(connector["actions"]))),
    Column("source", "source"),
)

#: More than there are: whoever looks for a vendor wants to see them all.
_ALL = 500


@click.group()
def connectors() -> None:
    """Look through what Wink knows of vendors."""


@connectors.command("list")
@click.option("--search", metavar="WORDS", help="Words that stand in a name, a title, a category or a type of event.")
@click.option("--category", type=click.Choice(get_args(Category)), metavar="CATEGORY", help="Only this one.")
@click.option("--confirmed/--unconfirmed", default=None, help="Whether the vendor's own signature was seen to pass.")
@click.option("--limit", type=click.IntRange(1), default=_ALL, show_default=True, help="How many to show at most.")
@json_option
@with_client
def list_connectors(client: Client, *, limit: int, as_json: bool, **wanted: object) -> None:
    """List connectors by name."""
    confirmed = None if wanted["confirmed"] is None else str(wanted["confirmed"]).lower()
    found = client.pages("/connectors", limit, q=wanted["search"], category=wanted["category"], confirmed=confirmed)
    none = "No connector fits. `wink triggers create NAME` makes a custom trigger, which takes any sender."
    show.page(found, LIST, as_json=as_json, none=none)


@connectors.command("show")
@click.argument("name")
@json_option
@with_client
def show_connector(client: Client, *, name: str, as_json: bool) -> None:
    """Show a connector, and what to do at the vendor."""
    found = client.get(within("connectors", name))
    if as_json:
        show.print_json(found)
        return
    show.details(found, DETAILS)
    click.echo(f"\n{show.text(found['setup']).plain.strip()}")

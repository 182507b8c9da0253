"""``wink deliveries``: what came in, and its verdict."""

import click

from engine.cli import show
from engine.cli.client import Client, Row, row, texts, within
from engine.cli.options import json_option, limit_option, since_option, until_option, with_client
from engine.cli.show import Column, moment, when
from engine.words import Reason, Verdict

LIST = (
    Column("delivery", "id"),
    Column("trigger", "trigger"),
    Column("verdict", "verdict"),
    Column("reason", "reason"),
    Column("received", when("received_at")),
)
DETAILS = (
    Column("delivery", "id"),
    Column("trigger", "trigger"),
    Column("received (UTC)", moment("received_at")),
    Column("verdict", "verdict"),
    Column("reason", "reason"),
    Column("detail", "detail"),
    Column("answered", "status"),
    Column("duplicate of", "duplicate_of"),
    Column("events", "events"),
    Column("from", "address"),
    Column("method", "method"),
    Column("query", "query"),
    Column("headers", lambda delivery: _headers(row(delivery.get("headers")))),
    Column("size", lambda delivery: f"{delivery.get('size')} bytes"),
    Column("body", "body"),
    Column("body, base64", "body_base64"),
)


@click.group()
def deliveries() -> None:
    """See what came in, and what became of it."""


@deliveries.command("list")
@click.option("--trigger", metavar="NAME", help="At this trigger, by name or id.")
@click.option("--verdict", type=click.Choice([verdict.value for verdict in Verdict]), help="With this verdict.")
@click.option(
    "--reason",
    type=click.Choice([reason.value for reason in Reason]),
    metavar="REASON",
    help="With this reason, such as wrong_proof; for a wrong one, all are named.",
)
@since_option
@until_option
@limit_option
@json_option
@with_client
def list_deliveries(client: Client, *, limit: int, as_json: bool, **filters: str | None) -> None:
    """List deliveries, newest first."""
    found = client.pages("/deliveries", limit, **filters)
    show.page(found, LIST, as_json=as_json, none="No deliveries. `wink triggers list` tells where to send some.")


@deliveries.command("show")
@click.argument("delivery_id", metavar="ID")
@json_option
@with_client
def show_delivery(client: Client, *, delivery_id: str, as_json: bool) -> None:
    """Show a delivery as it came in, without its secrets."""
    delivery = client.get(within("deliveries", delivery_id))
    if as_json:
        show.print_json(delivery)
    else:
        show.details(delivery, DETAILS)


def _headers(headers: Row) -> str:
    """Return headers as they are written, a line each."""
    return "\n".join(f"{name}: {value}" for name, values in headers.items() for value in texts(values))

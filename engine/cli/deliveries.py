"""``wink deliveries``: what came in, and its verdict."""

from collections.abc import Callable

import click

from engine.cli import show
from engine.cli.client import Client, Row, row, rows, texts, within
from engine.cli.ledger import not_kept
from engine.cli.options import json_option, limit_option, since_option, until_option, with_client
from engine.cli.show import Column, moment, when
from engine.words import Finding, Reason, Verdict


def _told(part: str) -> Callable[[Row], str]:
    """Return what shows a part of a delivery's diagnosis, a line each."""
    return lambda delivery: "\n".join(texts(row(delivery.get("diagnosis")).get(part)))


def _findings(delivery: Row) -> str:
    """Return what is wrong with a delivery's proof, each with what to do about it below."""
    found = rows(row(delivery.get("diagnosis")).get("findings"))
    return "\n".join(f"{each.get('words')}\n{each.get('advice')}" for each in found)


#: Findings after which a search for the recipe may help: the signature is elsewhere, or right for nothing.
SEARCHED = {Finding.SIGNATURE_MISSING, Finding.UNEXPLAINED}


def _how_to_find(delivery: Row) -> str:
    """Return the command that finds out how a delivery is signed; empty where that is known, or nothing was tried."""
    diagnosis = row(delivery.get("diagnosis"))
    found = {each.get("finding") for each in rows(diagnosis.get("findings"))}
    return f"wink recipe find --delivery {delivery.get('id')}" if found & SEARCHED and diagnosis.get("tried") else ""


LIST = (
    Column("delivery", "id"),
    Column("trigger", "trigger"),
    Column("verdict", "verdict"),
    Column("reason", "reason"),
    Column("received (UTC)", when("received_at")),
)
DETAILS = (
    Column("delivery", "id"),
    Column("trigger", "trigger"),
    Column("received (UTC)", moment("received_at")),
    Column("verdict", "verdict"),
    Column("reason", "reason"),
    Column("detail", "detail"),
    Column("answered", "status"),
    Column("again", lambda delivery: _again(row(delivery.get("again")))),
    Column("sealed until (UTC)", moment("sealed_until")),
    Column("proved later", lambda delivery: _late(row(delivery.get("late_proof")))),
    Column("what is wrong", _findings),
    Column("find the recipe", _how_to_find),
    Column("looks like", lambda delivery: _looks_like(row(delivery.get("looks_like")))),
    Column("carries", _told("looks")),
    Column("was tried", _told("tried")),
    Column("was left out", _told("left_out")),
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
@click.option("--sealed", is_flag=True, help="Only what is kept sealed until a secret proves it.")
@since_option
@until_option
@limit_option
@json_option
@with_client
def list_deliveries(client: Client, *, sealed: bool, limit: int, as_json: bool, **filters: str | None) -> None:
    """List deliveries, newest first."""
    found = client.pages("/deliveries", limit, sealed="true" if sealed else None, **filters)
    none = "No deliveries. `wink triggers list` tells where to send some."
    if filters["reason"] == Reason.UNKNOWN_ADDRESS and not as_json:
        none = not_kept(client.get("/ledger/check")) or none
    show.page(found, LIST, as_json=as_json, none=none)


@deliveries.command("show")
@click.argument("delivery_id", metavar="ID")
@json_option
@with_client
def show_delivery(client: Client, *, delivery_id: str, as_json: bool) -> None:
    """Show a delivery as it came in, without its secrets, and why its proof was refused."""
    delivery = client.get(within("deliveries", delivery_id))
    if as_json:
        show.print_json(delivery)
    else:
        show.details(delivery, DETAILS)


def _late(proof: Row) -> str:
    """Return what became of a delivery that was sealed."""
    if not proof:
        return ""
    detail = f": {proof['detail']}" if proof["detail"] else ""
    return f"{proof['verdict']} ({proof['reason']}){detail}, {proof['judged_at']}"


def _again(found: Row) -> str:
    """Return when the vendor tries again, or what it says of that; empty where nothing is known."""
    if found.get("attempts") is None:
        return str(found.get("gives_up") or "")
    attempt = f"{found.get('vendor')}, attempt {found.get('attempt')} of {found.get('attempts')}"
    if found.get("attempt") == found.get("attempts"):
        return f"{attempt}, the last. {found.get('gives_up') or ''}".rstrip()
    return f"{attempt}; the next: {moment('due_at')(found) or 'not known when'}"


def _looks_like(found: Row) -> str:
    """Return which connectors it may belong to, and why; empty where nothing is to be said."""
    lines = [str(found.get("words", ""))]
    for each in rows(found.get("candidates")):
        lines += [f"{each.get('title')}: {' '.join(texts(each.get('reasons')))}"]
        lines += [f"wink triggers create NAME --connector {each.get('connector')}"] if found.get("sure") else []
    return "\n".join(filter(None, lines))


def _headers(headers: Row) -> str:
    """Return headers as they are written, a line each."""
    return "\n".join(f"{name}: {value}" for name, values in headers.items() for value in texts(values))

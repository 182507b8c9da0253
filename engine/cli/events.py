"""``wink events``: what happened, and what was answered about it."""

import click
from rich.tree import Tree

from engine.cli import show
from engine.cli.client import Client, Row, row, rows, texts, within
from engine.cli.options import json_option, limit_option, since_option, until_option, with_client
from engine.cli.show import Column, moment, when

LIST = (
    Column("event", "id"),
    Column("type", "type"),
    Column("trigger", "trigger"),
    Column("received (UTC)", when("received_at")),
)
DETAILS = (
    Column("event", "id"),
    Column("type", "type"),
    Column("trigger", "trigger"),
    Column("delivery", "delivery"),
    Column("key", "key"),
    Column("time (UTC)", moment("time")),
    Column("received (UTC)", moment("received_at")),
    Column("held", "held"),
    Column("data", "data"),
)
MATCHES = (
    Column("asked", lambda match: match.get("workflow") or "the trigger"),
    Column("answer", "answer"),
    Column("held", "held"),
    Column("run", "run"),
)
ENDED_WAITS = (Column("ended the wait of", "run"), Column("step", "step"), Column("at (UTC)", moment("at")))

STAGES = (Column("at (UTC)", moment("at")), Column("what happened", "words"))


@click.group()
def events() -> None:
    """See what happened; ask why a workflow ran or not; let it happen again."""


@events.command("list")
@click.option("--trigger", metavar="NAME", help="Received by this trigger, by name or id.")
@click.option("--type", "type_", metavar="TYPE", help="Of this type.")
@click.option("--matched/--not-matched", default=None, help="Those that a workflow wanted, or those that none did.")
@click.option("-q", "query", metavar="TEXT", help="With this text in their data.")
@since_option
@until_option
@limit_option
@json_option
@with_client
def list_events(  # noqa: PLR0913 - an option each
    client: Client,
    *,
    type_: str | None,
    matched: bool | None,
    query: str | None,
    limit: int,
    as_json: bool,
    **filters: str | None,
) -> None:
    """List events, newest first."""
    asked = None if matched is None else str(matched).lower()
    found = client.pages("/events", limit, type=type_, matched=asked, q=query, **filters)
    show.page(found, LIST, as_json=as_json, none="No events. `wink deliveries list` shows what came in.")


@events.command("show")
@click.argument("event_id", metavar="ID")
@json_option
@with_client
def show_event(client: Client, *, event_id: str, as_json: bool) -> None:
    """Show an event, who was asked about it, its runs, and the waits that it ended."""
    event = client.get(within("events", event_id))
    if as_json:
        show.print_json(event)
        return
    show.details(event, DETAILS)
    click.echo()
    show.table(rows(event.get("matches")), MATCHES)
    if ended := rows(event.get("ended_waits")):
        click.echo()
        show.table(ended, ENDED_WAITS)


@events.command("explain")
@click.argument("event_id", metavar="ID")
@json_option
@with_client
def explain(client: Client, *, event_id: str, as_json: bool) -> None:
    """Say why each workflow ran or did not.

    Shows every part of its condition, and the value that it saw.
    """
    explained = client.get(within("events", event_id, "explain"))
    if as_json:
        show.print_json(explained)
        return
    show.table(rows(explained.get("stages")), STAGES)
    for match in rows(explained.get("matches")):
        if explanation := row(match.get("explanation")):
            tree = Tree(show.text(f"{match.get('workflow') or 'the trigger'}: {match.get('answer')}"))
            _grow(tree, explanation)
            click.echo()
            show.draw(tree)


@events.command("replay")
@click.argument("event_id", metavar="ID")
@with_client
def replay(client: Client, *, event_id: str) -> None:
    """Ask all workflows again, as they are now, and start new runs."""
    replayed = client.post(within("events", event_id, "replay"))
    started = texts(replayed.get("runs"))
    click.echo("\n".join(f"{run} runs." for run in started) or "No workflow wants this event.")


def _grow(tree: Tree, part: Row) -> None:
    """Add a part of a condition with its answer, its value, and the parts below it."""
    said = part.get("reason") or show.text(part["value"] if "value" in part else part.get("answer")).plain
    branch = tree.add(show.text(f"{part.get('text')}  ->  {said}"))
    for below in rows(part.get("parts")):
        _grow(branch, below)

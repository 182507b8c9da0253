"""``wink listen``: capture the next delivery as a sample, and see its schema."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from time import sleep

import click

from engine.cli import show
from engine.cli.client import Client, Refused, Row, row, within
from engine.cli.events import DETAILS
from engine.cli.options import json_option, with_client
from engine.clock import parse_time
from engine.errors import WinkError

#: How often it is asked whether a sample has come.
ASK_EVERY = timedelta(milliseconds=500)


class NothingListens(WinkError):
    """No server runs on this data folder, so nothing can arrive: start one with `wink serve`, and listen again."""


@click.command()
@click.argument("trigger")
@click.option("--for", "length", default="2m", show_default=True, metavar="TIME", help="How long to listen.")
@click.option("--apply", "applies", is_flag=True, help="Also make that schema the trigger's own.")
@json_option
@with_client
def listen(client: Client, *, trigger: str, length: str, applies: bool, as_json: bool) -> None:
    """Listen until the next authentic delivery comes, and show it with the schema that it suggests.

    Ctrl-C stops listening. `wink send TRIGGER` in another terminal sends one.
    """
    if not client.served:
        raise NothingListens
    before = captured_at(client, trigger)
    until = client.post(within("triggers", trigger, "listen"), {"for": length}).get("listening_until")
    click.echo(f"Listening until {until}. Ctrl-C stops.", err=True)
    try:
        sample = await_sample(client, trigger, before, parse_time(str(until)))
    except KeyboardInterrupt:
        client.call("DELETE", within("triggers", trigger, "listen"))
        raise click.ClickException(f"stopped: {trigger} does not listen any more") from None
    if applies:
        client.post(within("triggers", trigger, "sample", "apply"))
    _show(sample, as_json=as_json)


def await_sample(client: Client, trigger: str, before: object, until: datetime) -> Row:
    """Return the first sample that is newer than the last one before.

    Raises:
        click.ClickException: none came until then.
    """
    while datetime.now(UTC) < until:
        sleep(ASK_EVERY.total_seconds())
        if captured_at(client, trigger) != before:
            return client.get(within("triggers", trigger, "sample"))
    raise click.ClickException("nothing came: `wink deliveries list` shows what was refused, and why")


def captured_at(client: Client, trigger: str) -> object:
    """Return when the trigger's newest sample came; None when it has none."""
    with suppress(Refused):
        return client.get(within("triggers", trigger, "sample")).get("captured_at")
    return None


def _show(sample: Row, *, as_json: bool) -> None:
    if as_json:
        show.print_json(sample)
        return
    show.details(row(sample.get("event")), DETAILS)
    click.echo("\nSchema:")
    show.print_json(sample.get("schema"))

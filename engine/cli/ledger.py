"""``wink ledger``: whether the numbers add up."""

import click

from engine.cli import show
from engine.cli.client import Client, Row, row
from engine.cli.options import json_option, with_client
from engine.cli.show import Column


@click.group()
def ledger() -> None:
    """Hold the ledger against itself."""


@ledger.command("check")
@json_option
@with_client
def check_ledger(client: Client, *, as_json: bool) -> None:
    """Check that every delivery has its verdict, and every match its run; exit with 1 when one has not."""
    numbers = client.get("/ledger/check")
    if as_json:
        show.print_json(numbers)
    else:
        show.details(numbers, _columns(numbers))
    if numbers.get("unaccounted"):
        raise click.ClickException(f"{numbers['unaccounted']} are unaccounted for")


def _columns(numbers: Row) -> tuple[Column, ...]:
    verdicts = row(numbers.get("verdicts"))
    return (
        Column("received", "received"),
        *(Column(f"  {verdict}", lambda _, count=count: count) for verdict, count in verdicts.items()),
        Column("matched", "matched"),
        Column("runs", "runs"),
        Column("unaccounted", "unaccounted"),
    )

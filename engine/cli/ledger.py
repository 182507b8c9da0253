"""``wink ledger``: whether the numbers add up."""

from functools import partial

import click

from engine.cli import show
from engine.cli.client import Client, Row, row
from engine.cli.options import json_option, with_client
from engine.cli.show import Column

BEFORE = (Column("received", "received"),)
AFTER = (
    Column("sealed", "sealed"),
    Column("matched", "matched"),
    Column("runs", "runs"),
    Column("unaccounted", "unaccounted"),
)


def not_kept(numbers: Row) -> str:
    """Return what the ledger knows of that no list can show, in words; empty where there is nothing of the kind."""
    strays = numbers.get("unknown_addresses")
    return f"{strays} at no trigger's address: counted, not kept" if strays else ""


@click.group()
def ledger() -> None:
    """Check that nothing was lost."""


@ledger.command("check")
@json_option
@partial(with_client, may_begin=False)
def check_ledger(client: Client, *, as_json: bool) -> None:
    """Check that the numbers add up.

    Every delivery has its verdict, and every match its run. Exits with 1 when one has not, or no Wink is there.
    """
    numbers = client.get("/ledger/check")
    if as_json:
        show.print_json(numbers)
    else:
        verdicts = row(numbers.get("verdicts"))
        between = [Column(f"  {verdict}", verdict) for verdict in verdicts]
        show.details({**numbers, **verdicts}, [*BEFORE, *between, Column("  of these", not_kept), *AFTER])
    if numbers.get("unaccounted"):
        raise click.ClickException(f"{numbers['unaccounted']} are unaccounted for")

"""``wink recipe``: find out from one delivery how its sender signs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, TextIO

import click

from engine import json_bytes
from engine.cli import show
from engine.cli.client import Client, Row, row, rows, within
from engine.cli.options import data_option, json_option, with_client
from engine.cli.request_file import read_request
from engine.clock import parse_time
from engine.finder.explained import as_yaml, explain, nothing_found
from engine.finder.search import find_recipes

OF_THE_SENDER = "File with the secret of the sender; - reads it from standard input. Default: the trigger's."
USE = "With --delivery: give its trigger the first recipe, and the secret where one is given."
FILE = "Instead: a file with a raw HTTP request. Asks no Wink."
ADDRESS = "With -f: the address that the sender was given. Default: https, the Host header, and the target."
WHEN = "With -f: when it came in, such as 2026-01-31T08:00:00Z. Default: now."


@click.group()
def recipe() -> None:
    """Find out how a sender signs."""


@recipe.command("find")
@click.option("--delivery", metavar="ID", help="A delivery in the ledger, such as one that was refused.")
@click.option("--use", is_flag=True, help=USE)
@click.option("-f", "--file", type=click.File("rb"), help=FILE)
@click.option("--secret-file", type=click.File(), help=OF_THE_SENDER)
@click.option("--url", help=ADDRESS)
@click.option("--at", metavar="TIME", help=WHEN)
@data_option
@json_option
def find(  # noqa: PLR0913 - an option each
    *,
    delivery: str | None,
    use: bool,
    file: BinaryIO | None,
    secret_file: TextIO | None,
    url: str | None,
    at: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Search one signed request for the recipe by which it is signed.

    What is found was tried: it proves the request. Exits with 1 when nothing is found. Without --use nothing is
    changed, and the secret is not kept.
    """
    if (delivery is None) == (file is None):
        raise click.UsageError("give one of --delivery and -f")
    secret = None if secret_file is None else secret_file.read().strip()
    if file is None:
        _of_delivery(data=data, delivery=delivery, secret=secret, use=use, as_json=as_json)
    elif secret is None or use:
        raise click.UsageError("with -f give the secret by --secret-file, and no --use: there is no trigger")
    else:
        _show(_in_file(file.read(), secret, url, at), as_json=as_json)


@with_client
def _of_delivery(client: Client, *, delivery: str, secret: str | None, use: bool, as_json: bool) -> None:
    given = {} if secret is None else {"secret": secret}
    found = client.post(within("deliveries", delivery, "recipe"), given)
    _show(found, as_json=as_json)
    if use:
        _use(client, found, given)
    elif row(rows(found.get("recipes"))[0]).get("usable"):
        click.echo(f"The same with --use gives {found.get('trigger')} this recipe.", err=True)


def _use(client: Client, found: Row, given: Row) -> None:
    """Give the trigger the first recipe; a secret that was given becomes its own, and the one before it overlaps."""
    best, trigger = rows(found.get("recipes"))[0], str(found.get("trigger"))
    if not best.get("usable"):
        raise click.ClickException(f"{trigger} takes no such recipe: a recipe is a signature")
    changes = {"auth": found.get("auth"), "recipe": [best.get("recipe")]}
    client.call("PATCH", within("triggers", trigger), body=json_bytes.dump(changes))
    if given:
        client.post(within("triggers", trigger, "rotate"), {"overlap": "24h", **given})
    click.echo(f"{trigger} takes what is signed so.", err=True)


def _in_file(written: bytes, secret: str, url: str | None, at: str | None) -> Row:
    """Return what the API would say of a request in a file."""
    found = find_recipes(read_request(written, url=url, at=_moment(at)), secret)
    recipes = [{"recipe": each, "yaml": as_yaml(each), "words": explain(each)} for each in found.recipes]
    words = "" if recipes else nothing_found(found)
    return {"recipes": recipes, "words": words, "tried": found.tried, "complete": found.complete}


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        return parse_time(text)
    except ValueError as error:
        raise click.UsageError(f"--at: {error}") from error


def _show(found: Row, *, as_json: bool) -> None:
    recipes = rows(found.get("recipes"))
    if as_json:
        show.print_json(found)
    else:
        told = [f"{each.get('words')}\n\n{each.get('yaml')}" for each in recipes] or [str(found.get("words"))]
        click.echo("\n".join(show.text(each).plain for each in told))
    if not recipes:
        raise SystemExit(1)

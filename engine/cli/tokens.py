"""``wink tokens``: which programs may use the API."""

import click

from engine.cli import show
from engine.cli.client import Client, rows, within
from engine.cli.client import Page as Listed
from engine.cli.options import json_option, with_client
from engine.cli.show import Column, moment
from engine.cli.users import role_type

LIST = (
    Column("token", "id"),
    Column("name", "name"),
    Column("role", "role"),
    Column("made (UTC)", moment("created_at")),
    Column("last used (UTC)", moment("last_used_at")),
)


@click.group()
def tokens() -> None:
    """Say which programs may use the API, and what they may do there."""


@tokens.command("list")
@json_option
@with_client
def list_tokens(client: Client, *, as_json: bool) -> None:
    """List tokens, newest first."""
    found = Listed(rows(client.get("/tokens").get("items")), None)
    show.page(found, LIST, as_json=as_json, none="No tokens. Make one with `wink tokens create NAME --role viewer`.")


@tokens.command("create")
@click.argument("name")
@click.option("--role", type=role_type, required=True, help="What whoever holds it may do.")
@json_option
@with_client
def create(client: Client, *, name: str, role: str, as_json: bool) -> None:
    """Make a token, and show it this once."""
    made = client.post("/tokens", {"name": name, "role": role})
    if as_json:
        show.print_json(made)
    else:
        click.echo(f"Token, shown this once: {made['token']}")


@tokens.command("delete")
@click.argument("token")
@with_client
def delete(client: Client, *, token: str) -> None:
    """Delete a token, by its id: it admits nobody from now on."""
    client.call("DELETE", within("tokens", token))
    click.echo(f"{token} is deleted.")

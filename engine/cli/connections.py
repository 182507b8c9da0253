"""``wink connections``: credentials for calling services. Values come from a prompt or a file, never from the words."""

import json
from typing import TextIO

import click

from engine.actions.schemes import GENERIC
from engine.cli import show
from engine.cli.client import Client, Row, within
from engine.cli.options import json_option, limit_option, with_client, yes_option
from engine.cli.show import Column, moment

LIST = (
    Column("connection", "name"),
    Column("connector", "connector"),
    Column("scheme", "scheme"),
    Column("base URL", "base_url"),
    Column("last used (UTC)", moment("last_used_at")),
)
DETAILS = (
    Column("connection", "name"),
    Column("connector", "connector"),
    Column("scheme", "scheme"),
    Column("base URL", "base_url"),
    Column("test path", "test_path"),
    Column("set (UTC)", moment("updated_at")),
    Column("last used (UTC)", moment("last_used_at")),
    Column("workflows", "workflows"),
)

SCHEMES = click.Choice([scheme.value for scheme in GENERIC])


@click.group()
def connections() -> None:
    """Keep the credentials that steps call services with."""


@connections.command("list")
@limit_option
@json_option
@with_client
def list_connections(client: Client, *, limit: int, as_json: bool) -> None:
    """List connections by name."""
    found = client.pages("/connections", limit)
    show.page(found, LIST, as_json=as_json, none="No connections. Make one with `wink connections set NAME`.")


@connections.command("show")
@click.argument("name")
@json_option
@with_client
def show_connection(client: Client, *, name: str, as_json: bool) -> None:
    """Show a connection and the workflows that use it; its values are shown nowhere."""
    found = client.get(within("connections", name))
    if as_json:
        show.print_json(found)
    else:
        show.details(found, DETAILS)


@connections.command("set")
@click.argument("name")
@click.option("--connector", metavar="NAME", help="Whose connection it is, where a connector takes one.")
@click.option("--scheme", type=SCHEMES, help="How credentials are sent to any other service.")
@click.option("--base-url", metavar="URL", help="Where alone they are sent. Default: as the connector says.")
@click.option("--test-path", metavar="PATH", help="Harmless address below it, which `test` reads.")
@click.option(
    "--values-file",
    type=click.File(),
    help="File with a line name=value for each field; - reads standard input. Default: it asks, out of sight.",
)
@json_option
@with_client
def set_connection(
    client: Client, *, name: str, values_file: TextIO | None, as_json: bool, **decided: str | None
) -> None:
    """Set a connection, with all of its values anew.

    Values are asked for, or read from a file: words of a command can be seen by other users of the machine.
    """
    body: dict[str, object] = {field: value for field, value in decided.items() if value is not None}
    if values_file is None:
        body["values"] = _asked(_fields(client, decided["connector"], decided["scheme"]))
    else:
        body["values"] = _read(values_file)
    kept = client.call("PUT", within("connections", name), body=json.dumps(body).encode())
    if as_json:
        show.print_json(kept)
    else:
        click.echo(f"{name} is set: it is sent to {show.text(kept['base_url']).plain} and nowhere else.")


@connections.command("test")
@click.argument("name")
@json_option
@with_client
@click.pass_context
def test_connection(context: click.Context, client: Client, *, name: str, as_json: bool) -> None:
    """Read a harmless address with a connection, and say what came back."""
    tested = client.post(within("connections", name, "test"))
    if as_json:
        show.print_json(tested)
    else:
        click.echo(show.text(tested["message"]).plain)
    context.exit(1 if tested["ok"] is False else 0)


@connections.command("delete")
@click.argument("name")
@yes_option
@with_client
def delete(client: Client, *, name: str, yes: bool) -> None:
    """Delete a connection and its values."""
    if not yes:
        used = client.get(within("connections", name)).get("workflows")
        by = f" It is used by {', '.join(map(str, used))}." if isinstance(used, list) and used else ""
        click.confirm(f"Delete the connection {name}?{by} Steps that name it will fail", abort=True)
    client.call("DELETE", within("connections", name))
    click.echo(f"{name} is deleted.")


def _fields(client: Client, connector: str | None, scheme: str | None) -> dict[str, Row]:
    """Return the fields to ask for."""
    if connector is not None:
        found = client.get(within("connectors", connector)).get("connection")
        if not isinstance(found, dict):
            raise click.UsageError(f"the connector {connector} takes no connection")
        fields: dict[str, Row] = found["fields"]
        return fields
    if scheme is None:
        raise click.UsageError("say --connector, or --scheme for any other service")
    declaration = next(one for each, one in GENERIC.items() if each.value == scheme)
    return {name: one.model_dump() for name, one in declaration.fields_.items()}


def _asked(fields: dict[str, Row]) -> dict[str, str]:
    """Ask for each field, for secrets without showing what is typed."""
    values = {}
    for name, field in fields.items():
        optional = not field["required"]
        if field["help"]:
            click.echo(show.text(field["help"]).plain, err=True)
        text = f"{field['title']} (may be empty)" if optional else str(field["title"])
        values[name] = click.prompt(
            text, default="" if optional else None, show_default=False, hide_input=bool(field["secret"]), err=True
        )
    return values


def _read(file: TextIO) -> dict[str, str]:
    values = {}
    for number, line in enumerate(file, start=1):
        name, found, value = line.rstrip("\r\n").partition("=")
        if line.strip() and not found:
            raise click.UsageError(f"line {number} of the values is not name=value")
        if found:
            values[name.strip()] = value
    return values

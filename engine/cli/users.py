"""``wink users``: who may sign in."""

import json
from typing import TextIO

import click

from engine.cli import show
from engine.cli.client import Client, Row, within
from engine.cli.options import json_option, limit_option, with_client, yes_option
from engine.cli.show import Column, moment
from engine.words import Role

LIST = (
    Column("user", "name"),
    Column("role", "role"),
    Column("must change the password", "must_change"),
    Column("last sign-in (UTC)", moment("last_sign_in_at")),
)

role_type = click.Choice([role.value for role in Role])
password_option = click.option(
    "--password-file",
    type=click.File(),
    help="File with the password; - reads it from standard input, out of sight of other users. Default: made for you.",
)


@click.group()
def users() -> None:
    """Say who may sign in, and what they may do there."""


@users.command("list")
@limit_option
@json_option
@with_client
def list_users(client: Client, *, limit: int, as_json: bool) -> None:
    """List users by name."""
    found = client.pages("/users", limit)
    show.page(found, LIST, as_json=as_json, none="No users. `wink serve` makes the first one.")


@users.command("create")
@click.argument("name")
@click.option("--role", type=role_type, required=True, help="What the user may do.")
@password_option
@json_option
@with_client
def create(client: Client, *, name: str, role: str, password_file: TextIO | None, as_json: bool) -> None:
    """Make a user, whose password has to be changed at the first sign-in."""
    _issued(client.post("/users", {"name": name, "role": role} | _password(password_file)), as_json=as_json)


@users.command("role")
@click.argument("name")
@click.argument("role", type=role_type)
@with_client
def change_role(client: Client, *, name: str, role: str) -> None:
    """Give a user another role, and sign it out."""
    client.call("PATCH", within("users", name), body=json.dumps({"role": role}).encode())
    click.echo(f"{name} has the role {role}.")


@users.command("reset-password")
@click.argument("name")
@password_option
@json_option
@with_client
def reset_password(client: Client, *, name: str, password_file: TextIO | None, as_json: bool) -> None:
    """Give a user a password that has to be changed at the next sign-in, and sign it out."""
    _issued(client.post(within("users", name, "password"), _password(password_file)), as_json=as_json)


@users.command("sign-out")
@click.argument("name")
@with_client
def sign_out(client: Client, *, name: str) -> None:
    """Sign a user out everywhere."""
    client.call("DELETE", within("users", name, "sessions"))
    click.echo(f"{name} is signed out everywhere.")


@users.command("delete")
@click.argument("name")
@yes_option
@with_client
def delete(client: Client, *, name: str, yes: bool) -> None:
    """Delete a user, who is signed out at once."""
    if not yes:
        click.confirm(f"Delete the user {name}?", abort=True)
    client.call("DELETE", within("users", name))
    click.echo(f"{name} is deleted.")


def _password(file: TextIO | None) -> dict[str, object]:
    return {} if file is None else {"password": file.read().strip("\r\n")}


def _issued(user: Row, *, as_json: bool) -> None:
    """Show a user who has a new password."""
    if as_json:
        show.print_json(user)
        return
    click.echo(f"{user['name']} has the role {user['role']}, and has to change the password at the next sign-in.")
    if user.get("password"):
        click.echo(f"Password, shown this once: {show.text(user['password']).plain}")

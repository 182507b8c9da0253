"""``wink openapi``: the description of the API."""

import click

from engine.cli import show
from engine.cli.client import Client
from engine.cli.options import with_client


@click.command()
@with_client
def openapi(client: Client) -> None:
    """Print the description of the API, OpenAPI 3.1."""
    show.print_json(client.get("/openapi.json"))

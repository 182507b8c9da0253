"""``wink schema``: JSON Schemas, for editors to complete and check by."""

import click

from engine.cli import show
from engine.cli.known import known_actions
from engine.definitions.manifest import connector_schema
from engine.definitions.published import event_schema, workflow_schema
from engine.testing.dialect import schema_of_tests


@click.group()
def schema() -> None:
    """Print the JSON Schema of what people write and what they read."""


@schema.command("workflow")
def workflow() -> None:
    """Print the schema of workflow files and of all actions."""
    show.print_json(workflow_schema(known_actions()))


@schema.command("test")
def test() -> None:
    """Print the schema of the tests of workflows."""
    show.print_json(schema_of_tests())


@schema.command("connector")
def connector() -> None:
    """Print the schema of a connector's manifest, connector.yaml."""
    show.print_json(connector_schema())


@schema.command("event")
def event() -> None:
    """Print the schema of an event, as expressions see it."""
    show.print_json(event_schema())

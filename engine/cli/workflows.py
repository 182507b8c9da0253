"""``wink workflows``: what runs when an event comes."""

import click

from engine.cli import show
from engine.cli.client import Client, Row, row, rows, within
from engine.cli.options import json_option, limit_option, with_client, yes_option
from engine.cli.show import Column, moment, when

LIST = (
    Column("workflow", "name"),
    Column("title", "title"),
    Column("enabled", "enabled"),
    Column("triggers", "triggers"),
    Column("schedule", lambda workflow: _schedule(row(workflow.get("schedule")))),
    Column("changed", when("updated_at")),
)
DETAILS = (
    Column("workflow", "name"),
    Column("title", "title"),
    Column("version", lambda workflow: str(workflow.get("version"))[:12]),
    Column("enabled", "enabled"),
    Column("triggers", "triggers"),
    Column("schedule", lambda workflow: _schedule(row(workflow.get("schedule")))),
    Column("next run (UTC)", lambda workflow: moment("next_at")(row(workflow.get("schedule")))),
    Column("by hand", "manual"),
    Column("created (UTC)", moment("created_at")),
    Column("changed (UTC)", moment("updated_at")),
    Column("warnings", lambda workflow: "\n".join(map(_warning, rows(workflow.get("mistakes"))))),
)


@click.group()
def workflows() -> None:
    """See what runs when an event comes; turn it off and on."""


@workflows.command("list")
@limit_option
@json_option
@with_client
def list_workflows(client: Client, *, limit: int, as_json: bool) -> None:
    """List workflows by name.

    Also tells which files of the workflows folder cannot be loaded, and why.
    """
    found = client.pages("/workflows", limit)
    problems = row(client.get("/workflows", limit=1).get("problems"))
    if as_json:
        show.print_json({"items": found.items, "next": found.next, "problems": problems})
        return
    show.page(found, LIST, as_json=False, none="No workflows. Begin one with `wink new workflow NAME`.")
    for file, words in problems.items():
        click.echo(show.text(f"\n{file} is not loaded; if it was, the last good version goes on:\n{words}").plain)


@workflows.command("show")
@click.argument("workflow")
@json_option
@with_client
def show_workflow(client: Client, *, workflow: str, as_json: bool) -> None:
    """Show a workflow with its text, and what a check says of it now."""
    found = client.get(within("workflows", workflow))
    if as_json:
        show.print_json(found)
    else:
        show.details(found, DETAILS)
        click.echo(f"\n{show.text(found.get('text')).plain}")


@workflows.command("enable")
@click.argument("workflow")
@with_client
def enable(client: Client, *, workflow: str) -> None:
    """Let events start a workflow again."""
    client.post(within("workflows", workflow, "enable"))
    click.echo(f"{workflow} is enabled: events start it.")


@workflows.command("disable")
@click.argument("workflow")
@with_client
def disable(client: Client, *, workflow: str) -> None:
    """Let nothing start a workflow; runs that began go on."""
    client.post(within("workflows", workflow, "disable"))
    click.echo(f"{workflow} is disabled: nothing starts it until you say `wink workflows enable {workflow}`")


@workflows.command("delete")
@click.argument("workflow")
@yes_option
@with_client
def delete(client: Client, *, workflow: str, yes: bool) -> None:
    """Delete a workflow; its runs can still be read, and go on.

    Its file stays in the workflows folder, and brings the workflow back when it changes.
    """
    if not yes:
        click.confirm(f"Delete {workflow}? Nothing will start it any more", abort=True)
    client.call("DELETE", within("workflows", workflow))
    click.echo(f"{workflow} is deleted. Delete its file too, if it has one: a change there brings it back.")


def _schedule(schedule: Row) -> str | None:
    return f"{schedule.get('cron')}, {schedule.get('timezone')}" if schedule else None


def _warning(remark: Row) -> str:
    return f"line {remark.get('line')}: {remark.get('message')}"

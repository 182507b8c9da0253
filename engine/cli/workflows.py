"""``wink workflows``: what runs when an event comes."""

from collections.abc import Sequence
from datetime import timedelta
from time import monotonic, sleep
from typing import BinaryIO

import click

from engine.cli import show
from engine.cli.client import Client, Row, row, rows, texts, within
from engine.cli.inputs import read_inputs
from engine.cli.options import json_option, limit_option, with_client, yes_option
from engine.cli.runs import DETAILS as RUN_DETAILS
from engine.cli.show import Column, moment, when
from engine.clock import parse_duration
from engine.words import Outcome


def _triggers(workflow: Row) -> list[str]:
    """Return the triggers that start it, and which of them, or of those whose silence does, are not there."""
    absent = texts(workflow.get("absent"))
    there = [name for name in texts(workflow.get("triggers")) if name not in absent]
    return [*there, *(f"{name} (not there)" for name in absent)]


LIST = (
    Column("workflow", "name"),
    Column("title", "title"),
    Column("enabled", "enabled"),
    Column("triggers", _triggers),
    Column("schedule", lambda workflow: _schedule(row(workflow.get("schedule")))),
    Column("changed (UTC)", when("updated_at")),
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
    """See what runs when an event comes; run it, turn it off and on."""


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


@workflows.command("run")
@click.argument("workflow")
@click.option("--input", "pairs", metavar="NAME=VALUE", multiple=True, help="One input; may be given several times.")
@click.option(
    "--inputs",
    "file",
    type=click.File("rb"),
    metavar="FILE",
    help="A JSON object of inputs; `-` reads standard input.",
)
@click.option("--wait", metavar="LENGTH", help="Wait so long for its end, such as 10s or 5m.")
@json_option
@with_client
def run_workflow(  # noqa: PLR0913 - its options
    client: Client,
    *,
    workflow: str,
    pairs: Sequence[str],
    file: BinaryIO | None,
    wait: str | None,
    as_json: bool,
) -> None:
    """Start a workflow by hand, which it allows by `manual: true`.

    With --wait, the exit status is 1 unless the run has succeeded by then.
    """
    length = _length(wait)
    inputs = read_inputs("input", pairs, file, row(client.get(within("workflows", workflow)).get("inputs")))
    run = client.post(within("workflows", workflow, "run"), {"inputs": inputs})
    if length is not None and client.served:
        run = _ended(client, run, length)
    if as_json:
        show.print_json(run)
    else:
        show.details(run, RUN_DETAILS)
        click.echo(_next_step(client, run))
    if length is not None and run.get("outcome") != Outcome.SUCCEEDED:
        click.get_current_context().exit(1)


def _length(wait: str | None) -> timedelta | None:
    try:
        return None if wait is None else parse_duration(wait)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--wait") from error


def _ended(client: Client, run: Row, length: timedelta) -> Row:
    """Return the run when it has ended, or as it is when the time is over."""
    deadline, pause = monotonic() + length.total_seconds(), 0.05
    while run.get("finished_at") is None and monotonic() < deadline:
        sleep(pause)
        pause = min(pause * 1.5, 1.0)
        run = client.get(within("runs", str(run.get("id"))))
    return run


def _next_step(client: Client, run: Row) -> str:
    see = f"see it with `wink runs show {run.get('id')}`"
    if run.get("finished_at") is not None:
        return f"It has ended: {see}"
    return f"It has not ended yet: {see}" if client.served else f"It runs when `wink serve` is started: {see}"


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

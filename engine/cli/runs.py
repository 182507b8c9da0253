"""``wink runs``: what workflows did."""

import shlex
from collections.abc import Sequence

import click

from engine.cli import show
from engine.cli.client import Client, Row, row, rows, texts, within
from engine.cli.options import json_option, limit_option, since_option, until_option, with_client, yes_option
from engine.cli.show import Column, moment, when
from engine.definitions.bodies import read_json
from engine.errors import Rejected
from engine.words import Outcome, Resolution

CHOICES = {
    Resolution.HAPPENED: "it happened",
    Resolution.REPEAT: "it did not, and is repeated",
    Resolution.FAIL: "it counts as failed",
}

LIST = (
    Column("run", "id"),
    Column("workflow", "workflow"),
    Column("outcome", "outcome"),
    Column("queued (UTC)", when("queued_at")),
)
DETAILS = (
    Column("run", "id"),
    Column("workflow", lambda run: f"{run.get('workflow')}, version {str(run.get('version'))[:12]}"),
    Column("event", "event"),
    Column("outcome", "outcome"),
    Column("started (UTC)", moment("started_at")),
    Column("finished (UTC)", moment("finished_at")),
    Column("goes on by (UTC)", moment("due_at")),
    Column("waits for people", lambda run: questions(texts(run.get("approvals")))),
    Column("waits for event", lambda run: awaited_events(rows(run.get("waits_for_events")))),
    Column("started runs", lambda run: children(rows(run.get("children")))),
    Column("rerun of", "rerun_of"),
    Column("started by", "parent"),
    Column("scheduled for (UTC)", moment("scheduled_for")),
    Column("missed times", lambda run: run.get("missed") or None),
    Column("error", lambda run: reason(run.get("error"))),
    Column("outputs", "outputs"),
    Column("decided", lambda run: decided(rows(run.get("steps")))),
    Column("callback", lambda run: callback(row(run.get("callback")))),
)
STEPS = (
    Column("step", "path"),
    Column("uses", "uses"),
    Column("outcome", "outcome"),
    Column("attempts", lambda step: step.get("attempts") or None),
    Column("goes on by (UTC)", when("due_at")),
    Column("error", lambda step: reason(step.get("error"))),
)
STEP = (
    Column("step", "path"),
    Column("uses", "uses"),
    Column("outcome", "outcome"),
    Column("attempts", "attempts"),
    Column("began (UTC)", moment("started_at")),
    Column("ended (UTC)", moment("finished_at")),
    Column("error", lambda step: reason(step.get("error"))),
    Column("input", "input"),
    Column("output", "output"),
)


@click.group()
def runs() -> None:
    """See what workflows did; cancel or repeat it."""


@runs.command("list")
@click.option("--workflow", metavar="NAME", help="Of this workflow.")
@click.option("--outcome", type=click.Choice([outcome.value for outcome in Outcome]), help="With this outcome.")
@click.option("--event", metavar="ID", help="Started by this event.")
@since_option
@until_option
@limit_option
@json_option
@with_client
def list_runs(client: Client, *, limit: int, as_json: bool, **filters: str | None) -> None:
    """List runs, newest first."""
    found = client.pages("/runs", limit, **filters)
    none = "No runs." if any(filters.values()) else "No runs. `wink send TRIGGER` starts what a delivery would start."
    show.page(found, LIST, as_json=as_json, none=none)


@runs.command("show")
@click.argument("run_id", metavar="ID")
@click.option("--step", metavar="STEP", help="Show this step alone, with what went in and what came out.")
@json_option
@with_client
def show_run(client: Client, *, run_id: str, step: str | None, as_json: bool) -> None:
    """Show a run with its steps."""
    run = client.get(within("runs", run_id))
    shown = run if step is None else _step(run, step)
    if as_json:
        show.print_json(shown)
    elif step is not None:
        show.details(shown, STEP)
    else:
        _show_run(run)


def _step(run: Row, path: str) -> Row:
    steps = {str(step.get("path")): step for step in rows(run.get("steps"))}
    if path not in steps:
        raise click.BadParameter(f"the run has no step {path!r}; it has {', '.join(steps)}", param_hint="--step")
    return steps[path]


def _show_run(run: Row) -> None:
    steps = rows(run.get("steps"))
    show.details(run, DETAILS)
    click.echo()
    show.table([_told_once(step, steps) for step in steps], STEPS)
    for step in steps:
        if step.get("outcome") == Outcome.INTERRUPTED:
            click.echo(f"\n{_question(str(run.get('id')), str(step.get('path')))}")


def _told_once(step: Row, steps: Sequence[Row]) -> Row:
    """Return a step without its error where a step within it tells the same."""
    within_it = tuple(f"{step.get('path')}{mark}" for mark in "/[")
    inner = [reason(each.get("error")) for each in steps if str(each.get("path")).startswith(within_it)]
    return {**step, "error": None} if reason(step.get("error")) in inner else step


@runs.command("cancel")
@click.argument("run_id", metavar="ID")
@with_client
def cancel_run(client: Client, *, run_id: str) -> None:
    """Cancel a run: its next step does not begin."""
    client.post(within("runs", run_id, "cancel"))
    click.echo(f"{run_id} is cancelled.")


@runs.command("rerun")
@click.argument("run_id", metavar="ID")
@click.option("--from", "step", metavar="STEP", help="Begin at this step, with what the run knew before it.")
@click.option(
    "--version",
    type=click.Choice(["same", "current"]),
    default="same",
    show_default=True,
    help="Whether to take the workflow as it was then, or as it is now.",
)
@with_client
def rerun(client: Client, *, run_id: str, step: str | None, version: str) -> None:
    """Repeat a run, as a new one."""
    again = client.post(within("runs", run_id, "rerun"), {"from": step, "version": version})
    click.echo(f"{again.get('id')} runs it again: see it with `wink runs show {again.get('id')}`")


@runs.command("resolve")
@click.argument("run_id", metavar="ID")
@click.argument("step")
@click.argument("decision", type=click.Choice([decision.value for decision in Resolution]))
@click.option(
    "--output",
    metavar="JSON",
    help='What a step that happened gives back to later steps, as they read it: {"body": {"key": "SEC-1"}}.',
)
@yes_option
@with_client
def resolve(client: Client, *, run_id: str, step: str, decision: str, output: str | None, yes: bool) -> None:  # noqa: PLR0913 - its options
    """Say whether a step happened that a crash interrupted: its run goes on.

    happened: it did; repeat: it did not, so do it; fail: let it count as failed. This cannot be changed.
    """
    given: dict[str, object] = {"step": step, "decision": decision}
    try:
        given |= {} if output is None else {"output": read_json(output.encode())}
    except Rejected as error:
        raise click.BadParameter(f"{error.detail}; text stands in quotes", param_hint="--output") from error
    if not yes:
        click.confirm(f"{step}: {CHOICES[Resolution(decision)]}. Is it so?", abort=True)
    client.post(within("runs", run_id, "resolve"), given)
    click.echo(f"{run_id} goes on: see it with `wink runs show {run_id}`")


def questions(approvals: Sequence[str]) -> str:
    """Return how to see what a run asks people, a line for each question."""
    return "\n".join(f"wink approvals show {one}" for one in approvals)


def awaited_events(waits: Sequence[Row]) -> str:
    """Return which events the steps of a run wait for, a line for each step."""
    return "\n".join(_awaited_event(wait) for wait in waits)


def _awaited_event(wait: Row) -> str:
    types = " or ".join(texts(wait.get("types")))
    asks = f"if {wait['condition']}" if wait.get("condition") else ""
    return ", ".join(filter(None, (f"{wait.get('step')}: of {wait.get('trigger')}", types, asks)))


def children(started: Sequence[Row]) -> str:
    """Return how to see the runs that a run started, a line for each."""
    return "\n".join(_child(child) for child in started)


def _child(child: Row) -> str:
    step = f"{child['step']}: " if child.get("step") else ""
    return f"{step}{child.get('workflow')} {child.get('outcome')}: wink runs show {child.get('id')}"


def callback(told: Row) -> str | None:
    """Return in words how the callback of a run stands; None where there is none."""
    if not told:
        return None
    ended = "given up" if told.get("finished_at") else "not delivered yet"
    why = f": {told['error']}" if told.get("error") else ""
    return f"{told.get('origin')}, {'delivered' if told.get('delivered') else ended}{why}"


def decided(steps: Sequence[Row]) -> list[str]:
    """Return in words what people decided about steps after a crash."""
    return [
        f"{step.get('path')}: {CHOICES[Resolution(str(said.get('decision')))]}, says {said.get('by')}"
        for step in steps
        for said in rows(step.get("resolutions"))
    ]


def _question(run_id: str, path: str) -> str:
    command = f"wink runs resolve {run_id} {shlex.quote(path)}"
    choices = [f"{command} {decision.value}    # {words}" for decision, words in CHOICES.items()]
    asked = f"Did {path} happen before the crash? Look at the service that it calls, then say one of:"
    return "\n".join([asked, *choices])


def reason(error: object) -> str | None:
    """Return an error in words: the step where it happened, and the message."""
    found: Row = row(error)
    if not found:
        return None
    place = f"{found['step']}: " if found.get("step") else ""
    return f"{place}{found.get('message')}"

"""``wink send``: a delivery as the vendor would send it, and what comes of it."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

import click

from engine.cli import show
from engine.cli.client import Client, Row, rows, texts, within
from engine.cli.options import json_option, with_client
from engine.cli.runs import questions, reason
from engine.cli.show import Column
from engine.clock import parse_duration
from engine.words import UNFINISHED, Outcome, Verdict

SENT = (
    Column("delivery", "delivery"),
    Column("status", "status"),
    Column("verdict", "verdict"),
    Column("reason", "reason"),
    Column("events", "events"),
    Column("detail", "detail"),
)
RUNS = (
    Column("run", "id"),
    Column("workflow", "workflow"),
    Column("outcome", "outcome"),
    Column("error", lambda run: reason(run.get("error"))),
)

#: Outcomes that whoever sends to try something out wants to hear of.
BAD = frozenset({Outcome.FAILED, Outcome.INTERRUPTED, Outcome.CANCELLED})

#: Outcomes of runs that stand still until something comes.
STANDING = frozenset({Outcome.WAITING, Outcome.INTERRUPTED})

#: How often the runs are asked whether they ended.
ASK_EVERY = timedelta(milliseconds=100)


@click.command()
@click.argument("trigger")
@click.option(
    "-f", "--file", type=click.File("rb"), help="The body; - reads standard input. Default: the connector's sample."
)
@click.option("--event", metavar="TYPE", help="Which of the samples, by the type of its event. Default: the first.")
@click.option("--header", "headers", multiple=True, metavar="NAME=VALUE", help="A further header; may be repeated.")
@click.option("--repeat", type=click.IntRange(1, 1000), default=1, show_default=True, help="How many times to send it.")
@click.option(
    "--wait", default="10s", show_default=True, metavar="TIME", help="How long to wait for its runs; 0s: not."
)
@json_option
@with_client
def send(  # noqa: PLR0913 - an option each
    client: Client,
    *,
    trigger: str,
    file: BinaryIO | None,
    event: str | None,
    headers: Sequence[str],
    repeat: int,
    wait: str,
    as_json: bool,
) -> None:
    """Send a delivery to a trigger, signed as its vendor would, and show its verdict and its runs.

    Exits with 1 when it was rejected, or when a run failed.
    """
    parcel = {"type": event, "body": _body(file), "headers": _headers(headers)}
    sent = [client.post(within("triggers", trigger, "test"), parcel) for _ in range(repeat)]
    events = await_events(client, sent, _length(wait) if client.served else timedelta())
    runs = [_in_full(client, run) for event in events for run in rows(event.get("runs"))]
    ended = [wait for event in events for wait in rows(event.get("ended_waits"))]
    if as_json:
        show.print_json({"items": sent, "runs": runs, "ended_waits": ended})
    else:
        _show(sent, runs, ended)
        if not runs and not ended:
            _say_why(client, sent, events)
    if any(each.get("verdict") == Verdict.REJECTED for each in sent) or any(run.get("outcome") in BAD for run in runs):
        raise SystemExit(1)


def await_events(client: Client, sent: Sequence[Row], patience: timedelta) -> list[Row]:
    """Return the events of the deliveries with what they led to, when all of that has ended or stands still."""
    deadline = time.monotonic() + patience.total_seconds()
    found: list[Row] = []
    for event_id in _started(sent):
        event = client.get(within("events", event_id))
        while _pending(client, event, deadline) and time.monotonic() < deadline:
            time.sleep(ASK_EVERY.total_seconds())
            event = client.get(within("events", event_id))
        found.append(event)
    return found


def _in_full(client: Client, run: Row) -> Row:
    """Return a run with its error, and with what it waits for."""
    return client.get(within("runs", str(run.get("id")))) if run.get("outcome") in BAD | STANDING else run


def _started(sent: Sequence[Row]) -> Iterator[str]:
    for each in sent:
        if each.get("verdict") == Verdict.ACCEPTED:
            yield from texts(each.get("events"))


def _pending(client: Client, event: Row, deadline: float) -> bool:
    if event.get("matched_at") is None or event.get("asks_waits"):
        return True
    return any(_goes_on(client, run, deadline) for run in rows(event.get("runs")))


def _goes_on(client: Client, line: Row, deadline: float) -> bool:
    """Tell whether a run may go on by itself before the deadline: not one that waits for people, or for longer."""
    if line.get("outcome") not in STANDING:
        return line.get("outcome") in UNFINISHED
    run = client.get(within("runs", str(line.get("id"))))
    left = timedelta(seconds=deadline - time.monotonic())
    if run.get("outcome") != line.get("outcome") or _is_due(run, left):
        return True
    return any(_goes_on(client, child, deadline) for child in rows(run.get("children")) if child.get("step"))


def _is_due(run: Row, left: timedelta) -> bool:
    due = run.get("due_at")
    return due is not None and datetime.fromisoformat(str(due)) <= datetime.now(UTC) + left


def _body(file: BinaryIO | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read().decode()
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file.name} is not UTF-8: send it with curl") from error


def _headers(pairs: Sequence[str]) -> dict[str, str]:
    split = [pair.partition("=") for pair in pairs]
    for name, equals, _ in split:
        if not name or not equals:
            raise click.UsageError(f"--header {name}: write NAME=VALUE")
    return {name: value for name, _, value in split}


def _length(text: str) -> timedelta:
    try:
        return timedelta() if text == "0" else parse_duration(text)
    except ValueError as error:
        raise click.UsageError(f"--wait: {error}") from error


def _show(sent: Sequence[Row], runs: Sequence[Row], ended: Sequence[Row]) -> None:
    if len(sent) == 1:
        show.details(sent[0], SENT)
    else:
        show.table(sent, SENT)
    click.echo()
    if runs:
        show.table(runs, RUNS)
    for run in [run for run in runs if run.get("outcome") in STANDING]:
        click.echo(f"{run.get('id')} is {run.get('outcome')}: {_next(run)}")
    for wait in ended:
        click.echo(f"It ended the wait of {wait.get('run')}, step {wait.get('step')}.")


def _next(run: Row) -> str:
    """Return how to see what a run waits for."""
    return questions(texts(run.get("approvals"))) or f"wink runs show {run.get('id')}"


def _say_why(client: Client, sent: Sequence[Row], events: Sequence[Row]) -> None:
    """Say why nothing ran."""
    unasked = next((str(event.get("id")) for event in events if event.get("matched_at") is None), None)
    if not client.served:
        click.echo("Nobody serves this data folder: what this starts will run when `wink serve` does.")
    elif all(each.get("verdict") == Verdict.DUPLICATE for each in sent):
        click.echo("A duplicate starts nothing: `wink events replay ID` lets an event happen again.")
    elif unasked:
        stages = rows(client.get(within("events", unasked, "explain")).get("stages"))
        click.echo(" ".join(str(stage.get("words")) for stage in stages))
    elif any(_started(sent)):
        click.echo(f"No workflow ran: `wink events explain {next(_started(sent))}` says why.")

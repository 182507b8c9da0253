"""``wink approvals``: what runs wait for people to decide."""

from collections.abc import Sequence
from typing import BinaryIO

import click

from engine.cli import show
from engine.cli.client import Client, Row, row, rows, within
from engine.cli.inputs import read_inputs
from engine.cli.options import json_option, limit_option, with_client, yes_option
from engine.cli.show import Column, moment, when
from engine.definitions.ranges import range_words
from engine.words import Decision

LIST = (
    Column("approval", "id"),
    Column("question", "title"),
    Column("workflow", "workflow"),
    Column("who decides", "approvers"),
    Column("asked (UTC)", when("asked_at")),
    Column("until (UTC)", when("expires_at")),
)
DETAILS = (
    Column("approval", "id"),
    Column("question", "title"),
    Column("details", "details"),
    Column("run", "run"),
    Column("workflow", lambda approval: f"{approval.get('workflow')}, step {approval.get('path')}"),
    Column("who decides", "approvers"),
    Column("have to approve", "quorum"),
    Column("fields", lambda approval: "\n".join(map(_field, row(approval.get("fields")).items()))),
    Column("asked (UTC)", moment("asked_at")),
    Column("until (UTC)", moment("expires_at")),
    Column("closed (UTC)", moment("closed_at")),
    Column(
        "answer",
        lambda approval: (
            approval.get("answer")
            or ("none: its time was over, or its run has ended" if approval.get("closed_at") else None)
        ),
    ),
)
VOTES = (
    Column("by", "by"),
    Column("answer", "answer"),
    Column("at (UTC)", moment("at")),
    Column("fields", lambda vote: vote.get("fields") or None),
)


@click.group()
def approvals() -> None:
    """See what runs wait for people to decide, and decide it."""


@approvals.command("list")
@limit_option
@json_option
@with_client
def list_approvals(client: Client, *, limit: int, as_json: bool) -> None:
    """List what waits for people, oldest first."""
    found = client.pages("/approvals", limit)
    show.page(found, LIST, as_json=as_json, none="Nothing waits for a decision.")


@approvals.command("show")
@click.argument("approval_id", metavar="ID")
@json_option
@with_client
def show_approval(client: Client, *, approval_id: str, as_json: bool) -> None:
    """Show what a run asks, and what was said so far."""
    approval = client.get(within("approvals", approval_id))
    if as_json:
        show.print_json(approval)
    else:
        _details(approval)


@approvals.command("answer")
@click.argument("approval_id", metavar="ID")
@click.argument("answer", type=click.Choice([decision.value for decision in Decision]))
@click.option("--field", "pairs", metavar="NAME=VALUE", multiple=True, help="One field; may be given several times.")
@click.option(
    "--fields",
    "file",
    type=click.File("rb"),
    metavar="FILE",
    help="A JSON object of fields; `-` reads standard input, and needs --yes.",
)
@yes_option
@json_option
@with_client
def answer_approval(  # noqa: PLR0913 - its options
    client: Client,
    *,
    approval_id: str,
    answer: str,
    pairs: Sequence[str],
    file: BinaryIO | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Approve or reject; what is asked is shown before. A rejection needs no field, not even a required one.

    Where several have to approve, a token cannot: they sign in, or use links.
    """
    asked = client.get(within("approvals", approval_id))
    fields = read_inputs("field", pairs, file, row(asked.get("fields")))
    if not yes:
        _details(asked)
        click.confirm(f"Say that it is {answer}?", abort=True)
    # Where there is no nonce, the answer is refused with the reason.
    vote = {"answer": answer, "nonce": asked.get("nonce") or "", "fields": fields}
    approval = client.post(within("approvals", approval_id), vote)
    if as_json:
        show.print_json(approval)
    else:
        told = f"It is {approval['answer']}: the run goes on."
        click.echo(f"{told} See it with `wink runs show {approval.get('run')}`")


def _details(approval: Row) -> None:
    show.details(approval, DETAILS)
    votes = rows(approval.get("votes"))
    if votes:
        click.echo()
        show.table(votes, VOTES)


def _field(field: tuple[str, object]) -> str:
    name, schema = field[0], row(field[1])
    choices = ", ".join(str(one) for one in listed) if isinstance(listed := schema.get("enum"), list) else ""
    kind = f"one of {choices}" if choices else str(schema.get("type", "any value"))
    said = [kind, range_words(schema), "" if schema.get("required") else "optional"]
    description = f": {schema['description']}" if schema.get("description") else ""
    return f"{name} ({', '.join(filter(None, said))}){description}"

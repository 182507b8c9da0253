"""``wink triggers``: the addresses that vendors send to."""

from typing import TextIO

import click

from engine.cli import show
from engine.cli.client import Client, Row, row, texts, within
from engine.cli.options import json_option, limit_option, with_client, yes_option
from engine.cli.show import Column, moment
from engine.words import OnMismatch, OnUnknown, OnUnproven, TriggerState

LIST = (
    Column("trigger", "name"),
    Column("connector", "connector"),
    Column("auth", "auth"),
    Column("state", "state"),
    Column("silent since (UTC)", moment("silent_since")),
)
DETAILS = (
    Column("trigger", "name"),
    Column("id", "id"),
    Column("title", "title"),
    Column("connector", "connector"),
    Column("auth", "auth"),
    Column("state", "state"),
    Column("listening until (UTC)", moment("listening_until")),
    Column("events", "events"),
    Column("condition", "condition"),
    Column("on unknown", "on_unknown"),
    Column("on mismatch", "on_mismatch"),
    Column("on unproven", "on_unproven"),
    Column("sealed", lambda trigger: _sealed(row(trigger.get("sealed")))),
    Column("dedup", "dedup"),
    Column("order", "order"),
    Column("rate", "rate"),
    Column("networks", "networks"),
    Column("silence", "silence"),
    Column("silent since (UTC)", moment("silent_since")),
    Column("warnings", lambda trigger: "\n".join(texts(trigger.get("warnings")))),
)

#: The way of those senders that curl alone cannot stand for.
SIGNATURE = "signature"

#: What is entered at the vendor.
NEW = (("Full URL", "full_url"), ("Base URL", "base_url"), ("Key, shown this once", "api_key"))

ON_UNKNOWN = "What becomes of an event about which nobody can tell. Default: drop."
ON_MISMATCH = "What becomes of an event that does not fit the schema. Default: warn."
ON_UNPROVEN = "What becomes of a delivery with a wrong signature: seal keeps it for a later secret. Default: refuse."
HELD = "What becomes of what was held meanwhile."

secret_option = click.option(
    "--secret-file",
    type=click.File(),
    help="File with the secret that the vendor shows; - reads it from standard input, out of sight of other users.",
)


@click.group()
def triggers() -> None:
    """Set up the addresses that vendors send to."""


@triggers.command("list")
@limit_option
@json_option
@with_client
def list_triggers(client: Client, *, limit: int, as_json: bool) -> None:
    """List triggers by name."""
    found = client.pages("/triggers", limit)
    show.page(found, LIST, as_json=as_json, none="No triggers. Make one with `wink triggers create NAME`.")


@triggers.command("create")
@click.argument("name")
@click.option(
    "--connector", default="custom", show_default=True, help="Which vendor sends: a folder of connectors/, or custom."
)
@click.option("--auth", metavar="WAY", help="How the sender proves itself. Default: the connector's first way.")
@click.option("--title", help="What people call it. Default: the connector's title.")
@click.option("--recipe", metavar="NAME", help="For a custom signature: standard-webhooks, blink or hmac-body.")
@click.option("--event", "events", multiple=True, metavar="TYPE", help="Only events of this type; may be repeated.")
@click.option("--condition", metavar="EXPRESSION", help="Only events of which this is true.")
@click.option("--on-unknown", type=click.Choice([each.value for each in OnUnknown]), help=ON_UNKNOWN)
@click.option("--on-mismatch", type=click.Choice([each.value for each in OnMismatch]), help=ON_MISMATCH)
@click.option("--on-unproven", type=click.Choice([each.value for each in OnUnproven]), help=ON_UNPROVEN)
@click.option("--dedup", metavar="EXPRESSION", help="What makes two events the same; body: the whole body.")
@click.option(
    "--order",
    nargs=2,
    metavar="KEY BY",
    help="Expressions: of events with one KEY, one that comes after another with a greater BY starts nothing.",
)
@click.option("--rate", metavar="N/s", help="How many deliveries to take at most, such as 100/s.")
@click.option("--network", "networks", multiple=True, metavar="CIDR", help="Network that may send; may be repeated.")
@click.option("--silence", metavar="TIME", help="How long silence is normal, such as 6h: beyond it, it is raised.")
@click.option("--public-url", metavar="URL", help="Base URL that the vendor uses, where it is not WINK_PUBLIC_URL.")
@click.option("--draft", is_flag=True, help="Take nothing but samples until it is published.")
@secret_option
@json_option
@with_client
def create(
    client: Client,
    *,
    secret_file: TextIO | None,
    order: tuple[str, str] | None,
    draft: bool,
    as_json: bool,
    **decided: object,
) -> None:
    """Make a trigger, and show its address and its key.

    Both are to be entered at the vendor. The key is shown this once.
    """
    body = {name: value for name, value in decided.items() if value not in {None, ()}}
    if order is not None:
        body["order"] = dict(zip(("key", "by"), order, strict=True))
    body |= _secret(secret_file) | ({"state": "draft"} if draft else {})
    _made(client.post("/triggers", body), ours=secret_file is None, as_json=as_json)


@triggers.command("show")
@click.argument("trigger")
@json_option
@with_client
def show_trigger(client: Client, *, trigger: str, as_json: bool) -> None:
    """Show a trigger, by name or id."""
    found = client.get(within("triggers", trigger))
    if as_json:
        show.print_json(found)
    else:
        show.details(found, DETAILS)
        click.echo(f"\n{found.get('base_url')}")
        _next_step(found)


@triggers.command("rotate")
@click.argument("trigger")
@click.option("--overlap", default="24h", show_default=True, metavar="TIME", help="How long the old key still counts.")
@secret_option
@json_option
@with_client
def rotate(client: Client, *, trigger: str, overlap: str, secret_file: TextIO | None, as_json: bool) -> None:
    """Give a trigger a new key, or the one that the vendor shows.

    A key that Wink makes is shown this once. One that the vendor makes is given with --secret-file. Deliveries that the
    trigger keeps sealed are proved again, and the genuine ones run.
    """
    rotated = client.post(within("triggers", trigger, "rotate"), {"overlap": overlap} | _secret(secret_file))
    _made(rotated, ours=secret_file is None, as_json=as_json)


@triggers.command("publish")
@click.argument("trigger")
@with_client
def publish(client: Client, *, trigger: str) -> None:
    """Let a draft start workflows."""
    client.post(within("triggers", trigger, "publish"))
    click.echo(f"{trigger} is published.")


@triggers.command("pause")
@click.argument("trigger")
@with_client
def pause(client: Client, *, trigger: str) -> None:
    """Hold what a trigger would start; it goes on receiving."""
    client.post(within("triggers", trigger, "pause"))
    click.echo(f"{trigger} is paused: what comes in is kept, and runs when you say `wink triggers resume {trigger}`")


@triggers.command("resume")
@click.argument("trigger")
@click.option("--held", type=click.Choice(["run", "skip"]), default="run", show_default=True, help=HELD)
@with_client
def resume(client: Client, *, trigger: str, held: str) -> None:
    """Let a paused trigger start workflows again."""
    client.post(within("triggers", trigger, "resume"), {"held": held})
    click.echo(f"{trigger} goes on.")


@triggers.command("delete")
@click.argument("trigger")
@yes_option
@with_client
def delete(client: Client, *, trigger: str, yes: bool) -> None:
    """Delete a trigger; what it received stays in the ledger."""
    if not yes:
        click.confirm(f"Delete {trigger}? Its address will be unknown for good", abort=True)
    client.call("DELETE", within("triggers", trigger))
    click.echo(f"{trigger} is deleted.")


def _secret(file: TextIO | None) -> dict[str, object]:
    return {} if file is None else {"secret": file.read().strip()}


def _made(trigger: Row, *, ours: bool, as_json: bool) -> None:
    """Show a trigger that has a new key; ours: Wink made it, so nobody has seen it yet."""
    if as_json:
        show.print_json(trigger)
        return
    show.details(trigger, DETAILS)
    click.echo()
    for title, key in NEW:
        if trigger.get(key) and (ours or key != "api_key"):
            # Not in a table: an address that is folded there could not be copied.
            click.echo(f"{title}: {show.text(trigger[key]).plain}")
    if late := row(trigger.get("late_proofs")):
        click.echo(f"\n{show.text(late['words']).plain}")
    _next_step(trigger)


def _sealed(sealed: Row) -> str:
    return f"{sealed['number']} since {sealed['since']}: `wink deliveries list --sealed`" if sealed else ""


def _next_step(trigger: Row) -> None:
    """Say what a trigger still needs before it takes anything, or how to try it; and where its set-up is described."""
    name = trigger.get("name")
    if trigger.get("state") == TriggerState.NEEDS_SECRET:
        command = f"wink triggers rotate {name} --secret-file FILE"
        click.echo(f"\nNext: it refuses every delivery until it has the secret that the vendor shows: `{command}`")
    elif trigger.get("state") == TriggerState.DRAFT:
        click.echo(
            f"\nNext: it takes nothing but samples, by `wink listen {name}`, until `wink triggers publish {name}`."
        )
    else:
        proof = "signed as the vendor signs" if trigger.get("auth") == SIGNATURE else "as the vendor would"
        click.echo(
            f"\nTry it: `wink send {name}` sends the connector's sample, {proof}; -f FILE sends a body of yours."
        )
    click.echo(f"How to set up its sender: /triggers/{name} in the browser says it step by step.")

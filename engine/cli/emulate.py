"""``wink emulate``: what a vendor sends, when it tries again, and when it gives up; with a network or without."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TextIO, TypedDict, Unpack
from urllib.parse import unquote_plus

import click

from engine.app import CONNECTORS
from engine.authentication.request import Inbound
from engine.authentication.way import Way
from engine.cli import played, show
from engine.cli.remote import Remote, Unreachable
from engine.clock import SystemClock, format_duration, parse_duration
from engine.definitions.catalog import read_connectors
from engine.definitions.connector import Connector
from engine.emulation.agenda import Agenda, VirtualClock, at_once
from engine.emulation.attempt import Attempt, Heard, Receiver
from engine.emulation.receivers import Outage, down, says, with_outages
from engine.emulation.sender import Sender, Terms
from engine.errors import Invalid, NotFound, nearest
from engine.rate import Rate

#: Where nothing is sent to when there is no network.
NOWHERE = "https://wink.example/webhooks/played"

#: How long to wait for an answer to a vendor of whom nobody knows how long it waits.
PATIENCE = timedelta(seconds=30)

#: So much of what a receiver says is shown.
_SHOWN = 200

_SPEED = re.compile(r"([0-9]{1,9}(?:\.[0-9]+)?)x?")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be played; lengths count from the beginning."""

    types: Sequence[str]
    count: int
    every: timedelta
    #: From when to when nobody answers; None: for good.
    outages: Sequence[tuple[timedelta, timedelta | None]]
    #: Virtual seconds in a real one; None: as fast as can be.
    speed: float | None


class Planned(TypedDict):
    """The options that a plan is made of, as they were given."""

    events: Sequence[str]
    count: int | None
    rate: str
    speed: str
    outages: Sequence[str]


@click.command()
@click.argument("vendor")
@click.option("--to", "url", metavar="URL", help="Send real requests to a trigger's URL. Default: play it, no network.")
@click.option("--secret", "secrets", multiple=True, help="The trigger's secret; NAME=VALUE where there are several.")
@click.option("--secret-file", type=click.File(), help="File with the secret; - reads it from standard input.")
@click.option("--auth", metavar="WAY", help="Which of the vendor's ways to authenticate. Default: the first.")
@click.option("--event", "--events", "events", multiple=True, metavar="TYPE", help="Which events; may be repeated.")
@click.option("--count", type=click.IntRange(1, 10_000), help="How many events. Default: one of each --event, or one.")
@click.option("--rate", default="1/m", show_default=True, metavar="RATE", help="How often they happen, such as 10/m.")
@click.option("--speed", default="60x", show_default=True, help="With --to: how much faster to wait; max: not at all.")
@click.option(
    "--outage",
    "--down",
    "outages",
    multiple=True,
    metavar="FROM..TO",
    help="When nobody answers, since the beginning: 1h..3h30m, 1h.. for good, 2h30m from the first moment on.",
)
@click.option("--allow-local", is_flag=True, help="Also send where the vendor would not: http, localhost, private.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON at the end.")
def emulate(  # noqa: PLR0913 - an option each
    *,
    vendor: str,
    url: str | None,
    secrets: Sequence[str],
    secret_file: TextIO | None,
    auth: str | None,
    allow_local: bool,
    as_json: bool,
    **planned: Unpack[Planned],
) -> None:
    """Play VENDOR's side: its events, its signatures, when it tries again, what becomes of the endpoint there.

    VENDOR is the name of a connector. Without --to nothing is sent: it shows every attempt at a receiver that is down
    for as long as --down says, else for good. With --to or --down, exits with 1 when an event did not come through.
    """
    connector = _connector(vendor)
    plan, way = _plan(connector, planned), connector.way(auth)
    given = [*secrets, *([secret_file.read().strip()] if secret_file else [])]
    if url and not given:
        url, given = _without_key(way, url)
    named = _secrets(connector, way, given, needed=url is not None)
    if url and not allow_local and (words := connector.url_warning(url)):
        raise Invalid(f"{words}; --allow-local sends there all the same")
    terms = Terms(auth=auth, allow_local=allow_local, stamps=SystemClock() if url else None)
    sender = Sender(connector, _agenda(plan, real=url is not None), says(200), terms)
    sender.receive = _receiver(sender, plan, url)
    endpoint = sender.create(url or NOWHERE, events=plan.types, secrets=named).endpoint
    record = played.Record(sender, endpoint, sender.agenda.now())
    if not as_json:
        played.begin(record, url, planned["outages"])
    sender.watch = _watching(record, as_json=as_json)
    _play(sender, plan, record)
    show.print_json(played.as_json(record)) if as_json else played.end(record)
    if record.delivered < len(record.numbers) and (url or plan.outages):
        raise SystemExit(1)


def _play(sender: Sender, plan: Plan, record: played.Record) -> None:
    def happen(event_type: str) -> None:
        record.note(sender.happen(event_type))

    for number in range(plan.count):
        event_type = plan.types[number % len(plan.types)]
        sender.agenda.put(record.began_at + number * plan.every, partial(happen, event_type))
    sender.agenda.run()


def _watching(record: played.Record, *, as_json: bool) -> Callable[[Attempt], None]:
    def watch(attempt: Attempt) -> None:
        record.attempts.append(attempt)
        if not as_json:
            played.line(record, attempt)

    return watch


def _connector(name: str) -> Connector:
    known = read_connectors(CONNECTORS)
    if name not in known:
        if mistake := known.mistake_in(name):
            raise Invalid(mistake)
        raise NotFound(
            f"there is no connector {name!r}: `wink emulate` takes a name of the catalogue{nearest(name, known)}"
        )
    return known[name]


def _plan(connector: Connector, planned: Planned) -> Plan:
    rate = Rate.read(planned["rate"])
    types = list(planned["events"]) or [next(name for name, kind in connector.manifest.types.items() if kind.sample)]
    return Plan(
        types=types,
        count=planned["count"] or len(types),
        every=rate.per / rate.count,
        outages=[_outage(text) for text in planned["outages"]],
        speed=_speed(planned["speed"]),
    )


def _outage(text: str) -> tuple[timedelta, timedelta | None]:
    begins, between, ends = text.partition("..")
    try:
        if not between:
            return timedelta(), parse_duration(begins)
        span = parse_duration(begins or "0s"), parse_duration(ends) if ends else None
    except ValueError as error:
        raise click.UsageError(f"--outage {text}: {error}; write FROM..TO, such as 1h..3h30m") from error
    if span[1] is not None and span[1] <= span[0]:
        raise click.UsageError(f"--outage {text}: it ends before it begins")
    return span


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    found = _SPEED.fullmatch(text)
    if not found or not float(found[1]):
        raise click.UsageError(f"--speed {text}: write a number such as 60x, or max")
    return float(found[1])


def _without_key(way: Way, url: str) -> tuple[str, list[str]]:
    """Return the address and the key that stood in it: a trigger's full URL holds both."""
    base, _, query = url.partition("?")
    fields = [field.partition("=") for field in query.split("&")]
    keys = [unquote_plus(value) for name, _, value in fields if name in way.secret_parameters]
    kept = "&".join("".join(field) for field in fields if field[0] not in way.secret_parameters)
    return (f"{base}?{kept}" if kept else base), keys


def _secrets(connector: Connector, way: Way, given: Sequence[str], *, needed: bool) -> Mapping[str, str]:
    """Return secrets by name, as they were given.

    needed: whether somebody has to accept them; else what is not given is made up.
    """
    names = list(way.secrets)
    pairs = [(names[0], given[0])] if len(names) == len(given) == 1 else [each.partition("=")[::2] for each in given]
    found = dict(pairs)
    wanted = f"{connector.manifest.title} sends with its {', '.join(names) or 'address alone'}"
    if found.keys() - set(names):
        raise click.UsageError(f"{wanted}: write --secret {'NAME=VALUE for each' if names[1:] else 'VALUE once'}")
    if needed and way.key_documents:
        raise click.UsageError(
            f"only {connector.manifest.title} has the private key that it signs with: leave out --to"
        )
    if needed and set(names) - found.keys():
        raise click.UsageError(f"{wanted}: give what the trigger has, with --secret-file or --secret")
    return found


def _agenda(plan: Plan, *, real: bool) -> Agenda:
    speed = plan.speed
    if not real or speed is None:
        return Agenda(VirtualClock(datetime.now(UTC)), at_once)
    return Agenda(VirtualClock(datetime.now(UTC)), lambda length: time.sleep(length.total_seconds() / speed))


def _receiver(sender: Sender, plan: Plan, url: str | None) -> Receiver:
    if url is None and not plan.outages:
        return down
    began = sender.agenda.now()
    outages = [Outage(began + begins, None if ends is None else began + ends) for begins, ends in plan.outages]
    reached = says(200) if url is None else over_http(sender.schedule.answer_within or PATIENCE)
    return with_outages(reached, sender.agenda.clock, outages)


def over_http(patience: timedelta) -> Receiver:
    """Return a receiver that is reached over the network; patience: how long it may be silent."""

    def carry(request: Inbound) -> Heard:
        headers = {name: ", ".join(values) for name, values in request.headers.items()}
        began = time.monotonic()
        try:
            answer = Remote(request.url, patience.total_seconds()).send(request.method, "", headers, request.body)
        except Unreachable as error:
            return Heard(None, _silence(error, patience), timedelta(seconds=time.monotonic() - began))
        said = answer.body.decode("utf-8", "replace")[:_SHOWN].strip()
        return Heard(answer.status, said, timedelta(seconds=time.monotonic() - began))

    return carry


def _silence(error: Unreachable, patience: timedelta) -> str:
    cause = error.__cause__
    if isinstance(cause, TimeoutError):
        return f"no answer within {format_duration(patience)}"
    return str(getattr(cause, "strerror", None) or cause).lower()

"""What ``wink emulate`` says: the vendor's rules, a line for each attempt, and how it ended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import click

from engine.cli import show
from engine.clock import format_duration, rfc3339
from engine.emulation.attempt import Attempt, Status
from engine.emulation.endpoint import Endpoint
from engine.emulation.occurrences import Occurrence
from engine.emulation.sender import Sender

#: Columns: when, which event, its type, which attempt, the answer's status, what the vendor does, the answer's words.
_LINE = "{:>9}  {:>5}  {:<{}}  {:>7}  {:<6}  {:<34}  {}"

#: So much of an answer's words is shown.
_SAID = 80


@dataclass(slots=True)
class Record:
    """What was played so far."""

    sender: Sender
    endpoint: Endpoint
    began_at: datetime
    attempts: list[Attempt] = field(default_factory=list)
    #: The number of each event, by its id.
    numbers: dict[str, int] = field(default_factory=dict)

    def note(self, occurrence: Occurrence) -> None:
        """Take down an event."""
        self.numbers[occurrence.id] = len(self.numbers) + 1

    @property
    def delivered(self) -> int:
        """How many events came through."""
        return self.sender.count(Status.DELIVERED)

    @property
    def waiting(self) -> int:
        """How many were not tried as often as they could be, because the endpoint was disabled before."""
        return self.sender.count(Status.FAILED) + self.sender.count(Status.PENDING)

    @property
    def lost(self) -> int:
        """How many events had their last attempt, or happened when nothing was sent."""
        return len(self.numbers) - self.delivered - self.waiting

    def since(self, moment: datetime) -> str:
        """Return how long after the beginning a moment is."""
        length = moment - self.began_at
        return f"+{format_duration(timedelta(seconds=round(length.total_seconds())))}"


def begin(record: Record, url: str | None, outages: Sequence[str]) -> None:
    """Say by which rules the vendor plays, and against whom; outages: as they were given."""
    for words in _rules(record):
        click.echo(words)
    when = f" ({', '.join(outages)})" if outages else " for good"
    if url is not None:
        click.echo(f"Sends to {show.text(url).plain}{f', but not during the outage{when}' if outages else ''}.")
    else:
        click.echo(f"Nothing is sent: the receiver is down{when}{', else it answers 200' if outages else ''}.")
    click.echo()
    titles = ("time", "event", "type", _width(record), "attempt", "answer", "what the vendor does", "")
    click.echo(_LINE.format(*titles).rstrip())


def _rules(record: Record) -> Iterator[str]:
    title, schedule, spec = record.sender.connector.manifest.title, record.sender.schedule, record.sender.spec
    within = schedule.answer_within
    waits = [
        format_duration(wait) + ("*" if schedule.is_supposed(number) else "")
        for number, wait in enumerate(schedule.waits, 1)
    ]
    known = (
        f"waits {format_duration(within)} for an answer" if within else "does not say how long it waits for an answer"
    )
    tries = f"tries {schedule.attempts} times: at once, then after {', '.join(waits)}" if waits else "tries once"
    yield f"{title} {known}, and {tries}."
    if schedule.published < len(waits):
        because = f" {spec.supposed.because}" if spec.supposed and not schedule.published else ""
        yield f"* is supposed, and not published.{because}"
    elif not waits and not record.sender.connector.manifest.limits.gives_up:
        yield "Whether it tries again is not known: its manifest has no `limits.retries`."


def line(record: Record, attempt: Attempt) -> None:
    """Say how one attempt went."""
    answer = "none" if attempt.code is None else str(attempt.code)
    said = " ".join(show.text(attempt.error).plain.split())[:_SAID] if attempt.error else ""
    tried = f"{attempt.attempts}/{record.sender.schedule.attempts}"
    at = record.since(attempt.attempted_at or attempt.happened_at)
    number = f"#{record.numbers.get(attempt.event_id, len(record.numbers) + 1)}"
    words = _next(record, attempt)
    click.echo(_LINE.format(at, number, attempt.event_type, _width(record), tried, answer, words, said).rstrip())


def _next(record: Record, attempt: Attempt) -> str:
    if attempt.status is Status.DELIVERED:
        return "delivered"
    if attempt.next_at is not None:
        star = "*" if record.sender.schedule.is_supposed(attempt.attempts) else ""
        return f"tries again at {record.since(attempt.next_at)}{star}"
    return "gives up, and disables the endpoint" if record.sender.schedule.disables else "gives up"


def end(record: Record) -> None:
    """Say how it ended."""
    events, lost = len(record.numbers), record.lost
    click.echo()
    lasted = record.since(record.endpoint.last_attempt_at or record.began_at).removeprefix("+")
    click.echo(f"{_number(events, 'event')}, {_number(len(record.attempts), 'attempt')} in {lasted}.")
    waits = f", {record.waiting} pending until the endpoint is turned on" if record.waiting else ""
    click.echo(f"{record.delivered} delivered, {lost} lost{waits}." if lost or waits else "All delivered.")
    word, health = _word(record), record.endpoint.health.replace("_", " ")
    title = record.sender.connector.manifest.title
    click.echo(f"Health: {word}" if word else f"Health: {health}, which {title} is not known to show.")
    if lost and (words := record.sender.connector.manifest.limits.gives_up):
        click.echo(words)


def as_json(record: Record) -> dict[str, object]:
    """Return all of it for programs."""
    schedule, endpoint = record.sender.schedule, record.endpoint
    return {
        "vendor": record.sender.connector.name,
        "schedule": {
            "answer_within": format_duration(schedule.answer_within) if schedule.answer_within else None,
            "attempts": schedule.attempts,
            "retries": [format_duration(wait) for wait in schedule.waits],
            "published": schedule.published,
            "disables": schedule.disables,
        },
        "events": {
            "happened": len(record.numbers),
            "delivered": record.delivered,
            "pending": record.waiting,
            "lost": record.lost,
        },
        "attempts": [_attempt(record, attempt) for attempt in record.attempts],
        "endpoint": {
            "health": endpoint.health,
            "shown_as": _word(record),
            "active": endpoint.active,
            "last_attempt_at": rfc3339(endpoint.last_attempt_at) if endpoint.last_attempt_at else None,
        },
    }


def _attempt(record: Record, attempt: Attempt) -> dict[str, object]:
    return {
        "event": record.numbers.get(attempt.event_id),
        "event_id": attempt.event_id,
        "type": attempt.event_type,
        "attempt": attempt.attempts,
        "after": record.since(attempt.attempted_at or attempt.happened_at),
        "status": attempt.status,
        "code": attempt.code,
        "error": attempt.error or None,
        "next": record.since(attempt.next_at) if attempt.next_at else None,
    }


def _word(record: Record) -> str | None:
    """Return the vendor's own word for the endpoint's health."""
    words: dict[str, str | None] = record.sender.spec.health.model_dump()
    return words[record.endpoint.health]


def _width(record: Record) -> int:
    return max(len(name) for name in record.endpoint.events)


def _number(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"

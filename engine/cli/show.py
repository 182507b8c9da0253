"""Show what the API gave: tables for people, JSON for programs. Nothing that a sender wrote can steer the terminal."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import click
from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from engine.cli.client import Page, Row

#: Columns where nobody looks at a terminal: nothing is folded there.
UNFOLDED = 240

#: What stands for a value that is not there.
NOTHING = "-"

#: Colours of words, where there are colours.
STYLES = {
    **dict.fromkeys(("accepted", "succeeded", "published", "yes"), "green"),
    **dict.fromkeys(("rejected", "failed", "interrupted", "needs_secret"), "red"),
    **dict.fromkeys(("quarantined", "duplicate", "waiting", "paused", "unknown", "cancelled", "stopped"), "yellow"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its title, and the key that it shows or a function that tells what to show."""

    title: str
    value: str | Callable[[Row], object]

    def of(self, row: Row) -> object:
        """Return the column's value in a row."""
        return row.get(self.value) if isinstance(self.value, str) else self.value(row)


def console() -> Console:
    """Return standard output as it is now; where it is no terminal there are no colours, and lines are long."""
    width = None if sys.stdout.isatty() else UNFOLDED
    return Console(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False)


def draw(shown: RenderableType) -> None:
    """Print something, without the spaces that fill its lines up to the width."""
    output = console()
    with output.capture() as captured:
        output.print(shown)
    click.echo("\n".join(line.rstrip() for line in captured.get().rstrip().split("\n")))


def text(value: object) -> Text:
    """Return a value as text that cannot steer the terminal."""
    words = _plain(value)
    shown = "".join(
        letter if letter.isprintable() or letter in "\n\t" else "\N{REPLACEMENT CHARACTER}" for letter in words
    )
    return Text(shown, style=STYLES.get(words, ""))


def table(rows: Sequence[Row], columns: Sequence[Column]) -> None:
    """Print rows under their titles."""
    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    broken = "\n" if console().width < UNFOLDED else " "  # a time is narrower than its title
    for column in columns:
        shown.add_column(column.title.replace(" (UTC)", f"{broken}(UTC)"), overflow="fold")
    for row in rows:
        shown.add_row(*(text(column.of(row)) for column in columns))
    draw(shown)


def page(found: Page, columns: Sequence[Column], *, as_json: bool, none: str) -> None:
    """Print a list; none: what to say when it is empty."""
    if as_json:
        print_json({"items": found.items, "next": found.next})
    elif not found.items:
        click.echo(none)
    else:
        table(found.items, columns)
        if found.next is not None:
            click.echo("There are more: ask with a higher --limit.")


def details(row: Row, columns: Sequence[Column]) -> None:
    """Print one thing, a line for each of its columns that has a value."""
    shown = Table.grid(padding=(0, 2))
    shown.add_column(style="bold")
    shown.add_column(overflow="fold")
    for column in columns:
        value = column.of(row)
        if value not in (None, "", []):
            shown.add_row(column.title, text(value))
    draw(shown)


def print_json(value: object) -> None:
    """Print JSON for programs."""
    click.echo(json.dumps(value, indent=2))


def when(key: str) -> Callable[[Row], object]:
    """Return what shows a time of a row in short, in UTC: of today without the day, of past days without the time."""
    return lambda row: _short(str(row[key])) if row.get(key) else None


def moment(key: str) -> Callable[[Row], object]:
    """Return what shows a time of a row to the second, in UTC."""
    return lambda row: str(row[key])[:19].replace("T", " ") if row.get(key) else None


def _short(time: str) -> str:
    today = datetime.now(UTC).date().isoformat()
    if time.startswith(today):
        return time[11:19]
    return time[:10] if time < today else time[:16].replace("T", " ")  # of a deadline, the hour counts


def _plain(value: object) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value) or NOTHING
    return json.dumps(value, indent=2, ensure_ascii=False) if isinstance(value, Mapping | list) else str(value)

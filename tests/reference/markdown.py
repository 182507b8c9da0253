"""Parts of a page, as Markdown."""

from collections.abc import Iterable, Sequence

from engine import json_bytes
from engine.language.yaml_text import dump


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; empty where it has no rows."""
    lines = [_line(row) for row in rows]
    return "\n".join([_line(head), f"|{'---|' * len(head)}", *lines]) if lines else ""


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def code(language: str, text: str) -> str:
    """Return a block of code."""
    return f"```{language}\n{text.rstrip()}\n```"


def yaml(value: object) -> str:
    """Return a value as a block of YAML."""
    return code("yaml", dump(value))


def json(value: object) -> str:
    """Return a value as a block of JSON."""
    return code("json", json_bytes.indented(value))


def quoted(value: object) -> str:
    """Return a value as JSON within a line."""
    return f"`{json_bytes.dump(value).decode()}`"


def link(words: str, target: str) -> str:
    """Return a link."""
    return f"[{words}]({target})"


def page(title: str, *parts: str) -> str:
    """Return a page of the parts that there are."""
    return "\n\n".join(filter(None, (f"# {title}", *parts))) + "\n"


def section(title: str, *parts: str) -> str:
    """Return a section of the parts that there are; empty where there are none."""
    there = list(filter(None, parts))
    return "\n\n".join([f"## {title}", *there]) if there else ""

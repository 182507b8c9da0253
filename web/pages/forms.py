"""What forms send, and how they are answered: with a page that keeps what was typed, or with the way to the next."""

from collections.abc import Mapping

from flask import Response, request

#: What is wrong, by field.
Errors = Mapping[str, str]

EMPTY = "Fill this in."


def field(name: str) -> str:
    """Return what was typed into a field."""
    return request.form.get(name, "")


def cursor(name: str) -> str:
    """Return where a list goes on, as the address says; a database takes no NUL."""
    return request.args.get(name, "").replace("\0", "")


def missing(given: Mapping[str, str]) -> Errors:
    """Return the error of each field that was left empty."""
    return {name: EMPTY for name, value in given.items() if not value}


def sentence(words: object) -> str:
    """Return the words of an error as a sentence, which stands beside a field or in a notice; empty stays empty."""
    text = str(words).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def go(target: str) -> Response:
    """Answer a form: what follows is read with GET."""
    return Response(status=303, headers={"Location": target})

"""Data of senders and steps, as far as a page can hold it: the text, and the JSON in it to unfold."""

from dataclasses import dataclass
from typing import Self

from engine import json_bytes

#: Bytes of a value that are shown whole; of a larger one, the beginning as text.
SHOWN = 64_000


@dataclass(frozen=True, slots=True)
class Payload:
    """A value: its text, cut where it is long, and the value itself where it is short and JSON."""

    text: str
    size: int
    value: object = None
    whole: bool = True
    is_json: bool = False

    @classmethod
    def of_body(cls, body: bytes) -> Self:
        """Return bytes as they came; what is no JSON is text alone."""
        try:
            value = json_bytes.parse(body) if len(body) <= SHOWN else None
        except ValueError:
            return cls(_text(body), len(body), whole=len(body) <= SHOWN)
        return cls(_text(body), len(body), value, whole=len(body) <= SHOWN, is_json=len(body) <= SHOWN)

    @classmethod
    def of_value(cls, value: object) -> Self:
        """Return a JSON value of ours."""
        return cls.of_body(json_bytes.dump(value))


def _text(body: bytes) -> str:
    return body[:SHOWN].decode(errors="replace")

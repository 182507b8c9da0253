"""What a vendor wants to hear: a status, headers, a body."""

from dataclasses import dataclass
from typing import Self

from pydantic import Field, model_validator

from engine import json_bytes
from engine.authentication.spec import Spec

Headers = tuple[tuple[str, str], ...]

JSON_TYPE = ("content-type", "application/json")
TEXT_TYPE = ("content-type", "text/plain; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a sender."""

    status: int
    headers: Headers = ()
    #: None where the vendor does not care: then Wink's own JSON about the delivery is the body.
    body: bytes | None = None


class ReplySpec(Spec):
    """What a vendor insists on: a status, and perhaps a body, which may be empty text."""

    status: int = Field(default=202, ge=200, le=299)
    json_body: object = Field(default=None, alias="json")
    text: str | None = None

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if self.json_body is not None and self.text is not None:
            raise ValueError("write json or text, not both")
        return self

    def compile(self) -> Reply:
        """Return the answer."""
        if self.json_body is not None:
            return Reply(self.status, (JSON_TYPE,), json_bytes.dump(self.json_body))
        if self.text is not None:
            return Reply(self.status, (TEXT_TYPE,), self.text.encode())
        return Reply(self.status)

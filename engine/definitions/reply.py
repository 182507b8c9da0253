"""What a vendor wants to hear: a status, headers, a body."""

from typing import NamedTuple, Self

from pydantic import Field, model_validator

from engine import json_bytes
from engine.authentication.spec import Spec

Headers = tuple[tuple[str, str], ...]

JSON_TYPE = ("content-type", "application/json")
TEXT_TYPE = ("content-type", "text/plain; charset=utf-8")


class Reply(NamedTuple):
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
    #: The content type of the text, where it is more than text.
    content_type: str | None = Field(default=None, alias="type", pattern=r"^[a-z]+/[a-z0-9.+-]+(; charset=utf-8)?$")

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if self.json_body is not None and self.text is not None:
            raise ValueError("write json or text, not both")
        if self.content_type is not None and not self.text:
            raise ValueError("type says what the text is: write it beside a text")
        return self

    def compile(self) -> Reply:
        """Return the answer."""
        if self.json_body is not None:
            return Reply(self.status, (JSON_TYPE,), json_bytes.dump(self.json_body))
        if self.text is not None:
            kind = (TEXT_TYPE[0], self.content_type) if self.content_type else TEXT_TYPE
            return Reply(self.status, (kind,), self.text.encode())
        return Reply(self.status)


class RefusalSpec(Spec):
    """What the vendor insists on hearing when it is not believed: the status stays 401, whatever the cause."""

    text: str = Field(max_length=200)

    def compile(self) -> Reply:
        """Return the answer: the same bytes for every cause."""
        return Reply(401, (TEXT_TYPE,), self.text.encode())

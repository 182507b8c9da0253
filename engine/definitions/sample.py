"""Samples: deliveries as a vendor sends them, and the events that they must become."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from engine.authentication.spec import Spec


@dataclass(frozen=True, slots=True)
class Sample:
    """A request as a vendor sends it, before it is signed."""

    method: str
    #: Names as the vendor writes them.
    headers: Mapping[str, str]
    query: str
    body: bytes


class ExpectedEvent(Spec):
    """An event that a sample must become; what is left out does not count."""

    type: str
    id: str | None = None
    #: RFC 3339.
    time: str | None = None
    data: object = None


class SampleSpec(Spec):
    """A file of ``samples/``: a delivery as published, or made by hand from what is published."""

    source: str = Field(min_length=1)
    made: Literal["published", "by hand"]
    method: str = "POST"
    headers: dict[str, str] = Field(default_factory=dict)
    query: str = ""
    body: str = ""
    events: list[ExpectedEvent]

    def compile(self) -> Sample:
        """Return the request."""
        return Sample(self.method, self.headers, self.query, self.body.encode())

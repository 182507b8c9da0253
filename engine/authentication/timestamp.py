"""The time that a signature covers: read strictly, refused outside its window."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, Self

from pydantic import ConfigDict, model_validator

from engine.authentication.places import Place, header_place
from engine.authentication.request import Inbound
from engine.authentication.spec import Duration, Spec
from engine.clock import parse_time, rfc3339
from engine.errors import Rejected
from engine.words import Reason

Unit = Literal["s", "ms", "iso"]

#: ASCII digits only, and few enough that every moment within the window fits a datetime.
_NUMBER = re.compile(rb"[0-9]{1,16}")
_ISO = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,18}(?:Z|[+-][0-9:]{2,6})?")

#: How far from now a signed time may be, where the vendor names no other length.
#: Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
USUAL_WINDOW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SignedTime:
    """Where a signature's time stands: in a header, or in an element of the signature."""

    header: Place | None
    #: What the element starts with, such as ``t=``; empty when there is a header.
    element: bytes
    unit: Unit
    #: The window, in seconds to either side of now.
    within: float

    def read(self, request: Inbound, elements: Sequence[bytes]) -> tuple[bytes, datetime]:
        """Return the time as it was sent, and the moment from which on it is too old.

        elements: the parts of the signature's value.

        Raises:
            Rejected: the time is missing, there twice, no time, too old or in the future.
        """
        text = self._only(request, elements)
        signed = self._seconds(text)
        age = request.received_at.timestamp() - signed
        if age > self.within:
            raise Rejected(Reason.TIMESTAMP_TOO_OLD, f"signed {age:.0f} s ago; at most {self.within:.0f} s are allowed")
        if age < -self.within:
            raise Rejected(Reason.TIMESTAMP_IN_FUTURE, f"signed {-age:.0f} s ahead of our clock")
        return text, datetime.fromtimestamp(signed + self.within, UTC)

    def write(self, moment: datetime) -> str:
        """Return the moment as the vendor writes it."""
        if self.unit == "iso":
            return rfc3339(moment)
        return str(int(moment.timestamp() * (1 if self.unit == "s" else 1000)))

    def _only(self, request: Inbound, elements: Sequence[bytes]) -> bytes:
        if self.header:
            texts = self.header.read(request)
        else:
            texts = [part.removeprefix(self.element) for part in elements if part.startswith(self.element)]
        if len(texts) == 1:
            return texts[0]
        if texts:
            raise Rejected(Reason.REPEATED_PROOF, "there is more than one signed time")
        raise Rejected(Reason.MISSING_TIMESTAMP, "the time that the signature covers is not there")

    def _seconds(self, text: bytes) -> float:
        if self.unit == "iso":
            return _iso_seconds(text)
        if not _NUMBER.fullmatch(text):
            raise Rejected(Reason.MALFORMED_TIMESTAMP, "the signed time is no whole number")
        return int(text) if self.unit == "s" else int(text) / 1000


def _iso_seconds(text: bytes) -> float:
    if not _ISO.fullmatch(text):
        raise Rejected(Reason.MALFORMED_TIMESTAMP, "the signed time is no ISO 8601 time")
    try:
        return parse_time(text.decode()).timestamp()
    except (ValueError, OverflowError) as error:
        raise Rejected(Reason.MALFORMED_TIMESTAMP, "the signed time is not in the calendar") from error


class TimestampSpec(Spec):
    """The time of a signature: in a header of its own, or in an element of the signature's value."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["header"]}, {"required": ["element"]}]})

    header: str | None = None
    #: What the element starts with, such as ``t=``.
    element: str | None = None
    unit: Unit = "s"
    within: Duration = USUAL_WINDOW

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if bool(self.header) == bool(self.element):
            raise ValueError("write exactly one of header and element")
        return self

    def compile(self) -> SignedTime:
        """Return the compiled time."""
        header = header_place(self.header) if self.header else None
        return SignedTime(header, (self.element or "").encode(), self.unit, self.within.total_seconds())

"""The time that a signature covers: read strictly, refused outside its window."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import ClassVar, Literal

from pydantic import ConfigDict

from engine.authentication.places import Place, PlaceSpec
from engine.authentication.request import Inbound
from engine.authentication.spec import Duration
from engine.clock import parse_time, rfc3339
from engine.errors import Rejected
from engine.words import Reason

Unit = Literal["s", "ms", "s_or_ms", "iso", "http"]

#: ASCII digits only, and few enough that every moment within the window fits a datetime.
_NUMBER = re.compile(rb"[0-9]{1,16}")
#: A moment in ISO 8601, as a sender may write it.
ISO_TIME = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,18}(?:Z|[+-][0-9:]{2,6})?")
#: A date of HTTP. Source: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
HTTP_DATE = re.compile(rb"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT")

#: In ``s_or_ms``, a number from here on is of milliseconds: as seconds, it would be in the year 5138.
_MILLISECONDS = 100_000_000_000

#: How far from now a signed time may be, where the vendor names no other length.
#: Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
USUAL_WINDOW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SignedTime:
    """Where a signature's time stands: in a place of its own, or in an element of the signature."""

    #: None for an element.
    place: Place | None
    #: What the element starts with, such as ``t=``; empty for the first element, which has no name.
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
        if self.unit == "http":
            return format_datetime(moment.astimezone(UTC), usegmt=True)
        return str(int(moment.timestamp() * (1000 if self.unit == "ms" else 1)))

    def _only(self, request: Inbound, elements: Sequence[bytes]) -> bytes:
        if self.place:
            texts = self.place.read(request)
        elif self.element:
            texts = [part.removeprefix(self.element) for part in elements if part.startswith(self.element)]
        else:
            texts = elements[:1]
        if len(texts) == 1:
            return texts[0]
        if texts:
            raise Rejected(Reason.REPEATED_PROOF, "there is more than one signed time")
        raise Rejected(Reason.MISSING_TIMESTAMP, "the time that the signature covers is not there")

    def _seconds(self, text: bytes) -> float:
        if self.unit == "iso":
            return _iso_seconds(text)
        if self.unit == "http":
            return _http_seconds(text)
        if not _NUMBER.fullmatch(text):
            raise Rejected(Reason.MALFORMED_TIMESTAMP, "the signed time is no whole number")
        number = int(text)
        is_milliseconds = self.unit == "ms" or (self.unit == "s_or_ms" and number >= _MILLISECONDS)
        return number / 1000 if is_milliseconds else number


def _iso_seconds(text: bytes) -> float:
    if not ISO_TIME.fullmatch(text):
        raise Rejected(Reason.MALFORMED_TIMESTAMP, "the signed time is no ISO 8601 time")
    try:
        return parse_time(text.decode()).timestamp()
    except (ValueError, OverflowError) as error:
        raise Rejected(Reason.MALFORMED_TIMESTAMP, "the signed time is not in the calendar") from error


def _http_seconds(text: bytes) -> float:
    if not HTTP_DATE.fullmatch(text):
        raise Rejected(Reason.MALFORMED_TIMESTAMP, "the signed time is no date of HTTP")
    try:
        return parsedate_to_datetime(text.decode()).timestamp()
    except (ValueError, OverflowError) as error:
        raise Rejected(Reason.MALFORMED_TIMESTAMP, "the signed time is not in the calendar") from error


class TimestampSpec(PlaceSpec):
    """The time of a signature: in a place of its own, or in an element of the signature's value."""

    kinds: ClassVar[tuple[str, ...]] = (*PlaceSpec.kinds, "element")
    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [kind]} for kind in kinds]})

    #: What the element starts with, such as ``t=``; empty for the first element, which has no name.
    element: str | None = None
    unit: Unit = "s"
    within: Duration = USUAL_WINDOW

    def compile(self) -> SignedTime:
        """Return the compiled time."""
        place = None if self.element is not None else self.place()
        return SignedTime(place, (self.element or "").encode(), self.unit, self.within.total_seconds())

"""What looks like the time that a signature covers: near the moment at which the request came in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from engine.authentication.request import Inbound
from engine.authentication.timestamp import TimestampSpec, Unit
from engine.errors import Rejected
from engine.finder.marks import Mark, elements_of, split_prefix
from engine.finder.values import Value

#: More times than these in one request are its data.
MOST_MOMENTS = 6


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, and how a manifest would say where it stands."""

    #: As a manifest's ``timestamp``.
    timestamp: Mapping[str, str]
    #: As it was sent.
    text: bytes
    #: Where it stands, in words.
    title: str
    #: For an element of a list: the value and the separator that make the list.
    within: tuple[Value, bytes] | None = None

    def fits(self, mark: Mark) -> bool:
        """Return whether a manifest can say this time of that signature: an element belongs to its own list."""
        return self.within is None or self.within == (mark.value, mark.separator)


def moments_of(request: Inbound, values: Sequence[Value], marks: Sequence[Mark]) -> list[Moment]:
    """Return the times of a request: elements beside a signature, then headers, then the query and the body."""
    signed = {mark.value for mark in marks}
    others = [value for value in values if value not in signed]
    found = [*_elements(request, marks), *(moment for value in others for moment in _whole(request, value))]
    return found[:MOST_MOMENTS]


def _elements(request: Inbound, marks: Sequence[Mark]) -> Iterator[Moment]:
    for value, separator in dict.fromkeys((mark.value, mark.separator) for mark in marks if mark.separator):
        elements = elements_of(value, separator)
        for place, (prefix, text) in enumerate(map(split_prefix, elements)):
            spec = {"element": prefix.decode()}
            if (prefix or not place) and (unit := _unit(request, spec, elements)):
                title = f"{value.title} ({prefix.decode()}..)"
                yield Moment({**spec, "unit": unit}, text, title, (value, separator))


def _whole(request: Inbound, value: Value) -> Iterator[Moment]:
    if unit := _unit(request._replace(headers={"at": (value.text.decode("latin-1"),)}), {"header": "at"}, ()):
        yield Moment({**value.place, "unit": unit}, value.text, value.title)


def _unit(request: Inbound, spec: Mapping[str, str], elements: Sequence[bytes]) -> Unit | None:
    """Return the unit in which the time is one of about now; None where it is none."""
    for unit in get_args(Unit):
        try:
            TimestampSpec.model_validate({**spec, "unit": unit}).compile().read(request, elements)
        except Rejected:
            continue
        return unit  # type: ignore[no-any-return]
    return None

"""What a signature can cover, as the templates of a manifest: the plainest first."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.authentication.request import Inbound
from engine.authentication.signed_text import SignedText, compile_signed_text
from engine.finder.marks import Mark
from engine.finder.moments import Moment
from engine.finder.values import Value, is_form

#: What stands between the parts.
_SEPARATORS = ("", ".", ":", "|", "\n", ",", "-", "&")

#: The orders in which vendors put the parts together; ``T`` a time, ``I`` an id, ``V`` the signature's version word.
#: Each holds the body, or the form that is the body: a signature over less proves nothing about what was sent.
_ORDERS = (
    "B",
    "TB", "BT", "IB", "BI", "VB",
    "UB", "BU", "UF", "UG", "PB", "XB", "MB", "F", "G",
    "ITB", "TIB", "VTB", "TBI", "IBT", "BIT", "BTI",
    "UTB", "TUB", "UBT", "PTB", "TPB", "PBT", "TXB",
    "MUB", "MPB", "MXB", "MUF", "VIB",
    "MUBT", "MPBT", "MXBT", "TMXB", "MXTB", "TMUB", "TMPB", "MUTB", "MPTB", "VITB", "VTIB", "UITB", "UTIB",
)  # fmt: skip

_HOLES = {
    "B": "{body}", "F": "{form_sorted}", "G": "{form_unique}", "T": "{timestamp}",
    "M": "{method}", "U": "{url}", "X": "{uri}", "P": "{path}",
}  # fmt: skip

#: Words that are signed without standing before the signature.
_VERSIONS = ("v0", "v1")

_AN_ID = re.compile(r"(?i)(^|[-_.])(id|nonce|guid|uuid|delivery|salt)$")
_OF_WEBHOOKS = re.compile(r"(?i)webhook|msg|message|delivery|event|notification")
#: More ids than these are data.
MOST_IDS = 4


@dataclass(frozen=True, slots=True)
class Text:
    """One thing that can be signed."""

    signs: str
    #: The time within it, where it holds one.
    moment: Moment | None
    compiled: SignedText


def ids_of(values: Sequence[Value], marks: Sequence[Mark]) -> list[Value]:
    """Return the headers that look like the id of a message, those that say so first."""
    signed = {mark.value for mark in marks}
    found = [value for value in values if value.kind == "header" and value not in signed and _AN_ID.search(value.name)]
    return sorted(found, key=lambda value: _OF_WEBHOOKS.search(value.name) is None)[:MOST_IDS]


def texts_of(
    request: Inbound, moments: Sequence[Moment], ids: Sequence[Value], marks: Sequence[Mark]
) -> Iterator[Text]:
    """Yield what can be signed, each once."""
    versions = dict.fromkeys([*(mark.version for mark in marks if mark.version), *_VERSIONS])
    formless = not is_form(request)
    seen: set[tuple[str, bytes]] = set()
    for order in _ORDERS:
        if formless and order[-1] in "FG":
            continue
        for signs, moment in _filled(order, moments, [f"{{header:{each.name}}}" for each in ids], list(versions)):
            known = (signs, moment.text if moment else b"")
            if known not in seen:
                seen.add(known)
                yield Text(signs, moment, compile_signed_text(signs))


def _filled(
    order: str, moments: Sequence[Moment], ids: Sequence[str], versions: Sequence[str]
) -> Iterator[tuple[str, Moment | None]]:
    for moment in moments if "T" in order else [None]:
        for an_id in ids if "I" in order else [""]:
            for version in versions if "V" in order else [""]:
                holes = {**_HOLES, "I": an_id, "V": version}
                parts = [holes[part] for part in order]
                yield from ((separator.join(parts), moment) for separator in _between(order))


def _between(order: str) -> Sequence[str]:
    return _SEPARATORS if len(order) > 1 else ("",)

"""What looks like a signature: a text of the length of a hash, alone in its value or as an element of a list."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import get_args

from engine.authentication.hmac_scheme import SIZES, Algorithm
from engine.authentication.written import Encoding, Written, compile_written
from engine.finder.values import Value

#: What separates the elements of a list; none comes first.
_SEPARATORS = (b"", b" ", b",", b";", b"|", b"&")
#: What can stand before a signature or a time: ``sha256=``, ``v1,``, ``t=``, ``HMAC-SHA256 ``; never a number, which
#: would be another one in the next request.
_PREFIXED = re.compile(rb"([A-Za-z][A-Za-z0-9_-]{0,23}[=:, ])(.+)", re.DOTALL)
#: More elements than this are no list of signatures.
_MOST_ELEMENTS = 32
#: More marks than these are made up by somebody: a time is looked for beside each of them.
MOST_MARKS = 64
#: In which order signs are tried: hex digits are letters of base64, too.
_ENCODINGS: tuple[Encoding, ...] = get_args(Encoding)

_WRITTEN: Mapping[tuple[Algorithm, Encoding], Written] = {
    (algorithm, encoding): compile_written(encoding, size)
    for encoding in _ENCODINGS
    for algorithm, size in SIZES.items()
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A text that could be a signature, and how a manifest would say where it stands."""

    value: Value
    separator: bytes
    prefix: bytes
    encoding: Encoding
    algorithm: Algorithm
    #: As :meth:`Written.write` would make it.
    text: bytes

    @property
    def written(self) -> Written:
        """How hashes of this kind are written."""
        return _WRITTEN[self.algorithm, self.encoding]

    @property
    def version(self) -> str:
        """The word before the signature, such as ``v0`` of ``v0=``: some vendors sign it as well."""
        return self.prefix[:-1].decode()

    @property
    def signature(self) -> Mapping[str, str]:
        """The place and the writing, as a manifest's ``signature`` says them."""
        separator = " " if self.prefix.endswith(b",") else self.separator.decode()
        said = {"list": separator, "prefix": self.prefix.decode(), "encoding": self.encoding}
        return {**self.value.place, **{name: text for name, text in said.items() if text}}


def marks_of(values: Sequence[Value]) -> list[Mark]:
    """Return everything that looks like a signature, the plainest reading of each first."""
    return list(islice((mark for value in values for mark in _of_value(value)), MOST_MARKS))


def elements_of(value: Value, separator: bytes) -> list[bytes]:
    """Return the parts of a value, as a list with that separator has them."""
    parts = value.text.split(separator) if separator else [value.text]
    return [part.strip(b" ") for part in parts] if len(parts) <= _MOST_ELEMENTS else []


def split_prefix(element: bytes) -> tuple[bytes, bytes]:
    """Return what stands before an element's own text, empty where nothing does, and the text."""
    found = _PREFIXED.fullmatch(element)
    return (found[1], found[2]) if found else (b"", element)


def _of_value(value: Value) -> Iterator[Mark]:
    for separator in _SEPARATORS:
        if separator and separator not in value.text:
            continue
        marks = [mark for element in elements_of(value, separator) for mark in _of_element(value, separator, element)]
        yield from marks
        if marks and not separator:
            return


def _of_element(value: Value, separator: bytes, element: bytes) -> Iterator[Mark]:
    for prefix, text in dict.fromkeys([(b"", element), split_prefix(element)]):
        for (algorithm, encoding), written in _WRITTEN.items():
            if written.form.fullmatch(text):
                yield Mark(value, separator, prefix, encoding, algorithm, written.tidy(text))
                break

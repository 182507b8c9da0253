"""The neighbours of a secret: what senders make of it by mistake."""

import re
from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Iterator
from typing import NamedTuple

from engine.authentication.secret import PREFIX, SecretSpec
from engine.doctor.case import Case, Found
from engine.words import Finding


class Key(NamedTuple):
    """Bytes to sign with, and what is wrong when they are the right ones; None: nothing."""

    #: None: a plain hash, without any key.
    key: bytes | None
    found: Found | None


#: Written by hand into a setting, or by a program whose setting was not there.
_NOTHING = ("", "undefined", "null", "None", "secret", "changeme")
#: Shorter pieces of a secret would be guessed, not found.
_SHORTEST_PIECE = 8

_HEX = SecretSpec(encoding="hex")
_SET_AGAIN = "Copy the secret of this trigger to the sender once more."
_READ = {
    "text": "Set the sender to take the secret as it is, as text.",
    "hex": "Set the sender to decode the secret as hex before it signs.",
    "base64": "Set the sender to decode the secret as Base64 before it signs.",
}


def right_keys(case: Case, spec: SecretSpec) -> list[Key]:
    """Return the keys that counted when the request came in, and those that count now."""
    values = dict.fromkeys([*case.secrets.get(spec.name, ()), *case.present.get(spec.name, ())])
    return [Key(key, None) for value in values if (key := spec.decode(value))]


def former_keys(case: Case, spec: SecretSpec) -> Iterator[Key]:
    """Yield the keys that had ended before the request came in."""
    words = "The signature is right for an older secret of this trigger, which had ended when the delivery came in."
    found = Found(Finding.SECRET_FORMER, words, "Give the sender the trigger's present secret.")
    for value in case.former.get(spec.name, ()):
        if key := spec.decode(value):
            yield Key(key, found)


def other_triggers_keys(case: Case, spec: SecretSpec) -> Iterator[Key]:
    """Yield the keys of every other trigger, each as this recipe reads it and as text."""
    for name, values in case.others.items():
        words = f"The signature is right for the secret of another trigger: {name}."
        advice = f"Give the sender this trigger's secret, or let it send to the address of {name}."
        found = Found(Finding.SECRET_OF_OTHER_TRIGGER, words, advice)
        for value in values:
            yield from (Key(key, found) for key in {spec.decode(value), value.encode("utf-8", "replace")} if key)


def misread_keys(case: Case, spec: SecretSpec) -> Iterator[Key]:
    """Yield what a sender may make of a secret that it copied or read wrongly."""
    for value in [*case.secrets.get(spec.name, ()), *case.present.get(spec.name, ())]:
        yield from _read_otherwise(value, spec)
        yield from _spaced(value)
        yield from _cut(value, spec)
    for text in _NOTHING:
        what = f"the word {text!r} as its secret" if text else "an empty secret"
        words = f"The sender signs with {what}: its setting was not there, or not read."
        yield Key(text.encode(), Found(Finding.SECRET_EMPTY, words, _SET_AGAIN))


def _read_otherwise(value: str, spec: SecretSpec) -> Iterator[Key]:
    for how, key in _readings(value, spec):
        if key is not None and key != spec.decode(value):
            words = f"The signature is right when the secret is taken {how}; here it is {_is_taken(spec)}."
            yield Key(key, Found(Finding.SECRET_READ_OTHERWISE, words, _READ[spec.encoding]))


def _is_taken(spec: SecretSpec) -> str:
    if spec.encoding == "text":
        return "taken as it is, as text"
    return f"decoded as {spec.encoding}" + (f", without {spec.prefix!r}" if spec.prefix else "")


def _readings(value: str, spec: SecretSpec) -> Iterator[tuple[str, bytes | None]]:
    """Yield ways to take a secret, in words, with the key each; None where it cannot be taken so."""
    prefix = spec.prefix if value.startswith(spec.prefix) else ""
    prefix = prefix or (match[0] if (match := PREFIX.match(value)) else "")
    bare = value.removeprefix(prefix)
    without = f", without {prefix!r}" if prefix else ""
    yield "as it is, as text", _text(value)
    yield f"as text{without}", _text(bare)
    yield f"as Base64, decoded{without}", _base64(bare)
    yield f"as hex, decoded{without}", _HEX.decode(bare)
    yield "as Base64, decoded with all of it", _base64(value)
    yield "as text in Base64", b64encode(_text(value))
    yield "as text in small letters", _text(value.lower())
    yield "as text in capitals", _text(value.upper())


def _spaced(value: str) -> Iterator[Key]:
    for what, text in (
        ("a newline after it", f"{value}\n"),
        ("a newline after it", f"{value}\r\n"),
        ("a space after it", f"{value} "),
        ("a space before it", f" {value}"),
        ("quotation marks around it", f'"{value}"'),
        ("quotation marks around it", f"'{value}'"),
    ):
        words = f"The sender's secret has {what}."
        yield Key(_text(text), Found(Finding.SECRET_SPACED, words, "Take it away where the sender keeps its secret."))


def _cut(value: str, spec: SecretSpec) -> Iterator[Key]:
    words = "The sender has only a part of the secret: it was cut off when it was copied."
    found = Found(Finding.SECRET_CUT, words, _SET_AGAIN)
    pieces = [value[:-1], value[:-2], value[:-3], value[:-4], value[1:], *re.split(r"[^A-Za-z0-9]+", value)]
    for piece in dict.fromkeys(pieces):
        if _SHORTEST_PIECE <= len(piece) < len(value):
            yield from (Key(key, found) for key in {_text(piece), spec.decode(piece)} if key)


def _text(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


def _base64(value: str) -> bytes | None:
    tidy = value.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return a2b_base64(tidy + "=" * (-len(tidy) % 4), strict_mode=True)
    except ValueError:
        return None

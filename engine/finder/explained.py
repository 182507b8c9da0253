"""A recipe in words, and what a search came to when it found none."""

import re
from collections.abc import Mapping, Sequence

from engine.finder.search import Search
from engine.language.yaml_text import dump

_HOLE = re.compile(r"\{([a-z_]+)(?::([^{}]+))?\}|([^{}]+)")
_CONSTANTS = {
    ".": "a dot", ":": "a colon", "|": "a bar", "\n": "a line break", ",": "a comma", "-": "a hyphen",
    "&": "an ampersand",
}  # fmt: skip
_PARTS = {
    "body": "the body", "timestamp": "the time", "url": "the address", "path": "the address's path",
    "method": "the method", "form_sorted": "the form's fields in order of their names",
    "form_unique": "the form's fields, each once, in order of their names", "uri": "the address from its path on",
}  # fmt: skip
_PLACES = {"header": "the header", "query": "the query parameter", "form": "the form field", "body": "the body field"}
_UNITS = {"s": "in seconds", "ms": "in milliseconds", "iso": "in ISO 8601", "http": "as a date of HTTP"}


def as_yaml(recipe: Mapping[str, object]) -> str:
    """Return a recipe as a manifest writes it: a list of one scheme."""
    return dump([recipe])


def explain(recipe: Mapping[str, object]) -> str:
    """Return in words how the sender proves itself."""
    if recipe["scheme"] == "basic":
        return f"The secret is the password of HTTP basic authentication; the user name is {recipe['username']!r}."
    if recipe["scheme"] == "shared_secret":
        place = _list(recipe["places"])[0]
        return f"The secret itself travels in {_place(place)}{_after(place)}: nothing is signed."
    signature, secret = _map(recipe["signature"]), _map(recipe["secret"])
    hashed = str(recipe["algorithm"]).upper()
    how = f"The plain {hashed} of the secret and" if "construction" in recipe else f"HMAC-{hashed} over"
    return (
        f"{how} {_text(str(recipe['signs']))}. The key is {_key(secret)}. "
        f"The signature stands in {_place(signature)}{_after(signature)}, in {signature['encoding']}.{_time(recipe)}"
    )


def nothing_found(search: Search) -> str:
    """Return in words what was tried in vain, and what to look at next."""
    if not search.proofs:
        return (
            "Nothing in this request looks like a signature: no header, parameter or body field has the length of a "
            "hash. Does the sender sign at all, and is the secret set there?"
        )
    found = f"What looks like a signature stands in {_and(search.proofs)}"
    times = f", and a time in {_and(search.times)}" if search.times else "; no time of about then stands beside it"
    bounds = "" if search.complete else " The body is too large for all of them to be tried."
    return (
        f"{found}{times}. {search.tried:,} hashes were compared, and none is the sender's.{bounds} Is it the right "
        "secret, of this endpoint, and is the trigger's address the one that the sender was given?"
    )


def _text(signs: str) -> str:
    parts = [_part(found[1], found[2], found[3]) for found in _HOLE.finditer(signs)]
    return _and(parts)


def _part(hole: str | None, argument: str | None, constant: str | None) -> str:
    if constant is not None:
        return _CONSTANTS.get(constant, f"the text {constant!r}")
    return f"{_PLACES[hole or '']} {argument}" if argument else _PARTS[hole or ""]


def _key(secret: Mapping[str, object]) -> str:
    encoding = secret.get("encoding", "text")
    if encoding == "text":
        return "the secret as it stands"
    after = f" after its prefix {secret['prefix']}" if secret.get("prefix") else ""
    return f"what the secret{after} holds in {encoding}"


def _place(place: Mapping[str, object]) -> str:
    kind = next(kind for kind in _PLACES if kind in place)
    return f"{_PLACES[kind]} {place[kind]}"


def _after(place: Mapping[str, object]) -> str:
    return f" after {str(place['prefix']).strip()!r}" if place.get("prefix") else ""


def _time(recipe: Mapping[str, object]) -> str:
    if "timestamp" not in recipe:
        return " No time is signed that could be checked: the same request can be sent again."
    time = _map(recipe["timestamp"])
    element = f"the element {time['element']!r}" if time.get("element") else "the first element"
    where = f"{element} beside it" if "element" in time else _place(time)
    return f" The time stands in {where}, {_UNITS.get(str(time['unit']), time['unit'])}."


def _and(parts: Sequence[str]) -> str:
    return " and ".join([*([", ".join(parts[:-1])] if parts[1:] else []), *parts[-1:]])


def _map(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Mapping[str, object]]:
    return value if isinstance(value, list) else []

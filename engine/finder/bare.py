"""Secrets that travel themselves: in a header, a parameter or a field, or as the password of HTTP's basic scheme."""

from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence

from engine.finder.values import Value

#: Longer words before a key are none.
_LONGEST_PREFIX = 24


def bare_recipes(values: Sequence[Value], secret: str, name: str) -> Iterator[Mapping[str, object]]:
    """Yield the schemes by which a request may carry the secret itself."""
    key = secret.encode("utf-8", "surrogatepass")
    for value in values:
        if value.text.endswith(key):
            yield from _shared(value, value.text.removesuffix(key), name)
        if value.kind == "header" and value.name == "authorization":
            yield from _basic(value, key, name)


def _shared(value: Value, before: bytes, name: str) -> Iterator[Mapping[str, object]]:
    if len(before) > _LONGEST_PREFIX or not before.isascii() or before[-1:].isalnum():
        return
    prefix = {"prefix": before.decode()} if before else {}
    yield {"scheme": "shared_secret", "secret": name, "places": [{**value.place, **prefix}]}


def _basic(value: Value, key: bytes, name: str) -> Iterator[Mapping[str, object]]:
    word, _, text = value.text.partition(b" ")
    try:
        username, colon, password = b64decode(text.strip(b" "), validate=True).partition(b":")
        if word.lower() == b"basic" and colon and password == key:
            yield {"scheme": "basic", "username": username.decode(), "secret": name}
    except ValueError:
        return

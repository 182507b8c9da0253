"""What the key of a secret can be: the text itself, or what it stands for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.authentication.secret import PREFIX, SecretSpec

#: What a whole key has at least, unless a manifest says otherwise.
_WHOLE_KEY = SecretSpec().at_least


@dataclass(frozen=True, slots=True)
class Key:
    """The bytes of a key, and how a manifest says that they come from the secret."""

    spec: Mapping[str, object]
    octets: bytes = field(repr=False)


def keys_of(secret: str, name: str) -> list[Key]:
    """Return every key that a secret can stand for, the plainest first; name: of the secret in the recipe."""
    found: dict[bytes, Key] = {}
    for said in _readings(secret):
        octets = SecretSpec.model_validate({"name": name, **said}).decode(secret)
        if octets:
            found.setdefault(octets, Key(_spec(name, said, octets), octets))
    return list(found.values())


def _readings(secret: str) -> Iterator[Mapping[str, object]]:
    prefixed = PREFIX.match(secret)
    prefixes = ["", *([prefixed[0]] if prefixed else [])]
    yield {}
    for encoding in ("hex", "base64"):
        for prefix in prefixes:
            yield {"prefix": prefix, "encoding": encoding} if prefix else {"encoding": encoding}


def _spec(name: str, said: Mapping[str, object], octets: bytes) -> Mapping[str, object]:
    """Return the manifest's words; a short key says that it is one, or it would be taken for one that was cut off."""
    short = {"at_least": len(octets)} if len(octets) < _WHOLE_KEY else {}
    return {"name": name, **said, **short}

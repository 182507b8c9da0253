"""What a secret looks like: how text becomes the bytes of a key, how a new one is made, when one looks wrong."""

import re
from base64 import b64encode
from binascii import a2b_base64, a2b_hex
from collections.abc import Callable, Iterable, Mapping, Sequence
from hmac import compare_digest
from secrets import token_bytes, token_urlsafe
from typing import Annotated, Literal, Protocol, TypeVar

from pydantic import BeforeValidator, Field

from engine.authentication.spec import Spec, by_name
from engine.errors import Rejected
from engine.words import Reason

#: Secrets that we make: 256 random bits.
NEW_SECRET_BYTES = 32

#: By name, the secrets that are valid now: more than one while they are being rotated.
Secrets = Mapping[str, Sequence[str]]


Key = TypeVar("Key")

#: What vendors put before a secret, such as ``whsec_``.
PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9]{0,15}[_-](?:[a-z]{2,8}[_-])?")


def usable(secrets: Secrets, name: str, read: Callable[[str], Key | None], kind: str) -> list[Key]:
    """Return every value of a name that can be read.

    kind: what each has to be, in words.

    Raises:
        Rejected: NO_SECRET, none is set or none can be read.
    """
    values = secrets.get(name, ())
    found = [key for value in values if (key := read(value))]
    if found:
        return found
    if any(values):
        raise Rejected(Reason.NO_SECRET, f"the {name!r} of the trigger is {kind}: paste it again")
    raise Rejected(Reason.NO_SECRET, f"no {name!r} is set on the trigger")


def is_among(given: bytes, right: Iterable[bytes]) -> bool:
    """Compare with every right value, so that the time taken tells nothing about which one it was."""
    matched = False
    for each in right:
        matched |= compare_digest(each, given)
    return matched


class Credential(Protocol):
    """What a person pastes or we make when a trigger is set up: a secret, or a vendor's public key."""

    @property
    def name(self) -> str:
        """What the trigger holds it under."""
        ...

    @property
    def has_lines(self) -> bool:
        """Whether it may be written over several lines, as keys in PEM are."""
        ...

    def generate(self) -> str:
        """Return a new one."""
        ...

    def warning(self, secret: str) -> str | None:
        """Return why a pasted one looks wrong, without showing it; None when it looks right."""
        ...


class SecretSpec(Spec):
    """The secret of a scheme, by its name; a trigger holds one or more values under that name."""

    name: str = "secret"
    #: What every such secret starts with. It is stripped before decoding; a ``text`` secret is a key as it stands.
    prefix: str = ""
    encoding: Literal["text", "hex", "base64"] = "text"
    #: The fewest bytes that a whole key has; fewer means that it was cut off when it was copied.
    at_least: int = Field(default=16, ge=1)

    @property
    def has_lines(self) -> bool:
        """Whether it may be written over several lines: no secret is."""
        return False

    def keys(self, secrets: Secrets) -> list[bytes]:
        """Return the bytes of every key that can be used.

        Raises:
            Rejected: NO_SECRET, none is set or none can be decoded.
        """
        return usable(secrets, self.name, self.decode, f"not {self.encoding}")

    def key(self, secrets: Mapping[str, str]) -> bytes:
        """Return the bytes of the key to sign with.

        Raises:
            Rejected: NO_SECRET.
        """
        return self.keys({name: (value,) for name, value in secrets.items()})[0]

    def decode(self, secret: str) -> bytes | None:
        """Return the bytes of the key, none when only the prefix is there, or None: the text is not in its encoding."""
        text = secret.removeprefix(self.prefix)
        if self.encoding == "text":
            return secret.encode("utf-8", "surrogatepass") if text else b""
        try:
            return a2b_hex(text) if self.encoding == "hex" else a2b_base64(_standard(text), strict_mode=True)
        except ValueError:
            return None

    def generate(self) -> str:
        """Return a new secret of 256 random bits, written as this scheme wants it."""
        if self.encoding == "text":
            return self.prefix + token_urlsafe(NEW_SECRET_BYTES)
        key = token_bytes(NEW_SECRET_BYTES)
        return self.prefix + (key.hex() if self.encoding == "hex" else b64encode(key).decode())

    def warning(self, secret: str) -> str | None:
        """Return why a pasted secret looks wrong, without showing it; None when it looks right."""
        if self.prefix and not secret.startswith(self.prefix):
            return f"This secret does not start with {self.prefix!r}: is it another one of the vendor's keys?"
        key = self.decode(secret)
        if key is None:
            return f"This secret is not {self.encoding}: was it cut off when it was copied?"
        if len(key) < self.at_least:
            return f"This secret is short ({len(secret)} characters): was it cut off when it was copied?"
        return None


def _standard(text: str) -> str:
    """Return base64url in the alphabet of base64: a secret may be written in either."""
    return text.replace("-", "+").replace("_", "/")


#: A secret in a manifest: its name alone, or its name and what it looks like.
SecretField = Annotated[SecretSpec, BeforeValidator(by_name, json_schema_input_type=SecretSpec | str)]

"""What a secret looks like: how text becomes the bytes of a key, how a new one is made, when one looks wrong."""

from base64 import b64encode
from binascii import a2b_base64, a2b_hex
from collections.abc import Mapping, Sequence
from secrets import token_bytes, token_urlsafe
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from engine.authentication.spec import Spec
from engine.errors import Rejected
from engine.words import Reason

#: Secrets that we make: 256 random bits.
NEW_SECRET_BYTES = 32

#: By name, the secrets that are valid now: more than one while they are being rotated.
Secrets = Mapping[str, Sequence[str]]


class SecretSpec(Spec):
    """The secret of a scheme, by its name; a trigger holds one or more values under that name."""

    name: str = "secret"
    #: What every such secret starts with. It is stripped before decoding; a ``text`` secret is a key as it stands.
    prefix: str = ""
    encoding: Literal["text", "hex", "base64"] = "text"
    #: The fewest bytes that a whole key has; fewer means that it was cut off when it was copied.
    at_least: int = Field(default=16, ge=1)

    def keys(self, secrets: Secrets) -> list[bytes]:
        """Return the bytes of every key that can be used.

        Raises:
            Rejected: NO_SECRET, none is set or none can be decoded.
        """
        values = secrets.get(self.name, ())
        keys = [key for value in values if (key := self.decode(value))]
        if keys:
            return keys
        if any(values):
            raise Rejected(Reason.NO_SECRET, f"the {self.name!r} of the trigger is not {self.encoding}: paste it again")
        raise Rejected(Reason.NO_SECRET, f"no {self.name!r} is set on the trigger")

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
            return a2b_hex(text) if self.encoding == "hex" else a2b_base64(text, strict_mode=True)
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


def _named(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


#: A secret in a manifest: its name alone, or its name and what it looks like.
SecretField = Annotated[SecretSpec, BeforeValidator(_named, json_schema_input_type=SecretSpec | str)]

"""The scheme ``basic``: a user name and a password.

Source: https://www.rfc-editor.org/rfc/rfc7617
"""

from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from engine.authentication.places import header_place
from engine.authentication.request import Inbound
from engine.authentication.scheme import TIMELESS, Proof, Scheme
from engine.authentication.secret import SecretField, Secrets, SecretSpec, is_among
from engine.authentication.spec import Spec
from engine.errors import Rejected
from engine.words import Reason

_AUTHORIZATION = header_place("authorization")


@dataclass(frozen=True, slots=True)
class Credentials:
    """A compiled ``basic``."""

    username: bytes
    secret: SecretSpec

    def prove(self, request: Inbound, secrets: Secrets) -> Proof:
        """Return the proof of a request that carries user name and password.

        Raises:
            Rejected: it does not.
        """
        passwords = self.secret.keys(secrets)
        given = _credentials(_AUTHORIZATION.only(request))
        if not is_among(given, [self.username + b":" + password for password in passwords]):
            raise Rejected(Reason.WRONG_PROOF, "the user name or the password is not the trigger's")
        return TIMELESS

    def sign(self, request: Inbound, secrets: Mapping[str, str]) -> Inbound:
        """Return the request with user name and password."""
        credentials = b64encode(self.username + b":" + self.secret.key(secrets)).decode()
        return _AUTHORIZATION.write(request, f"Basic {credentials}")


def _credentials(value: bytes) -> bytes:
    word, _, text = value.partition(b" ")
    try:
        credentials = a2b_base64(text.strip(b" "), strict_mode=True)
    except ValueError as error:
        raise Rejected(Reason.MALFORMED_PROOF, "the Authorization header is no Base64") from error
    if word.lower() != b"basic" or b":" not in credentials:
        raise Rejected(Reason.MALFORMED_PROOF, "the Authorization header holds no user name and password")
    return credentials


class BasicSpec(Spec):
    """HTTP basic authentication: a fixed user name, and the secret as its password."""

    scheme: Literal["basic"]
    #: No secret; a colon would end it.
    username: str = Field(default="wink", pattern=r"^[^:]*$")
    secret: SecretField = SecretSpec()
    source: str | None = None

    def compile(self) -> Scheme:
        """Return the scheme."""
        credentials = Credentials(self.username.encode(), self.secret)
        return Scheme(
            kinds=(self.scheme,),
            prove=credentials.prove,
            sign=credentials.sign,
            secrets=(self.secret,),
            secret_headers=("authorization",),
            challenge='Basic realm="webhooks", charset="UTF-8"',
        )

"""The scheme ``shared_secret``: the secret itself, in one of the places where the vendor may put it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from engine.authentication.each import per_item
from engine.authentication.places import Place, PlaceSpec
from engine.authentication.request import Inbound
from engine.authentication.scheme import TIMELESS, Proof, Scheme
from engine.authentication.secret import SecretField, Secrets, SecretSpec, is_among
from engine.authentication.spec import Spec
from engine.errors import Rejected
from engine.words import Reason


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """A place that may hold the secret, after a prefix."""

    place: Place
    prefix: bytes

    def bare(self, value: bytes) -> bytes | None:
        """Return the secret within the value, or None when another prefix stands before it.

        A prefix that ends in a space is an authentication scheme, whose case does not count.
        Source: https://www.rfc-editor.org/rfc/rfc9110#section-11.1
        """
        if not self.prefix.endswith(b" "):
            return value.removeprefix(self.prefix) if value.startswith(self.prefix) else None
        word, _, key = value.partition(b" ")
        return key.lstrip(b" ") if word.lower() == self.prefix[:-1].lower() else None


@dataclass(frozen=True, slots=True)
class SharedSecret:
    """A compiled ``shared_secret``."""

    secret: SecretSpec
    places: tuple[KeyPlace, ...]

    def prove(self, request: Inbound, secrets: Secrets) -> Proof:
        """Return the proof of a request that carries the secret.

        Raises:
            Rejected: it does not, or carries several.
        """
        keys = self.secret.keys(secrets)
        if not is_among(self._given(request), keys):
            raise Rejected(Reason.WRONG_PROOF, "the key that was sent is not the trigger's")
        return TIMELESS

    def sign(self, request: Inbound, secrets: Mapping[str, str]) -> Inbound:
        """Return the request with the secret in its first place."""
        first = self.places[0]
        return first.place.write(request, (first.prefix + self.secret.key(secrets)).decode())

    def _given(self, request: Inbound) -> bytes:
        keys, reason = set[bytes](), Reason.MISSING_PROOF
        for each in self.places:
            if values := each.place.read(request):
                if len(values) > 1:
                    raise Rejected(Reason.REPEATED_PROOF, "there is more than one key in one place")
                reason = Reason.MALFORMED_PROOF
                if key := each.bare(values[0]):
                    keys.add(key)
        if len(keys) == 1:
            return keys.pop()
        if keys:
            raise Rejected(Reason.REPEATED_PROOF, "there are different keys in different places")
        titles = " or ".join(each.place.title for each in self.places)
        raise Rejected(reason, f"there is no key in {titles}")


class KeyPlaceSpec(PlaceSpec):
    """A place that may hold the secret."""

    #: What stands before the secret, such as ``Bearer`` and a space.
    prefix: str = ""

    @property
    def challenge(self) -> str | None:
        """What ``WWW-Authenticate`` says for this place, if it is one of HTTP's own."""
        is_http = (self.header or "").lower() == "authorization" and self.prefix.endswith(" ")
        return self.prefix.strip() if is_http else None


class SharedSecretSpec(Spec):
    """The secret itself, sent along."""

    scheme: Literal["shared_secret"]
    secret: SecretField = SecretSpec()
    #: Where the secret may stand; signing uses the first.
    places: list[KeyPlaceSpec] = Field(min_length=1)
    #: The path of the list in a JSON body whose items each hold the secret; paths then start at the item.
    each: str | None = None
    source: str | None = None

    def compile(self) -> Scheme:
        """Return the scheme."""
        shared = SharedSecret(self.secret, tuple(KeyPlace(each.place(), each.prefix.encode()) for each in self.places))
        scheme = Scheme(
            kinds=(self.scheme,),
            prove=shared.prove,
            sign=shared.sign,
            secrets=(self.secret,),
            secret_headers=tuple(each.header.lower() for each in self.places if each.header),
            secret_parameters=tuple(each.query for each in self.places if each.query),
            challenge=next((each.challenge for each in self.places if each.challenge), None),
        )
        return scheme if self.each is None else per_item(scheme, self.each)

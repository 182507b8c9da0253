"""What every scheme offers: proving a request, and making the proof as the vendor does."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from engine.authentication.algorithms import Algorithm
from engine.authentication.request import Inbound
from engine.authentication.secret import Credential, Secrets


class KeyDocuments(Protocol):
    """Documents with the vendor's keys. A proof finds those that were fetched among the secrets, by their address."""

    def by_address(self, secrets: Mapping[str, str]) -> Mapping[str, Algorithm]:
        """Return the addresses that are known beforehand, and what the keys there are for."""
        ...


class Proof(NamedTuple):
    """What a proven request leaves behind for the protection against replays; nothing where no time is signed."""

    #: SHA-256 of what was signed: not of the header, which can be reordered or written otherwise.
    digest: bytes | None = None
    #: Until when a second request with this digest is a replay; from then on its time is out of the window.
    expires_at: datetime | None = None


#: What a proof leaves behind that holds no time: a replay looks the same as the first.
TIMELESS = Proof()


@dataclass(frozen=True, slots=True)
class Scheme:
    """One kind of authentication, compiled from a manifest."""

    #: The words of the manifest, ``hmac``, ``shared_secret`` ...; several when it is made of alternatives.
    kinds: tuple[str, ...]
    #: Returns the proof that a request carries, or raises Rejected: the detail never holds a secret or a right answer.
    prove: Callable[[Inbound, Secrets], Proof]
    #: Returns the request with the proof that the vendor would add; ``received_at`` is the time to sign.
    sign: Callable[[Inbound, Mapping[str, str]], Inbound]
    #: The secrets that it needs, and public keys that people paste.
    secrets: tuple[Credential, ...] = ()
    #: The documents with keys that a proof may want; none where it needs nothing but the request and secrets.
    key_documents: tuple[KeyDocuments, ...] = ()
    #: Headers, in lower case, whose values are secrets.
    secret_headers: tuple[str, ...] = ()
    #: Query parameters whose values are secrets.
    secret_parameters: tuple[str, ...] = ()
    #: What ``WWW-Authenticate`` should say to a sender without this proof.
    challenge: str | None = None
    #: Why the proof says nothing about the body, where it signs other parts of the request alone.
    body_is_unsigned: str | None = None
    #: Why there is no proof at all, where the manifest says so.
    because: str | None = None


def prove_all(schemes: Iterable[Scheme], request: Inbound, secrets: Secrets) -> Proof:
    """Return the proof of a request that passes every scheme: the first that signs a time, if one does.

    Raises:
        Rejected: from the first scheme that refuses.
    """
    first = TIMELESS
    for scheme in schemes:
        proof = scheme.prove(request, secrets)
        first = first if first.digest else proof
    return first


def sign_all(schemes: Iterable[Scheme], request: Inbound, secrets: Mapping[str, str]) -> Inbound:
    """Return the request with the proof of every scheme."""
    for scheme in schemes:
        request = scheme.sign(request, secrets)
    return request


def unsigned(request: Inbound, _: Mapping[str, str]) -> Inbound:
    """Return the request as it is, for schemes that add nothing to it."""
    return request

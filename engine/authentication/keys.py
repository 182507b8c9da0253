"""The public keys of a scheme: pasted when the trigger is set up, or published by the vendor at a stated address.

Nothing is fetched here. A proof finds what was fetched among the secrets, under its address; where it is not there,
or does not have the key, the proof says which document it wants, and whoever asked may fetch it and ask again.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

import jiter
from pydantic import BeforeValidator, Field

from engine import json_bytes
from engine.authentication.algorithms import (
    Algorithm,
    PrivateKey,
    PublicKey,
    read_private_key,
    read_public_key,
    write_private_key,
)
from engine.authentication.secret import Secrets, SecretSpec, usable
from engine.authentication.spec import Spec, by_name
from engine.errors import Rejected
from engine.words import Reason

#: Keys of one document with the same id, or with none asked for: more are tried for nobody.
MAX_KEYS = 16

_HOLE = re.compile(r"\{([a-z_]+)\}")
#: One label of a host name, which a trigger's value fills in: it can change neither the domain nor the path.
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")
#: The host is written out, but for one first label.
_ADDRESS = re.compile(r"^https://(\{[a-z_]+\}\.)?[a-z0-9-]+(\.[a-z0-9-]+)+/[A-Za-z0-9/._~-]*$")


class KeysWanted(Rejected):
    """The vendor's keys are not at hand."""

    def __init__(self, address: str, reason: Reason, detail: str) -> None:
        #: Where they are: https, at a host that the manifest names.
        self.address = address
        super().__init__(reason, detail)


@dataclass(frozen=True, slots=True)
class PastedKey:
    """A public key that the vendor makes and a person pastes, under the secret's name."""

    name: str
    #: What stands before the key, such as ``whpk_``.
    prefix: str
    #: Those that the key may be for.
    algorithms: tuple[Algorithm, ...]

    @property
    def has_lines(self) -> bool:
        """Whether it may be written over several lines, as in PEM."""
        return True

    def find(self, _: str | None, secrets: Secrets) -> list[PublicKey]:
        """Return every key that is set, whatever its id.

        Raises:
            Rejected: NO_SECRET, none is set or none can be read.
        """
        return usable(secrets, self.name, self._read, "no key of this kind")

    def private(self, secrets: Mapping[str, str]) -> PrivateKey:
        """Return the private key to sign with.

        Raises:
            Rejected: NO_SECRET, only the vendor has one.
        """
        return private_key(secrets.get(self.name, ""), self.prefix)

    def generate(self) -> str:
        """Return a new private key, whose public half counts too."""
        return write_private_key(self.algorithms[0].generate())

    def warning(self, secret: str) -> str | None:
        """Return why a pasted key looks wrong, None when it looks right."""
        if self._read(secret):
            return None
        return "This is no public key of the kind that the vendor signs with: was it cut off when it was copied?"

    def _read(self, text: str) -> PublicKey | None:
        key = read_public_key(text.removeprefix(self.prefix))
        return key if key and any(algorithm.fits(key) for algorithm in self.algorithms) else None


@dataclass(frozen=True, slots=True)
class PublishedKeys:
    """Keys that the vendor publishes at an address, which a value of the trigger may complete."""

    address: str
    secrets: tuple[SecretSpec, ...]
    algorithms: tuple[Algorithm, ...]

    def find(self, key_id: str | None, secrets: Secrets) -> list[PublicKey]:
        """Return the keys of that id; None: every one.

        Raises:
            KeysWanted: the document is not at hand, or has no such key.
            Rejected: NO_SECRET, what completes the address is not set.
        """
        addresses = self._addresses(secrets)
        found = [key for address in addresses for key in keys_at(address, key_id, secrets) if self._fits(key)]
        if found:
            return found
        raise KeysWanted(addresses[0], Reason.WRONG_PROOF, "the vendor publishes no key with the id of this signature")

    def private(self, secrets: Mapping[str, str]) -> PrivateKey:
        """Return the private key to sign with, which stands in place of the document.

        Raises:
            Rejected: NO_SECRET, only the vendor has one.
        """
        addresses = self._addresses({name: (value,) for name, value in secrets.items()})
        return private_key(secrets.get(addresses[0], ""))

    def by_address(self, secrets: Mapping[str, str]) -> Mapping[str, Algorithm]:
        """Return the addresses that a proof may want with these secrets, and what the keys there are for."""
        addresses = self._addresses({name: (value,) for name, value in secrets.items()})
        return dict.fromkeys(addresses, self.algorithms[0])

    def _fits(self, key: PublicKey) -> bool:
        return any(algorithm.fits(key) for algorithm in self.algorithms)

    def _addresses(self, secrets: Secrets) -> list[str]:
        if not self.secrets:
            return [self.address]
        (spec,) = self.secrets
        labels = [key.decode("utf-8", "replace").lower() for key in spec.keys(secrets)]
        filled = [_HOLE.sub(label, self.address) for label in labels if _LABEL.fullmatch(label)]
        if not filled:
            raise Rejected(Reason.NO_SECRET, f"the {spec.name!r} of the trigger is no part of a host name")
        return filled


@dataclass(frozen=True, slots=True)
class Certificate:
    """The document at one address that is known beforehand."""

    address: str
    algorithm: Algorithm

    def by_address(self, _: Mapping[str, str]) -> Mapping[str, Algorithm]:
        """Return that address, and what the key there is for."""
        return {self.address: self.algorithm}


#: Where a scheme has its keys from.
KeySource = PastedKey | PublishedKeys


def private_key(text: str, prefix: str = "") -> PrivateKey:
    """Return the private key of a text.

    Raises:
        Rejected: NO_SECRET: nobody but the vendor can sign.
    """
    key = read_private_key(text.removeprefix(prefix))
    if key is None:
        raise Rejected(Reason.NO_SECRET, "the vendor signs with a private key that it alone has: let the vendor send")
    return key


def keys_at(address: str, key_id: str | None, secrets: Secrets) -> Iterator[PublicKey]:
    """Yield the keys of the documents that were fetched from an address.

    Raises:
        KeysWanted: nothing is at hand that was fetched from there.
    """
    documents = [text for text in secrets.get(address, ()) if text]
    if not documents:
        raise KeysWanted(address, Reason.NO_SECRET, f"the vendor's keys at {address} are not at hand")
    for text in documents:
        read = (read_public_key(written) for written in _keys_in(text, key_id))
        yield from (key for key in read if key)


def _keys_in(document: str, key_id: str | None) -> Sequence[str]:
    """Return the keys of a document as texts: those of a key set that have the id, or the one that it is."""
    if not document.lstrip().startswith("{"):
        return (document,)
    known = _by_id(document)
    return known.get(key_id, ()) if key_id is not None else [key for keys in known.values() for key in keys][:MAX_KEYS]


@lru_cache(maxsize=16)
def _by_id(document: str) -> Mapping[str | None, Sequence[str]]:
    """Return the keys of a JSON Web Key Set by their ids. Source: https://www.rfc-editor.org/rfc/rfc7517#section-5."""
    try:
        listed = jiter.from_json(document.encode(), catch_duplicate_keys=True)
    except ValueError:
        return {}
    keys = listed.get("keys") if isinstance(listed, dict) else None
    found: dict[str | None, list[str]] = {}
    for key in keys if isinstance(keys, list) else ():
        if isinstance(key, dict) and key.get("use") in {None, "sig"}:
            same = found.setdefault(str(key["kid"]) if "kid" in key else None, [])
            if len(same) < MAX_KEYS:
                same.append(json_bytes.dump(key).decode())
    return found


class PastedKeySpec(Spec):
    """A public key that people paste: PEM, a JSON Web Key, or its bytes in hex or base64."""

    name: str = "public_key"
    #: What stands before the key, such as ``whpk_``.
    prefix: str = ""

    def compile(self, algorithms: tuple[Algorithm, ...]) -> PastedKey:
        """Return the source of keys for these algorithms."""
        return PastedKey(self.name, self.prefix, algorithms)


class PublishedKeysSpec(Spec):
    """Where the vendor publishes its keys: a JSON Web Key Set, or a key or certificate in PEM."""

    #: ``https://``, a host that is written out, a path. Its first label can be ``{name}``, a value of the trigger.
    url: str = Field(pattern=_ADDRESS.pattern)

    def compile(self, algorithms: tuple[Algorithm, ...]) -> PublishedKeys:
        """Return the source of keys for these algorithms."""
        fills = tuple(SecretSpec(name=name, at_least=1) for name in _HOLE.findall(self.url))
        return PublishedKeys(self.url, fills, algorithms)


#: A key that is pasted, in a manifest: its name alone, or its name and what it looks like.
PastedKeyField = Annotated[PastedKeySpec, BeforeValidator(by_name, json_schema_input_type=PastedKeySpec | str)]

"""What is known of a vendor, in words for people: its proofs, its patience, and what shows that they are right."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from engine.authentication.way import AnyOfSpec, Way
from engine.definitions.connector import Connector
from engine.definitions.manifest import Confirmation, Limits, Manifest
from engine.definitions.reply import ReplySpec
from web.pages.handshake_words import handshake_words
from web.pages.lengths import in_words

#: Schemes of authentication.
_PROOFS: Mapping[str, str] = {
    "hmac": "HMAC signature",
    "public_key": "signature with a private key",
    "jwt": "signed token (JWT)",
    "special": "signature of the vendor's own kind",
    "shared_secret": "shared secret",
    "basic": "name and password (HTTP Basic)",
    "network": "the sender's network",
    "none": "nothing",
}

_READERS: Mapping[str, str] = {
    "json": "JSON",
    "form": "form",
    "form_payload": "form with JSON in its field payload",
    "ndjson": "JSON, a value on each line",
    "multipart": "form with files",
    "text": "text",
    "jwt": "signed token (JWT)",
}

_NOT_KNOWN = "not known"

#: A label and what stands beside it.
Facts = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """By what a connector is confirmed; link: empty for a package."""

    words: str
    link: str = ""


def proof_words(way: Way) -> str:
    """Return what a sender has to bring."""
    told = [_PROOFS[kind.partition(":")[0]] for kind in way.kinds]
    chosen = any(isinstance(spec, AnyOfSpec) for spec in way.specs)
    return (" or " if chosen else " and ").join(told)


def confirmed_by(manifest: Manifest) -> list[Confirmed]:
    """Return what shows that the proof is right."""
    return [_confirmed(each) for each in manifest.confirmed_by]


def _confirmed(by: Confirmation) -> Confirmed:
    if by.vector:
        return Confirmed("a signed request that the vendor publishes", by.vector)
    return Confirmed(f"the vendor's own package, {by.package}")


def limit_facts(limits: Limits) -> Facts:
    """Return how long the vendor waits and when it tries again, and plainly where that is not known."""
    return list(_limit_facts(limits))


def _limit_facts(limits: Limits) -> Iterator[tuple[str, str]]:
    yield "Waits for an answer", f"{_length(limits.answer_within)} at most" if limits.answer_within else _NOT_KNOWN
    told = limits.gives_up or ("It sends nothing more to the address." if limits.disables else "")
    if limits.retries or limits.attempts or not told:
        yield "Tries again", _retries(limits)
    if told:
        yield "When that fails" if limits.retries else "When it is refused", told


def _retries(limits: Limits) -> str:
    waits, attempts = ", ".join(map(_length, limits.retries)), limits.attempts or 1 + len(limits.retries)
    if limits.retries:
        return f"after {waits}: {attempts} attempts in all"
    return f"{attempts} attempts in all, at times that are not known" if limits.attempts else _NOT_KNOWN


def _length(length: timedelta) -> str:
    return in_words(length).replace(".0 s", " s")


def receiving_facts(connector: Connector) -> Facts:
    """Return what the vendor sends and hears."""
    return list(_receiving_facts(connector))


def _receiving_facts(connector: Connector) -> Iterator[tuple[str, str]]:
    manifest = connector.manifest
    if handshake := handshake_words(connector):
        yield "Questions", handshake
    if manifest.methods != ["POST"]:
        yield "Sends by", ", ".join(manifest.methods)
    yield "Bodies", ", ".join(dict.fromkeys(_READERS[kind] for kind in manifest.body.values()))
    yield "Sends to", "public HTTPS addresses only" if manifest.setup.public_url else "any address that it reaches"
    yield "Hears", _reply(manifest.reply.accepted)


def _reply(reply: ReplySpec) -> str:
    if reply.json_body is not None:
        return f"{reply.status} with JSON that it expects"
    if reply.text is not None:
        return f"{reply.status} with {'a text that it expects' if reply.text else 'an empty body'}"
    return f"{reply.status} with Wink's words about the delivery"

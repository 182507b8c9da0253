"""Why a delivery got its verdict, in words for people."""

from collections.abc import Mapping

from engine.words import Reason
from web.pages.forms import sentence

REASONS: Mapping[Reason, str] = {
    Reason.NEW: "it was not seen before",
    Reason.HELD: "the trigger was paused: what would run is held",
    Reason.NO_EVENTS: "it brought no event",
    Reason.EVENT_SEEN: "this event came before",
    Reason.SIGNATURE_SEEN: "this very signature came before",
    Reason.HANDSHAKE: "the vendor's question was answered",
    Reason.LISTENING: "taken as a sample",
    Reason.UNKNOWN_ADDRESS: "no trigger has this address",
    Reason.OVERLOADED: "more came in than could be written down: it was told to try again",
    Reason.METHOD_NOT_ALLOWED: "the method is not one that this vendor uses",
    Reason.BODY_TOO_LARGE: "the body is too large",
    Reason.UNSUPPORTED_CONTENT_TYPE: "the content type is none that this vendor sends",
    Reason.NO_SECRET: "the trigger had no secret yet to compare with",
    Reason.MISSING_PROOF: "there is no key or signature",
    Reason.REPEATED_PROOF: "there is more than one key or signature",
    Reason.MALFORMED_PROOF: "the key or signature cannot be read",
    Reason.WRONG_PROOF: "the key or signature does not match",
    Reason.MISSING_TIMESTAMP: "the signed time is missing",
    Reason.MALFORMED_TIMESTAMP: "the signed time cannot be read",
    Reason.TIMESTAMP_TOO_OLD: "it was signed too long ago",
    Reason.TIMESTAMP_IN_FUTURE: "it was signed in the future: compare the clocks",
    Reason.ADDRESS_NOT_ALLOWED: "the sender's address is not allowed",
    Reason.KEYS_UNAVAILABLE: "the vendor's keys could not be fetched: it was told to try again",
    Reason.NOT_OPEN: "it brought a secret, and the trigger was not open to one",
    Reason.NOT_LISTENING: "the trigger was not published, and nobody listened",
    Reason.RATE_LIMITED: "it came over the trigger's rate",
    Reason.MALFORMED_BODY: "the body cannot be read",
    Reason.SCHEMA_MISMATCH: "it does not fit the schema",
}

#: Reasons that say all that there is to say, and those whose detail says it all and better.
_PLAIN = frozenset({Reason.WRONG_PROOF, Reason.NOT_LISTENING, Reason.RATE_LIMITED, Reason.MISSING_TIMESTAMP})
_BY_DETAIL = frozenset({Reason.MISSING_PROOF, Reason.REPEATED_PROOF, Reason.NO_SECRET, Reason.UNSUPPORTED_CONTENT_TYPE})

#: The same as sentences.
SENTENCES: Mapping[Reason, str] = {reason: sentence(words) for reason, words in REASONS.items()}

#: The same where a signature alone proves the sender.
_SIGNATURE: Mapping[Reason, str] = {
    Reason.MISSING_PROOF: "there is no signature",
    Reason.REPEATED_PROOF: "there is more than one signature",
    Reason.MALFORMED_PROOF: "the signature cannot be read",
    Reason.WRONG_PROOF: "the signature does not match",
}
_SIGNING = {"hmac", "public_key"}
_KEY = {reason: words.replace("signature", "key") for reason, words in _SIGNATURE.items()}


def words_of(reason: Reason, kinds: tuple[str, ...] = ()) -> str:
    """Return a reason in words; kinds: the schemes by which the trigger's senders prove themselves, where known."""
    by_kind = _SIGNATURE if _SIGNING & set(kinds) else _KEY if "shared_secret" in kinds else {}
    return by_kind.get(reason) or REASONS[reason]


def told(reason: Reason, detail: str, kinds: tuple[str, ...] = ()) -> tuple[str, str]:
    """Return a reason in words and what these leave open: nothing is said twice. kinds: see :func:`words_of`."""
    if detail and reason in _BY_DETAIL:
        return detail, ""
    return words_of(reason, kinds), "" if reason in _PLAIN else detail

"""Why a delivery got its verdict, in words for who has to do something about it."""

from collections.abc import Mapping

from engine.words import Reason

REASONS: Mapping[Reason, str] = {
    Reason.NEW: "New: it was not seen before.",
    Reason.HELD: "Held: the trigger was paused, and a person decides what runs.",
    Reason.NO_EVENTS: "Authentic, but it brought no event.",
    Reason.EVENT_SEEN: "Its event was received before.",
    Reason.SIGNATURE_SEEN: "The same signed request was received before.",
    Reason.HANDSHAKE: "The sender checked the address, and was answered.",
    Reason.LISTENING: "Taken as a sample while somebody listened.",
    Reason.UNKNOWN_ADDRESS: "No trigger has this address.",
    Reason.METHOD_NOT_ALLOWED: "The request has a method that is not taken here.",
    Reason.BODY_TOO_LARGE: "The body is too large.",
    Reason.UNSUPPORTED_CONTENT_TYPE: "The content type is not read here.",
    Reason.NO_SECRET: "The trigger has no secret yet to compare with.",
    Reason.MISSING_PROOF: "The signature or the key is missing.",
    Reason.REPEATED_PROOF: "The signature or the key is there more than once.",
    Reason.MALFORMED_PROOF: "The signature or the key is not written as this sender writes it.",
    Reason.WRONG_PROOF: "The signature or the key does not match.",
    Reason.MISSING_TIMESTAMP: "The signed time is missing.",
    Reason.MALFORMED_TIMESTAMP: "The signed time cannot be read.",
    Reason.TIMESTAMP_TOO_OLD: "It was signed too long ago.",
    Reason.TIMESTAMP_IN_FUTURE: "It was signed in the future: a clock is wrong.",
    Reason.ADDRESS_NOT_ALLOWED: "The sender's address is not one that may send.",
    Reason.NOT_LISTENING: "The trigger is a draft, and nobody listened.",
    Reason.RATE_LIMITED: "More came than the trigger's rate allows.",
    Reason.MALFORMED_BODY: "The body cannot be read.",
    Reason.SCHEMA_MISMATCH: "The event does not fit the trigger's schema.",
}

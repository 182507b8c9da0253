"""The words of Wink, as types: every name that is stored, sent or shown comes from here."""

from enum import StrEnum


class Verdict(StrEnum):
    """What became of a delivery. A verdict is written once and never changed."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    HANDSHAKE = "handshake"
    SAMPLED = "sampled"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"


class Reason(StrEnum):
    """Why a delivery got its verdict: the only list of reasons, shared by ledger, metrics, API and pages."""

    # accepted
    NEW = "new"
    HELD = "held"
    NO_EVENTS = "no_events"
    # duplicate
    EVENT_SEEN = "event_seen"
    SIGNATURE_SEEN = "signature_seen"
    # handshake, sampled
    HANDSHAKE = "handshake"
    LISTENING = "listening"
    # counted only: no trigger has the address, 404
    UNKNOWN_ADDRESS = "unknown_address"
    # counted only: more comes in than can be written down, 503
    OVERLOADED = "overloaded"
    # rejected before the proof: 405, 413, 415
    METHOD_NOT_ALLOWED = "method_not_allowed"
    BODY_TOO_LARGE = "body_too_large"
    UNSUPPORTED_CONTENT_TYPE = "unsupported_content_type"
    # rejected by the proof: always 401 with the same bytes
    NO_SECRET = "no_secret"
    MISSING_PROOF = "missing_proof"
    REPEATED_PROOF = "repeated_proof"
    MALFORMED_PROOF = "malformed_proof"
    WRONG_PROOF = "wrong_proof"
    MISSING_TIMESTAMP = "missing_timestamp"
    MALFORMED_TIMESTAMP = "malformed_timestamp"
    TIMESTAMP_TOO_OLD = "timestamp_too_old"
    TIMESTAMP_IN_FUTURE = "timestamp_in_future"
    ADDRESS_NOT_ALLOWED = "address_not_allowed"
    NOT_OPEN = "not_open"
    # rejected because the proof could not be checked now: 503
    KEYS_UNAVAILABLE = "keys_unavailable"
    # rejected after the proof: 409, 429, 400, 422
    NOT_LISTENING = "not_listening"
    RATE_LIMITED = "rate_limited"
    MALFORMED_BODY = "malformed_body"
    SCHEMA_MISMATCH = "schema_mismatch"


#: Why a proof is refused: what the signature doctor is asked about.
FAILED_PROOFS = frozenset(
    {
        Reason.NO_SECRET,
        Reason.MISSING_PROOF,
        Reason.REPEATED_PROOF,
        Reason.MALFORMED_PROOF,
        Reason.WRONG_PROOF,
        Reason.MISSING_TIMESTAMP,
        Reason.MALFORMED_TIMESTAMP,
        Reason.TIMESTAMP_TOO_OLD,
        Reason.TIMESTAMP_IN_FUTURE,
        Reason.ADDRESS_NOT_ALLOWED,
    }
)


class Finding(StrEnum):
    """What is wrong with a proof that was refused, as far as it can be found out afterwards."""

    PROVES_NOW = "proves_now"
    NO_SECRET = "no_secret"
    ADDRESS_NOT_ALLOWED = "address_not_allowed"
    # what was signed
    BODY_CUT = "body_cut"
    BODY_NEWLINE = "body_newline"
    BODY_REWRITTEN = "body_rewritten"
    BODY_NOT_SIGNED = "body_not_signed"
    URL_DIFFERS = "url_differs"
    ORDER_DIFFERS = "order_differs"
    PART_NOT_SIGNED = "part_not_signed"
    PART_MISSING = "part_missing"
    NOT_KEYED = "not_keyed"
    # the signed time
    TIME_MISSING = "time_missing"
    TIME_NOT_SIGNED = "time_not_signed"
    TIME_SIGNED = "time_signed"
    TIME_ELSEWHERE = "time_elsewhere"
    TIME_UNIT = "time_unit"
    TIME_UNREADABLE = "time_unreadable"
    TIME_TOO_OLD = "time_too_old"
    TIME_IN_FUTURE = "time_in_future"
    # the secret
    SECRET_FORMER = "secret_former"
    SECRET_OF_OTHER_TRIGGER = "secret_of_other_trigger"
    SECRET_READ_OTHERWISE = "secret_read_otherwise"
    SECRET_SPACED = "secret_spaced"
    SECRET_CUT = "secret_cut"
    SECRET_EMPTY = "secret_empty"
    # how the signature is written
    ALGORITHM_DIFFERS = "algorithm_differs"
    ENCODING_DIFFERS = "encoding_differs"
    PREFIX_DIFFERS = "prefix_differs"
    SIGNATURE_ELSEWHERE = "signature_elsewhere"
    SIGNATURE_REPEATED = "signature_repeated"
    SIGNATURE_MISSING = "signature_missing"
    SIGNATURE_UNREADABLE = "signature_unreadable"
    # keys that are sent along
    KEY_MISSING = "key_missing"
    KEY_ELSEWHERE = "key_elsewhere"
    KEY_REPEATED = "key_repeated"
    KEY_PREFIX = "key_prefix"
    KEY_DIFFERS = "key_differs"
    UNEXPLAINED = "unexplained"


class Answer(StrEnum):
    """What a condition says about an event."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """How a step or a run ended; the last three only ever belong to something that has not ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"


#: Outcomes of a run that can still change.
UNFINISHED = frozenset({Outcome.QUEUED, Outcome.RUNNING, Outcome.WAITING, Outcome.INTERRUPTED})


class Decision(StrEnum):
    """What an approver says, and what an approval comes to."""

    APPROVED = "approved"
    REJECTED = "rejected"


class Resolution(StrEnum):
    """What a person says of a step of which nobody knows whether it happened before a crash."""

    HAPPENED = "happened"
    REPEAT = "repeat"
    FAIL = "fail"


class WhenBusy(StrEnum):
    """What becomes of a run when another of the same ``limits.runs_per`` has not ended."""

    QUEUE = "queue"
    SKIP = "skip"
    REPLACE = "replace"


class TriggerState(StrEnum):
    """What a trigger does with an authentic delivery."""

    DRAFT = "draft"
    LISTENING = "listening"
    PUBLISHED = "published"
    PAUSED = "paused"
    NEEDS_SECRET = "needs_secret"


class OnUnknown(StrEnum):
    """What a trigger does with an event about which its condition is unknown."""

    DROP = "drop"
    RUN = "run"
    QUARANTINE = "quarantine"


class OnMismatch(StrEnum):
    """What a trigger does with an event that does not fit its schema."""

    OFF = "off"
    WARN = "warn"
    QUARANTINE = "quarantine"
    REJECT = "reject"


class OnUnproven(StrEnum):
    """What a trigger does with a delivery whose signature does not match; the sender hears the same either way."""

    REFUSE = "refuse"
    SEAL = "seal"


class Role(StrEnum):
    """What a person or a token may do; each role may do what those before it may."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        """Tell whether who has this role may do what needs that one."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)


class ConnectionScheme(StrEnum):
    """How a connection's credentials are sent."""

    BASIC = "basic"
    BEARER = "bearer"
    HEADER = "header"
    OAUTH2_CLIENT_CREDENTIALS = "oauth2_client_credentials"
    #: A mail server, for ``email.send`` alone.
    SMTP = "smtp"
    #: As the connector's manifest says.
    DECLARED = "declared"


class Effect(StrEnum):
    """What a crash in the middle of a step means: repeat it with its key, or ask a person."""

    IDEMPOTENT = "idempotent"
    ONCE = "once"


class Held(StrEnum):
    """What becomes of what was held."""

    RUN = "run"
    SKIP = "skip"


#: Who answers when the trigger itself is asked: no workflow.
TRIGGER = ""

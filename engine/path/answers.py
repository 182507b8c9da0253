"""What a sender is told: the table of the contract, as replies."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from math import ceil

from engine import json_bytes
from engine.definitions.reply import JSON_TYPE, Reply
from engine.errors import Rejected
from engine.words import Reason, Verdict

#: Status and error word of each refusal; every reason that is not here is a failed proof.
REFUSALS: Mapping[Reason, tuple[int, str]] = {
    Reason.METHOD_NOT_ALLOWED: (405, "method_not_allowed"),
    Reason.BODY_TOO_LARGE: (413, "body_too_large"),
    Reason.UNSUPPORTED_CONTENT_TYPE: (415, "unsupported_content_type"),
    Reason.OVERLOADED: (503, "try_again"),
    Reason.KEYS_UNAVAILABLE: (503, "try_again"),
    Reason.NOT_LISTENING: (409, "not_listening"),
    Reason.RATE_LIMITED: (429, "rate_limited"),
    Reason.MALFORMED_BODY: (400, "malformed_body"),
    Reason.SCHEMA_MISMATCH: (422, "schema_mismatch"),
}

_FAILED_PROOF = (401, "unauthorized")

#: The one answer to every failed proof: it tells a forger nothing.
UNAUTHORIZED = b'{"error":"unauthorized"}'

#: How long a sender should wait when nothing could be written down.
TRY_AGAIN = timedelta(seconds=5)


class Refused(Rejected):
    """The delivery is refused, with what the sender is told beside the reason.

    headers: names and values to answer with; mismatches: ``{path, message}`` of each part that does not fit its schema.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str = "",
        *,
        headers: Sequence[tuple[str, str]] = (),
        mismatches: Sequence[Mapping[str, str]] = (),
    ) -> None:
        self.headers = tuple(headers)
        self.mismatches = mismatches
        super().__init__(reason, detail)


def json_reply(status: int, body: object, *headers: tuple[str, str]) -> Reply:
    """Return a reply whose body is the value as JSON."""
    return Reply(status, (JSON_TYPE, *headers), json_bytes.dump(body))


def accepted(reply: Reply, verdict: Verdict, delivery_id: str, event_ids: Sequence[str]) -> Reply:
    """Return the reply as it is, or with what became of the delivery as its body where it has none."""
    if reply.body is not None:
        return reply
    return json_reply(reply.status, {"status": verdict, "delivery": delivery_id, "events": event_ids})


def status_of(reason: Reason) -> int:
    """Return the HTTP status of a refusal."""
    return REFUSALS.get(reason, _FAILED_PROOF)[0]


def refusal(rejected: Rejected, delivery_id: str | None, challenge: str | None, insisted: Reply | None = None) -> Reply:
    """Return what a refused sender is told.

    delivery_id: None when the delivery was only counted; challenge: what a 401 says of the scheme, the same for every
    cause; insisted: the vendor's own 401, where it wants one.
    """
    status, word = REFUSALS.get(rejected.reason, _FAILED_PROOF)
    if status == _FAILED_PROOF[0] and insisted is not None:
        return insisted
    if status == _FAILED_PROOF[0]:
        return Reply(401, (JSON_TYPE, *((("WWW-Authenticate", challenge),) if challenge else ())), UNAUTHORIZED)
    body: dict[str, object] = {"error": word}
    if rejected.reason is Reason.MALFORMED_BODY:
        body |= {"delivery": delivery_id} if delivery_id else {}
        body |= {"detail": rejected.detail}
    headers: Sequence[tuple[str, str]] = ()
    if isinstance(rejected, Refused):
        headers = rejected.headers
        body |= {"detail": list(rejected.mismatches)} if rejected.mismatches else {}
    return json_reply(status, body, *headers)


def not_found() -> Reply:
    """Return what a request to an unknown address is told."""
    return json_reply(404, {"error": "not_found"})


def try_again(wait: timedelta = TRY_AGAIN) -> Reply:
    """Return what a sender is told when nothing could be written down: nothing was acknowledged."""
    return json_reply(503, {"error": "try_again"}, retry_after(wait))


def internal_error() -> Reply:
    """Return what a sender is told when Wink itself failed."""
    return json_reply(500, {"error": "internal_error"})


def retry_after(length: timedelta) -> tuple[str, str]:
    """Return the header that says after how long to come again, in whole seconds."""
    return ("Retry-After", str(max(1, ceil(length.total_seconds()))))

"""What a token has to claim: who made it and for whom, until when it counts, and the hashes that bind the request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest

from engine.authentication.request import Inbound
from engine.authentication.secret import Secrets, SecretSpec, is_among
from engine.authentication.signed_text import SignedText
from engine.authentication.written import Written
from engine.errors import Rejected
from engine.words import Reason

#: Seconds since 1970 at the end of the calendar.
_LAST = 253_402_300_799


@dataclass(frozen=True, slots=True)
class HashClaim:
    """A claim that holds the SHA-256 of a part of the request."""

    name: str
    of: SignedText
    written: Written

    def check(self, claims: Mapping[str, object], request: Inbound) -> None:
        """Pass over a request that is the one the token was made for.

        A vendor that sends nothing there may leave the claim out: then there is nothing to bind.

        Raises:
            Rejected: WRONG_PROOF, it is another one.
        """
        text = self.of.render(request, b"")
        claimed = claims.get(self.name)
        if claimed is None and not text:
            return
        expected = self.written.write(sha256(text).digest())
        if not compare_digest(expected, self.written.tidy(_text(claimed).encode("utf-8", "surrogatepass"))):
            raise Rejected(Reason.WRONG_PROOF, f"the claim {self.name!r} is not the hash of this request")

    def claim(self, request: Inbound) -> str:
        """Return the value of the claim for a request."""
        return self.written.write(sha256(self.of.render(request, b"")).digest()).decode()


@dataclass(frozen=True, slots=True)
class Lifetime:
    """When a token counts."""

    #: Seconds that its start may lie ahead, and that it counts for where it names no end.
    within: float
    #: Whether a token without any time is refused.
    required: bool

    def end(self, claims: Mapping[str, object], now: datetime) -> datetime | None:
        """Return the moment from which on the token is too old, None where it names no time.

        Raises:
            Rejected: it does not count yet or any more, or its times are missing or no times.
        """
        issued, starts, ends = (_seconds(claims, name) for name in ("iat", "nbf", "exp"))
        if ends is None and issued is not None and self.required:
            ends = issued + self.within
        if ends is None and self.required:
            raise Rejected(Reason.MISSING_TIMESTAMP, "the token says neither when it was made nor when it ends")
        ahead = max(issued or 0, starts or 0) - now.timestamp()
        if ahead > self.within:
            raise Rejected(Reason.TIMESTAMP_IN_FUTURE, f"the token counts from {ahead:.0f} s ahead of our clock")
        if ends is not None and now.timestamp() > ends:
            age = now.timestamp() - ends
            raise Rejected(Reason.TIMESTAMP_TOO_OLD, f"the token ended {age:.0f} s ago")
        return None if ends is None else datetime.fromtimestamp(min(ends, _LAST), UTC)

    def claims(self, now: datetime) -> Mapping[str, int]:
        """Return the times of a token that is made now: all three, for each is what some verifier insists on."""
        issued = int(now.timestamp())
        return {"iat": issued, "nbf": issued, "exp": issued + int(self.within)} if self.required else {}


@dataclass(frozen=True, slots=True)
class Claims:
    """Everything that a token has to claim."""

    issuers: Sequence[str]
    #: Rendered from the request, as ``{url}`` is; None: nobody asks.
    audience: SignedText | None
    #: Claims that have to be values of the trigger.
    values: Mapping[str, SecretSpec]
    #: Claims without which the token is one for another purpose.
    required: Sequence[str]
    hashes: Sequence[HashClaim]
    lifetime: Lifetime

    def check(self, claims: Mapping[str, object], request: Inbound, secrets: Secrets) -> datetime | None:
        """Return the moment from which on the token is too old, None where it names no time.

        Raises:
            Rejected: it claims something else.
        """
        self._check_parties(claims, request)
        if missing := [name for name in self.required if name not in claims]:
            raise Rejected(Reason.WRONG_PROOF, f"the token is for another purpose: it does not claim {missing[0]!r}")
        for name, spec in self.values.items():
            if not is_among(_text(claims.get(name)).encode("utf-8", "surrogatepass"), spec.keys(secrets)):
                raise Rejected(Reason.WRONG_PROOF, f"the claim {name!r} is not the trigger's {spec.name!r}")
        for each in self.hashes:
            each.check(claims, request)
        return self.lifetime.end(claims, request.received_at)

    def made(self, request: Inbound, secrets: Mapping[str, str]) -> Mapping[str, object]:
        """Return what the vendor would claim for a request."""
        claims: dict[str, object] = dict(self.lifetime.claims(request.received_at))
        if self.issuers:
            claims["iss"] = self.issuers[0]
        if self.audience:
            claims["aud"] = self.audience.render(request, b"").decode()
        claims |= {name: spec.key(secrets).decode() for name, spec in self.values.items()}
        return claims | {each.name: each.claim(request) for each in self.hashes}

    def _check_parties(self, claims: Mapping[str, object], request: Inbound) -> None:
        if self.issuers and claims.get("iss") not in self.issuers:
            raise Rejected(Reason.WRONG_PROOF, "the token is from another issuer")
        if self.audience is None:
            return
        audience = claims.get("aud")
        meant = audience if isinstance(audience, list) else [audience]
        if self.audience.render(request, b"").decode("utf-8", "replace") not in meant:
            raise Rejected(Reason.WRONG_PROOF, "the token is for another audience")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _seconds(claims: Mapping[str, object], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LAST:
        raise Rejected(Reason.MALFORMED_TIMESTAMP, f"the claim {name!r} is no time")
    return value

"""The scheme ``jwt``: a signed token beside the request, or as its whole body, that may bind the rest by hashes.

What a token says about keys (``jwk``, ``jku``, ``x5c``, ``x5u``) is not asked: the manifest says where keys come from
and which algorithms count, and keyed hashes never meet public keys.
Source: https://www.rfc-editor.org/rfc/rfc7519 and https://www.rfc-editor.org/rfc/rfc8725
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from engine import json_bytes
from engine.authentication.algorithms import TOKEN_ALGORITHMS
from engine.authentication.claims import Claims, HashClaim, Lifetime
from engine.authentication.keys import KeySource, PastedKey, PastedKeyField, PublishedKeysSpec
from engine.authentication.places import Place, PlaceSpec
from engine.authentication.request import Inbound
from engine.authentication.scheme import TIMELESS, Proof, Scheme
from engine.authentication.secret import Credential, SecretField, Secrets, SecretSpec, is_among
from engine.authentication.signed_text import compile_signed_text
from engine.authentication.spec import Duration, Spec, one_or_more
from engine.authentication.timestamp import USUAL_WINDOW
from engine.authentication.token import Token, read_token, write_token
from engine.authentication.written import Encoding, compile_written
from engine.errors import Rejected
from engine.words import Reason

#: Bytes of the longest token beside a request.
LONGEST_TOKEN = 16_384

TokenAlgorithm = Literal["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "EdDSA"]

#: Keyed hashes, by the names of JSON Web Algorithms.
_KEYED: Mapping[str, str] = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """Where the token stands: after a prefix in a place, or as the whole body."""

    place: Place | None
    prefix: str

    def read(self, request: Inbound) -> bytes:
        """Return the token's text.

        Raises:
            Rejected: there is none, there are several, or it is absurdly long.
        """
        if self.place is None:
            return request.body.strip()
        value, prefix = self.place.only(request), self.prefix.encode()
        if value[: len(prefix)].lower() != prefix.lower() or len(value) > LONGEST_TOKEN:
            raise Rejected(Reason.MALFORMED_PROOF, f"{self.place.title} holds no token, or one that is too long")
        return value[len(prefix) :].strip(b" ")

    def write(self, request: Inbound, token: bytes) -> Inbound:
        """Return the request with the token."""
        if self.place is None:
            return request._replace(body=token)
        return self.place.write(request, self.prefix + token.decode())


@dataclass(frozen=True, slots=True)
class SignedToken:
    """A compiled ``jwt``."""

    place: TokenPlace
    #: By name, those that count; signing uses the first.
    algorithms: tuple[str, ...]
    #: A secret for keyed hashes, or where public keys come from.
    source: SecretSpec | KeySource
    claims: Claims

    def prove(self, request: Inbound, secrets: Secrets) -> Proof:
        """Return the proof of a request whose token was signed for it.

        A token can be good for several requests, so that what is left behind tells both apart.

        Raises:
            KeysWanted: the vendor's key is not at hand.
            Rejected: there is no token, it is not signed by the vendor, or claims something else.
        """
        token = read_token(self.place.read(request))
        if not self._is_signed(token, secrets):
            raise Rejected(Reason.WRONG_PROOF, "the token is not signed with this key")
        expires_at = self.claims.check(token.claims, request, secrets)
        return Proof(self._digest(token, request), expires_at) if expires_at else TIMELESS

    def sign(self, request: Inbound, secrets: Mapping[str, str]) -> Inbound:
        """Return the request with a token; of a body that is to be one, the claims are kept."""
        kept = {} if self.place.place else _claims_of(request.body)
        claims = {**kept, **self.claims.made(request, secrets)}
        header = {"alg": self.algorithms[0], "typ": "JWT"}
        return self.place.write(request, write_token(header, claims, lambda text: self._signature(text, secrets)))

    def _is_signed(self, token: Token, secrets: Secrets) -> bool:
        name, key_id = token.header.get("alg"), token.header.get("kid")
        if name not in self.algorithms or not isinstance(name, str):
            raise Rejected(Reason.MALFORMED_PROOF, f"the token is not signed by {' or '.join(self.algorithms)}")
        if isinstance(self.source, SecretSpec):
            keys = self.source.keys(secrets)
            return is_among(token.signature, [hmac.digest(key, token.signed, _KEYED[name]) for key in keys])
        algorithm = TOKEN_ALGORITHMS[name]
        public = self.source.find(key_id if isinstance(key_id, str) else None, secrets)
        return any(algorithm.fits(key) and algorithm.verifies(key, token.signature, token.signed) for key in public)

    def _digest(self, token: Token, request: Inbound) -> bytes:
        """Return what tells a replay: no signature, of which a curve has two, and no body that is the token."""
        beside = b"\0" + request.body if self.place.place else b""
        return sha256(token.signed + beside).digest()

    def _signature(self, text: bytes, secrets: Mapping[str, str]) -> bytes:
        name = self.algorithms[0]
        if isinstance(self.source, SecretSpec):
            return hmac.digest(self.source.key(secrets), text, _KEYED[name])
        return TOKEN_ALGORITHMS[name].sign(self.source.private(secrets), text)


def _claims_of(body: bytes) -> Mapping[str, object]:
    """Return the claims of a body that is a token already, or of one that is to become one."""
    try:
        return read_token(body.strip()).claims
    except Rejected:
        claims = json_bytes.parse(body)
        return claims if isinstance(claims, dict) else {}


class TokenPlaceSpec(PlaceSpec):
    """Where the token stands beside the request."""

    #: What stands before it, such as ``Bearer`` and a space; its case does not count.
    prefix: str = ""


class HashClaimSpec(Spec):
    """A claim that holds the SHA-256 of a part of the request."""

    claim: str
    #: What is hashed, in the terms of ``signs``.
    of: str = "{body}"
    encoding: Encoding = "hex"

    @field_validator("of")
    @classmethod
    def _can_be_compiled(cls, template: str) -> str:
        compile_signed_text(template)
        return template

    def compile(self) -> HashClaim:
        """Return the claim."""
        return HashClaim(self.claim, compile_signed_text(self.of), compile_written(self.encoding, 32))


class JwtSpec(Spec):
    """A JSON Web Token that the vendor signed."""

    scheme: Literal["jwt"]
    #: A place beside the request, or ``body``: the whole body is the token.
    token: TokenPlaceSpec | Literal["body"]
    algorithms: Annotated[
        list[TokenAlgorithm],
        BeforeValidator(one_or_more, json_schema_input_type=TokenAlgorithm | list[TokenAlgorithm]),
        Field(min_length=1),
    ]
    #: The secret of keyed hashes (HS..).
    secret: SecretField | None = None
    #: The public key that people paste, for all other algorithms.
    key: PastedKeyField | None = None
    #: Where the vendor publishes its keys, for all other algorithms.
    keys: PublishedKeysSpec | None = None
    #: Who makes the token; of a list, any.
    issuer: Annotated[list[str], BeforeValidator(one_or_more, json_schema_input_type=str | list[str])] = Field(
        default_factory=list
    )
    #: For whom it is, in the terms of ``signs``: ``{url}`` is the trigger's address.
    audience: str | None = None
    #: Claims that must be values which people enter: the claim, and the value's name.
    claims: dict[str, str] = Field(default_factory=dict)
    #: Claims that have to be there, whatever they are, where the vendor signs other tokens with the same key.
    required: list[str] = Field(default_factory=list)
    hashes: list[HashClaimSpec] = Field(default_factory=list)
    #: How far ahead of now its start may lie, and for how long it counts where it names no end.
    within: Duration = USUAL_WINDOW
    #: False where the vendor's tokens name no time: then a replay looks the same as the first.
    timed: bool = True
    #: Why the body is not signed, where no hash binds it; shown wherever the trigger is.
    body_is_unsigned: str | None = Field(default=None, min_length=10)
    source: str | None = None

    @field_validator("audience")
    @classmethod
    def _can_be_compiled(cls, template: str | None) -> str | None:
        compile_signed_text(template or "")
        return template

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        keyed = {name in _KEYED for name in self.algorithms}
        if [self.secret, self.key, self.keys].count(None) != 2:
            raise ValueError("write exactly one of secret, key and keys")
        if keyed != {self.secret is not None}:
            raise ValueError("HS algorithms go with secret, all others with key or keys, and they never mix")
        return self

    @model_validator(mode="after")
    def _says_whether_the_body_is_signed(self) -> Self:
        if self.binds_body == bool(self.body_is_unsigned):
            raise ValueError("a hash covers the body, or body_is_unsigned says why none does")
        return self

    @property
    def binds_body(self) -> bool:
        """Whether a changed body needs another token."""
        return isinstance(self.token, str) or any(each.compile().of.binds_body for each in self.hashes)

    def compile(self) -> Scheme:
        """Return the scheme."""
        source = self._source()
        values = {claim: SecretSpec(name=name, at_least=1) for claim, name in self.claims.items()}
        signed = SignedToken(self._place(), tuple(self.algorithms), source, self._claims(values))
        own: tuple[Credential, ...] = (source,) if isinstance(source, SecretSpec | PastedKey) else source.secrets
        return Scheme(
            kinds=(self.scheme,),
            prove=signed.prove,
            sign=signed.sign,
            secrets=(*own, *values.values()),
            key_documents=() if isinstance(source, SecretSpec | PastedKey) else (source,),
            body_is_unsigned=self.body_is_unsigned,
            # A token that does not bind the body is a credential until it ends.
            secret_headers=self._credential("header"),
            secret_parameters=self._credential("query"),
        )

    def _source(self) -> SecretSpec | KeySource:
        if self.secret is not None:
            return self.secret
        algorithms = tuple(TOKEN_ALGORITHMS[name] for name in self.algorithms)
        return (self.key or self.keys).compile(algorithms)  # type: ignore[union-attr]  # one of the two is there

    def _place(self) -> TokenPlace:
        if isinstance(self.token, str):
            return TokenPlace(None, "")
        return TokenPlace(self.token.place(), self.token.prefix)

    def _claims(self, values: Mapping[str, SecretSpec]) -> Claims:
        return Claims(
            issuers=self.issuer,
            audience=compile_signed_text(self.audience) if self.audience else None,
            values=values,
            required=self.required,
            hashes=[each.compile() for each in self.hashes],
            lifetime=Lifetime(self.within.total_seconds(), self.timed),
        )

    def _credential(self, kind: Literal["header", "query"]) -> tuple[str, ...]:
        name = None if isinstance(self.token, str) or self.binds_body else getattr(self.token, kind)
        return (name.lower() if kind == "header" else name,) if name else ()

"""A way to authenticate: the schemes that a trigger demands, compiled from a manifest or from a written-out recipe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, Tag, TypeAdapter, field_validator

from engine.authentication.algorithms import write_private_key
from engine.authentication.basic import BasicSpec
from engine.authentication.hmac_scheme import HmacSpec
from engine.authentication.jwt_scheme import JwtSpec
from engine.authentication.keys import KeysWanted
from engine.authentication.network import NetworkSpec
from engine.authentication.none import NoneSpec
from engine.authentication.public_key import PublicKeySpec
from engine.authentication.request import Inbound
from engine.authentication.scheme import KeyDocuments, Proof, Scheme, prove_all, sign_all
from engine.authentication.secret import Credential, Secrets
from engine.authentication.shared_secret import SharedSecretSpec
from engine.authentication.spec import Spec, read_spec
from engine.authentication.special_scheme import SpecialSpec
from engine.errors import Rejected
from engine.words import Reason

#: Schemes whose proof is made from the request, and lets nobody in with another.
_SIGNATURES = frozenset({"hmac", "public_key", "jwt"})

#: Reasons that tell least: an alternative that fails so was not the one that the sender meant.
_UNTRIED = frozenset({Reason.NO_SECRET, Reason.MISSING_PROOF})


@dataclass(frozen=True, slots=True)
class Way:
    """Everything that a request must carry at a trigger that was set up with this way."""

    name: str
    #: All of them must pass.
    schemes: tuple[Scheme, ...]
    #: Secrets that the vendor's handshake needs beside.
    further: tuple[Credential, ...] = ()
    #: What they were compiled from, in the same order: for who asks what the trigger expects.
    specs: tuple[Spec, ...] = ()

    def prove(self, request: Inbound, secrets: Secrets) -> Proof:
        """Return the proof that the request carries.

        secrets: by name, every value that is valid now.

        Raises:
            Rejected: 401, whatever the reason; the detail is for the ledger alone and holds no secret.
        """
        return prove_all(self.schemes, request, secrets)

    def sign(self, request: Inbound, secrets: Mapping[str, str]) -> Inbound:
        """Return the request with the proof that the vendor would add; ``received_at`` is the time to sign."""
        return sign_all(self.schemes, request, secrets)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of schemes, each once, in order."""
        return tuple(dict.fromkeys(chain.from_iterable(scheme.kinds for scheme in self.schemes)))

    @property
    def is_signature(self) -> bool:
        """Whether nothing but signatures proves a sender: what one of a wrong key signed may be proved later."""
        return bool(kinds := {*self.kinds} - {"network"}) and kinds <= _SIGNATURES

    @property
    def secrets(self) -> Mapping[str, Credential]:
        """The secrets that the way needs, by name, in order; what a scheme says of one counts."""
        proving = {spec.name: spec for scheme in self.schemes for spec in scheme.secrets}
        return proving | {spec.name: spec for spec in self.further if spec.name not in proving}

    @property
    def key_documents(self) -> tuple[KeyDocuments, ...]:
        """The documents with keys that a proof may want; none where it needs nothing but the request and secrets."""
        return tuple(chain.from_iterable(scheme.key_documents for scheme in self.schemes))

    def made_up_documents(self, secrets: Mapping[str, str]) -> Mapping[str, str]:
        """Return a new private key in place of each document that the vendor publishes, to sign in its stead."""
        documents = (each.by_address(secrets) for each in self.key_documents)
        return {at: write_private_key(algorithm.generate()) for each in documents for at, algorithm in each.items()}

    @property
    def vendor_alone_signs(self) -> bool:
        """Whether the trigger holds nothing to sign with, unless somebody gave it a private key for a test."""
        return bool(self.key_documents) or any(spec.has_lines for spec in self.secrets.values())

    @property
    def secret_headers(self) -> tuple[str, ...]:
        """The headers, in lower case, whose values are secrets."""
        return tuple(chain.from_iterable(scheme.secret_headers for scheme in self.schemes))

    @property
    def secret_parameters(self) -> tuple[str, ...]:
        """The query parameters whose values are secrets: where there is one, the key can stand in the URL."""
        return tuple(chain.from_iterable(scheme.secret_parameters for scheme in self.schemes))

    @property
    def challenge(self) -> str | None:
        """What ``WWW-Authenticate`` should say to a sender that is refused, if anything."""
        return next((scheme.challenge for scheme in self.schemes if scheme.challenge), None)

    @property
    def body_is_unsigned(self) -> str | None:
        """Why a signature does not cover the body, where there is one and it does not: a body can be put under it."""
        return next((scheme.body_is_unsigned for scheme in self.schemes if scheme.body_is_unsigned), None)

    @property
    def because(self) -> str | None:
        """Why there is no proof at all; None where there is one."""
        return next((scheme.because for scheme in self.schemes if scheme.because), None)


def _kind(value: object) -> str | None:
    if isinstance(value, Mapping):
        return "any_of" if "any_of" in value else _word(value.get("scheme"))
    return _word(getattr(value, "scheme", "any_of")) if isinstance(value, Spec) else None


def _word(scheme: object) -> str:
    return str(scheme).partition(":")[0]


def _proves_enough(specs: "list[SchemeSpec]") -> "list[SchemeSpec]":
    kinds = {_kind(spec) for spec in specs}
    if kinds == {"network"}:
        raise ValueError("an address alone proves too little: put another scheme beside it")
    if "none" in kinds and len(specs) > 1:
        raise ValueError("none stands alone")
    return specs


class AnyOfSpec(Spec):
    """Alternatives, of which one must pass, for a vendor with two generations of proof; each is a list of schemes."""

    any_of: "list[SchemeSpecs]" = Field(min_length=2)

    @field_validator("any_of")
    @classmethod
    def _none_is_no_alternative(cls, alternatives: "list[SchemeSpecs]") -> "list[SchemeSpecs]":
        if any(_kind(spec) == "none" for specs in alternatives for spec in specs):
            raise ValueError("none is no alternative: it would open the door to everybody")
        return alternatives

    def compile(self) -> Scheme:
        """Return the scheme."""
        return any_of(tuple(_compile_all("alternative", specs) for specs in self.any_of))


SchemeSpec = Annotated[
    Annotated[HmacSpec, Tag("hmac")]
    | Annotated[PublicKeySpec, Tag("public_key")]
    | Annotated[JwtSpec, Tag("jwt")]
    | Annotated[SpecialSpec, Tag("special")]
    | Annotated[SharedSecretSpec, Tag("shared_secret")]
    | Annotated[BasicSpec, Tag("basic")]
    | Annotated[NetworkSpec, Tag("network")]
    | Annotated[NoneSpec, Tag("none")]
    | Annotated[AnyOfSpec, Tag("any_of")],
    Discriminator(
        _kind,
        custom_error_type="scheme",
        custom_error_message=(
            "no such scheme; there are hmac, public_key, jwt, special:..., shared_secret, basic, network, none "
            "and any_of"
        ),
    ),
]

#: What a manifest writes for a way: schemes that must all pass.
SchemeSpecs = Annotated[list[SchemeSpec], Field(min_length=1), AfterValidator(_proves_enough)]

_SCHEME_SPECS: TypeAdapter[list[SchemeSpec]] = TypeAdapter(SchemeSpecs, config=ConfigDict(defer_build=True))


def any_of(ways: tuple[Way, ...]) -> Scheme:
    """Return a scheme that one of the ways must pass."""
    return Scheme(
        kinds=tuple(chain.from_iterable(way.kinds for way in ways)),
        prove=partial(_prove_any, ways),
        sign=partial(_sign_any, ways),
        secrets=tuple(chain.from_iterable(way.secrets.values() for way in ways)),
        key_documents=tuple(chain.from_iterable(way.key_documents for way in ways)),
        secret_headers=tuple(chain.from_iterable(way.secret_headers for way in ways)),
        secret_parameters=tuple(chain.from_iterable(way.secret_parameters for way in ways)),
        challenge=next((way.challenge for way in ways if way.challenge), None),
        body_is_unsigned=next((way.body_is_unsigned for way in ways if way.body_is_unsigned), None),
    )


def _prove_any(ways: Sequence[Way], request: Inbound, secrets: Secrets) -> Proof:
    refused: list[Rejected] = []
    for way in ways:
        try:
            return way.prove(request, secrets)
        except Rejected as rejected:
            refused.append(rejected)
    wanted = next((each for each in refused if isinstance(each, KeysWanted)), None)
    raise wanted or next((each for each in refused if each.reason not in _UNTRIED), refused[0])


def _sign_any(ways: Sequence[Way], request: Inbound, secrets: Mapping[str, str]) -> Inbound:
    ready = (way for way in ways if way.secrets.keys() <= secrets.keys())
    return next(ready, ways[0]).sign(request, secrets)


def compile_way(name: str, spec: object) -> Way:
    """Compile a way from what a manifest or a person wrote: one scheme, or a list of schemes.

    Raises:
        Invalid: with every mistake and its place.
    """
    return _compile_all(name, read_spec(_SCHEME_SPECS, [spec] if isinstance(spec, Mapping) else spec, name))


def _compile_all(name: str, specs: "list[SchemeSpec]") -> Way:
    return Way(name, tuple(spec.compile() for spec in specs), specs=tuple(specs))

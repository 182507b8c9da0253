"""The manifest of a connector: one model that checks ``connector.yaml`` and describes it as JSON Schema."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from engine.authentication.spec import Duration, Spec, one_or_more
from engine.authentication.way import SchemeSpecs
from engine.definitions.bodies import Kind
from engine.definitions.drafts import EventSpec
from engine.definitions.handshake_kinds import HandshakeSpec
from engine.definitions.reply import RefusalSpec, ReplySpec


class SecretSetup(Spec):
    """A secret as people meet it when they set up a trigger."""

    name: str
    #: ``us``: we make it, they paste it at the vendor; ``them``: the other way round.
    made_by: Literal["us", "them"]
    #: What the vendor calls it.
    title: str | None = None


class Setup(Spec):
    """What setting up a trigger takes."""

    secret: Annotated[
        list[SecretSetup],
        BeforeValidator(one_or_more, json_schema_input_type=SecretSetup | list[SecretSetup]),
    ] = Field(default_factory=list)
    #: Whether the vendor sends to public HTTPS addresses only.
    public_url: bool = False
    source: str | None = None


class Recipes(Spec):
    """A way that a person tells more about: one of these recipes, the first by default, or one written out."""

    recipes: dict[str, SchemeSpecs] = Field(min_length=1)


def _way_kind(value: object) -> str:
    return "recipes" if isinstance(value, Mapping | Recipes) else "schemes"


WaySpec = Annotated[
    Annotated[SchemeSpecs, Tag("schemes")] | Annotated[Recipes, Tag("recipes")], Discriminator(_way_kind)
]


class Limits(Spec):
    """How the vendor treats an address that does not answer well."""

    answer_within: Duration | None = None
    #: How long the vendor waits before each further attempt.
    retries: list[Duration] = Field(default_factory=list)
    #: How many attempts there are in all, where they are more than those whose waits are known.
    attempts: int | None = Field(default=None, ge=1)
    #: Whether the vendor sends nothing more to the address after the last attempt, until a person turns it on again.
    disables: bool = False
    #: What becomes of a delivery after the last attempt.
    gives_up: str | None = None
    source: str | None = None

    @model_validator(mode="after")
    def _attempts_are_not_fewer(self) -> Self:
        if self.attempts is not None and self.attempts <= len(self.retries):
            raise ValueError(f"{len(self.retries)} retries are {len(self.retries) + 1} attempts, or more")
        return self


class EventType(Spec):
    """One type of event."""

    title: str
    #: The stem of a file in ``samples/``.
    sample: str | None = None


def _status_alone(value: object) -> object:
    return {"status": value} if isinstance(value, int) else value


class Answers(Spec):
    """What the vendor wants to hear."""

    accepted: Annotated[ReplySpec, BeforeValidator(_status_alone, json_schema_input_type=ReplySpec | int)] = ReplySpec()
    #: Left out: ``{"error": "unauthorized"}``, as nearly all vendors do not care.
    refused: RefusalSpec | None = None
    source: str | None = None


class Confirmation(Spec):
    """What shows that the proof is right: exactly one of the two."""

    #: Where the vendor publishes a signed request; ``vectors.yaml`` has it as ``made: published``.
    vector: str | None = None
    #: The vendor's own package, as ``PyPI stripe`` or ``npm @octokit/webhooks``, that signs for ``tests/clients``.
    package: str | None = Field(default=None, pattern=r"^(PyPI|npm|Debian) \S+$")

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if bool(self.vector) == bool(self.package):
            raise ValueError("write exactly one of vector and package")
        return self


#: What a connector is for, as the catalogue is sorted.
Category = Literal[
    "ai", "automation", "chat", "cloud", "commerce", "crm", "data", "design", "developer", "documents", "email",
    "files", "finance", "forms", "hr", "identity", "incident", "it", "logistics", "marketing", "media",
    "observability", "scheduling", "security", "social", "standard", "support", "telephony", "other",
]  # fmt: skip


class Manifest(Spec):
    """What we know of a vendor, as data."""

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: str
    category: Category
    #: Where most of the facts are from; a part with another origin has its own.
    source: str = Field(min_length=10)
    #: The day on which the facts were last compared with their sources.
    checked: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    #: Empty while nobody has seen the vendor's own signature pass: a first delivery has to show whether it is right.
    confirmed_by: list[Confirmation] = Field(default_factory=list)
    notes: str | None = None
    methods: list[Literal["GET", "POST", "PUT", "PATCH"]] = Field(default=["POST"], min_length=1)
    #: Content types, or globs of them, and what reads their bodies; the first also reads what comes without a type.
    body: dict[str, Kind] = Field(default={"application/json": "json"}, min_length=1)
    setup: Setup = Setup()
    #: The first is the default.
    auth: dict[str, WaySpec] = Field(min_length=1)
    #: What the vendor asks an address before it sends anything; of several, the first that knows the request answers.
    handshake: Annotated[
        list[HandshakeSpec],
        BeforeValidator(one_or_more, json_schema_input_type=HandshakeSpec | list[HandshakeSpec]),
    ] = Field(default_factory=list)
    event: EventSpec
    reply: Answers = Answers()
    limits: Limits = Limits()
    types: dict[str, EventType] = Field(default_factory=dict)
    #: Credentials for calling the vendor, and what it can be asked to do: read by :mod:`engine.actions.declared`.
    connection: object = None
    actions: dict[str, object] = Field(default_factory=dict)

    @property
    def confirmed(self) -> bool:
        """Whether the vendor's own signature was seen to pass."""
        return bool(self.confirmed_by)

    @model_validator(mode="after")
    def _proven_as_delivered(self) -> Self:
        stray = {method for each in self.handshake if each.signed for method in each.methods} - set(self.methods)
        if stray:
            raise ValueError(f"a signed handshake by {', '.join(sorted(stray))}: the vendor delivers by no such method")
        return self

    @model_validator(mode="after")
    def _names_are_its_own(self) -> Self:
        strangers = [name for name in (self.event.type, *self.types) if not name.startswith(f"{self.name}.")]
        if strangers:
            raise ValueError(f"{', '.join(strangers)}: the types of this connector start with '{self.name}.'")
        return self


def connector_schema() -> dict[str, object]:
    """Return the JSON Schema of ``connector.yaml``, made from the model that reads it."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Manifest.model_json_schema()}

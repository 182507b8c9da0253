"""Triggers as the API takes and gives them."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictInt, WithJsonSchema

from engine.path.shown import Shown
from engine.path.trigger_spec import TriggerSpec
from engine.words import OnMismatch, OnUnknown, OnUnproven, TriggerState
from web.api.fields import ConditionIn, Duration, Given, Moment, Name, Slug, Text

#: The name of a recipe, or one written out as in a connector's manifest.
Recipe = Annotated[object, WithJsonSchema({"type": ["string", "object", "array", "null"]})]

Secret = Annotated[str, Field(max_length=10_000)]


class OwnReply(Given):
    """What an accepted sender is told instead of the connector's answer."""

    status: StrictInt = Field(default=202, ge=200, le=299)
    body: object = None


class OrderIn(Given):
    """Of events with one key, an event that comes after a later one is recorded and starts nothing."""

    #: An expression: what the event is about.
    key: Text
    #: An expression: a number or a time, greater for the later one.
    by: Text


class TriggerChange(Given):
    """What can be changed about a trigger; null sets a field back to its default."""

    title: Text | None = None
    auth: Name | None = None
    recipe: Recipe = None
    public_url: Text | None = None
    events: list[Name] | None = None
    condition: ConditionIn = None
    on_unknown: OnUnknown | None = None
    on_mismatch: OnMismatch | None = None
    on_unproven: OnUnproven | None = None
    dedup: Text | None = None
    rate: Text | None = None
    networks: list[Name] | None = None
    reply: OwnReply | None = None
    #: How long silence is normal; when nothing was taken for longer, the trigger is silent.
    silence: Text | None = None
    order: OrderIn | None = None

    def given(self) -> dict[str, object]:
        """Return the fields that the request holds."""
        return self.model_dump(exclude_unset=True)


class NewTrigger(TriggerChange):
    """A trigger to make."""

    name: Slug
    connector: Name = "custom"
    #: The value of the way's secret, where there is one alone or the first is meant.
    secret: Secret | None = None
    #: Values by name, for a way with several secrets.
    secrets: dict[Name, Secret] | None = None
    #: ``draft``: nothing is received but samples, until it is published.
    state: Literal["draft", "published"] = "published"

    def spec(self) -> TriggerSpec:
        """Return what was decided; null and left out mean the same here."""
        known = {field.name for field in fields(TriggerSpec)}
        decided = {name: value for name, value in self.given().items() if name in known and value is not None}
        return TriggerSpec(**decided)  # type: ignore[arg-type]


class Rotation(Given):
    """New secrets for a trigger."""

    #: How long the old ones count beside the new ones; 0s ends them at once.
    overlap: Duration = Field(default="24h", validate_default=True)
    secret: Secret | None = None
    secrets: dict[Name, Secret] | None = None


class Listening(Given):
    """How long to listen."""

    length: Duration = Field(default="2m", alias="for", validate_default=True)


class ListeningOut(BaseModel):
    """Until when the next authentic delivery becomes the sample."""

    listening_until: Moment


class SealedOut(BaseModel):
    """Deliveries that a trigger refused for their signature, and keeps."""

    number: int
    since: Moment


class LateProofsOut(BaseModel):
    """What proving sealed deliveries again came to."""

    tried: int
    genuine: int
    #: Of the genuine ones: their events go on from here, wait for a person, or came before, or there were none.
    running: int
    held: int
    duplicates: int
    unusable: int
    #: Those that stay sealed.
    in_vain: int
    #: The same for people.
    words: str


class TriggerOut(BaseModel):
    """A trigger."""

    id: str
    name: str
    title: str
    connector: str
    auth: str
    state: TriggerState
    base_url: str
    #: The address with the key in it: given with a new key, where the way takes keys in the address.
    full_url: str | None
    #: The secret, whatever the scheme calls it: given when it is new, and never again.
    api_key: str | None
    #: Every new secret, by name.
    secrets: dict[str, str] | None
    recipe: Recipe
    events: list[str] | None
    condition: ConditionIn
    on_unknown: OnUnknown
    on_mismatch: OnMismatch
    on_unproven: OnUnproven
    dedup: str | None
    rate: str | None
    networks: list[str] | None
    public_url: str | None
    reply: Mapping[str, object] | None
    silence: str | None
    #: The last delivery that was taken, of a trigger that is silent for longer than it says is normal.
    silent_since: Moment | None
    order: OrderIn | None
    listening_until: Moment | None
    created_at: Moment
    updated_at: Moment
    warnings: list[str]
    #: What it keeps sealed, to be proved when the secret or the recipe changes; null: nothing.
    sealed: SealedOut | None
    #: What became of it when that changed just now; null: nothing was sealed.
    late_proofs: LateProofsOut | None


class ResumedTrigger(TriggerOut):
    """A trigger that goes on, and the runs that it had held."""

    runs: list[str]


class TriggerPage(BaseModel):
    """Triggers, by name."""

    items: list[TriggerOut]
    next: str | None


def trigger_out(shown: Shown) -> TriggerOut:
    """Return a trigger as the API shows it."""
    return TriggerOut.model_validate(trigger_fields(shown))


def trigger_fields(shown: Shown) -> dict[str, object]:
    """Return the fields of a trigger as the API shows it."""
    row = shown.trigger
    columns = {name: getattr(row, name) for name in TriggerOut.model_fields if hasattr(row, name)}
    return {
        **columns,
        "state": shown.state,
        "silent_since": shown.silent_since,
        "base_url": shown.base_url,
        "full_url": shown.full_url,
        "api_key": shown.api_key,
        "secrets": dict(shown.issued) or None,
        "warnings": list(shown.warnings),
        "sealed": shown.sealed and shown.sealed._asdict(),
        "late_proofs": {name: getattr(shown.late, name) for name in LateProofsOut.model_fields} if shown.late else None,
    }

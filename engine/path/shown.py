"""A trigger as people see it: its state, its addresses, and what they should know. Secrets only when they are new."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import urlencode

from engine.authentication.way import Way
from engine.path.addresses import base_url
from engine.path.trigger_spec import Checked, check, spec_of
from engine.published import Live
from engine.runtime import Engine
from engine.store import triggers
from engine.store.rows import Trigger
from engine.words import TriggerState


@dataclass(frozen=True, slots=True)
class Shown:
    """A trigger with what follows from its row."""

    trigger: Trigger
    state: TriggerState
    base_url: str
    warnings: Sequence[str]
    way: Way | None
    #: Secrets that were issued just now, by name: shown this once.
    issued: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def api_key(self) -> str | None:
        """The first of the secrets that were issued just now."""
        return next(iter(self.issued.values()), None)

    @property
    def full_url(self) -> str | None:
        """The address with the key in it, where the way takes one there and the key is new."""
        way = self.way
        if way is None or "shared_secret" not in way.kinds or not way.secret_parameters or self.api_key is None:
            return None
        return f"{self.base_url}?{urlencode({way.secret_parameters[0]: self.api_key})}"

    def with_issued(self, values: Mapping[str, str], warnings: Sequence[str]) -> Self:
        """Return the same with secrets that were issued just now, and what looks wrong about them."""
        return replace(self, issued=values, warnings=[*warnings, *self.warnings])


def show(engine: Engine, name: str) -> Shown:
    """Return a trigger by its id or name.

    Raises:
        NotFound: there is none (404).
    """
    return shown(engine, engine.store.read(triggers.find, name))


def shown(engine: Engine, trigger: Trigger) -> Shown:
    """Return a trigger that was just read."""
    snapshot = engine.published.now()
    live, url = snapshot.by_id.get(trigger.id), base_url(engine.settings, trigger)
    if live is None:
        why = snapshot.broken.get(trigger.path)
        return Shown(trigger, trigger.state, url, [why] if why else [], None)
    return Shown(trigger, _state(engine, trigger, live), url, _warnings(live, url), live.way)


def checked(engine: Engine, trigger: Trigger) -> Checked:
    """Return what a trigger's row names.

    Raises:
        Invalid: it cannot be any more, as when its connector is gone.
    """
    return check(spec_of(trigger), engine.connectors)


def _state(engine: Engine, trigger: Trigger, live: Live) -> TriggerState:
    now = engine.clock.now()
    if live.way.secrets and not any(live.secrets_at(now).values()):
        return TriggerState.NEEDS_SECRET
    listening = trigger.listening_until is not None and now < trigger.listening_until
    return TriggerState.LISTENING if listening and trigger.state is TriggerState.DRAFT else trigger.state


def _warnings(live: Live, url: str) -> list[str]:
    title = live.connector.manifest.title
    unsure = None if live.connector.manifest.confirmed else (
        f"{title} does not publish how it signs: the first delivery shows whether this way is right"
    )  # fmt: skip
    return [words for words in (live.connector.url_warning(url), unsure, live.way.because) if words]

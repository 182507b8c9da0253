"""A trigger as people see it: its state, its addresses, and what they should know. Secrets only when they are new."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self
from urllib.parse import urlencode

from engine.authentication.way import Way
from engine.path.addresses import base_url
from engine.path.late_proof import LateProofs
from engine.path.trigger_spec import Checked, check, spec_of
from engine.published import Live
from engine.runtime import Engine
from engine.store import silences, triggers
from engine.store.rows import Trigger
from engine.store.sealed import SealedCount, count_sealed
from engine.words import TriggerState


@dataclass(frozen=True, slots=True)
class Shown:
    """A trigger with what follows from its row."""

    trigger: Trigger
    state: TriggerState
    base_url: str
    warnings: Sequence[str]
    way: Way | None
    #: Since when nothing was taken, where that is for longer than is normal.
    silent_since: datetime | None = None
    #: Secrets that were issued just now, by name: shown this once.
    issued: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: What it keeps sealed, and since when; None: nothing.
    sealed: SealedCount | None = None
    #: What became of what was sealed, when the trigger was changed just now.
    late: LateProofs | None = None

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

    def with_issued(self, values: Mapping[str, str], warnings: Sequence[str], late: LateProofs | None = None) -> Self:
        """Return the same with secrets that were issued just now, what looks wrong about them, and what they proved."""
        return replace(self, issued=values, warnings=[*warnings, *self.warnings], late=late)


def show(engine: Engine, name: str) -> Shown:
    """Return a trigger by its id or name.

    Raises:
        NotFound: there is none (404).
    """
    trigger = engine.store.read(triggers.find, name)
    return shown(engine, trigger, engine.store.read(count_sealed, [trigger.id]).get(trigger.id))


def shown(engine: Engine, trigger: Trigger, sealed: SealedCount | None = None) -> Shown:
    """Return a trigger that was just read; sealed: what it keeps so."""
    snapshot = engine.published.now()
    live, url = snapshot.by_id.get(trigger.id), base_url(engine.settings, trigger)
    if live is None:
        why = snapshot.broken.get(trigger.path)
        return Shown(trigger, trigger.state, url, [why] if why else [], None, sealed=sealed)
    silent = None if trigger.silence is None else engine.store.read(silences.raised_of, trigger.id)
    return Shown(trigger, _state(engine, trigger, live), url, _warnings(live, url), live.way, silent, sealed=sealed)


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
    listening = trigger.is_listened_to(now)
    return TriggerState.LISTENING if listening and trigger.state is TriggerState.DRAFT else trigger.state


def _warnings(live: Live, url: str) -> list[str]:
    title = live.connector.manifest.title
    unsure = None if live.connector.manifest.confirmed else (
        f"nobody has seen a proof of {title}'s own pass here yet: let it send a test while the trigger listens; if "
        "that is refused, the delivery's page says why, and how it may be signed"
    )  # fmt: skip
    unsigned = live.way.body_is_unsigned
    unbound = f"the signature does not cover the body: {unsigned}" if unsigned else None
    return [words for words in (live.connector.url_warning(url), unsure, unbound, live.way.because) if words]

"""What a person decides about a trigger, and whether it can be."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import timedelta

from engine.authentication.network import parse_networks
from engine.authentication.way import Way
from engine.clock import format_duration, parse_duration
from engine.definitions.connector import Connector
from engine.definitions.kinds import LONGEST_NAME, is_slug
from engine.definitions.order import read_order
from engine.errors import ExpressionError, Invalid, WinkError, nearest
from engine.language.condition import Condition, compile_condition
from engine.lazy import Lazy
from engine.rate import Rate
from engine.settings import read_base_url
from engine.store.rows import Trigger
from engine.words import OnMismatch, OnUnknown, OnUnproven

#: What a trigger's condition may name: it is asked before there is a workflow or a run.
NAMES = frozenset({"event", "trigger"})

#: A shorter silence could not be told from a restart.
SHORTEST_SILENCE, LONGEST_SILENCE = timedelta(minutes=5), timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerSpec:
    """The part of a trigger that a person decides; the fields are columns of ``triggers``."""

    name: str
    connector: str = "custom"
    #: None: the connector's title.
    title: str | None = None
    #: None: the connector's first way.
    auth: str | None = None
    recipe: object = None
    events: Sequence[str] | None = None
    condition: object = None
    on_unknown: OnUnknown = OnUnknown.DROP
    on_mismatch: OnMismatch = OnMismatch.WARN
    on_unproven: OnUnproven = OnUnproven.REFUSE
    dedup: str | None = None
    rate: str | None = None
    networks: Sequence[str] | None = None
    public_url: str | None = None
    reply: Mapping[str, object] | None = None
    #: How long silence is normal.
    silence: str | None = None
    #: ``{key, by}``: what events are about, and what tells which of two is the later one.
    order: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A spec without mistakes and with its defaults filled in, and what it names."""

    spec: TriggerSpec
    connector: Connector
    way: Way


def spec_of(trigger: Trigger) -> TriggerSpec:
    """Return what was decided about a trigger."""
    return TriggerSpec(**{field.name: getattr(trigger, field.name) for field in fields(TriggerSpec)})


def check(spec: TriggerSpec, connectors: Lazy[Connector]) -> Checked:
    """Check every field.

    Raises:
        Invalid: a field cannot be taken; ``field`` names it (422).
    """
    if not is_slug(spec.name):
        words = f"{spec.name!r} is no name: write lower-case letters, digits and hyphens, at most {LONGEST_NAME}"
        raise Invalid(words, "name")
    connector = _connector(spec.connector, connectors)
    way = _way(spec, connector)
    if spec.on_unproven is OnUnproven.SEAL and not way.is_signature:
        words = f"only what is signed can be kept sealed: by {way.name}, a delivery without the right key is refused"
        raise Invalid(words, "on_unproven")
    _check_filters(spec)
    _check_receiving(spec, connector)
    settled = replace(
        spec,
        title=(spec.title or "").strip() or connector.manifest.title,
        auth=way.name,
        public_url=_public_url(spec.public_url),
        events=spec.events or None,
        networks=spec.networks or None,
    )
    return Checked(settled, connector, way)


def _connector(name: str, connectors: Lazy[Connector]) -> Connector:
    if name in connectors:
        return connectors[name]
    others = "`wink connectors list` names all, and a new folder is found when Wink starts anew"
    gone = f"there is no connector {name!r}{nearest(name, connectors) or ';'} {others}"
    raise Invalid(connectors.mistake_in(name) or gone, "connector")


def read_condition(spec: object) -> Condition:
    """Compile the condition of a trigger.

    Raises:
        ExpressionError: it cannot be read, or names what is not there yet when a trigger is asked (422).
    """
    condition = compile_condition(spec)
    if unknown := condition.expression.names - NAMES:
        words = f"a trigger's condition can name {' and '.join(sorted(NAMES))}, not {', '.join(sorted(unknown))}"
        raise ExpressionError(words)
    return condition


@contextmanager
def naming(field: str) -> Iterator[None]:
    """Say of whatever goes wrong inside which field it was."""
    try:
        yield
    except (WinkError, ValueError) as error:
        raise Invalid(str(error), field) from error


def _way(spec: TriggerSpec, connector: Connector) -> Way:
    if spec.auth is not None and spec.auth not in connector.ways:
        words = f"{connector.name} has no way {spec.auth!r} to authenticate; there are {', '.join(connector.ways)}"
        raise Invalid(words, "auth")
    with naming("recipe"):
        return connector.way(spec.auth, spec.recipe)


def _check_filters(spec: TriggerSpec) -> None:
    if not all(glob.strip() for glob in spec.events or ()):
        raise Invalid("an event type is empty: write one, or leave it out", "events")
    if spec.condition is not None:
        with naming("condition"):
            read_condition(spec.condition)


def _check_receiving(spec: TriggerSpec, connector: Connector) -> None:
    if spec.dedup is not None:
        with naming("dedup"):
            connector.with_dedup(spec.dedup)
    if spec.rate is not None:
        with naming("rate"):
            Rate.read(spec.rate)
    if spec.silence is not None:
        with naming("silence"):
            _check_silence(spec.silence)
    if spec.order is not None:
        with naming("order"):
            read_order(spec.order)
    with naming("networks"):
        parse_networks(spec.networks or ())
    if spec.reply is not None:
        _check_reply(spec.reply)


def _check_silence(text: str) -> None:
    if not SHORTEST_SILENCE <= parse_duration(text) <= LONGEST_SILENCE:
        bounds = f"{format_duration(SHORTEST_SILENCE)} to {format_duration(LONGEST_SILENCE)}"
        raise ValueError(f"{text} is not from {bounds}")


def _public_url(text: str | None) -> str | None:
    with naming("public_url"):
        return None if text is None else read_base_url(text)


def _check_reply(reply: Mapping[str, object]) -> None:
    status = reply.get("status", 202)
    if not reply.keys() <= {"status", "body"}:
        raise Invalid("a reply has a status and a body, and nothing else", "reply")
    if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 299:
        raise Invalid("what is accepted is answered with a status from 200 to 299", "reply.status")

"""Lines to copy that send a trigger something from a terminal: by curl, or by ``wink send`` where something signs."""

from shlex import quote

from engine import json_bytes
from engine.definitions.connector import Connector
from engine.definitions.sample import Sample
from engine.errors import NotFound
from engine.path.carry import OF_THE_WAY
from engine.path.send import delivery_of
from engine.path.shown import Shown
from engine.runtime import Engine
from engine.words import TriggerState

#: Kinds of proof that are the same for each request, so that a line can hold them.
_STANDING = frozenset({"shared_secret", "basic", "network", "none"})

_NOTHING = Sample("POST", {"Content-Type": "application/json"}, "", b"{}")

#: Characters of a body beyond which a line is nothing to read.
_LONGEST = 1_000


def curl_line(engine: Engine, shown: Shown, connector: Connector) -> str:
    """Return the line with the connector's sample; empty where its secrets are not shown, or sign what is sent."""
    way = shown.way
    if way is None or not set(way.kinds) <= _STANDING or not way.secrets.keys() <= shown.issued.keys():
        return ""
    request = delivery_of(_sample(connector), shown.trigger, shown.base_url, engine.clock.now())
    signed = way.sign(request, shown.issued)
    method = [] if signed.method == "POST" else ["-X", signed.method]
    lines = [f"{name}: {values[0]}" for name, values in signed.headers.items() if name not in OF_THE_WAY]
    headers = [word for line in lines for word in ("-H", line)]
    return " ".join(map(quote, ["curl", *method, signed.url, *headers, "-d", signed.body.decode()]))


def send_line(shown: Shown) -> str:
    """Return the line that lets Wink itself send a sample; empty where it has no secret to prove itself with."""
    usable = shown.way is not None and shown.state is not TriggerState.NEEDS_SECRET
    return f"wink send {quote(shown.trigger.name)}" if usable else ""


def _sample(connector: Connector) -> Sample:
    """Return the connector's first sample, as short as it can be written, or an empty object."""
    try:
        sample = connector.sample()
        text = sample.body.decode()
    except (NotFound, UnicodeDecodeError):
        return _NOTHING
    try:
        body = json_bytes.dump(json_bytes.parse(sample.body))
    except ValueError:
        body = text.encode()
    return Sample(sample.method, sample.headers, sample.query, body) if len(body) <= _LONGEST else _NOTHING

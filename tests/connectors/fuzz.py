"""Hostile requests at every way of every connector: ``python -m tests.connectors.fuzz`` sends 100,000 of them.

Each begins as a sample that is signed as the vendor signs it, and is then changed: headers, query, body, method and
content type. Each goes the whole way of a delivery, onto the disk. None may be an error of ours, and the ledger has to
know of all of them.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import structlog

from engine.actions.documents import Documents
from engine.authentication.request import Inbound
from engine.definitions.connector import Connector
from engine.definitions.reply import Reply
from engine.errors import ActionFailed
from engine.path.addresses import base_url
from engine.path.keep import Receipt
from engine.path.receive import Later, Request, begin
from engine.runtime import Engine
from engine.store.check import check_ledger
from tests.corpus import NAMES, NUMBERS, REFUSED, TEXTS
from tests.engines import running, trigger

#: What a sender may be told, whatever it sends; 503 where it names keys that nobody has.
EXPECTED = frozenset({200, 201, 202, 204, 400, 401, 405, 409, 413, 415, 422, 429, 503})

METHODS = ("POST", "POST", "POST", "POST", "GET", "HEAD", "PUT", "OPTIONS", "DELETE", "post")
TYPES = (
    "application/json", "application/x-www-form-urlencoded", "text/plain", "application/xml", "application/x-ndjson",
    "multipart/form-data; boundary=b", "application/cloudevents+json", "application/jwt", "", 'a/b; c="', "*/*",
)  # fmt: skip

#: So many requests are on their way to the disk at once.
PORTION = 64


@dataclass(frozen=True, slots=True)
class Target:
    """One way of one connector, and a request that it would take."""

    title: str
    path: str
    genuine: Inbound


def targets(engine: Engine, documents: dict[str, str]) -> list[Target]:
    """Make a trigger of every way, and return them; documents: takes what the vendors publish, by its address."""
    return [
        _target(engine, connector, way, documents) for connector in engine.connectors.values() for way in connector.ways
    ]


def _target(engine: Engine, connector: Connector, way: str, documents: dict[str, str]) -> Target:
    name = f"{connector.name}-{way.replace('_', '-')}"
    secrets = {name: spec.generate() for name, spec in connector.ways[way].secrets.items()}
    made = trigger(engine, name=name, connector=connector.name, auth=way, secret=secrets or None)
    documents |= {**connector.ways[way].made_up_documents(secrets), **documents}
    sample, path = connector.sample(), made.trigger.path
    headers = {name.lower(): (value,) for name, value in sample.headers.items()}
    url = base_url(engine.settings, made.trigger)
    now = datetime.now(UTC)
    bare = Inbound(sample.method, url, f"/webhooks/{path}", sample.query, headers, sample.body, "192.0.2.7", now)
    return Target(name, path, connector.ways[way].sign(bare, documents | secrets))


def changed(random: Random, genuine: Inbound) -> Request:
    """Return the request after up to four changes."""
    request = genuine
    for _ in range(random.randrange(5)):
        request = random.choice(_CHANGES)(random, request)
    return Request(request.method, request.query, request.headers, request.body, len(request.body), request.address)


def _method(random: Random, request: Inbound) -> Inbound:
    return request._replace(method=random.choice(METHODS))


def _content_type(random: Random, request: Inbound) -> Inbound:
    return request.with_header("content-type", random.choice(TYPES))


def _header(random: Random, request: Inbound) -> Inbound:
    """Change one header: take it away, double it, or put something hostile into it."""
    name = random.choice([*request.headers, "x-signature", "authorization", "ce-id", "x-hook-secret"])
    values = request.headers.get(name, ("",))
    rest = {key: value for key, value in request.headers.items() if key != name}
    others = ((), values * 2, (_text(random),), (_spliced(random, values[0]),))
    chosen = random.choice(others)
    return request._replace(headers={**rest, name: chosen} if chosen else rest)


def _query(random: Random, request: Inbound) -> Inbound:
    name = random.choice(["apikey", "hub.challenge", "validationToken", "challenge", "crc_token", "token"])
    query = random.choice([_text(random), f"{request.query}&{name}={_text(random)}", "&" * 1_500])
    return request._replace(query=_printable(query), url=f"{request.url.partition('?')[0]}?{_printable(query)}")


def _body(random: Random, request: Inbound) -> Inbound:
    whole = (random.choice(REFUSED), random.choice(TEXTS), random.choice(NUMBERS), "[]", "{}", "null", "[[]]", "{}" * 9)
    bodies = (
        random.choice(whole).encode("utf-8", "surrogatepass"),
        random.randbytes(random.randrange(60)),
        _cut(random, request.body),
        _spliced(random, request.body.decode("latin-1")).encode("utf-8", "surrogatepass"),
        b'{"%s": %s}' % (random.choice(NAMES).encode("unicode_escape"), random.choice(NUMBERS).encode()),
    )
    return request._replace(body=random.choice(bodies))


_CHANGES: Sequence[Callable[[Random, Inbound], Inbound]] = (_method, _content_type, _header, _query, _body, _body)


def _cut(random: Random, body: bytes) -> bytes:
    start, end = sorted(random.randrange(len(body) + 1) for _ in range(2))
    return body[:start] + random.choice([b"", b"\0", b"\xff", b'"', b"{", b"null"]) + body[end:]


def _spliced(random: Random, text: str) -> str:
    at = random.randrange(len(text) + 1)
    return text[:at] + _text(random)[:200] + text[at + random.randrange(9) :]


def _text(random: Random) -> str:
    """Return a text as servers hand over what stood in a header: its bytes as Latin-1."""
    text = random.choice([random.choice(TEXTS), random.choice(NUMBERS), "9" * 400, "é", "a" * 9_000, "\ud800", "\xff"])
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def _printable(query: str) -> str:
    """Return a query as servers hand it over: ASCII without spaces."""
    return "".join(character for character in query if "!" <= character <= "~")[:9_000]


def shoot(engine: Engine, count: int, seed: int) -> tuple[Counter[int], list[str]]:
    """Send so many requests; return how many had which status, and what was wrong."""
    random, published = Random(seed), dict[str, str]()  # noqa: S311 - not for secrets
    aims = targets(engine, published)
    engine = replace(engine, documents=Documents(partial(_read, published), engine.clock))
    seen: Counter[int] = Counter()
    wrong = []
    for start in range(0, count, PORTION):
        batch = [(aims[(start + n) % len(aims)], n) for n in range(min(PORTION, count - start))]
        shots = [(target, changed(random, target.genuine)) for target, _ in batch]
        snapshot = engine.published.now()
        begun = [(target, shot, begin(engine, target.path, shot, snapshot)) for target, shot in shots]
        for target, shot, answer in begun:
            status = _reply(answer).status
            seen[status] += 1
            if status not in EXPECTED:
                wrong.append(f"{target.title}: {status} to {shot!r:.2000}")
    return seen, wrong


def _read(published: Mapping[str, str], address: str) -> str:
    """Stand in for the network: no other address is asked."""
    if address not in published:
        raise ActionFailed("failed", "nobody is there")
    return published[address]


def _reply(begun: Reply | Receipt | Later) -> Reply:
    if isinstance(begun, Later):
        begun.ready.result()
        begun = begun.again()
    return begun.reply() if isinstance(begun, Receipt) else begun


def unaccounted(engine: Engine) -> Mapping[str, int]:
    """Return what the ledger finds missing."""
    return engine.store.read(check_ledger, engine.clock.now()).findings


def main(words: Sequence[str] | None = None) -> int:
    """Send the requests, and print what they were told."""
    parser = argparse.ArgumentParser(prog="python -m tests.connectors.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(words)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with TemporaryDirectory(prefix="wink-fuzz-") as folder, running(Path(folder)) as engine:
        seen, wrong = shoot(engine, given.requests, given.seed)
        missing = unaccounted(engine)
    sys.stdout.writelines(f"{status}: {number:,}\n" for status, number in sorted(seen.items()))
    sys.stdout.writelines(f"WRONG {line}\n" for line in wrong[:20])
    sys.stdout.write(f"{sum(seen.values()):,} requests, {len(wrong)} wrong, unaccounted: {dict(missing) or 0}\n")
    return 1 if wrong or missing else 0


if __name__ == "__main__":
    sys.exit(main())

"""What the vendors' own packages sign is accepted through a real socket; with one thing wrong it is refused.

A package that only verifies is asked about what our own signer made: it has to say the same as Wink.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from engine.authentication.algorithms import write_private_key
from engine.authentication.request import Inbound
from engine.authentication.way import Way
from engine.definitions.catalog import read_connectors, read_file
from engine.definitions.connector import Connector
from engine.definitions.sample import Sample, SampleSpec
from tests.clients.entries import ROOT, Entry, Peer, entries, read
from tests.serving import Trigger, Wink
from tests.wire import Answer, send

CONNECTORS = read_connectors(ROOT / "connectors")
LONG_AGO = timedelta(days=1)

#: A text that stands in a JSON body as a value, and ends in a letter or digit.
VALUE = re.compile(rb':\s*"([^"\\]*[0-9A-Za-z])"')

#: Where a package does not do what its vendor's own page says.
MISTAKEN = {
    # It leaves out the Token, which Amazon signs.
    # Source: https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
    ("npm sns-validator", "unsubscribe_confirmation"),
}


@dataclass(frozen=True)
class Client:
    """A vendor's package, and a trigger of Wink's to send to."""

    entry: Entry
    peer: Peer
    connector: Connector
    way: Way
    trigger: Trigger
    secrets: Mapping[str, str]

    def unsigned(self, sample: Sample | None = None, *, shift: timedelta = timedelta()) -> Inbound:
        """Return a sample as a request of now, or of so much later."""
        sample = sample or self.connector.sample()
        return Inbound(
            method=sample.method,
            url=f"{self.trigger.base_url}?{sample.query}" if sample.query else self.trigger.base_url,
            path=self.trigger.target,
            query=sample.query,
            headers={name.lower(): (value,) for name, value in sample.headers.items()},
            body=sample.body,
            address="127.0.0.1",
            received_at=datetime.now(UTC) + shift,
        )

    def signed(self, request: Inbound) -> Inbound:
        """Return the request with the proof, by the package; by our own signer where the package only verifies."""
        if self.entry.kind == "verifies":
            return self.way.sign(request, self.secrets)
        return read(request, self.peer.ask(self.entry, request, self.secrets).request)

    def with_other_secrets(self) -> "Client":
        return replace(self, secrets=new_secrets(self.way))

    def is_verified(self, request: Inbound) -> bool:
        """Return what the package says to a signed request; one that only signs says nothing against it."""
        return self.entry.kind == "signs" or self.peer.ask(self.entry, request, self.secrets).ok

    @property
    def is_signed_in_url(self) -> bool:
        """Whether what is signed is not the body, but the query."""
        return bool(self.way.body_is_unsigned and self.connector.sample().query)

    @property
    def is_timed(self) -> bool:
        signed = self.signed(self.unsigned())
        return self.way.prove(signed, {name: [value] for name, value in self.secrets.items()}).digest is not None


def new_secrets(way: Way) -> Mapping[str, str]:
    """Return secrets of a way, as long as the vendor's are, and private keys in place of documents, by address."""
    secrets = {name: spec.generate().ljust(getattr(spec, "at_least", 0), "x") for name, spec in way.secrets.items()}
    documents = [each.by_address(secrets) for each in way.key_documents]
    return secrets | {
        address: write_private_key(algorithm.generate()) for each in documents for address, algorithm in each.items()
    }


def trigger_with(wink: Wink, secrets: Mapping[str, str], **fields: object) -> Trigger:
    """Make a trigger that has the secrets; beside them it finds documents that the vendor would publish."""
    documents = {name: value for name, value in secrets.items() if name.startswith("https://")}
    trigger = wink.trigger(secrets={name: value for name, value in secrets.items() if name not in documents}, **fields)
    if documents:
        wink.keep(trigger, documents)
    return trigger


@pytest.fixture
def client(wink: Wink, peers: Mapping[str, Peer], entry: Entry) -> Client:
    connector = CONNECTORS[entry.connector]
    name = entry.way or next(iter(connector.ways))
    way = connector.way(name, entry.recipe)
    secrets = new_secrets(way)
    fields = {"connector": connector.name, "auth": name, "recipe": entry.recipe}
    trigger = trigger_with(wink, secrets, **{key: value for key, value in fields.items() if value})
    return Client(entry, peers[entry.package.partition(" ")[0]], connector, way, trigger, secrets)


def samples() -> list[tuple[Entry, str]]:
    """Return every package with the name of every sample of its connector."""
    every = [(entry, name) for entry in entries("signs", "verifies") for name in CONNECTORS[entry.connector].samples]
    return [(entry, name) for entry, name in every if (entry.package, name) not in MISTAKEN]


every_sample = pytest.mark.parametrize(("entry", "sample"), samples(), ids=str)
every_package = pytest.mark.parametrize("entry", entries("signs", "verifies"), ids=str)
every_maker = pytest.mark.parametrize("entry", entries("makes"), ids=str)


def post(request: Inbound) -> Answer:
    headers = [(name, value) for name, values in request.headers.items() for value in values]
    return send(request.url, request.body, headers, method=request.method)


def refusal(wink: Wink, client: Client, request: Inbound) -> str:
    """Return why a request was refused, which the sender is not told."""
    answer = post(request)

    assert (answer.status, answer.json()["error"]) == (401, "unauthorized")
    return wink.last_delivery(client.trigger)["reason"]


def with_one_byte_changed(request: Inbound, bare: Inbound, *, in_url: bool) -> Inbound:
    """Return the request with the last digit or letter of its body changed to another, or the first of its query.

    bare: the request before it was signed. Where the proof stands in the body, another text than the proof is changed.
    """
    if in_url:
        name, _, rest = request.query.partition("=")
        query = f"{name}={'2' if rest[0] != '2' else '3'}{rest[1:]}"
        return request._replace(url=request.url.replace(request.query, query), query=query)
    place = max(index for index, byte in enumerate(request.body) if chr(byte).isalnum() and byte < 128)
    if request.body != bare.body:
        kept = [text for text in VALUE.findall(bare.body) if text in request.body]
        place = request.body.rindex(kept[-1]) + len(kept[-1]) - 1
    other = b"2" if request.body[place : place + 1] != b"2" else b"3"
    return request._replace(body=request.body[:place] + other + request.body[place + 1 :])


@every_sample
def test_what_it_signs_is_accepted_as_it_is_sent(wink: Wink, client: Client, sample: str) -> None:
    expected = read_file(ROOT / f"connectors/{client.connector.name}/samples/{sample}.yaml", SampleSpec)
    request = client.signed(client.unsigned(client.connector.samples[sample]))
    assert client.is_verified(request)

    answer = post(request)

    delivery = wink.last_delivery(client.trigger)
    assert (answer.status // 100, delivery["verdict"]) == (2, "accepted"), delivery["detail"]
    types = [wink.get(f"/events/{event}")["type"] for event in delivery["events"]]
    assert types == [event.type for event in expected.events]


@every_package
def test_one_changed_byte_is_refused(wink: Wink, client: Client) -> None:
    bare = client.unsigned()
    request = with_one_byte_changed(client.signed(bare), bare, in_url=client.is_signed_in_url)

    assert refusal(wink, client, request) == "wrong_proof"
    assert client.entry.kind == "signs" or not client.is_verified(request)


@every_package
def test_an_old_time_is_refused_where_one_is_signed(wink: Wink, client: Client) -> None:
    request = client.signed(client.unsigned(shift=-LONG_AGO))

    if client.is_timed:
        assert refusal(wink, client, request) == "timestamp_too_old"
    else:
        assert post(request).status < 300


@every_package
def test_the_other_secret_is_refused(wink: Wink, client: Client) -> None:
    request = client.with_other_secrets().signed(client.unsigned())

    assert refusal(wink, client, request) == "wrong_proof"
    assert client.entry.kind == "signs" or not client.is_verified(request)


@every_maker
def test_what_it_makes_becomes_the_events_that_it_says(wink: Wink, client: Client) -> None:
    bare = client.unsigned()._replace(headers={}, body=b"", query="", url=client.trigger.base_url)
    payloads = client.peer.ask(client.entry, bare, client.secrets).payloads
    assert payloads

    answers = [post(read(bare, payload["request"])).status for payload in payloads]

    assert max(answers) < 300
    events = events_of(wink, client.trigger)
    assert [event["type"] for event in events] == [each for payload in payloads for each in payload["types"]]
    assert {payload["id"] for payload in payloads} <= {None, *(event["key"] for event in events)}


def events_of(wink: Wink, trigger: Trigger) -> list[Mapping[str, object]]:
    """Return every event of a trigger, oldest first."""
    page = wink.get(f"/events?trigger={trigger.name}&limit=100")
    events = page["items"]
    while page["next"]:
        page = wink.get(f"/events?trigger={trigger.name}&limit=100&cursor={page['next']}")
        events += page["items"]
    return events[::-1]

"""The recogniser: what a captured request looks like. It must never be sure of the wrong connector."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.authentication.request import Inbound
from engine.definitions.catalog import read_connectors
from engine.definitions.connector import Connector
from engine.definitions.sample import Sample
from engine.errors import Rejected
from engine.finder import recogniser
from engine.finder.recogniser import ANYBODY, Recogniser, Recognition
from engine.finder.traits import traits_of

CONNECTORS = read_connectors(Path(__file__).parents[2] / "connectors")
VENDORS = {name: connector for name, connector in CONNECTORS.items() if name != ANYBODY}
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
KNOWS_ALL = Recogniser(CONNECTORS)


def delivery(sample: Sample, headers: Mapping[str, str] | None = None) -> Inbound:
    """Return a request as it comes in: with what HTTP clients and proxies add."""
    usual = {"host": "hooks.example.com", "user-agent": "Sender/1.0", "accept": "*/*", "x-request-id": "r-1"}
    url = "https://hooks.example.com/webhooks/4k1s2v6d"
    return Inbound(
        method=sample.method,
        url=f"{url}?{sample.query}" if sample.query else url,
        path="/webhooks/4k1s2v6d",
        query=sample.query,
        headers={name.lower(): (text,) for name, text in {**usual, **sample.headers, **(headers or {})}.items()},
        body=sample.body,
        address="192.0.2.7",
        received_at=NOW,
    )


def signed(connector: Connector, sample: Sample) -> Iterator[Inbound]:
    """Yield the sample as each way of the connector proves it."""
    for way in connector.ways.values():
        try:
            yield way.sign(delivery(sample), {name: spec.generate() for name, spec in way.secrets.items()})
        except Rejected:  # the vendor alone can sign
            yield delivery(sample)


def samples() -> list[tuple[str, str]]:
    return [(name, stem) for name, connector in VENDORS.items() for stem in connector.samples]


@cache
def recognised(name: str, stem: str) -> Sequence[Recognition]:
    """Return what a sample looks like, as each way of its connector proves it."""
    return [KNOWS_ALL.recognise(request) for request in signed(VENDORS[name], VENDORS[name].samples[stem])]


def is_right(recognition: Recognition, name: str) -> bool:
    """Return whether the right connector comes first, or else the recogniser says that it is not sure."""
    first = recognition.candidates[0].connector if recognition.candidates else None
    return first == name or not recognition.sure


@pytest.mark.parametrize(
    "body",
    [{f"f{n}": {f"g{m}": 1 for m in range(10)} for n in range(500)}, [{}] * 16_000],
    ids=["fields that nobody has", "many events"],
)
def test_a_body_that_a_stranger_made_up_is_looked_at_quickly(body: object) -> None:
    sent = delivery(next(iter(VENDORS["github"].samples.values())))
    sent = sent._replace(headers={"content-type": ("application/json",)}, body=json.dumps(body).encode())
    KNOWS_ALL.recognise(sent)
    begun = time.process_time()

    KNOWS_ALL.recognise(sent)

    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize("body", [b"name=x&n=1", b'{"name": "x"}', b"x" * 70_000], ids=["form", "JSON", "too large"])
def test_what_any_form_would_be_is_nobodys(body: bytes) -> None:
    sent = delivery(next(iter(VENDORS["github"].samples.values())))
    sent = sent._replace(headers={"content-type": ("application/x-www-form-urlencoded",)}, query="", body=body)

    assert not KNOWS_ALL.recognise(sent).candidates


def test_every_candidate_has_a_reason() -> None:
    for name, stem in samples():
        found = KNOWS_ALL.recognise(delivery(VENDORS[name].samples[stem])._replace(body=b""))

        assert all(candidate.reasons for candidate in found.candidates), found


@pytest.mark.parametrize(("name", "stem"), samples())
def test_a_sample_is_recognised_or_in_doubt(name: str, stem: str) -> None:
    found = recognised(name, stem)

    assert all(is_right(each, name) for each in found), found


@pytest.mark.parametrize("name", VENDORS)
def test_a_delivery_of_which_there_is_no_sample_is_recognised_or_in_doubt(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = VENDORS[name]
    known = {each.connector.name: each for each in KNOWS_ALL.traits if each.connector is not connector}
    monkeypatch.setattr(recogniser, "traits_of", lambda each: known.get(each.name) or traits_of(each))
    for stem, sample in connector.samples.items():
        others = {other: each for other, each in connector.samples.items() if other != stem}
        knows_less = Recogniser({**VENDORS, name: replace(connector, samples=others)})

        assert all(is_right(knows_less.recognise(request), name) for request in signed(connector, sample))


def test_most_connectors_come_first_with_their_own_samples() -> None:
    first = [
        name
        for name, stem in samples()
        for found in recognised(name, stem)
        if [each.connector for each in found.candidates][:1] == [name]
    ]

    asked = sum(len(VENDORS[name].ways) for name, _ in samples())
    assert len(first) >= 0.9 * asked


@given(
    headers=st.dictionaries(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=2).map(tuple), max_size=5),
    query=st.text(max_size=30),
    body=st.binary(max_size=100),
)
def test_any_request_gets_an_answer(headers: dict[str, tuple[str, ...]], query: str, body: bytes) -> None:
    request = delivery(Sample("POST", {}, query, body))._replace(headers=headers)

    found = KNOWS_ALL.recognise(request)

    assert found.sure is False or found.candidates

"""A delivery that was sent before becomes a new one: with another event id, and else as it was."""

import pytest

from engine.authentication.request import Inbound
from engine.definitions.catalog import read_connectors
from engine.path.freshen import freshen
from tests.serving import ROOT

CONNECTORS = read_connectors(ROOT / "connectors")


def inbound(connector, sample):
    return Inbound(
        method=sample.method,
        url="https://wink.example.com/webhooks/x",
        path="/webhooks/x",
        query=sample.query,
        headers={name.lower(): (value,) for name, value in sample.headers.items()},
        body=sample.body,
        address="127.0.0.1",
        received_at=None,
    )


def drafts(connector, request):
    return connector.events(request, connector.read(request))


EVERY = [(connector, name) for connector in CONNECTORS.values() for name in connector.samples]


@pytest.mark.parametrize(("connector", "name"), EVERY, ids=lambda each: getattr(each, "name", each))
def test_the_first_event_of_every_sample_gets_another_id_and_the_same_type(connector, name):
    before = inbound(connector, connector.samples[name])
    known = drafts(connector, before)

    after = drafts(connector, freshen(connector, before))

    assert [draft.type for draft in after] == [draft.type for draft in known]
    if known and known[0].key is not None:
        assert after[0].key not in {known[0].key, None}


def test_what_has_no_id_and_what_cannot_be_read_stay_as_they_are():
    connector = CONNECTORS["custom"]
    plain = inbound(connector, connector.samples["event"])
    broken = plain._replace(body=b"{")

    assert freshen(connector, plain._replace(headers={"content-type": ("application/json",)})).body == plain.body
    assert freshen(connector, broken) == broken

"""What happens at a vendor that is played: its samples, no two of them the same."""

import pytest

from engine.authentication.request import Inbound
from engine.definitions.connector import Connector
from engine.emulation.occurrences import Occurrences
from tests.emulated import DAY, START, connectors

TYPES = [
    (connector, name)
    for connector in connectors().values()
    for name, kind in connector.manifest.types.items()
    if kind.sample
]


def key(connector: Connector, request: Inbound) -> str | None:
    drafts = connector.events(request, connector.read(request))
    return drafts[0].key if drafts else None


def types(connector: Connector, request: Inbound) -> set[str]:
    return {draft.type for draft in connector.events(request, connector.read(request))}


@pytest.mark.parametrize(("connector", "event_type"), TYPES, ids=[name for _, name in TYPES])
def test_every_sample_of_the_catalogue_can_happen_again_and_again(connector, event_type) -> None:
    occurrences = Occurrences(connector)

    made = [occurrences.make(event_type, START) for _ in range(5)]

    keys = [key(connector, each.request) for each in made]
    assert keys == [None] * 5 or len(set(keys)) == 5
    assert len({each.id for each in made}) == 5
    assert all(event_type in types(connector, each.request) for each in made)


@pytest.mark.parametrize("name", ["blazelock", "securecodinghub", "detectify", "bearer-scan", "stripe"])
def test_an_event_tells_the_time_at_which_it_happened(name) -> None:
    connector = connectors()[name]
    event_type = next(iter(connector.manifest.types))

    occurrence = Occurrences(connector).make(event_type, START + DAY)

    (draft,) = connector.events(occurrence.request, connector.read(occurrence.request))
    assert draft.time == START + DAY


@pytest.mark.parametrize("name", ["securecodinghub", "detectify", "github"])
def test_who_plays_twice_sends_no_duplicates(name) -> None:
    connector = connectors()[name]
    event_type = next(iter(connector.manifest.types))

    first, second = (Occurrences(connector).make(event_type, START) for _ in range(2))

    assert key(connector, first.request) != key(connector, second.request)

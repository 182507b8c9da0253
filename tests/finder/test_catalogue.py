"""The finder over the catalogue: it finds how every sample is signed whose vendor signs all of the body by a secret."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.authentication.hmac_scheme import HmacSpec
from engine.authentication.way import SchemeSpec
from engine.definitions.catalog import read_connectors
from engine.definitions.connector import Connector
from engine.definitions.manifest import Recipes
from engine.finder.search import find_recipes
from tests.finder.test_recogniser import delivery

CONNECTORS = read_connectors(Path(__file__).parents[2] / "connectors")

#: What the finder does not look for: parts of the body, what is left out when it is missing, lists of signed headers,
#: and an address that a form is put behind as its query.
_BEYOND = ("[", "{headers:", "{body:", "{query:", "|", "{url}?")


def signing_ways() -> Iterator[tuple[str, str]]:
    for name, connector in CONNECTORS.items():
        for way, specs in connector.manifest.auth.items():
            (spec, *others) = next(iter(specs.recipes.values())) if isinstance(specs, Recipes) else specs
            if not others and is_within(spec):
                yield name, way


def is_within(spec: SchemeSpec) -> bool:
    """Return whether the scheme is of the space that is searched."""
    if not isinstance(spec, HmacSpec) or spec.each or spec.body_is_unsigned or spec.body_hash:
        return False
    return not any(sign in spec.signs for sign in _BEYOND)


@pytest.mark.parametrize(("name", "way"), list(signing_ways()))
def test_how_the_vendor_signs_is_found_from_one_sample(name: str, way: str) -> None:
    connector: Connector = CONNECTORS[name]
    secrets = {name: spec.generate() for name, spec in connector.ways[way].secrets.items()}
    request = connector.ways[way].sign(delivery(connector.sample()), secrets)

    found = find_recipes(request, next(iter(secrets.values())))

    assert found.recipes, found
    assert found.complete

"""The page of a refused delivery says when the vendor will try again."""

import re
from datetime import datetime, timedelta

import pytest

from engine.store import search
from engine.store.search import DeliveryFilter, Span
from tests import signing
from tests.emulated import MINUTE
from tests.engines import MovableClock, trigger
from tests.web.pages import place
from tests.web.seen import Seen

BODY = b'{"id": "evt_1", "type": "sarif.ingested"}'


@pytest.fixture
def here(tmp_path):
    with place(tmp_path) as found:
        yield found


def refuse(here, connector: str) -> str:
    """Let a delivery with a wrong signature come in, and return its address."""
    shown = trigger(here.engine, name=connector, connector=connector)
    headers = dict(signing.standard("whsec_" + "b" * 40, BODY))
    here.viewer.client.post(f"/webhooks/{shown.trigger.path}", data=BODY, headers=headers)
    (newest,) = here.engine.store.read(search.list_deliveries, DeliveryFilter(), Span(limit=1)).items
    return f"/deliveries/{newest.id}"


def seen(here, address: str) -> str:
    return " ".join(Seen(here.viewer.get(address).text).words.split())


def later(here, length) -> None:
    clock = here.engine.clock
    assert isinstance(clock, MovableClock)
    clock.advance(length)


def test_001_r6_it_counts_down_to_the_next_attempt(here) -> None:
    address = refuse(here, "securecodinghub")

    words = seen(here, address)

    assert re.search(r"attempt 1 of 5: SecureCodingHub will try again in about [0-9.]+ s, at 20\d\d-", words), words


def test_once_the_moment_is_past_it_says_so(here) -> None:
    address = refuse(here, "securecodinghub")

    later(here, 2 * MINUTE)

    assert "SecureCodingHub was to try again at about 20" in seen(here, address)


def test_002_r6_a_vendor_without_a_published_schedule_is_told_in_its_own_words(here) -> None:
    assert "Detectify: 4xx and 5xx are tried again" in seen(here, refuse(here, "detectify"))


def test_a_vendor_of_whom_nothing_is_known_is_not_spoken_of(here) -> None:
    assert "try again" not in seen(here, refuse(here, "custom"))


def test_programs_are_told_too(here) -> None:
    found = here.viewer.client.get(f"/api/v1{refuse(here, 'securecodinghub')}").json["again"]

    due_at = datetime.fromisoformat(found.pop("due_at"))
    assert timedelta() < due_at - here.engine.clock.now() <= MINUTE
    assert found == {
        "vendor": "SecureCodingHub", "attempt": 1, "attempts": 5,
        "gives_up": "After five attempts the endpoint is disabled; its Active switch turns it on again.",
    }  # fmt: skip

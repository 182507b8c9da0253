"""One server on PostgreSQL under load, struck by faults: what it acknowledged is done, and recorded once."""

from collections.abc import Iterator

import pytest

from tests.crash.faulty import after, staged
from tests.crash.stage.faults import FROZEN, ON_EVERY_STAGE, ON_ONE_HOST, ON_POSTGRESQL, Fault
from tests.crash.stage.play import Play
from tests.crash.stage.stage import embedded_on_postgresql

pytestmark = pytest.mark.timeout(900)

FAULTS = (*ON_EVERY_STAGE, *ON_ONE_HOST, *ON_POSTGRESQL, FROZEN)


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    with staged(embedded_on_postgresql, tmp_path_factory) as play:
        play.strike(FAULTS)
        play.end()
        yield play


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_nothing_is_lost_or_recorded_twice_when(play: Play, fault: Fault) -> None:
    after(play, fault)


def test_nothing_is_unaccounted_for_in_the_end(play: Play) -> None:
    assert play.ledger[0] == 0, play.ledger

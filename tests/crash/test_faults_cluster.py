"""Two servers and two workers under load, struck by faults: what was acknowledged is done, and recorded once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from engine.store.database import open_database
from engine.store.tables import events
from tests.crash.faulty import after, staged
from tests.crash.stage.faults import FROZEN, LONG, OF_THE_BROKER, ON_A_CLUSTER, ON_EVERY_STAGE, ON_POSTGRESQL, Fault
from tests.crash.stage.play import Play
from tests.crash.stage.stage import cluster

pytestmark = pytest.mark.timeout(1200)

OTHERS = (*ON_EVERY_STAGE, *ON_POSTGRESQL, *ON_A_CLUSTER)


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """Let the broker fail while one worker stands still and the other is in a long step; all else one by one."""
    with staged(cluster, tmp_path_factory) as play:
        with play.struck(FROZEN), play.struck(LONG):
            play.strike(OF_THE_BROKER)
        play.strike(OTHERS)
        play.end()
        yield play


@pytest.mark.parametrize("fault", [FROZEN, LONG, *OF_THE_BROKER, *OTHERS], ids=lambda fault: fault.name)
def test_nothing_is_lost_or_recorded_twice_when(play: Play, fault: Fault) -> None:
    after(play, fault)


def test_times_are_right_whichever_host_writes_them(play: Play) -> None:
    database = open_database(play.stage.database_url)
    with database.reading.connect() as connection:
        first, last = connection.execute(select(func.min(events.c.received_at), func.max(events.c.received_at))).one()
    database.close()

    assert play.began - timedelta(seconds=1) < first < last < datetime.now(UTC) + timedelta(seconds=1)


def test_nothing_is_unaccounted_for_in_the_end(play: Play) -> None:
    assert play.ledger[0] == 0, play.ledger

"""What is older than the operator keeps goes, portion by portion, while Wink works."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.store import retention
from engine.store.tables import deliveries
from tests.engines import deliver, running, trigger
from tests.serving import eventually


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path):
    """Return an engine, on each kind of database."""
    given = {"database_url": request.getfixturevalue("postgresql_url")} if request.param == "postgresql" else {}
    with running(tmp_path, **given) as opened:
        yield opened


def test_all_that_is_old_goes_a_portion_at_a_time_and_what_is_young_stays(engine, monkeypatch):
    monkeypatch.setattr(retention, "PORTION", 2)
    trigger(engine)
    for number in range(5):
        deliver(engine, b'{"n": %d}' % number)
    engine.clock.advance(engine.settings.retention + timedelta(hours=1))
    young = deliver(engine, b'{"n": 5}').delivery.id

    assert eventually(lambda: _kept(engine) == [young])


def _kept(engine):
    """Return what is kept, a minute later: so it is tidied again each time."""
    engine.clock.advance(timedelta(minutes=1))
    with engine.store.reading() as connection:
        return list(connection.scalars(select(deliveries.c.id)))

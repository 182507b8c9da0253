"""A newer Wink takes over what an older one left, and no vendor that tries again loses a delivery meanwhile."""

from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, create_engine, insert, select

from engine.store.migrate import FOLDER, revisions
from tests.deploy.sender import sending
from tests.serving import Wink, eventually, serving
from tests.wire import JSON, exchange, request

STEPS = "  - {id: log, uses: core.log, with: {message: hello}}\n"


def _made_by_an_older_one(file: Path, revision: str) -> None:
    """Put what the database holds into tables as they were at that revision."""
    newer = file.rename(file.with_name("newer.db"))
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    source, target = create_engine(f"sqlite:///{newer}"), create_engine(f"sqlite:///{file}")
    with target.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    with source.connect() as given, target.begin() as taken:
        _copy(given, taken)
    source.dispose()
    target.dispose()


def _copy(given, taken) -> None:
    old, new = MetaData(), MetaData()
    old.reflect(taken)
    new.reflect(given)
    for table in old.sorted_tables:
        if table.name == "alembic_version":
            continue
        shared = [
            new.tables[table.name].c[column.name] for column in table.c if column.name in new.tables[table.name].c
        ]
        if rows := [dict(row) for row in given.execute(select(*shared)).mappings()]:
            taken.execute(insert(table), rows)


def _revision(wink: Wink) -> str:
    engine = create_engine(f"sqlite:///{wink.data}/wink.db")
    with closing(engine.raw_connection()) as connection:
        (found,) = connection.cursor().execute("select version_num from alembic_version").fetchone()
    engine.dispose()
    return str(found)


@pytest.mark.parametrize("before", [1, 2])
def test_what_was_taken_before_is_there_and_what_comes_meanwhile_is_taken(tmp_path, before):
    with serving(tmp_path) as wink:
        trigger = wink.trigger()
        wink.workflow(trigger, STEPS)
        target = f"{trigger.target}?apikey={trigger.api_key}"
        (old,) = exchange(wink.port, request("POST", target, [JSON], b"{}")).json()["events"]
        wink.event(old)
        assert wink.stop() == 0
        _made_by_an_older_one(wink.data / "wink.db", revisions()[-1 - before])
        assert _revision(wink) == revisions()[-1 - before]

        with sending(wink.port, target) as sender:
            eventually(lambda: sender.again)
            wink.start()
            sender.goes_on(5)

        assert _revision(wink) == revisions()[-1]
        assert all(isinstance(each, OSError) for each in sender.again)
        assert all(len(wink.event(event)["runs"]) == 1 for event in [old, *sender.events])
        assert wink.ledger()["received"] == 1 + len(sender.events)


def test_a_stop_in_the_middle_of_deliveries_loses_none_of_those_that_were_taken(tmp_path):
    with serving(tmp_path) as wink:
        trigger = wink.trigger()
        wink.workflow(trigger, STEPS)
        with sending(wink.port, f"{trigger.target}?apikey={trigger.api_key}") as sender:
            for _ in range(3):
                sender.goes_on(5)
                assert wink.stop() == 0
                wink.start()

        assert all(len(wink.event(event)["runs"]) == 1 for event in sender.events)

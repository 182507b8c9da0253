import json
from datetime import UTC, datetime, timedelta

import pytest
from click import ClickException

from engine.cli import listen
from engine.cli.client import connect
from engine.cli.options import load_settings
from engine.path.listen import schemas_of


@pytest.fixture
def orders(served):
    """Return the name of a new trigger."""
    served("triggers", "create", "orders")
    yield "orders"
    served("triggers", "delete", "orders", "--yes")


@pytest.fixture
def on_each_pause(monkeypatch):
    """Let a test do something when the command pauses, instead of waiting."""

    def set_deed(deed):
        monkeypatch.setattr(listen, "sleep", lambda seconds: deed())

    return set_deed


def test_the_next_delivery_is_shown_with_its_schema(served, orders, on_each_pause):
    on_each_pause(lambda: served("send", orders))

    sample = json.loads(served("listen", orders, "--json").stdout)

    assert sample["event"]["trigger"] == orders
    assert sample["schema"]["type"] == "object"


def test_people_see_the_event_and_the_schema(served, orders, on_each_pause):
    on_each_pause(lambda: served("send", orders, "-f", "-", input='{"total": 12}'))

    result = served("listen", orders)

    assert result.exit_code == 0
    assert '"total": 12' in result.stdout.partition("Schema:")[0]
    assert '"total"' in result.stdout.partition("Schema:")[2]


def test_an_older_sample_is_not_taken_for_the_next(served, orders, on_each_pause):
    on_each_pause(lambda: served("send", orders, "-f", "-", input='{"number": 1}'))
    served("listen", orders)
    on_each_pause(lambda: served("send", orders, "-f", "-", input='{"number": 2}'))

    sample = json.loads(served("listen", orders, "--json").stdout)

    assert sample["event"]["data"] == {"number": 2}


def test_the_schema_is_applied_when_asked_for(served, running, orders, on_each_pause):
    on_each_pause(lambda: served("send", orders))

    served("listen", orders, "--apply")

    assert list(schemas_of(running.engine, orders)) == ["custom.event"]


def test_ctrl_c_stops_listening(served, orders, on_each_pause):
    def interrupt():
        raise KeyboardInterrupt

    on_each_pause(interrupt)

    result = served("listen", orders)

    assert (result.exit_code, "does not listen any more" in result.stderr) == (1, True)
    assert json.loads(served("triggers", "show", orders, "--json").stdout)["listening_until"] is None


def test_when_the_time_is_over_it_says_where_to_look(served, orders, on_each_pause):
    past = datetime.now(UTC) - timedelta(seconds=1)

    with (
        connect(load_settings(), {}) as client,
        pytest.raises(ClickException, match="wink deliveries list"),
    ):
        listen.await_sample(client, orders, None, past)


def test_without_a_server_nothing_can_arrive(wink):
    result = wink("listen", "orders")

    assert result.exit_code == 1
    assert "start one with `wink serve`" in result.stderr


def test_nobody_listens_for_ever(served, orders):
    assert served("listen", orders, "--for", "48h").exit_code == 1

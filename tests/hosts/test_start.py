"""Hosts that start at the same moment on one empty database make everything once."""

from functools import partial

import pytest

from engine.cli.examples import EXAMPLES, make_examples
from engine.errors import SettingsError
from engine.path.folder import Folder
from engine.path.users import make_first
from engine.store import triggers, users, workflows
from engine.store.secrets import cipher_from
from engine.store.store import open_store
from tests.engines import LOGS
from tests.hosts.conftest import KEY, at_once

#: More than two, so that they meet.
MANY = 6


def test_hosts_that_find_an_empty_database_make_its_tables_once(postgresql_url):
    stores = at_once(*[partial(open_store, postgresql_url, cipher_from(KEY))] * MANY)

    assert [store.read(users.none_yet) for store in stores] == [True] * MANY
    for store in stores:
        store.close()


def test_a_host_with_a_key_of_its_own_does_not_start(postgresql_url):
    open_store(postgresql_url, cipher_from(KEY)).close()

    with pytest.raises(SettingsError, match="WINK_SECRET_KEY"):
        open_store(postgresql_url, cipher_from("another"))


def test_one_host_alone_makes_the_first_administrator_and_knows_the_password(hosts):
    passwords = at_once(*(partial(make_first, host.engine) for host in hosts))

    assert sorted(map(bool, passwords)) == [False, True]
    assert [user.name for user in hosts.a.engine.store.read(users.all_of)] == ["admin"]


@pytest.mark.parametrize("attempt", range(3))
def test_hosts_that_import_the_same_files_have_each_workflow_once(hosts, attempt):
    for host in hosts:
        host.engine.settings.workflows.mkdir()
        for number in range(5):
            (host.engine.settings.workflows / f"w{number}.yaml").write_text(LOGS)

    folders = [Folder(host.engine, host.engine.settings.workflows) for host in hosts]
    at_once(*(folder.look for folder in folders))

    assert [folder.problems() for folder in folders] == [{}, {}]
    assert hosts.a.engine.store.read(workflows.names) == [f"w{number}" for number in range(5)]


def test_hosts_that_make_the_examples_make_each_once(hosts):
    for spec in EXAMPLES:
        hosts.a.engine.settings.workflows.mkdir(exist_ok=True)
        text = LOGS.replace("trigger: t,", f"trigger: {spec.name},")
        (hosts.a.engine.settings.workflows / f"{spec.name}.yaml").write_text(text)
    Folder(hosts.a.engine, hosts.a.engine.settings.workflows).look()
    hosts.b.engine.published.refresh()

    made = at_once(*(partial(make_examples, host.engine) for host in hosts))

    names = [shown.trigger.name for shown in (*made[0], *made[1])]
    assert sorted(names) == sorted(spec.name for spec in EXAMPLES)
    assert len(hosts.a.engine.store.read(triggers.all_of)) == len(EXAMPLES)

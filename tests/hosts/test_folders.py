"""Each host may have a folder of workflows of its own: the last change counts, and no restart undoes it."""

import os
from functools import partial
from itertools import count

import pytest

from engine.errors import Conflict
from engine.path.folder import Folder
from engine.path.workflows import delete
from engine.store import workflows
from tests.engines import LOGS
from tests.hosts.conftest import at_once

OTHER = LOGS.replace("hello", "goodbye")

_ages = count(1_000_000_000, 60)


@pytest.fixture
def folders(hosts):
    for host in hosts:
        host.engine.settings.workflows.mkdir()
    return [Folder(host.engine, host.engine.settings.workflows) for host in hosts]


def _write(folder, text, *, at=None):
    """Write the workflow's file, long ago unless a time is given."""
    file = folder.path / "w.yaml"
    file.write_text(text)
    written = next(_ages) if at is None else at
    os.utime(file, (written, written))


def _restarted(folder):
    Folder(folder.engine, folder.path).look()


def _text(folder):
    return folder.engine.store.read(workflows.find, "w").text.decode()


def test_a_change_of_one_folder_is_not_undone_by_a_restart_of_the_host_that_has_the_older_file(folders):
    a, b = folders
    for folder in folders:
        _write(folder, LOGS)
        folder.look()
    _write(a, OTHER)
    a.look()

    _restarted(b)

    assert _text(b) == OTHER


def test_an_edit_in_the_browser_of_one_host_is_not_undone_by_a_restart_of_another(folders):
    a, b = folders
    for folder in folders:
        _write(folder, LOGS)
        folder.look()
    a.save("w", OTHER, expected=a.engine.store.read(workflows.find, "w").version)

    _restarted(b)

    assert _text(b) == OTHER


def test_a_deleted_workflow_stays_deleted_though_another_host_has_an_older_file(folders):
    a, b = folders
    _write(b, LOGS)
    b.look()
    _write(a, OTHER)
    a.look()
    delete(a.engine, "w")

    _restarted(b)

    assert b.engine.store.read(workflows.names) == []


def test_a_file_that_was_set_back_after_the_newer_version_came_is_imported(folders):
    a, b = folders
    _write(a, LOGS)
    a.look()
    _write(b, OTHER)
    b.look()

    _write(a, LOGS, at=a.engine.clock.now().timestamp() + 1)
    a.look()

    assert _text(b) == LOGS


def test_of_two_edits_that_saw_the_same_version_one_is_refused(hosts, folders):
    _write(folders[0], LOGS)
    folders[0].look()
    seen = hosts.a.engine.store.read(workflows.find, "w").version

    answers = at_once(*(partial(_saved, folder, f"{LOGS}# {index}\n", seen) for index, folder in enumerate(folders)))

    assert sorted(answers) == [False, True]


def _saved(folder, text, seen):
    try:
        folder.save("w", text, expected=seen)
    except Conflict:
        return False
    return True

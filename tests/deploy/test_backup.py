"""A backup made as docs/operations.md says, while events come in, gives back what was acknowledged before it."""

from pathlib import Path
from shlex import quote
from shutil import which
from subprocess import run

import pytest

from tests.databases import postgresql_database
from tests.deploy.files import block
from tests.deploy.sender import sending
from tests.serving import Wink, serving
from tests.wire import JSON, exchange, request

STEPS = "  - {id: log, uses: core.log, with: {message: hello}}\n"


def _do(name: str, folder: Path, data: Path, **variables: str) -> None:
    """Do what the page says, elsewhere."""
    commands = block(name).replace("/var/lib/wink/data", str(data)).replace("/var/backups/wink", str(folder))
    done = run(["sh", "-euc", commands], env=variables, capture_output=True, text=True, check=False)  # noqa: S607
    assert done.returncode == 0, done.stderr


def _programs(folder: Path, **programs: str) -> str:
    """Make programs that stand in for others, and return a path that finds them first."""
    folder.mkdir()
    for name, text in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


def _target(trigger) -> str:
    return f"{trigger.target}?apikey={trigger.api_key}"


def _back_up_under_load(wink: Wink, name: str, folder: Path, **variables: str) -> tuple[str, list[str]]:
    """Return where events go, and those that were acknowledged before the backup."""
    trigger = wink.trigger()
    wink.workflow(trigger, STEPS)
    with sending(wink.port, _target(trigger)) as sender:
        sender.goes_on(20)
        before = list(sender.events)
        _do(name, folder, wink.data, **variables)
        sender.goes_on(20)
    assert sender.again == []
    return _target(trigger), before


def _holds(wink: Wink, target: str, events: list[str]) -> None:
    """Check that it has the events, with their runs, and the trigger with its secret, and goes on."""
    assert all(len(wink.event(event)["runs"]) == 1 for event in events)
    answer = exchange(wink.port, request("POST", target, [JSON], b'{"id": "after"}'))
    assert answer.status == 202
    assert len(wink.runs(answer)) == 1
    wink.ledger()


@pytest.mark.skipif(which("sqlite3") is None, reason="there is no sqlite3")
def test_sqlite(tmp_path):
    path = {"PATH": "/usr/bin:/bin"}
    with serving(tmp_path / "first") as first:
        target, before = _back_up_under_load(first, "backup-sqlite", tmp_path / "backup", **path)
    with serving(tmp_path / "second") as second:
        second.trigger()
        second.kill()
        _do("restore-sqlite", tmp_path / "backup", second.data, **path)
        second.start()

        _holds(second, target, before)


@pytest.mark.skipif(which("pg_dump") is None, reason="there is no pg_dump")
def test_postgresql(tmp_path, postgresql_url, postgresql_server):
    key = "the secret key of the tests"
    backup, path = tmp_path / "backup", {"PATH": "/usr/bin:/bin"}
    with serving(tmp_path / "first", database_url=postgresql_url, secret_key=key) as first:
        made = _back_up_under_load(first, "backup-postgresql", backup, WINK_DATABASE_URL=postgresql_url, **path)
    with (
        postgresql_database(postgresql_server) as other,
        serving(tmp_path / "second", database_url=other, secret_key=key) as second,
    ):
        second.trigger()
        second.kill()
        _do("restore-postgresql", backup, second.data, WINK_DATABASE_URL=other, **path)
        second.start()

        _holds(second, *made)


def test_without_an_address_no_dump_is_replaced_and_no_database_emptied(tmp_path):
    (tmp_path / "wink.dump").write_text("the last good one")
    path = _programs(tmp_path / "bin", pg_dump='touch "${2#--file=}"', psql=f"touch {quote(str(tmp_path / 'emptied'))}")

    for name in ("backup-postgresql", "restore-postgresql"):
        commands = block(name).replace("/var/backups/wink", str(tmp_path))
        # As pasted: the shell goes on after what fails.
        run(["bash", "-ic", commands], env={"PATH": path, "WINK_DATABASE_URL": ""}, capture_output=True, check=False)  # noqa: S607

        assert (tmp_path / "wink.dump").read_text() == "the last good one"
        assert not (tmp_path / "emptied").exists()


#: It does in the tests' database what compose would do in the container, and starts and stops nothing.
DOCKER = """
case "$2" in exec) shift 4;; *) exit;; esac
for each; do
  shift
  case "$each" in --username=*) continue;; --dbname=*) each="--dbname=$DATABASE";; esac
  set -- "$@" "$each"
done
exec "$@"
"""


@pytest.mark.skipif(which("pg_dump") is None, reason="there is no pg_dump")
def test_compose(tmp_path, postgresql_url, postgresql_server, monkeypatch):
    key, path = "the secret key of the tests", _programs(tmp_path / "bin", docker=DOCKER)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/secret_key").write_text(key)
    monkeypatch.chdir(tmp_path)
    with serving(tmp_path / "first", database_url=postgresql_url, secret_key=key) as first:
        made = _back_up_under_load(first, "backup-compose", tmp_path, DATABASE=postgresql_url, PATH=path)
    with (
        postgresql_database(postgresql_server) as other,
        serving(
            tmp_path / "second", database_url=other, secret_key=(tmp_path / "backups/secret_key").read_text()
        ) as second,
    ):
        second.trigger()
        second.kill()
        _do("restore-compose", tmp_path, second.data, DATABASE=other, PATH=path)
        second.start()

        _holds(second, *made)

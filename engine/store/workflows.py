"""Workflows: an identity, and every version of its text."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from engine.errors import Conflict, NotFound, nearest
from engine.store import changes, database, schedules
from engine.store.rows import ScheduleRow, StoredWorkflow
from engine.store.tables import workflow_versions, workflows

_CURRENT = select(workflows, workflow_versions.c.text).join(
    workflow_versions,
    (workflow_versions.c.name == workflows.c.name) & (workflow_versions.c.version == workflows.c.version),
)


def put(  # noqa: PLR0913 - the columns of one row
    connection: Connection,
    name: str,
    version: str,
    text: bytes,
    *,
    now: datetime,
    expected: str | None,
    schedule: ScheduleRow | None = None,
) -> bool:
    """Make the text the workflow's current version; True when the workflow is new.

    expected: the version that the author saw, empty where there was none, or None to replace whatever is there;
    schedule: when it starts by the clock, if it does.

    Raises:
        Conflict: the workflow moved on since the author saw it (412).
    """
    database.wait_for_turn(connection, f"workflow/{name}")
    found = connection.execute(select(workflows.c.version, workflows.c.enabled).where(workflows.c.name == name)).first()
    current = found.version if found else None
    if expected is not None and (current or "") != expected:
        raise Conflict(f"the workflow {name!r} has another version now ({current}): read it, merge, and put it again")
    keep = database.insert(connection, workflow_versions).on_conflict_do_nothing()
    connection.execute(keep, {"name": name, "version": version, "text": text, "created_at": now})
    if current is None:
        row = {"name": name, "version": version, "enabled": True, "created_at": now, "updated_at": now}
        connection.execute(insert(workflows).values(row))
    elif current != version:
        moved = update(workflows).where(workflows.c.name == name)
        connection.execute(moved.values(version=version, updated_at=now))
    if current != version:
        changes.note(connection)
    if found is None or found.enabled:
        schedules.keep(connection, name, schedule)
    return current is None


def find(connection: Connection, name: str) -> StoredWorkflow:
    """Return the workflow with its current text.

    Raises:
        NotFound: there is none (404).
    """
    row = connection.execute(_CURRENT.where(workflows.c.name == name)).mappings().one_or_none()
    if row is None:
        raise _missing(connection, name)
    return StoredWorkflow(**row)


def all_of(connection: Connection) -> list[StoredWorkflow]:
    """Return every workflow with its current text, by name."""
    return [StoredWorkflow(**row) for row in connection.execute(_CURRENT.order_by(workflows.c.name)).mappings()]


def disabled(connection: Connection) -> list[tuple[str, str]]:
    """Return the workflows that are not asked: (name, version)."""
    wanted = select(workflows.c.name, workflows.c.version).where(workflows.c.enabled.is_(False))
    return [(row.name, row.version) for row in connection.execute(wanted.order_by(workflows.c.name))]


def names(connection: Connection) -> list[str]:
    """Return the names of all workflows."""
    return list(connection.scalars(select(workflows.c.name).order_by(workflows.c.name)))


def some_of(connection: Connection, after: str, limit: int) -> list[StoredWorkflow]:
    """Return so many workflows by name, those behind the name ``after``."""
    wanted = _CURRENT.where(workflows.c.name > after).order_by(workflows.c.name).limit(limit)
    return [StoredWorkflow(**row) for row in connection.execute(wanted).mappings()]


def text_of(connection: Connection, name: str, version: str) -> bytes | None:
    """Return the text of one version; None when there is none."""
    wanted = select(workflow_versions.c.text)
    return connection.scalar(wanted.where(workflow_versions.c.name == name, workflow_versions.c.version == version))


def versions_of(connection: Connection, name: str, limit: int | None = None) -> Mapping[str, datetime]:
    """Return the workflow's versions with when each was first put, newest first; all of them, or so many."""
    wanted = select(workflow_versions.c.version, workflow_versions.c.created_at)
    wanted = wanted.where(workflow_versions.c.name == name).order_by(workflow_versions.c.created_at.desc()).limit(limit)
    return {row.version: row.created_at for row in connection.execute(wanted)}


def enable(
    connection: Connection, name: str, *, enabled: bool, now: datetime, schedule: ScheduleRow | None = None
) -> None:
    """Let a workflow be asked about events, or not; runs that began go on.

    schedule: when it starts by the clock, if it does; times that passed while it was disabled start nothing.

    Raises:
        NotFound: there is none (404).
    """
    changed = update(workflows).where(workflows.c.name == name).values(enabled=enabled, updated_at=now)
    if not connection.execute(changed).rowcount:
        raise _missing(connection, name)
    schedules.keep(connection, name, schedule if enabled else None)
    changes.note(connection)


def remove(connection: Connection, name: str) -> None:
    """Delete a workflow; its versions stay, so that its runs can be read and go on.

    Raises:
        NotFound: there is none (404).
    """
    if not connection.execute(delete(workflows).where(workflows.c.name == name)).rowcount:
        raise _missing(connection, name)
    schedules.keep(connection, name, None)
    changes.note(connection)


def _missing(connection: Connection, name: str) -> NotFound:
    return NotFound(f"there is no workflow {name!r}{nearest(name, connection.scalars(select(workflows.c.name)))}")

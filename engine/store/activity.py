"""What workflows did lately: for lists of them, in two questions however many they are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, Connection, Select, func, select

from engine.ids import earliest_id
from engine.store.rows import Run
from engine.store.tables import runs, workflows
from engine.words import Outcome

#: Runs of one workflow that are counted: the newest.
MOST_COUNTED = 500


def last_runs(connection: Connection, names: Sequence[str]) -> Mapping[str, Run]:
    """Return the newest run of each workflow that ever ran."""
    one = runs.alias()
    newest = select(func.max(one.c.id)).where(one.c.workflow == workflows.c.name).scalar_subquery()
    found = _first(select(newest.label("id")), names)
    wanted = select(runs).join(found, runs.c.id == found.c.id)
    return {row["workflow"]: Run(**row) for row in connection.execute(wanted).mappings()}


def runs_since(connection: Connection, names: Sequence[str], since: datetime) -> Mapping[str, Mapping[Outcome, int]]:
    """Count the runs of each workflow by outcome, at most its newest :data:`MOST_COUNTED`."""
    one, oldest = runs.alias(), earliest_id("run", since)
    newest = select(one.c.id).where(one.c.workflow == workflows.c.name, one.c.id >= oldest).order_by(one.c.id.desc())
    floor = func.coalesce(newest.offset(MOST_COUNTED - 1).limit(1).scalar_subquery(), oldest)
    floors = _first(select(workflows.c.name, floor.label("floor")), names)
    # One bound alone: of two, SQLite would look the second one up again for each run.
    among = (runs.c.workflow == floors.c.name) & (runs.c.id >= floors.c.floor)
    wanted = select(runs.c.workflow, runs.c.outcome, func.count()).join(floors, among)
    wanted = wanted.group_by(runs.c.workflow, runs.c.outcome)
    found: dict[str, dict[Outcome, int]] = {}
    for name, outcome, count in connection.execute(wanted):
        found.setdefault(name, {})[outcome] = count
    return found


def _first(asked: Select[Any], names: Sequence[str]) -> CTE:
    """Ask this of each workflow before its runs are looked at.

    PostgreSQL would ask it again for each run and workflow, where it believes that there are few runs: as long as it
    has not counted them, after a start.
    """
    return asked.where(workflows.c.name.in_(names)).cte("asked").prefix_with("MATERIALIZED")

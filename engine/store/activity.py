"""What workflows did lately: for lists of them, in two questions however many they are."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

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
    wanted = select(runs).select_from(workflows).join(runs, runs.c.id == newest).where(workflows.c.name.in_(names))
    return {row["workflow"]: Run(**row) for row in connection.execute(wanted).mappings()}


def runs_since(connection: Connection, names: Sequence[str], since: datetime) -> Mapping[str, Mapping[Outcome, int]]:
    """Count the runs of each workflow by outcome, at most its newest :data:`MOST_COUNTED`."""
    one, oldest = runs.alias(), earliest_id("run", since)
    newest = select(one.c.id).where(one.c.workflow == workflows.c.name, one.c.id >= oldest).order_by(one.c.id.desc())
    floor = func.coalesce(newest.offset(MOST_COUNTED - 1).limit(1).scalar_subquery(), oldest)
    # One bound alone: of two, SQLite would look the second one up again for each run.
    among = (runs.c.workflow == workflows.c.name) & (runs.c.id >= floor)
    wanted = select(runs.c.workflow, runs.c.outcome, func.count()).select_from(workflows).join(runs, among)
    wanted = wanted.where(workflows.c.name.in_(names)).group_by(runs.c.workflow, runs.c.outcome)
    found: dict[str, dict[Outcome, int]] = {}
    for name, outcome, count in connection.execute(wanted):
        found.setdefault(name, {})[outcome] = count
    return found

"""``/runs``: find them, look at them, cancel and repeat them."""

from apiflask import APIBlueprint
from pydantic import Field

from engine.path import replay
from engine.path import resolve as deciding
from engine.path.replay import Version
from engine.runtime import Engine
from engine.store import search, show
from engine.store.search import Page, RunFilter, RunLine
from engine.words import Outcome, Resolution
from web.api.door import caller
from web.api.fields import Given, Name, SpanQuery, Text
from web.api.named import trigger_id
from web.api.run_shapes import RunLineOut, RunOut, RunPage, run_line, run_out
from web.context import the_engine

runs = APIBlueprint("runs", __name__, url_prefix="/api/v1/runs")


class RunQuery(SpanQuery):
    """Which runs."""

    trigger: Name | None = None
    workflow: Name | None = None
    outcome: Outcome | None = None
    event: Name | None = None

    def page(self, engine: Engine) -> Page[RunLine]:
        """Return the page of runs that fit."""
        which = RunFilter(
            trigger_id=trigger_id(engine, self.trigger),
            workflow=self.workflow,
            outcome=self.outcome,
            event_id=self.event,
        )
        return engine.store.read(search.list_runs, which, self.span())


class Repetition(Given):
    """From which top-level step on, and with which version of the workflow."""

    first: Name | None = Field(default=None, alias="from")
    version: Version = Version.SAME


class ResolutionIn(Given):
    """What is decided about a step of which nobody knows whether it happened before a crash."""

    #: Its path.
    step: Text
    decision: Resolution
    #: What a step that happened gives back.
    output: object = None


@runs.get("")
@runs.input(RunQuery, location="query")
@runs.output(RunPage)
def list_runs(query_data: RunQuery) -> RunPage:
    """List runs, newest first."""
    page = query_data.page(the_engine())
    return RunPage(items=[RunLineOut.model_validate(run_line(line)) for line in page.items], next=page.next)


@runs.get("/<run_id>")
@runs.output(RunOut)
def get(run_id: str) -> RunOut:
    """Show a run with its steps."""
    engine = the_engine()
    return run_out(engine, engine.store.read(show.run, run_id))


@runs.post("/<run_id>/cancel")
@runs.output(RunOut)
def cancel(run_id: str) -> RunOut:
    """End a run at once."""
    engine = the_engine()
    return run_out(engine, replay.cancel(engine, run_id))


@runs.post("/<run_id>/rerun")
@runs.input(Repetition)
@runs.output(RunOut, status_code=202)
def rerun(run_id: str, json_data: Repetition) -> RunOut:
    """Repeat a run as a new one; what the steps before `from` came to is taken over."""
    engine = the_engine()
    return run_out(engine, replay.rerun(engine, run_id, first=json_data.first, version=json_data.version))


@runs.post("/<run_id>/resolve")
@runs.input(ResolutionIn)
@runs.output(RunOut)
def resolve(run_id: str, json_data: ResolutionIn) -> RunOut:
    """Decide about a step that a crash interrupted: it happened, it is repeated, or it counts as failed."""
    engine, given = the_engine(), json_data
    deciding.resolve(engine, (run_id, given.step), given.decision, by=caller(), output=given.output)
    return run_out(engine, engine.store.read(show.run, run_id))

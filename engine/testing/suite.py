"""Find the tests of workflows, run them, and keep what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic

from engine.actions.action import Action
from engine.actions.registry import specs_of
from engine.authentication.request import Inbound
from engine.definitions.checker import Outline, check_workflow, no_schema
from engine.definitions.connector import Connector
from engine.definitions.workflow import Workflow
from engine.errors import Mistake, Mistakes, NotFound, nearest
from engine.language.yaml12 import Mark
from engine.path.folder import TESTS
from engine.testing.compare import Difference, differences
from engine.testing.coverage import untaken
from engine.testing.model import DEFAULT_NOW, CannotPlay, Happening, WorkflowTest
from engine.testing.play import Played, play
from engine.testing.reading import read_tests


@dataclass(frozen=True, slots=True)
class Missing:
    """A branch that no test takes: the line of the workflow, and the words."""

    line: int
    words: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one test."""

    name: str
    mark: Mark
    took: timedelta
    differences: Sequence[Difference]


@dataclass(frozen=True, slots=True)
class Suite:
    """What came of all tests of one workflow."""

    workflow: Path
    #: None where there are no tests.
    tests: Path | None
    results: Sequence[Result] = ()
    branches: int = 0
    missing: Sequence[Missing] = ()
    #: By file: what is wrong in it, so that nothing was run.
    mistakes: Mapping[Path, Sequence[Mistake]] | None = None

    @property
    def coverage(self) -> int:
        """How many of a hundred branches were taken, rounded down."""
        return 100 * (self.branches - len(self.missing)) // self.branches if self.branches else 100

    @property
    def failed(self) -> int:
        """How many tests failed."""
        return sum(bool(result.differences) for result in self.results)


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs tests of workflows without a server and without a database."""

    actions: Mapping[str, Action]
    connectors: Mapping[str, Connector]

    def run(self, workflow: Path, tests: Path | None) -> Suite:
        """Run the tests of one workflow; with a mistake in either file, none is run."""
        specs = specs_of(self.actions)
        checked = check_workflow(workflow.read_bytes(), workflow.stem, actions=specs, schemas=no_schema)
        if checked.workflow is None or checked.outline is None:
            wrong = [mistake for mistake in checked.mistakes if not mistake.warning]
            return Suite(workflow, tests, mistakes={workflow: wrong})
        if tests is None:
            return self._suite(checked.workflow, checked.outline, workflow, None, [])
        try:
            found = read_tests(tests.read_bytes(), checked.workflow, tests.parent, self.sample)
        except Mistakes as error:
            return Suite(workflow, tests, mistakes={tests: error.mistakes})
        return self._suite(checked.workflow, checked.outline, workflow, tests, found)

    def _suite(
        self, workflow: Workflow, outline: Outline, file: Path, tests: Path | None, found: Sequence[WorkflowTest]
    ) -> Suite:
        played = [self._run(workflow, test) for test in found]
        count, missing = untaken(workflow, [one for _, one in played if one is not None])
        places = [Missing(outline.document.key_mark(branch.at).line, branch.never) for branch in missing]
        return Suite(file, tests, [result for result, _ in played], count, places)

    def _run(self, workflow: Workflow, test: WorkflowTest) -> tuple[Result, Played | None]:
        begun, mark = monotonic(), test.place.mark
        try:
            played = play(workflow, test.given, test.mocks, self.actions)
        except CannotPlay as error:
            return Result(test.name, mark, timedelta(seconds=monotonic() - begun), [Difference(mark, str(error))]), None
        found = list(differences(test, played))
        return Result(test.name, mark, timedelta(seconds=monotonic() - begun), found), played

    def sample(self, event_type: str) -> Happening:
        """Return the event that a connector's sample of a type becomes.

        Raises:
            NotFound: there is no such sample.
        """
        types = {name: connector for connector in self.connectors.values() for name in connector.manifest.types}
        if event_type not in types:
            raise NotFound(f"no connector has a sample of `{event_type}`{nearest(event_type, types)}")
        connector = types[event_type]
        sample = connector.sample(event_type)
        headers = {name.lower(): (value,) for name, value in sample.headers.items()}
        inbound = Inbound(sample.method, "", "", sample.query, headers, sample.body, "127.0.0.1", DEFAULT_NOW)
        draft = connector.events(inbound, connector.read(inbound))[0]
        return Happening(draft.type, draft.data, key=draft.key, time=draft.time)


def tests_of(workflow: Path) -> Path | None:
    """Return the test file beside a workflow's, None when there is none."""
    files = [workflow.with_name(f"{workflow.stem}{TESTS}{suffix}") for suffix in (".yaml", ".yml")]
    return next((file for file in files if file.is_file()), None)


def workflow_of(tests: Path) -> Path | None:
    """Return the workflow whose tests a file holds, None when it is no test file or there is no such workflow."""
    stem = tests.stem.removesuffix(TESTS)
    files = [tests.with_name(f"{stem}{suffix}") for suffix in (".yaml", ".yml")]
    return next((file for file in files if tests.stem != stem and file.is_file()), None)

"""``wink test``: run the tests of workflows, without a server and without a database."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from engine.actions.client import HttpClient
from engine.actions.guard import Guard
from engine.actions.registry import build_actions
from engine.app import CONNECTORS
from engine.cli import show
from engine.cli.options import from_here, load_settings
from engine.definitions.catalog import read_connectors
from engine.errors import NotFound
from engine.path.folder import TESTS, is_test_file, workflow_files
from engine.testing import report
from engine.testing.suite import Runner, Suite, tests_of, workflow_of


@click.command("test")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[PATH]...")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), help="Also write JUnit's XML to this file.")
@click.option(
    "--min-coverage",
    type=click.IntRange(0, 100),
    default=0,
    metavar="PERCENT",
    help="Fail where tests take fewer of a workflow's branches.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def run_tests(paths: Sequence[Path], junit: Path | None, min_coverage: int, *, as_json: bool) -> None:
    """Run the tests of workflows, NAME.test.yaml beside NAME.yaml; exit with 1 when one fails.

    A PATH is a workflow file, a test file, or a folder of them. Default: the workflows folder of the settings. Nothing
    reaches out: a mock stands in for every action that would. Tells which branches of each workflow no test takes.
    """
    named = paths or [from_here(load_settings().workflows)]
    pairs = dict(pair for path in named for pair in _pairs(path))
    if not pairs:
        raise NotFound(f"there is no workflow file in {', '.join(map(str, named))}: name another folder, or a file")
    connectors = read_connectors(CONNECTORS)
    tester = Runner(build_actions(lambda: HttpClient(Guard()), connectors), connectors)
    suites = [tester.run(workflow, tests) for workflow, tests in pairs.items()]
    if junit is not None:
        junit.write_text(report.as_junit(suites), "utf-8")
    _show(suites, as_json=as_json)
    if any(map(_is_bad, suites)) or _below(suites, min_coverage):
        raise SystemExit(1)


def _pairs(path: Path) -> Iterator[tuple[Path, Path | None]]:
    """Yield the workflows that a path names, each with its tests."""
    if path.is_dir():
        strays = [file for file in sorted(path.glob(f"*{TESTS}.y*ml")) if workflow_of(file) is None]
        for stray in strays:
            yield from _pairs(stray)
        yield from ((file, tests_of(file)) for file in workflow_files(path))
    elif is_test_file(path):
        workflow = workflow_of(path)
        if workflow is None:
            wanted = path.with_name(path.stem.removesuffix(TESTS) + ".yaml")
            raise NotFound(f"{path} has no workflow beside it: it tests {wanted}, which is not there")
        yield workflow, path
    else:
        yield path, tests_of(path)


def _show(suites: Sequence[Suite], *, as_json: bool) -> None:
    if as_json:
        show.print_json(report.as_json(suites))
        return
    for line in report.as_text(suites):
        click.echo(show.text(line).plain)
    tests, failed = sum(len(suite.results) for suite in suites), sum(suite.failed for suite in suites)
    broken = sum(suite.mistakes is not None for suite in suites)
    mistakes = f", {broken} with mistakes" if broken else ""
    counted = f"{_many(len(suites), 'workflow')}, {_many(tests, 'test')}"
    click.echo(f"{counted}, {failed} failed{mistakes}.", err=True)


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _is_bad(suite: Suite) -> bool:
    return bool(suite.failed or suite.mistakes)


def _below(suites: Sequence[Suite], least: int) -> bool:
    """Tell whether a workflow has too few branches tested, and say which."""
    low = [suite for suite in suites if suite.coverage < least]
    for suite in low:
        click.echo(
            f"{suite.workflow}: {suite.coverage} % of its branches are tested, and {least} % are asked for", err=True
        )
    return bool(low)

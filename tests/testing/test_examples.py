"""The tests of the example workflows pass, take every branch, and notice every mistake."""

from pathlib import Path

import pytest

from engine.path.folder import workflow_files
from engine.testing.suite import tests_of as beside
from tests.testing.mutants import mutants

WORKFLOWS = Path(__file__).parents[2] / "workflows"
FILES = [*workflow_files(WORKFLOWS), *workflow_files(WORKFLOWS / "optional")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_tests_of_an_example_pass_and_take_every_branch(tester, file):
    suite = tester.run(file, beside(file))

    assert (suite.mistakes, [result for result in suite.results if result.differences]) == (None, [])
    assert suite.results
    assert (suite.branches > 0, list(suite.missing)) == (True, [])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_tests_of_an_example_notice_every_mistake(tester, file, tmp_path):
    survivors, runs = [], 0
    mutated = tmp_path / file.name

    for words, text in mutants(file.read_text()):
        mutated.write_text(text)
        suite = tester.run(mutated, beside(file))
        runs += suite.mistakes is None
        if not suite.failed and not suite.mistakes:
            survivors.append(words)

    assert runs > 5
    assert survivors == []

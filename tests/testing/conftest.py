"""What the tests of tests share: workflows in a folder of their own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.testing.suite import Runner, Suite

Try = Callable[..., Suite]


@pytest.fixture
def attempt(tester: Runner, tmp_path: Path) -> Try:
    """Return a function that runs tests of a workflow, both given as text."""

    def run(workflow: str, tests: str) -> Suite:
        (tmp_path / "ticket.yaml").write_text(workflow)
        (tmp_path / "ticket.test.yaml").write_text(tests)
        return tester.run(tmp_path / "ticket.yaml", tmp_path / "ticket.test.yaml")

    return run


@pytest.fixture
def steps(attempt: Try) -> Try:
    """Return a function that runs one test of steps: what is mocked and expected, as YAML in flow style."""

    def run(steps: str, expect: str, mock: str = "{}", given: str = "{inputs: {}}") -> Suite:
        workflow = f"name: Ticket\non: {{manual: true, trigger: acme}}\nsteps:\n{steps}"
        return attempt(
            workflow, f"tests:\n  - name: It holds\n    given: {given}\n    mock: {mock}\n    expect: {expect}\n"
        )

    return run

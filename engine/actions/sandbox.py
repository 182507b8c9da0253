"""Where the code of authors runs: what a step asks for, and how much it may take."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from importlib.util import find_spec
from typing import Protocol

from engine.errors import ActionFailed
from engine.lazy import load

#: How long one piece of code may run.
LIMIT = timedelta(seconds=2)

#: Bytes that it may hold, the sandbox's own included.
MEMORY = 64 * 2**20

#: Calls within calls, and values within values.
RECURSION = 200

#: Characters of a result as JSON: reading it holds up every other run.
LARGEST_RESULT = 1_000_000

#: Characters of what it prints that are kept.
MOST_PRINTED = 10_000

_ABSENT = "core.code needs the extra `code`: pip install '.[code]' in the checkout, then start Wink anew"


class CodeRunner(Protocol):
    """Runs Python that can reach nothing: no network, no files, no environment."""

    async def run(self, code: str, inputs: Mapping[str, object], *, within: timedelta) -> Mapping[str, object]:
        """Call the code's ``main`` with the inputs, by name; return ``{result, printed}``, ready for JSON.

        Raises:
            ActionFailed: ``failed`` with the line when the code fails or takes too much, ``timeout`` when it was not
                done within its time, ``invalid`` when there is no sandbox here. Its output is ``{printed}``.
        """
        ...

    def read(self, code: str) -> None:
        """Read the code without running any of it; do nothing where there is no sandbox.

        Raises:
            ExpressionError: it is no Python, or none that the sandbox knows.
        """
        ...


@dataclass(frozen=True)
class Sandbox:
    """The sandbox of this Wink, if it has one.

    It is imported when it is first needed: it takes 17 MB, which a Wink without such steps keeps.
    """

    place: str = "engine.actions.monty:Monty"
    package: str = "pydantic_monty"

    async def run(self, code: str, inputs: Mapping[str, object], *, within: timedelta) -> Mapping[str, object]:
        """Run the code; as :class:`CodeRunner`."""
        if self._runner is None:
            raise ActionFailed("invalid", _ABSENT)
        return await self._runner.run(code, inputs, within=within)

    def read(self, code: str) -> None:
        """Read the code; as :class:`CodeRunner`."""
        if self._runner is not None:
            self._runner.read(code)

    @cached_property
    def _runner(self) -> CodeRunner | None:
        if find_spec(self.package) is None:
            return None
        runner: CodeRunner = load(self.place)()
        return runner

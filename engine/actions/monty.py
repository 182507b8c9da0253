"""Run code in Monty, a Python interpreter that has nothing to reach the outside with, in a process of its own.

Each piece of code gets a new process, which ends with it: nothing that it does to the interpreter outlives it, and a
stop of Wink leaves none behind. The event loop only waits; when it no longer does, the process is killed.

Source: https://github.com/pydantic/monty
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic_monty import (
    AsyncMonty,
    AsyncMontySession,
    Frame,
    MontyError,
    MontyRuntimeError,
    MontySyntaxError,
    ResourceLimits,
)
from pydantic_monty import Monty as Pool

from engine import json_bytes
from engine.actions.sandbox import LARGEST_RESULT, LIMIT, MEMORY, MOST_PRINTED, RECURSION
from engine.errors import ActionFailed, ExpressionError

#: How many pieces of code run at once, more wait for their turn: half of the processors are left to Wink.
AT_ONCE = max(1, (os.cpu_count() or 1) // 2)

#: Seconds after which code ends by itself, where there is no Wink any more to kill it.
_LEFT_ALONE = LIMIT.total_seconds() + 1

_LIMITS: ResourceLimits = {
    "max_feed_duration_secs": _LEFT_ALONE,
    "max_memory": MEMORY,
    "max_recursion_depth": RECURSION,
    "max_total_sleep_secs": 0,
}

#: Seconds in which Monty's threads let go of Python's objects, which they do after they have said that they are done: a
#: Python that ends meanwhile aborts.
_LET_GO = 0.005

#: What Monty calls the first text that it is fed: the author's.
_CODE = "<python-input-0>"

#: The second: JSON is made where its limits hold, since a value that holds another twice would double without end here.
_CALL = f"""\
from json import dumps as _wink_dumps, loads as _wink_loads
_wink_result = _wink_dumps(main(**_wink_loads(_wink_inputs)), allow_nan=False)
_wink_result if len(_wink_result) <= {LARGEST_RESULT} else None
"""

#: Longest part of an error that is told: the code chooses its words.
_QUOTED = 500


@dataclass(slots=True)
class _Printed:
    """The first of what the code prints; the rest is let go."""

    parts: list[str] = field(default_factory=list)
    room: int = MOST_PRINTED

    def __call__(self, _stream: str, text: str) -> None:
        if self.room > 0:
            self.parts.append(text[: self.room])
        self.room -= len(text)

    def __str__(self) -> str:
        return "".join(self.parts) + (" .." if self.room < 0 else "")


class Monty:
    """Runs code in Monty."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def run(self, code: str, inputs: Mapping[str, object], *, within: timedelta) -> Mapping[str, object]:
        """Run the code; as :class:`engine.actions.sandbox.CodeRunner`."""
        printed = _Printed()
        try:
            async with asyncio.timeout(within.total_seconds()), self._turns, _session() as session:
                answer = await _answer(session, code, inputs, printed)
        except TimeoutError:
            raise _failed("the code was not done when the time for the step was over", printed, "timeout") from None
        except MontyError as error:
            raise _failed(_told(error), printed) from None
        if not isinstance(answer, str) or len(answer) > LARGEST_RESULT:
            raise _failed(f"the result is larger than {LARGEST_RESULT:,} characters of JSON", printed)
        return {"result": json_bytes.parse(answer.encode()), "printed": str(printed)}

    def read(self, code: str) -> None:
        """Read the code; as :class:`engine.actions.sandbox.CodeRunner`."""
        try:
            with Pool(max_processes=1, request_timeout=_LEFT_ALONE) as pool, pool.checkout(limits=_LIMITS) as session:
                session.feed_run(f"return\n{code}")
        except (MontySyntaxError, MontyRuntimeError) as error:
            frame = next(iter(error.traceback()), None)
            offset = 0 if frame is None else _offset(code, frame)
            raise ExpressionError(error.display("msg")[:_QUOTED], offset) from None
        except MontyError as error:
            raise ExpressionError(str(error)[:_QUOTED]) from None


@asynccontextmanager
async def _session() -> AsyncIterator[AsyncMontySession]:
    try:
        async with AsyncMonty(max_processes=1) as pool, pool.checkout(limits=_LIMITS) as session:
            yield session
    finally:
        await asyncio.sleep(_LET_GO)


async def _answer(session: AsyncMontySession, code: str, inputs: Mapping[str, object], printed: _Printed) -> object:
    """Return what ``main`` returns, as JSON; the limit counts for everything that the author wrote together."""
    given = {"_wink_inputs": _as_text(inputs)}
    try:
        async with asyncio.timeout(LIMIT.total_seconds()):
            await session.feed_run(f"{code}\nNone", print_callback=printed)  # what stands last is not asked for
            return await session.feed_run(_CALL, inputs=given, print_callback=printed)
    except TimeoutError:
        raise _failed(f"the code ran longer than {LIMIT.total_seconds():g} s", printed) from None


def _as_text(inputs: Mapping[str, object]) -> str:
    """Return the inputs as JSON; half of a surrogate pair, which is no text, becomes a replacement character."""
    text = json.dumps(inputs, ensure_ascii=False)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _failed(words: str, printed: _Printed, kind: str = "failed") -> ActionFailed:
    return ActionFailed(kind, words, output={"printed": str(printed)})


def _told(error: MontyError) -> str:
    """Return the error with the last line of the author's that led to it."""
    if not isinstance(error, MontySyntaxError | MontyRuntimeError):
        return f"the sandbox broke: {error}"[:_QUOTED]
    words, frames = error.display("type-msg")[:_QUOTED], error.traceback()
    own = [frame for frame in frames if frame.filename == _CODE]
    if own:
        return f"line {own[-1].line}: {words}"
    return f"calling main(): {words}" if frames else words


def _offset(code: str, frame: Frame) -> int:
    """Return where in the code the frame begins; the code stands one line further down there."""
    lines = code.split("\n")[: frame.line - 1]
    return sum(len(line) + 1 for line in lines[:-1]) + min(frame.column - 1, len(lines[-1])) if lines else 0

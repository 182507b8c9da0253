"""The most that a run and a step of it may take on this Wink, as the operator says; and what can be kept of a step."""

from dataclasses import dataclass
from datetime import timedelta

#: What a value counts beside its characters: so measuring the largest output looks at a million values.
EACH = 20

#: Levels of one output: JSON that is deeper could be written, and not be read again.
DEEPEST = 200


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a workflow cannot ask for more of; decision 0055 says what counts, and why these defaults."""

    #: ``WINK_ATTEMPT_TIMEOUT``: of one attempt of a step that has no ``timeout``.
    attempt_timeout: timedelta = timedelta(seconds=60)
    #: ``WINK_RUN_TIMEOUT``: of a run from its start to its end, its waits included.
    run_timeout: timedelta = timedelta(days=30)
    #: ``WINK_MAX_WAIT``: for which a step may wait, for a time, an answer, an event or another run.
    max_wait: timedelta = timedelta(days=14)
    #: ``WINK_MAX_OUTPUT``: characters of one output; beyond it a workflow that doubles its data at each step would fill
    #: the memory. Bytes of one response, too.
    max_output: int = 20_000_000


#: Where nobody says otherwise.
USUAL = Bounds()


def unkeepable(output: object, largest: int) -> str | None:
    """Return why an output cannot be kept, in words; None when it can.

    output: of JSON's own types, as actions return it. It is measured roughly as it would be written: a value that
    stands in two places counts twice.
    """
    left, level = largest - EACH, [output]
    for _ in range(DEEPEST):
        below: list[object] = []
        for value in level:
            if isinstance(value, str):
                left -= len(value)
            elif isinstance(value, dict | list | tuple):
                parts = [*value, *value.values()] if isinstance(value, dict) else value
                left -= EACH * len(parts)
                below += parts
            if left < 0:
                size = f"with {EACH} for each value it is over {largest:,} characters"
                return f"the output is too large: {size}; give back less, or raise WINK_MAX_OUTPUT"
        if not below:
            return None
        level = below
    return f"the output is nested deeper than {DEEPEST} levels; give back flatter data"

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
    left, waiting = largest, [(output, 1)]
    while waiting:
        value, depth = waiting.pop()
        left -= EACH + (len(value) if isinstance(value, str) else 0)
        if left < 0:
            size = f"with {EACH} for each value it is over {largest:,} characters"
            return f"the output is too large: {size}; give back less, or raise WINK_MAX_OUTPUT"
        if depth > DEEPEST:
            return f"the output is nested deeper than {DEEPEST} levels; give back flatter data"
        if isinstance(value, dict):
            waiting.extend([(part, depth + 1) for item in value.items() for part in item])
        elif isinstance(value, list | tuple):
            waiting.extend([(part, depth + 1) for part in value])
    return None

"""What a step may give back: so much, and so deep, that it can be kept."""

#: Characters of one output: beyond it a workflow that doubles its data at each step would fill the memory.
LARGEST = 20_000_000

#: What a value counts beside its characters: so measuring the largest output looks at a million values.
EACH = 20

#: Levels of one output: JSON that is deeper could be written, and not be read again.
DEEPEST = 200


def unkeepable(output: object) -> str | None:
    """Return why an output cannot be kept, in words; None when it can.

    output: of JSON's own types, as actions return it. It is measured roughly as it would be written: a value that
    stands in two places counts twice.
    """
    left, waiting = LARGEST, [(output, 1)]
    while waiting:
        value, depth = waiting.pop()
        left -= EACH + (len(value) if isinstance(value, str) else 0)
        if left < 0:
            return f"the output is larger than {LARGEST // 1_000_000} MB"
        if depth > DEEPEST:
            return f"the output is nested deeper than {DEEPEST} levels"
        if isinstance(value, dict):
            waiting.extend([(part, depth + 1) for item in value.items() for part in item])
        elif isinstance(value, list | tuple):
            waiting.extend([(part, depth + 1) for part in value])
    return None

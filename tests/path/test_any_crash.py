"""A run that crashes again and again, anywhere, does what it would have done without: random workflows, from seeds."""

import json
from datetime import timedelta
from random import Random

import pytest

from engine.words import Outcome
from tests.path.control import fails

#: Values that a ``switch`` may have, and the cases of each: its own, another, and those of other types.
VALUES = ("'a'", "3", "true", "event.data.nope", "run.id", "null")
CASES = ("a", "b", "3", "4", "true", "null")


def steps(random: Random, depth: int = 0) -> list[dict[str, object]]:
    return [{**step(random, depth + 1), "id": f"s{index}"} for index in range(random.randint(1, 3))]


def step(random: Random, depth: int) -> dict[str, object]:
    made = random.choice((use, use, pause) if depth > 3 else (use, use, use, pause, group, branches, choice))(
        random, depth
    )
    if "while" not in made and random.random() < 0.25:
        made |= {"for_each": random.choice(([1, 2], [], [1, 2, 3])), "at_once": random.randint(1, 3)}
    if depth < 3 and random.random() < 0.2:
        made["on_error"] = random.choice(("continue", {"steps": steps(random, depth), "then": "continue"}))
    if depth < 3 and "switch" not in made and random.random() < 0.2:
        made |= {"if": random.choice(("run.id == ''", "run.id != ''")), "else": steps(random, depth)}
    return made


def use(random: Random, _depth: int) -> dict[str, object]:
    return {"uses": "test.act", "with": {"n": random.choice(("ok", "ok", "ok", "bad"))}}


def pause(random: Random, _depth: int) -> dict[str, object]:
    return {"uses": "core.wait", "with": {"for": f"{random.randint(1, 9)}m"}}


def group(random: Random, depth: int) -> dict[str, object]:
    loop = {"while": f"loop.index < {random.randint(0, 3)}", "max": random.randint(2, 4)}
    return {"steps": steps(random, depth), **(loop if random.random() < 0.4 else {})}


def branches(random: Random, depth: int) -> dict[str, object]:
    return {"parallel": [{**group(random, depth), "id": f"b{index}"} for index in range(random.randint(1, 3))]}


def choice(random: Random, depth: int) -> dict[str, object]:
    made = {"switch": random.choice(VALUES), "cases": {key: steps(random, depth) for key in random.sample(CASES, 3)}}
    return {**made, "else": steps(random, depth)} if random.random() < 0.5 else made


def play_and_crash(play, random: Random) -> Outcome:
    """Play to the end, one task after the other in any order, and lose the walk before and after commits and tasks."""
    while True:
        walk, tasks = play.begin(), []
        progress = walk.advance(play.clock.now())
        while random.random() > 0.15:
            play.commit(progress)
            tasks += progress.tasks
            if progress.advance.finished_at is not None:
                return progress.advance.outcome
            if random.random() < 0.15:
                break
            done = []
            if tasks:
                task = tasks.pop(random.randrange(len(tasks)))
                done = [(task, play.perform(task))]
            else:
                play.clock.advance(max(timedelta(), progress.advance.due_at - play.clock.now()))
            progress = walk.advance(play.clock.now(), done)


@pytest.mark.parametrize("seed", range(40))
def test_a_run_that_crashes_anywhere_does_what_it_would_have_done(theatre, seed):
    random = Random(seed)  # noqa: S311 - it keeps no secret
    text = "\n".join(f"  - {json.dumps(each)}" for each in steps(random))
    smooth, rough = (theatre(f"{text}\n", script=fails("bad")) for _ in range(2))
    rough.run = smooth.run

    outcome = smooth.play().outcome

    assert play_and_crash(rough, random) is outcome
    assert rough.outcomes() == smooth.outcomes()
    assert {path: entry.input for path, entry in rough.journal.items()} == {
        path: entry.input for path, entry in smooth.journal.items()
    }
    assert {call.key for call in rough.calls} == {call.key for call in smooth.calls}

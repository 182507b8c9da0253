"""Code runs beside everything else, some at a time, and ends with what asked for it."""

import asyncio
from pathlib import Path
from time import monotonic

import pytest

from engine.actions.monty import AT_ONCE
from engine.errors import ActionFailed
from tests.sandboxes import SPIN, returning, sandboxes
from tests.serving import eventually


def test_the_process_has_nothing_of_our_environment(start_code, monkeypatch):
    monkeypatch.setenv("WINK_SECRET_KEY", "nobody-may-see-this")
    seen: set[str] = set()

    async def look() -> None:
        spinning = asyncio.create_task(start_code(SPIN, 1))
        while not spinning.done():
            await asyncio.sleep(0.01)
            seen.update(environment(pid) for pid in sandboxes())

    asyncio.run(look())
    assert seen == {""}


def environment(pid: int) -> str:
    return Path("/proc", str(pid), "environ").read_text("utf-8")


def test_the_event_loop_goes_on_while_code_spins(start_code):
    async def measure() -> float:
        spinning = asyncio.create_task(start_code(SPIN))
        worst = 0.0
        while not spinning.done():
            begun = monotonic()
            await asyncio.sleep(0.01)
            worst = max(worst, monotonic() - begun)
        assert isinstance(spinning.exception(), ActionFailed)
        return worst

    assert asyncio.run(measure()) < 0.5


def test_twenty_at_once_take_turns_and_keep_to_themselves(start_code):
    most = 0

    async def all_of_them() -> list[object]:
        nonlocal most
        code = "def main(n): return [n, sum(range(200_000))]"
        tasks = [asyncio.create_task(start_code(code, n=n)) for n in range(20)]
        while not all(task.done() for task in tasks):
            most = max(most, len(sandboxes()))
            await asyncio.sleep(0.005)
        return [task.result()["result"] for task in tasks]

    assert asyncio.run(all_of_them()) == [[n, sum(range(200_000))] for n in range(20)]
    assert most <= AT_ONCE


def test_code_that_fails_gives_its_turn_back(run_code, fail_code):
    for _ in range(AT_ONCE + 1):
        fail_code("raise ValueError")

    assert run_code(returning("1"))["result"] == 1


def test_a_step_with_less_time_stops_its_code_then(fail_code):
    begun = monotonic()

    failure = fail_code(SPIN, seconds=0.3)

    assert failure.kind == "timeout"
    assert monotonic() - begun < 1.5
    assert sandboxes() == []


def test_a_step_whose_turn_does_not_come_is_over_time(start_code):
    async def crowd() -> ActionFailed:
        others = [asyncio.create_task(start_code(SPIN)) for _ in range(AT_ONCE)]
        await asyncio.to_thread(eventually, lambda: len(sandboxes()) == AT_ONCE)
        with pytest.raises(ActionFailed) as failure:
            await start_code(returning("1"), 0.2)
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        return failure.value

    assert asyncio.run(crowd()).kind == "timeout"
    assert sandboxes() == []


@pytest.mark.parametrize("seconds", [0, 0.001, 0.002, 0.004, 0.008, 0.016, 0.2])
def test_a_step_that_is_cancelled_leaves_no_process(start_code, seconds):
    async def cancel() -> None:
        spinning = asyncio.create_task(start_code(SPIN))
        await asyncio.sleep(seconds)
        spinning.cancel()
        await asyncio.gather(spinning, return_exceptions=True)

    begun = monotonic()
    asyncio.run(cancel())
    while sandboxes() and monotonic() - begun < 1:
        pass

    assert sandboxes() == []

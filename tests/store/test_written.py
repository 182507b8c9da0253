"""What a write becomes ends for everybody who waits for it, and once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from engine.errors import StoreUnavailable
from engine.store.written import Written


def test_whoever_waits_goes_on_with_the_result() -> None:
    written, waits = Written[int](), Event()

    def wait() -> int:
        waits.set()
        return written.result()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait)
        waits.wait()
        written.set_result(3)

        assert waiting.result() == 3
    assert written.done()


def test_an_error_is_raised_for_everybody_who_asks() -> None:
    written = Written[int]()

    written.set_exception(StoreUnavailable())

    assert isinstance(written.exception(), StoreUnavailable)
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            written.result()


def test_who_waits_for_so_long_alone_gives_up() -> None:
    with pytest.raises(TimeoutError):
        Written[int]().result(0.001)


def test_callbacks_are_called_in_their_order_before_and_after_the_end() -> None:
    written, told = Written[int](), list[str]()
    written.add_done_callback(lambda _: told.append("first"))
    written.add_done_callback(lambda _: told.append("second"))

    written.set_result(1)
    written.add_done_callback(lambda each: told.append(f"late, with {each.result()}"))

    assert told == ["first", "second", "late, with 1"]


def test_a_callback_that_fails_keeps_no_other_from_being_called() -> None:
    written, told = Written[int](), list[int]()
    written.add_done_callback(lambda _: 1 / 0)
    written.add_done_callback(lambda each: told.append(each.result()))

    written.set_result(2)

    assert told == [2]


def test_a_callback_that_comes_while_it_ends_is_called_once() -> None:
    told = list[int]()
    with ThreadPoolExecutor(2) as pool:
        for number in range(500):
            written = Written[int]()
            ends = pool.submit(written.set_result, number)
            comes = pool.submit(written.add_done_callback, lambda each: told.append(each.result()))
            ends.result()
            comes.result()

    assert told == list(range(500))


def test_nobody_can_cancel_it() -> None:
    written = Written[int]()

    assert not written.cancel()

    assert written.running()
    written.set_result(1)
    assert (written.cancelled(), written.running(), written.result()) == (False, False, 1)


def test_a_log_line_can_show_it_at_any_time() -> None:
    written, failed = Written[int](), Written[int]()
    before = repr(written)

    written.set_result(1)
    failed.set_exception(StoreUnavailable())

    assert [before, repr(written), repr(failed)] == ["<Written running>", "<Written written>", "<Written failed>"]


def test_asyncio_waits_for_it_and_stops_waiting() -> None:
    async def wait(written: Written[int]) -> int:
        return await asyncio.wait_for(asyncio.wrap_future(written), 0.01)

    ended = Written[int]()
    ended.set_result(3)

    assert asyncio.run(wait(ended)) == 3
    with pytest.raises(TimeoutError):
        asyncio.run(wait(Written[int]()))

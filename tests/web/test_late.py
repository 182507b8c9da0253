"""An application that is made when somebody asks for it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from web.late import Late


def _application(environ, start):
    start("200 OK", [])
    return [environ["PATH_INFO"].encode()]


def _ask(late: Late) -> list[bytes]:
    return list(late({"PATH_INFO": "/login"}, lambda *_: None))


def test_it_is_made_once_and_when_it_is_asked_for_however_many_ask() -> None:
    made, together, twice = [], Barrier(4), Event()

    def create():
        made.append("made")
        if len(made) > 1:
            twice.set()
        twice.wait(0.2)  # the others ask meanwhile, and either wait or make another
        return _application

    def ask() -> list[bytes]:
        together.wait(5)
        return _ask(late)

    late = Late(create)
    assert made == []

    with ThreadPoolExecutor(4) as threads:
        answers = [asked.result(5) for asked in [threads.submit(ask) for _ in range(4)]]

    assert (answers, made) == ([[b"/login"]] * 4, ["made"])


def test_what_goes_wrong_is_told_to_whoever_asks_and_tried_anew_for_the_next() -> None:
    tries = iter([LookupError("no such module"), _application])

    def create():
        found = next(tries)
        if isinstance(found, Exception):
            raise found
        return found

    late = Late(create)

    with pytest.raises(LookupError, match="no such module"):
        _ask(late)
    assert _ask(late) == [b"/login"]

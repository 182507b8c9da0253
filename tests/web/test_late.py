"""An application that is made while its server already serves."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from web.late import Late


def _application(environ, start):
    start("200 OK", [])
    return [environ["PATH_INFO"].encode()]


def _ask(late: Late) -> list[bytes]:
    return list(late({"PATH_INFO": "/login"}, lambda *_: None))


def test_who_asks_before_it_is_there_waits_for_it() -> None:
    late = Late()
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(_ask, late)
        assert not asked.done()

        assert late.make(lambda: _application)

        assert asked.result(5) == _ask(late) == [b"/login"]


def test_what_went_wrong_is_told_to_whoever_waits_and_to_whoever_checks() -> None:
    late = Late()
    late.check()

    def create():
        raise LookupError("no front end")

    assert not late.make(create)
    for asks in (late.check, lambda: _ask(late)):
        with pytest.raises(LookupError, match="no front end"):
            asks()

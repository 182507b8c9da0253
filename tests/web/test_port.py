import re
from contextlib import ExitStack

import pytest

from engine.errors import AddressTaken
from web import port
from web.port import await_answer, check_free
from web.server import Address
from web.sink import HOST, open_sink


def test_a_free_address_passes():
    with open_sink(0) as sink:
        port = sink.port

    check_free(Address(HOST, port))


def test_an_address_that_somebody_listens_on_is_taken():
    with (
        open_sink(0) as sink,
        pytest.raises(AddressTaken, match=re.escape(f"{HOST}:{sink.port} cannot be listened on")),
    ):
        check_free(Address(HOST, sink.port))


def test_an_address_that_the_machine_does_not_have_is_refused():
    with pytest.raises(AddressTaken, match="--host"):
        check_free(Address("203.0.113.9", 18080))


def test_an_address_that_answers_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(port, "sleep", lambda seconds: pytest.fail("it waited"))

    with open_sink(0) as sink:
        await_answer(Address(HOST, sink.port))


def test_an_address_is_asked_again_until_it_answers(monkeypatch):
    later = ExitStack()
    with open_sink(0) as sink:
        address = Address(HOST, sink.port)
    monkeypatch.setattr(port, "sleep", lambda seconds: later.enter_context(open_sink(address.port)))

    await_answer(address)

    later.close()

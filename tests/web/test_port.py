import re

import pytest

from engine.errors import AddressTaken
from web.port import check_free
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

"""The sink that finished work arrives at."""

import pytest

from tests.bench.sink import Arrivals, take

ONE = b"POST / HTTP/1.1\r\nX-Event-Id: 0001a\r\nContent-Length: 4\r\n\r\nbody"
TWO = b"POST / HTTP/1.1\r\ncontent-length: 0\r\nx-event-id: 0001b\r\n\r\n"


@pytest.mark.parametrize("cut", range(1, len(ONE)))
def test_a_request_in_two_parts_counts_when_it_is_complete(cut):
    pending = bytearray(ONE[:cut])

    first = list(take(pending))
    pending += ONE[cut:]

    assert (first, list(take(pending))) == ([], [b"0001a"])


def test_requests_that_come_together_all_count():
    assert list(take(bytearray(ONE + TWO + ONE))) == [b"0001a", b"0001b", b"0001a"]


def test_the_first_arrival_of_an_id_counts(tmp_path):
    (tmp_path / "log").write_text("0001a 10\n0002a 11\n0001a 12\n0001b 13\n")

    arrivals = Arrivals(tmp_path / "log", run_length=4)

    assert arrivals.of("0001") == {"0001a": 10, "0001b": 13}


def test_a_line_that_is_still_being_written_waits(tmp_path):
    log = tmp_path / "log"
    log.write_text("0001a 10\n0001b 1")
    arrivals = Arrivals(log, run_length=4)

    before = dict(arrivals.of("0001"))
    log.write_text("0001a 10\n0001b 13\n")

    assert (before, arrivals.of("0001")) == ({"0001a": 10}, {"0001a": 10, "0001b": 13})

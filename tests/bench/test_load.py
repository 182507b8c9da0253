"""What wrk says in the end."""

from tests.bench.load import read_load

SAID = """\
Running 1s test @ http://127.0.0.1:1/
{"requests": 1000, "seconds": 2.0, "refused": 10, "broken": 5, "p50": 1.5, "p99": 9.5}
"""


def test_a_refused_request_is_not_accepted():
    made = read_load(SAID, began=7, cpu_seconds=1.0)

    assert (made.accepted, made.failed, made.rate) == (990, 15, 495)


def test_the_generators_share_of_a_processor_is_told():
    assert read_load(SAID, began=7, cpu_seconds=1.9).generator == 0.95

"""A rate holds over all hosts together, within a portion for each."""

from itertools import cycle

import pytest

from engine import passwords
from engine.errors import TooMany
from engine.path.sign_in import TRIES, SignIn, Visitor
from engine.rate import PORTIONS, Rate, Share
from engine.store import rates
from tests.hosts.conftest import at_once

HERE = Visitor("192.0.2.1", "")


def _sent(hosts, rate, number):
    """Return how a trigger with that rate answers so many deliveries, in turn at each host."""
    made = hosts.a.call("POST", "/triggers", {"name": "t", "connector": "custom", "rate": rate}).json
    turns = cycle(hosts)
    return [next(turns).deliver(made["full_url"], {"n": n}) for n in range(number)]


def test_a_low_rate_is_exact_whichever_host_a_delivery_reaches(hosts):
    answers = [response.status_code for response in _sent(hosts, "6/h", 9)]

    assert answers == [202] * 6 + [429] * 3


def test_whoever_is_refused_is_told_when_to_come_again(hosts):
    *_, refused = _sent(hosts, "2/m", 3)

    assert 25 <= int(refused.headers["Retry-After"]) <= 30


def test_a_high_rate_holds_within_a_portion_for_each_host(hosts):
    answers = [response.status_code for response in _sent(hosts, "60/h", 80)]

    portion = Share(Rate.read("60/h")).portion
    assert portion == 60 // PORTIONS
    assert 60 - portion <= answers.count(202) <= 60


def test_deliveries_that_come_to_all_hosts_at_once_share_the_rate(hosts):
    made = hosts.a.call("POST", "/triggers", {"name": "t", "connector": "custom", "rate": "5/h"}).json

    answers = at_once(*(lambda host=host: host.deliver(made["full_url"], {}).status_code for host in [*hosts] * 6))

    assert sorted(answers) == [202] * 5 + [429] * 7


def test_refusals_beyond_the_rate_do_not_ask_the_database_again(hosts, monkeypatch):
    made = hosts.a.call("POST", "/triggers", {"name": "t", "connector": "custom", "rate": "1/h"}).json
    asked = []
    take = rates.take
    monkeypatch.setattr(rates, "take", lambda connection, wanted: asked.extend(wanted) or take(connection, wanted))

    answers = [hosts.a.deliver(made["full_url"], {}).status_code for _ in range(20)]

    assert answers == [202] + [429] * 19
    assert len(asked) == 2


@pytest.mark.parametrize("host", ["a", "b"])
def test_tries_to_sign_in_are_counted_over_all_hosts(hosts, host, monkeypatch):
    monkeypatch.setattr(passwords, "fits", lambda *_: False)  # which takes so long that tries come back meanwhile
    for number in range(TRIES.count):
        SignIn(hosts[number % 2].engine).sign_in("somebody", "wrong", HERE)

    with pytest.raises(TooMany):
        SignIn(getattr(hosts, host).engine).sign_in("somebody", "wrong", HERE)

"""One that receives after the other is replaced behind a proxy, under load, and no vendor is told to come again."""

from contextlib import ExitStack, contextmanager
from socket import create_server
from threading import Thread

import pytest

from tests.deploy.proxies import PROXIES, nginx
from tests.deploy.sender import sending
from tests.deploy.test_upgrade import STEPS
from tests.hosts.conftest import both_serve
from tests.serving import serving
from tests.wire import JSON, exchange, request

#: Vendors that send at the same time.
MANY = 4

#: More than a proxy keeps in memory.
LARGE = 200_000


@pytest.fixture
def served(tmp_path, common):
    with both_serve(tmp_path, common) as hosts:
        yield hosts


@pytest.mark.parametrize("proxy", PROXIES)
def test_no_request_is_refused_or_lost_while_one_after_the_other_is_replaced(served, tmp_path, proxy):
    made = served[0].trigger()
    served[0].workflow(made, STEPS)
    with ExitStack() as stack:
        port = stack.enter_context(proxy(tmp_path, [host.port for host in served]))
        target = f"{made.target}?apikey={made.api_key}"
        senders = [stack.enter_context(sending(port, target)) for _ in range(MANY)]
        for host in served:
            senders[0].goes_on(20)
            assert host.stop() == 0
            senders[0].goes_on(20)
            host.start()
        senders[0].goes_on(20)

    assert [sender.again for sender in senders] == [[]] * MANY
    taken = [event for sender in senders for event in sender.events]
    assert len(set(taken)) == len(taken) == served[0].ledger()["received"]


def test_what_one_took_and_died_of_is_given_to_the_other_whole(tmp_path):
    with serving(tmp_path) as wink, _dying() as dying:
        made = wink.trigger()
        with nginx(tmp_path, [dying, wink.port]) as port:
            body = b'{"text": "%s"}' % (b"x" * LARGE)
            target = f"{made.target}?apikey={made.api_key}"

            answers = [exchange(port, request("POST", target, [JSON], body)) for _ in range(4)]

        assert [answer.status for answer in answers] == [202] * 4
        assert {wink.delivery(answer)["size"] for answer in answers} == {len(body)}


@contextmanager
def _dying():
    """Give the port of one that takes requests and ends before it answers."""
    with create_server(("127.0.0.1", 0)) as listening:
        Thread(target=_hang_up, args=(listening,), daemon=True).start()
        yield listening.getsockname()[1]


def _hang_up(listening):
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:  # the block has ended
            return
        with connection:
            connection.recv(LARGE)

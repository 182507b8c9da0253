"""How a delivery of ours comes to its trigger: over the address, as a vendor's does, or within this process."""

from collections.abc import Callable
from datetime import timedelta
from time import sleep

from engine.actions.client import HttpClient
from engine.actions.exchange import Request as Outbound
from engine.actions.guard import Guard
from engine.actions.outing import call_out
from engine.actions.url import read_url
from engine.authentication.request import Inbound
from engine.definitions.reply import Reply
from engine.errors import ActionFailed, AddressUnreachable
from engine.path.addresses import base_url
from engine.path.receive import Request, receive
from engine.published import Live
from engine.runtime import Engine

#: Brings a signed delivery to its trigger, and returns the answer.
Carry = Callable[[Engine, Live, Inbound], Reply]

#: How long the answer may take: a person waits for it.
PATIENCE = timedelta(seconds=5)

#: Headers that belong to one request on its way, and not to what is said.
OF_THE_WAY = frozenset({"host", "content-length", "connection", "transfer-encoding", "accept-encoding"})


def over_address(engine: Engine, live: Live, delivery: Inbound) -> Reply:
    """Send it to the operator's address over a socket, as its vendor does.

    A trigger's own ``public_url`` is an editor's word: what proves the sender would be told to whoever listens there.
    There it is handed over within this process. Another host may be the one that answers: it has to know the trigger.

    Raises:
        AddressUnreachable: nobody answers at the operator's address (424).
        TooMany: as many as may be are under way (429).
    """
    if live.trigger.public_url:
        return within(engine, live, delivery)
    sleep(engine.published.unseen())
    headers = {name: ", ".join(values) for name, values in delivery.headers.items() if name not in OF_THE_WAY}
    try:
        request = Outbound(delivery.method, read_url(delivery.url), headers, delivery.body)
        response = call_out(HttpClient(_guard(engine)).send(request, within=PATIENCE))
    except ActionFailed as error:
        raise unreachable(engine, live, f"cannot be reached from here: {error}") from error
    return Reply(response.status, tuple(response.headers.items()), response.body)


def within(engine: Engine, live: Live, delivery: Inbound) -> Reply:
    """Hand it over in this process, from an address that the trigger allows: for where nobody serves."""
    request = Request(
        method=delivery.method,
        query=delivery.query,
        headers=delivery.headers,
        body=delivery.body,
        size=len(delivery.body),
        address=str(live.networks[0][0]) if live.networks else delivery.address,
    )
    return receive(engine, live.trigger.path, request)


def unreachable(engine: Engine, live: Live, words: str) -> AddressUnreachable:
    """Return what is wrong with the trigger's address, and what to do; words: follow the address."""
    advice = "set WINK_PUBLIC_URL to the address at which this Wink answers, from this machine too"
    return AddressUnreachable(f"the address {base_url(engine.settings, live.trigger)} {words}; {advice}")


def _guard(engine: Engine) -> Guard:
    """Return what lets the operator's own address pass, wherever it is, and nothing else that is private."""
    own = read_url(engine.settings.public_url)
    endpoint = (own.host_str or "", own.port_or_known_default or 0)
    return Guard(engine.settings.allow_private_addresses, frozenset({endpoint}))

"""Speak to a Wink over HTTP."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network

from engine.actions.client import HttpClient
from engine.actions.exchange import Request, Response
from engine.actions.guard import Guard, read_url
from engine.errors import ActionFailed, WinkError

#: How long a call may take.
PATIENCE = timedelta(seconds=60)

#: Unlike a workflow, the person at the terminal may call any address.
ANYWHERE = Guard((ip_network("0.0.0.0/0"), ip_network("::/0")))


class Unreachable(WinkError):
    """Wink does not answer: start it with `wink serve`."""


@dataclass(frozen=True, slots=True)
class Remote:
    """The Wink at a base URL."""

    url: str
    http: HttpClient

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> Response:
        """Send the request.

        Raises:
            Unreachable: nobody answers there.
        """
        try:
            request = Request(method, read_url(self.url + target), headers, body)
            return asyncio.run(self.http.send(request, within=PATIENCE))
        except ActionFailed as error:
            words = f"{self.url} does not answer ({error}): check the URL, or start it with `wink serve`"
            raise Unreachable(words) from error


def remote(url: str) -> Remote:
    """Return the Wink at a base URL."""
    return Remote(url, HttpClient(ANYWHERE))

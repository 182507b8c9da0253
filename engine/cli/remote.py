"""Speak to a Wink over HTTP."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult, urlsplit

from engine.actions.response import Response
from engine.actions.url import read_url
from engine.errors import ActionFailed, WinkError

#: How long Wink may be silent, in seconds.
PATIENCE = 60.0


class Unreachable(WinkError):
    """Wink does not answer: start it with `wink serve`."""


@dataclass(frozen=True, slots=True)
class Remote:
    """The Wink at a base URL.

    The standard library's client, not the one of actions: the native threads of that one can still be about to call
    Python when a short command ends, and the process then dies of it.
    """

    url: str
    #: How long it may be silent, in seconds.
    patience: float = PATIENCE

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> Response:
        """Send the request.

        Raises:
            Unreachable: nobody answers there.
        """
        try:
            url = urlsplit(str(read_url(self.url + target)))
            with closing(_connection(url, self.patience)) as connection:
                connection.request(method, url._replace(scheme="", netloc="").geturl(), body, dict(headers))
                answer = connection.getresponse()
                names = {name.lower(): value for name, value in answer.getheaders()}
                return Response(answer.status, names, answer.read())
        except (ActionFailed, OSError, HTTPException) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            words = f"{self.url} does not answer ({reason}): check the URL, or start it with `wink serve`"
            raise Unreachable(words) from error


def _connection(url: SplitResult, patience: float) -> HTTPConnection:
    kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
    return kind(url.hostname or "", url.port, timeout=patience)

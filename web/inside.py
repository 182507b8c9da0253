"""Call the application without a server: how a command speaks to the API when it opened the data folder itself."""

from collections.abc import Mapping

from werkzeug.test import Client

from engine.actions.response import Response
from web.hooks import Application


class Inside:
    """A way to the application that never leaves the process."""

    def __init__(self, application: Application) -> None:
        self._client = Client(application)

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> Response:
        """Send the request; target: the path with its query."""
        answer = self._client.open(
            target,
            method=method,
            headers=dict(headers),
            data=body,
            environ_base={"REMOTE_ADDR": "127.0.0.1"},
        )
        return Response(answer.status_code, {name.lower(): value for name, value in answer.headers}, answer.data)

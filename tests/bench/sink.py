"""The sink that finished work arrives at: it answers 204 and writes down each id with its moment of arrival.

It is a process of its own with one loop over sockets and no HTTP library, because what the sink uses is missing from
what is measured: 20 us a request, where a WSGI application on Granian takes 80. nginx takes 15, but its log keeps
milliseconds.

Run as ``python sink.py PORT FILE``; each line of the file is an id and a moment in nanoseconds of the monotonic clock.
"""

import re
import socket
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector

#: Says in a request to the sink which event it is about.
ID_HEADER = "X-Event-Id"

_ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
_ID = re.compile(rb"\r\nx-event-id: *(\S+)", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def take(pending: bytearray) -> Iterator[bytes]:
    """Take the complete requests off what has been read from a connection; yield their ids."""
    while (end := pending.find(b"\r\n\r\n")) >= 0:
        head = bytes(pending[:end])
        length = _LENGTH.search(head)
        size = end + 4 + (int(length[1]) if length else 0)
        if len(pending) < size:
            return
        del pending[:size]
        identity = _ID.search(head)
        yield identity[1] if identity else b"?"


def serve(port: int, file: Path) -> None:
    """Answer until the process is ended."""
    listener = socket.create_server(("127.0.0.1", port), backlog=1024)
    selector = DefaultSelector()
    selector.register(listener, EVENT_READ)
    with file.open("ab", buffering=0) as log:
        while True:
            log.write(b"".join(_turn(selector, listener)))


def _turn(selector: DefaultSelector, listener: socket.socket) -> Iterator[bytes]:
    for key, _ in selector.select():
        if key.fileobj is listener:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, EVENT_READ, bytearray())
        elif isinstance(key.fileobj, socket.socket):
            yield from _arrivals(selector, key.fileobj, key.data)


def _arrivals(selector: DefaultSelector, connection: socket.socket, pending: bytearray) -> Iterator[bytes]:
    part = b""
    with suppress(ConnectionError):
        part = connection.recv(65536)
    if not part:
        selector.unregister(connection)
        connection.close()
        return
    pending += part
    for identity in take(pending):
        with suppress(ConnectionError):
            connection.sendall(_ANSWER)
        yield b"%b %d\n" % (identity, time.monotonic_ns())


class Arrivals:
    """What the sink has written down so far."""

    def __init__(self, file: Path, *, run_length: int) -> None:
        self._file = file
        self._run_length = run_length
        self._read = 0
        self._runs: dict[str, dict[str, int]] = defaultdict(dict)

    def of(self, run: str) -> dict[str, int]:
        """Return when each id of a measurement arrived first, in nanoseconds of the monotonic clock."""
        with self._file.open("rb") as log:
            log.seek(self._read)
            text = log.read()
        complete = text[: text.rfind(b"\n") + 1]
        self._read += len(complete)
        for line in complete.decode().splitlines():
            identity, moment = line.split()
            self._runs[identity[: self._run_length]].setdefault(identity, int(moment))
        return self._runs[run]


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))

"""This machine's ceilings: servers that do nothing with what they take."""

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.bench.children import BenchError, Launch
from tests.bench.request import Target
from tests.bench.systems.system import Place

_ROOT = Path(__file__).parents[3]
_APPLICATIONS = "tests.bench.systems.trivial"
_ON_PATH = {"PYTHONPATH": str(_ROOT)}

_NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr; events {{ worker_connections 1024; }}
http {{ access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
uwsgi_temp_path {folder}; scgi_temp_path {folder}; server {{ listen 127.0.0.1:{port}; location / {{ return 204; }} }} }}
"""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A server that only answers."""

    name: str
    command: str
    environment: Mapping[str, str]
    health: str = "/"
    services: Sequence[str] = ()

    def launch(self, place: Place) -> Sequence[Launch]:
        """Write nginx's configuration, which the others do not read, and return how the server is started."""
        (place.folder / "nginx.conf").write_text(_NGINX.format(folder=place.folder, port=place.port))
        return [Launch(self.command.format(port=place.port, folder=place.folder).split(), self.environment)]

    def open(self, place: Place) -> Target:
        """Return its one address."""
        return Target(place.port, "/")

    def receivers(self, place: Place) -> Mapping[str, Target]:
        """Return its one address."""
        return {self.name: self.open(place)}


@contextmanager
def flask_hello() -> Iterator[Ceiling]:
    """Yield the Flask application that the targets are ratios of."""
    name = f"Flask {version('flask')} hello, gunicorn {version('gunicorn')} gthread, 16 threads"
    options = "--workers 1 --threads 16 --worker-class gthread --bind 127.0.0.1:{port}"
    yield Ceiling(name, f"{sys.executable} -m gunicorn {options} {_APPLICATIONS}:in_flask", _ON_PATH)


@contextmanager
def granian_hello() -> Iterator[Ceiling]:
    """Yield the plain WSGI application on the server that Wink uses."""
    options = "--interface wsgi --workers 1 --blocking-threads 16 --no-ws --host 127.0.0.1 --port {port}"
    name = f"plain WSGI hello, granian {version('granian')}"
    yield Ceiling(name, f"{sys.executable} -m granian {options} {_APPLICATIONS}:in_wsgi", _ON_PATH)


@contextmanager
def nginx() -> Iterator[Ceiling]:
    """Yield nginx answering 204, which shows what wrk itself can do.

    Raises:
        BenchError: it is not installed.
    """
    program = shutil.which("nginx")
    if program is None:
        raise BenchError("not installed: apt-get install nginx")
    yield Ceiling("nginx answering 204", f"{program} -p {{folder}} -c {{folder}}/nginx.conf", {})

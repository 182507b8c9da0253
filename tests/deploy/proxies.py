"""The proxies that Wink is shipped with a file for, on ports of the loopback."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from getpass import getuser
from pathlib import Path
from shutil import which
from subprocess import STDOUT, Popen, run

import pytest

from tests.deploy.files import ROOT
from tests.serving import eventually, free_port
from tests.wire import exchange, request

NGINX = """
daemon off;
user {user};
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/wink.conf;
}}
"""

#: Debian's is in no user's path.
_NGINX = which("nginx") or which("nginx", path="/usr/sbin")


@contextmanager
def nginx(folder: Path, ports: Sequence[int]) -> Iterator[int]:
    """Run it with our file, without TLS, for those who receive on these ports; give its own."""
    if _NGINX is None:
        pytest.skip("nginx: there is none; install it")
    port = free_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, user=getuser()))
    (folder / "wink.conf").write_text(_plain((ROOT / "deploy/nginx.conf").read_text(), port, ports))
    with _running([_NGINX, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")], folder, port):
        yield port


@contextmanager
def caddy(folder: Path, ports: Sequence[int]) -> Iterator[int]:
    """Run it likewise."""
    port = free_port()
    environ = {"SITE": f"http://:{port}", "UPSTREAMS": " ".join(f"127.0.0.1:{each}" for each in ports)}
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + (ROOT / "deploy/Caddyfile").read_text())
    words = ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    with _running(words, folder, port, HOME=str(folder), **environ):
        yield port


def _plain(text: str, port: int, ports: Sequence[int]) -> str:
    """Return our file for ports of the loopback."""
    lines = [line for line in text.splitlines() if "ssl_certificate" not in line and "127.0.0.1:80" not in line]
    servers = "".join(f"server 127.0.0.1:{each} max_fails=0;" for each in ports)
    plain = "\n".join(lines).replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    return plain.replace("upstream wink {", f"upstream wink {{ {servers}")


@contextmanager
def _running(words: Sequence[str], folder: Path, port: int, **environ: str) -> Iterator[None]:
    with (folder / "proxy.log").open("wb") as log:
        process = Popen(words, env={**os.environ, **environ}, stdout=log, stderr=STDOUT)
    try:
        eventually(lambda: _answers(process, port, folder))
        yield
    finally:
        process.terminate()
        process.wait()


def _answers(process: Popen[bytes], port: int, folder: Path) -> bool:
    assert process.poll() is None, (folder / "proxy.log").read_text()
    try:
        return exchange(port, request("GET", "/readyz")).status == 404
    except OSError:
        return False


def _takes_a_body_along() -> bool:
    """Tell whether there is a Caddy of 2.7 or later: before, it forgets the body of what it gives to another."""
    if which("caddy") is None:
        return False
    version = run(["caddy", "version"], capture_output=True, text=True, check=True).stdout  # noqa: S607
    return tuple(map(int, re.findall(r"\d+", version)[:2])) >= (2, 7)


PROXIES = [nginx, *([caddy] if _takes_a_body_along() else [])]

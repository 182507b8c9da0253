"""The neighbours of the signed URL: what the sender may call the trigger's address."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from engine.authentication.request import Inbound
from engine.doctor.case import Found
from engine.words import Finding

#: Headers that say where a request went, before a proxy took it.
_HOSTS = ("host", "x-forwarded-host", "x-original-host")
#: More hosts than these no row of proxies says.
_MOST_NAMED = 6
_PORTS = ("", ":443", ":80", ":8080", ":8443")


class Address(NamedTuple):
    """The request as if it had gone to another URL, and what is wrong when that one was signed."""

    request: Inbound
    found: Found


def other_addresses(request: Inbound) -> Iterator[Address]:
    """Yield the request with other URLs: one difference first, then several."""
    ours = _parts(request.url)
    if ours is None:
        return
    for url in dict.fromkeys(_urls(request, ours)):
        if url != request.url and (parts := _parts(url)) is not None:
            words = f"The signature is right for the address {url}; the trigger's is {request.url}."
            advice = (
                f"Enter {request.url.partition('?')[0]} at the sender exactly so, or set the trigger's public_url "
                "(or WINK_PUBLIC_URL) to what the sender calls."
            )
            yield Address(
                request._replace(url=url, path=parts.path, query=parts.query), Found(Finding.URL_DIFFERS, words, advice)
            )


def _urls(request: Inbound, ours: SplitResult) -> Iterator[str]:
    schemes, hosts = ("https", "http"), list(_hosts(request, ours))
    paths = (ours.path, f"{ours.path}/", ours.path.rstrip("/"))
    queries = ("", ours.query) if ours.query else ("",)
    yield from (ours._replace(scheme=scheme).geturl() for scheme in schemes)
    yield from (ours._replace(query=query).geturl() for query in queries)
    yield from (ours._replace(path=path).geturl() for path in paths)
    yield from (ours._replace(netloc=host).geturl() for host in hosts)
    yield ours._replace(scheme="", netloc="").geturl()
    for host in hosts:
        for scheme in schemes:
            for query in queries:
                for path in paths:
                    yield SplitResult(scheme, host, path, query, "").geturl()


def _hosts(request: Inbound, ours: SplitResult) -> Iterator[str]:
    named = (value for name in _HOSTS for value in request.headers.get(name, ()))
    for host in dict.fromkeys([ours.netloc, *islice(named, _MOST_NAMED)]):
        yield host
        bare = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        yield from (bare + port for port in _PORTS)


def _parts(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:  # brackets that hold no address
        return None

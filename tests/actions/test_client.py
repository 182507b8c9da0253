import asyncio
import gzip
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from threading import Event, Timer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_httpserver import HTTPServer
from werkzeug import Request as Received
from werkzeug import Response as Sent

from engine.actions.client import HttpClient
from engine.actions.exchange import Request
from engine.actions.guard import Guard
from engine.actions.response import Response
from engine.actions.url import read_url
from engine.errors import ActionFailed
from tests.serving import eventually

LOOPBACK = (ip_network("127.0.0.0/8"),)
PONG = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Resolver:
    """Gives one answer after the other, the last one for ever, and counts."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.asked = 0

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return (self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]).split()


def test_method_headers_and_body_arrive_as_given(client: HttpClient, httpserver: HTTPServer):
    httpserver.expect_request("/a", "PATCH", data=b"\x00\xff", headers={"X-One": "1"}).respond_with_data("", 204)
    url = read_url(httpserver.url_for("/a?b=c%20d"))

    response = asyncio.run(
        client.send(Request("PATCH", url, {"x-one": "1"}, b"\x00\xff"), within=timedelta(seconds=10))
    )

    assert response.status == 204
    assert httpserver.log[0][0].query_string == b"b=c%20d"
    assert httpserver.log[0][0].headers["User-Agent"].startswith("Wink/")


def test_the_address_comes_from_the_guard_alone(httpserver: HTTPServer, get):
    httpserver.expect_request("/").respond_with_data("here")
    client = HttpClient(Guard(LOOPBACK, resolve=Resolver("127.0.0.1")))

    response = get(client, f"http://vendor.invalid:{httpserver.port}/")

    assert response.body == b"here"
    assert httpserver.log[0][0].headers["Host"] == f"vendor.invalid:{httpserver.port}"


def test_a_name_that_moves_to_a_private_address_is_still_called_at_its_first_one(httpserver: HTTPServer, get):
    httpserver.expect_request("/").respond_with_data("here")
    client = HttpClient(Guard(LOOPBACK, resolve=Resolver("127.0.0.1", "10.0.0.1")))

    for _ in range(3):
        assert get(client, f"http://vendor.invalid:{httpserver.port}/").body == b"here"


def test_a_name_that_moved_to_a_private_address_is_refused_when_it_is_asked_for_again(httpserver: HTTPServer, get):
    httpserver.expect_request("/").respond_with_data("here")
    guard = Guard(LOOPBACK, resolve=Resolver("127.0.0.1", "10.0.0.1"))
    client = HttpClient(guard, fresh_for=timedelta())
    get(client, f"http://vendor.invalid:{httpserver.port}/")

    with pytest.raises(ActionFailed) as failure:
        get(client, f"http://vendor.invalid:{httpserver.port}/")

    assert failure.value.kind == "refused"


def test_a_name_that_moved_is_called_at_its_new_address_when_it_is_asked_for_again(httpserver: HTTPServer, get):
    httpserver.expect_request("/").respond_with_data("here")
    client = HttpClient(Guard(LOOPBACK, resolve=Resolver("127.0.0.1", "127.0.0.9")), fresh_for=timedelta())
    get(client, f"http://vendor.invalid:{httpserver.port}/")

    with pytest.raises(ActionFailed, match="refused"):
        get(client, f"http://vendor.invalid:{httpserver.port}/")


def test_the_address_in_use_stays_while_it_is_among_the_answers(httpserver: HTTPServer, get):
    httpserver.expect_request("/").respond_with_data("here")
    resolver = Resolver("127.0.0.1", "127.0.0.9 127.0.0.1")
    client = HttpClient(Guard(LOOPBACK, resolve=resolver), fresh_for=timedelta())

    for _ in range(2):
        assert get(client, f"http://vendor.invalid:{httpserver.port}/").body == b"here"


def test_a_connection_is_used_again(client: HttpClient, serve, get):
    url = serve([PONG, PONG])

    assert [get(client, url).body for _ in range(2)] == [b"ok", b"ok"]


def test_a_name_is_resolved_once_for_many_requests(httpserver: HTTPServer, get):
    httpserver.expect_request("/").respond_with_data("")
    resolver = Resolver("127.0.0.1")
    client = HttpClient(Guard(LOOPBACK, resolve=resolver))

    for _ in range(5):
        get(client, f"http://vendor.invalid:{httpserver.port}/")

    assert resolver.asked == 1


def test_a_name_is_resolved_again_after_a_failed_connection(httpserver: HTTPServer, get):
    httpserver.expect_request("/").respond_with_data("moved")
    client = HttpClient(Guard(LOOPBACK, resolve=Resolver("127.0.0.9", "127.0.0.1")))
    url = f"http://vendor.invalid:{httpserver.port}/"

    with pytest.raises(ActionFailed) as failure:
        get(client, url)

    assert failure.value.kind == "connection"
    assert get(client, url).body == b"moved"


def test_proxies_of_the_environment_are_ignored(httpserver: HTTPServer, get, monkeypatch: pytest.MonkeyPatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    httpserver.expect_request("/").respond_with_data("direct")

    response = get(HttpClient(Guard(LOOPBACK)), httpserver.url_for("/"))

    assert response.body == b"direct"


def test_an_ipv6_address_can_be_called(get):
    with HTTPServer("::1", 0) as server:
        server.expect_request("/").respond_with_data("six")

        response = get(HttpClient(Guard([ip_network("::1")])), f"http://[::1]:{server.port}/")

    assert response.body == b"six"


def test_one_client_sends_many_requests_at_once(client: HttpClient, httpserver: HTTPServer):
    httpserver.expect_request("/").respond_with_data("", 204)
    request = Request("GET", read_url(httpserver.url_for("/")), {})

    async def many() -> list[Response]:
        return await asyncio.gather(*[client.send(request, within=timedelta(seconds=10)) for _ in range(64)])

    assert [response.status for response in asyncio.run(many())] == [204] * 64
    assert len(httpserver.log) == 64


def test_a_host_that_is_slow_holds_up_its_own_requests_alone(client: HttpClient, httpserver: HTTPServer, serve):
    over = Event()
    httpserver.expect_request("/").respond_with_handler(lambda _: (over.wait(10), Sent())[1])
    slow, fast = (Request("GET", read_url(url), {}) for url in (httpserver.url_for("/"), serve([PONG])))

    async def beside() -> Response:
        waiting = [asyncio.create_task(client.send(slow, within=timedelta(seconds=10))) for _ in range(100)]
        response = await client.send(fast, within=timedelta(seconds=5))
        over.set()
        await asyncio.gather(*waiting)
        return response

    assert asyncio.run(beside()).body == b"ok"


def test_a_turn_that_does_not_come_is_a_timeout(client: HttpClient, httpserver: HTTPServer):
    over = Event()
    httpserver.expect_request("/").respond_with_handler(lambda _: (over.wait(10), Sent())[1])
    httpserver.expect_request("/known").respond_with_data("")
    request, known = (Request("GET", read_url(httpserver.url_for(path)), {}) for path in ("/", "/known"))

    async def last() -> str:
        await client.send(known, within=timedelta(seconds=10))  # so that nobody has to look the address up
        before = [asyncio.create_task(client.send(request, within=timedelta(seconds=10))) for _ in range(32)]
        await asyncio.sleep(0)  # they begin, and take every turn that there is
        with pytest.raises(ActionFailed) as failure:
            await client.send(request, within=timedelta(seconds=0.3))
        over.set()
        await asyncio.gather(*before)
        return failure.value.kind

    assert asyncio.run(last()) == "timeout"


def test_a_name_server_that_does_not_answer_is_a_timeout(get):
    over = Event()
    client = HttpClient(Guard(LOOPBACK, resolve=lambda host, port: (over.wait(10), ["127.0.0.1"])[1]))
    Timer(0.5, over.set).start()

    with pytest.raises(ActionFailed) as failure:
        get(client, "http://vendor.invalid/", seconds=0.1)

    assert failure.value.kind == "timeout"


def test_an_answer_that_does_not_come_is_a_timeout(client: HttpClient, httpserver: HTTPServer, get):
    over = Event()
    httpserver.expect_request("/").respond_with_handler(lambda _: (over.wait(10), Sent())[1])

    with pytest.raises(ActionFailed) as failure:
        get(client, httpserver.url_for("/?key=hunter2"), seconds=0.1)
    over.set()
    eventually(lambda: httpserver.log)  # what the server logs late would stand in the next test's log

    assert failure.value.kind == "timeout"
    assert "hunter2" not in str(failure.value)


def test_a_body_that_does_not_end_is_a_timeout(client: HttpClient, httpserver: HTTPServer, get):
    over = Event()

    def drip(_: Received) -> Sent:
        return Sent((over.wait(10) and b"" for _ in range(2)), headers={"content-length": "100"})

    httpserver.expect_request("/").respond_with_handler(drip)

    with pytest.raises(ActionFailed) as failure:
        get(client, httpserver.url_for("/"), seconds=0.1)
    over.set()

    assert failure.value.kind == "timeout"


def test_without_time_left_nothing_is_sent(client: HttpClient, httpserver: HTTPServer, get):
    with pytest.raises(ActionFailed) as failure:
        get(client, httpserver.url_for("/"), seconds=-1)

    assert failure.value.kind == "timeout"
    assert not httpserver.log


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\x01 garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nnope",
    ],
    ids=["nothing", "garbage", "cut off", "bad chunk", "bad gzip"],
)
def test_an_answer_that_is_no_http_is_a_failed_connection(client: HttpClient, serve, get, answer: bytes):
    with pytest.raises(ActionFailed) as failure:
        get(client, f"{serve([answer])}/?key=hunter2")

    assert failure.value.kind == "connection"
    assert "hunter2" not in str(failure.value)


def test_a_refused_connection_says_so_without_the_query(client: HttpClient, get):
    with pytest.raises(ActionFailed, match=r"127\.0\.0\.1: .*refused") as failure:
        get(client, "http://127.0.0.1:1/?key=hunter2")

    assert "hunter2" not in str(failure.value)
    assert failure.value.__cause__ is None


def test_a_body_over_the_limit_is_cut_off_and_fails(httpserver: HTTPServer, get):
    httpserver.expect_request("/").respond_with_data(b"x" * 100_001)
    client = HttpClient(Guard(LOOPBACK), max_body=100_000)

    with pytest.raises(ActionFailed, match="larger than 100000 bytes") as failure:
        get(client, httpserver.url_for("/"))

    assert failure.value.kind == "failed"


def test_the_limit_counts_what_a_compressed_body_unpacks_to(httpserver: HTTPServer, get):
    bomb = gzip.compress(bytes(1_000_000))
    httpserver.expect_request("/").respond_with_data(bomb, headers={"content-encoding": "gzip"})
    client = HttpClient(Guard(LOOPBACK), max_body=len(bomb) * 10)

    with pytest.raises(ActionFailed, match="larger than"):
        get(client, httpserver.url_for("/"))


def test_repeated_and_unreadable_response_headers(client: HttpClient, serve, get):
    answer = b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\nX-B: \xfc\xff\r\ncontent-length: 0\r\n\r\n"

    response = get(client, serve([answer]))

    assert response.headers == {"x-a": "1, 2", "x-b": "", "content-length": "0"}


@pytest.mark.parametrize("headers", [{"x-a": "1\r\nx-b: 2"}, {"x-a": "\ud800"}, {"x a": "1"}])
def test_headers_that_cannot_be_sent_are_invalid(client: HttpClient, headers: dict[str, str]):
    request = Request("GET", read_url("http://127.0.0.1:1/"), headers)

    with pytest.raises(ActionFailed) as failure:
        asyncio.run(client.send(request, within=timedelta(seconds=10)))

    assert failure.value.kind == "invalid"


@pytest.fixture
def https(tmp_path: Path) -> Iterator[HTTPServer]:
    """Serve with a certificate for vendor.invalid that nobody vouches for; it lies in ``tmp_path / "cert.pem"``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "vendor.invalid")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("vendor.invalid")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, key_form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (tmp_path / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (tmp_path / "key.pem").write_bytes(key.private_bytes(pem, key_form, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with HTTPServer("127.0.0.1", 0, ssl_context=context) as server:
        server.expect_request("/").respond_with_data("secure")
        yield server


@pytest.fixture
def trusted(https: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    return https


@pytest.fixture
def resolving() -> HttpClient:
    return HttpClient(Guard(LOOPBACK, resolve=Resolver("127.0.0.1")))


def test_a_certificate_that_nobody_vouches_for_is_a_failed_connection(https: HTTPServer, resolving, get):
    with pytest.raises(ActionFailed, match="certificate") as failure:
        get(resolving, f"https://vendor.invalid:{https.port}/")

    assert failure.value.kind == "connection"


def test_a_certificate_for_another_name_is_a_failed_connection(trusted: HTTPServer, resolving, get):
    with pytest.raises(ActionFailed, match="certificate") as failure:
        get(resolving, f"https://other.invalid:{trusted.port}/")

    assert failure.value.kind == "connection"


def test_a_certificate_that_the_system_trusts_is_accepted(trusted: HTTPServer, resolving, get):
    assert get(resolving, f"https://vendor.invalid:{trusted.port}/").body == b"secure"


def test_only_so_many_hosts_are_kept_and_the_one_pinned_longest_ago_goes(httpserver, get, monkeypatch):
    monkeypatch.setattr("engine.actions.client._HOSTS", 2)
    httpserver.expect_request("/").respond_with_data("")
    resolver = Resolver("127.0.0.1")
    client = HttpClient(Guard(LOOPBACK, resolve=resolver))

    for host in ("a", "b", "a", "c", "b", "c", "a"):
        get(client, f"http://{host}.invalid:{httpserver.port}/")

    assert resolver.asked == 4

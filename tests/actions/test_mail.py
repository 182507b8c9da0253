"""``email.send`` against a real mail server on this machine: what it gets, and what it refuses."""

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from aiosmtpd.smtp import SMTP
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from engine.actions.client import HttpClient
from engine.actions.guard import Guard
from engine.actions.mail import read_mailbox
from engine.actions.registry import build_actions
from engine.errors import ActionFailed
from engine.store.connections import OpenConnection
from engine.words import ConnectionScheme
from tests.actions.conftest import LOOPBACK
from tests.actions.mailbox import Inbox, Listening, Session, authenticate

LOGIN = {"username": "wink", "password": "s3cret-of-mail"}


@pytest.fixture
def certified(tmp_path: Path) -> ssl.SSLContext:
    """Return a server's side of TLS for mail.invalid; its certificate lies in ``tmp_path / "cert.pem"``."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.invalid")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("mail.invalid")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (tmp_path / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (tmp_path / "key.pem").write_bytes(key.private_bytes(pem, form, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    return context


@pytest.fixture
def trusted(certified, tmp_path: Path, monkeypatch) -> ssl.SSLContext:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    return certified


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Run an event loop beside the test."""
    running = asyncio.new_event_loop()
    thread = Thread(target=running.run_forever, daemon=True)
    thread.start()
    yield running
    running.call_soon_threadsafe(running.stop)
    thread.join()
    running.close()


@pytest.fixture
def listen(loop) -> Iterator:
    """Start mail servers on this machine; they end with the test."""
    servers: list[asyncio.Server] = []
    sessions: list[Session] = []

    async def end() -> None:
        for each in servers:
            each.close()
        for each in sessions:
            each.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for each in servers:
            await each.wait_closed()

    def start(security: str = "none", *, context: ssl.SSLContext | None = None, **more) -> Listening:
        inbox = Inbox()

        def session() -> SMTP:
            sessions.append(Session(inbox, loop=loop, **more))
            return sessions[-1]

        serving = loop.create_server(session, "127.0.0.1", 0, ssl=context)
        servers.append(asyncio.run_coroutine_threadsafe(serving, loop).result(10))
        port = str(servers[-1].sockets[0].getsockname()[1])
        values = {"host": "mail.invalid", "port": port, "security": security, "from": "Wink <wink@example.com>"}
        return Listening(inbox, {**values, "username": "", "password": ""})

    yield start
    asyncio.run_coroutine_threadsafe(end(), loop).result(10)


@pytest.fixture
def send(call, loop):
    """Send a message over a connection with these values; return what the step returns."""

    def perform(
        values: Mapping[str, str], guard: Guard | None = None, key: str = "run_1/step/0", within: float = 5, **inputs
    ):
        guard = guard or Guard(LOOPBACK, resolve=lambda host, port: ["127.0.0.1"])
        action = build_actions(lambda: HttpClient(guard), {})["email.send"]
        base = f"smtp://{values['host']}:{values['port']}"
        connection = OpenConnection("mail", None, ConnectionScheme.SMTP, base, values=values)
        made = call(connection, **{"to": "ann@example.com", "subject": "Hello", "text": "It works", **inputs})
        now = datetime.now(UTC)
        sending = action.run(replace(made, key=key, now=now, deadline=now + timedelta(seconds=within)))
        return asyncio.run_coroutine_threadsafe(sending, loop).result(20)

    return perform


def test_a_message_arrives_with_its_headers_and_its_text(listen, send):
    server = listen()

    output = send(server.values, text="Grüezi\n.\nend", cc=["Bob <bob@example.com>"], reply_to="desk@example.com")

    message = server.inbox.message()
    assert (message["From"], message["To"], message["Subject"]) == (
        "Wink <wink@example.com>",
        "ann@example.com",
        "Hello",
    )
    assert (message["Cc"], message["Reply-To"]) == ("Bob <bob@example.com>", "desk@example.com")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().splitlines() == ["Grüezi", ".", "end"]
    assert output == {"message_id": message["Message-ID"], "refused": {}}
    assert server.inbox.envelopes[0].mail_from == "wink@example.com"


def test_text_and_html_are_one_message(listen, send):
    server = listen()

    send(server.values, text="plain", html="<p>rich</p>")

    message = server.inbox.message()
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_html_can_stand_alone(listen, send, call):
    server = listen()

    send(server.values, html="<p>rich</p>", text="")

    assert server.inbox.message().get_body(("html",)).get_content().strip() == "<p>rich</p>"


def test_who_is_in_bcc_gets_it_and_stands_in_no_header(listen, send):
    server = listen()

    send(server.values, to=["ann@example.com", "bob@example.com"], bcc="eve@example.com", cc="ann@example.com")

    assert server.inbox.envelopes[0].rcpt_tos == ["ann@example.com", "bob@example.com", "eve@example.com"]
    assert b"eve@" not in server.inbox.envelopes[0].content


def test_a_repetition_has_the_same_identity_and_another_step_has_another(listen, send):
    server = listen()

    first, again, other = send(server.values), send(server.values), send(server.values, key="run_1/step/1")

    assert first["message_id"] == again["message_id"] != other["message_id"]
    assert first["message_id"].endswith("@example.com>")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subject", "Hello\r\nBcc: eve@example.com"),
        ("subject", "Hello\nBcc: eve@example.com"),
        ("subject", "Hello\u2028there"),
        ("subject", "Hello\x00"),
        ("to", "ann@example.com\r\nBcc: eve@example.com"),
        ("to", "ann@example.com, eve@example.com"),
        ("to", "Ann\r\nX: y <ann@example.com>"),
        ("to", "ann@example.com>\r\nRCPT TO:<eve@example.com"),
        ("to", "ann"),
        ("to", ""),
        ("to", []),
        ("to", ["ann@example.com"] * 101),
        ("cc", ["ann@example.com", "@example.com"]),
        ("reply_to", "a@b\ud800.example"),
        ("text", "\ud800"),
        ("to", {"address": "ann@example.com"}),
    ],
)
def test_what_could_begin_another_header_or_reach_somebody_else_is_refused(listen, send, name, value):
    server = listen()

    with pytest.raises(ActionFailed) as failure:
        send(server.values, **{name: value})

    assert failure.value.kind == "invalid"
    assert server.inbox.envelopes == []


def test_a_message_without_a_body_is_refused(listen, call):
    action = build_actions(lambda: HttpClient(Guard()), {})["email.send"]
    values = {"host": "mail.invalid", "port": "", "security": "", "username": "", "password": ""}
    connection = OpenConnection(
        "m", None, ConnectionScheme.SMTP, "smtp://mail.invalid:587", values={**values, "from": "w@example.com"}
    )

    with pytest.raises(ActionFailed, match="`text`, `html` or both"):
        asyncio.run(action.run(call(connection, to="ann@example.com", subject="Hello")))


@pytest.mark.parametrize("connection", [None, ConnectionScheme.BASIC])
def test_another_connection_is_refused(call, connection):
    action = build_actions(lambda: HttpClient(Guard()), {})["email.send"]
    other = connection and OpenConnection("c", None, connection, "https://a.example", values={"password": "s3cret"})

    with pytest.raises(ActionFailed, match="scheme smtp") as failure:
        asyncio.run(action.run(call(other, to="ann@example.com", subject="Hello", text="x")))

    assert failure.value.kind == "invalid"


def test_a_mail_server_is_nothing_for_http(call):
    connection = OpenConnection("m", None, ConnectionScheme.SMTP, "smtp://mail.invalid:587", values={})
    action = build_actions(lambda: HttpClient(Guard()), {})["http.get"]

    with pytest.raises(ActionFailed, match="for a mail server"):
        asyncio.run(action.run(call(connection, url="https://mail.invalid/")))


def test_a_password_goes_over_starttls(listen, send, trusted):
    server = listen(
        "starttls", tls_context=trusted, require_starttls=True, auth_required=True, authenticator=authenticate
    )

    send({**server.values, **LOGIN})

    assert len(server.inbox.envelopes) == 1


def test_a_wrong_password_is_a_failure_for_good_and_stands_in_no_message(listen, send, trusted):
    server = listen("starttls", tls_context=trusted, auth_required=True, authenticator=authenticate)

    with pytest.raises(ActionFailed) as failure:
        send({**server.values, **LOGIN, "password": "wr0ng-secret"})

    assert (failure.value.kind, failure.value.output["code"]) == ("failed", 535)
    assert "wr0ng-secret" not in f"{failure.value} {failure.value.output}"


def test_a_server_without_starttls_gets_neither_password_nor_message(listen, send):
    server = listen("starttls", authenticator=authenticate, auth_require_tls=False)

    with pytest.raises(ActionFailed, match="STARTTLS") as failure:
        send({**server.values, **LOGIN})

    assert failure.value.kind == "failed"
    assert server.inbox.envelopes == []


@pytest.mark.parametrize("host", ["mail.invalid", "other.invalid"])
def test_a_certificate_that_is_not_right_is_a_failed_connection(listen, send, host, request):
    context = request.getfixturevalue("certified" if host == "mail.invalid" else "trusted")
    server = listen("starttls", tls_context=context)

    with pytest.raises(ActionFailed, match="certificate") as failure:
        send({**server.values, "host": host})

    assert failure.value.kind == "connection"


def test_tls_from_the_first_byte(listen, send, trusted):
    server = listen("tls", context=trusted)

    send(server.values)

    assert len(server.inbox.envelopes) == 1


@pytest.mark.parametrize(("reply", "kind"), [("451 come back later", "connection"), ("554 no", "failed")])
def test_a_server_says_whether_another_try_is_worth_it(listen, send, reply, kind):
    server = listen()
    server.inbox.says = reply

    with pytest.raises(ActionFailed) as failure:
        send(server.values)

    code, _, words = reply.partition(" ")
    assert (failure.value.kind, failure.value.output) == (kind, {"code": int(code), "message": words})


@pytest.mark.parametrize(("reply", "kind"), [("450 mailbox busy", "connection"), ("550 no such user", "failed")])
def test_a_message_that_nobody_gets_is_a_failure(listen, send, reply, kind):
    server = listen()
    server.inbox.refuses = {"ann@example.com": reply}

    with pytest.raises(ActionFailed) as failure:
        send(server.values)

    assert failure.value.kind == kind


def test_who_is_refused_while_others_get_it_is_told(listen, send):
    server = listen()
    server.inbox.refuses = {"bob@example.com": "550 no such user"}

    output = send(server.values, to=["ann@example.com", "bob@example.com"])

    assert output["refused"] == {"bob@example.com": "550 no such user"}
    assert server.inbox.envelopes[0].rcpt_tos == ["ann@example.com"]


def test_the_guard_judges_a_mail_server_too(listen, send):
    server = listen()

    with pytest.raises(ActionFailed, match="no public address") as failure:
        send(server.values, Guard(resolve=lambda host, port: ["127.0.0.1"]))

    assert failure.value.kind == "refused"
    assert server.inbox.envelopes == []


def test_nobody_there_is_a_failed_connection(send, listen):
    values = {**listen().values, "port": "9"}

    with pytest.raises(ActionFailed) as failure:
        send(values)

    assert failure.value.kind == "connection"


def test_a_server_that_says_nothing_ends_with_the_time_of_the_step(serve, call):
    port = serve([b""]).rpartition(":")[2]
    values = {"host": "mail.invalid", "port": port, "security": "none", "username": "", "password": ""}
    connection = OpenConnection(
        "m", None, ConnectionScheme.SMTP, "smtp://mail.invalid", values={**values, "from": "w@example.com"}
    )
    guard = Guard(LOOPBACK, resolve=lambda host, port: ["127.0.0.1"])
    action = build_actions(lambda: HttpClient(guard), {})["email.send"]
    made = call(connection, to="ann@example.com", subject="Hello", text="x")

    with pytest.raises(ActionFailed) as failure:
        asyncio.run(action.run(replace(made, deadline=made.now + timedelta(seconds=0.2))))

    assert failure.value.kind == "timeout"


def test_a_slow_greeting_takes_from_the_time_of_the_message(listen, send):
    server = listen(auth_require_tls=False, authenticator=authenticate)
    server.inbox.thinks = 0.6

    with pytest.raises(ActionFailed) as failure:
        send({**server.values, **LOGIN}, within=1)

    assert failure.value.kind == "timeout"


def test_one_address_is_not_told_that_several_are_a_list():
    with pytest.raises(ActionFailed) as failed:
        read_mailbox("wink")

    assert failed.value.detail == "'wink' is no address such as ann@example.com or Ann <ann@example.com>"

"""Connections whose values say where they are sent: an address that is a secret itself, and a mail server."""

import pytest

from engine.errors import Invalid
from engine.path import connections as keeping
from engine.path.connection_spec import ConnectionSpec
from engine.words import ConnectionScheme
from tests.engines import running


@pytest.fixture
def engine(tmp_path):
    with running(tmp_path) as engine:
        yield engine


WEBHOOK = "https://prod-7.logic.example:443/workflows/0a1b2c3d4e5f60718293/invoke?sv=1.0&sig=Zm9v%2FYmFyYmF6cXV4"


def test_of_an_address_that_is_a_secret_nothing_but_the_host_is_kept_in_the_open(engine):
    keeping.put(engine, "chat", ConnectionSpec("ms-teams", values={"webhook_url": WEBHOOK}))

    assert engine.published.connections["chat"].base_url == "https://prod-7.logic.example"
    assert keeping.test(engine, "chat").url is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"base_url": "https://other.example"}, "base_url"),
        ({"test_path": "/me"}, "test_path"),
        ({"values": {"webhook_url": "prod-7.logic.example/t0psecret"}}, "values.webhook_url"),
    ],
)
def test_an_address_that_is_a_secret_stands_alone_and_can_be_called(engine, change, field):
    spec = {"connector": "ms-teams", "values": {"webhook_url": WEBHOOK}, **change}

    with pytest.raises(Invalid) as refused:
        keeping.put(engine, "chat", ConnectionSpec(**spec))

    assert refused.value.field == field
    assert "t0psecret" not in str(refused.value)


MAIL = {"host": "Mail.example.com", "from": "Wink <wink@example.com>", "username": "wink", "password": "t0psecret"}


@pytest.mark.parametrize(
    ("change", "url"),
    [
        ({}, "smtp://mail.example.com:587"),
        ({"security": "tls"}, "smtps://mail.example.com:465"),
        ({"port": "2525"}, "smtp://mail.example.com:2525"),
        ({"security": "none", "username": "", "password": ""}, "smtp://mail.example.com:25"),
    ],
)
def test_the_values_of_a_mail_server_say_where_it_is(engine, change, url):
    keeping.put(engine, "mail", ConnectionSpec(scheme=ConnectionScheme.SMTP, values={**MAIL, **change}))

    assert engine.published.connections["mail"].base_url == url


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"host": "mail.example.com/x"}, "values.host"),
        ({"host": "mail example"}, "values.host"),
        ({"port": "99999"}, "values.host"),
        ({"from": "wink"}, "values.from"),
        ({"security": "ssl"}, "values.security"),
        ({"security": "none"}, "values.security"),
        ({"password": ""}, "values.password"),
        ({"username": ""}, "values.password"),
    ],
)
def test_a_mail_server_that_cannot_be_is_named_by_its_field(engine, change, field):
    with pytest.raises(Invalid) as refused:
        keeping.put(engine, "mail", ConnectionSpec(scheme=ConnectionScheme.SMTP, values={**MAIL, **change}))

    assert refused.value.field == field
    assert "t0psecret" not in str(refused.value)


def test_a_test_of_a_mail_server_that_is_not_reached_says_so(engine):
    values = {**MAIL, "host": "127.0.0.1", "port": "9"}
    keeping.put(engine, "mail", ConnectionSpec(scheme=ConnectionScheme.SMTP, values=values))

    tested = keeping.test(engine, "mail")

    assert (tested.ok, tested.status) == (False, None)
    assert "t0psecret" not in tested.message

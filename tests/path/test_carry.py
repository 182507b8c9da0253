"""An address that does not lead here is told in words: which, why, what to do; what may not be called is not."""

import re
from datetime import timedelta
from socket import socket

import pytest

from engine.errors import AddressUnreachable
from engine.path import carry
from engine.path.carry import over_address
from engine.path.send import Parcel, send
from tests.engines import running, trigger


def told(folder, address: str, **fields: object) -> str:
    """Return what is said of a test event where that is the public address."""
    with running(folder, public_url=address) as engine:
        made = trigger(engine, **fields)
        with pytest.raises(AddressUnreachable) as error:
            send(engine, "t", Parcel(), over_address)
        assert made.api_key not in str(error.value)
        return str(error.value)


@pytest.mark.parametrize("status", [200, 301, 404, 502])
def test_another_server_at_the_address_is_not_taken_for_ours(tmp_path, httpserver, status):
    httpserver.expect_request(re.compile("/webhooks/.+")).respond_with_data("hello", status=status)

    words = told(tmp_path, httpserver.url_for("").rstrip("/"))

    assert f"answered {status}, and nothing came in here: it leads elsewhere; set WINK_PUBLIC_URL" in words


def test_a_name_without_an_address_is_told(tmp_path):
    words = told(tmp_path, "http://hooks.invalid")

    assert words.startswith("the address http://hooks.invalid/webhooks/")
    assert "hooks.invalid has no address" in words


def test_a_server_that_does_not_answer_is_waited_for_some_seconds_only(tmp_path, monkeypatch):
    monkeypatch.setattr(carry, "PATIENCE", timedelta(milliseconds=200))
    with socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()

        assert "did not answer in time" in told(tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}")


def test_no_key_goes_to_an_address_that_an_editor_gave_a_trigger(tmp_path, httpserver):
    elsewhere = httpserver.url_for("").rstrip("/")
    with running(tmp_path, allow_private_addresses="127.0.0.0/8") as engine:
        trigger(engine, public_url=elsewhere)

        sent = send(engine, "t", Parcel(), over_address)

    assert sent.reply.status == 202
    assert httpserver.log == []


def test_the_operators_own_address_may_be_private(tmp_path, httpserver):
    told(tmp_path, httpserver.url_for("").rstrip("/"))

    assert len(httpserver.log) == 1

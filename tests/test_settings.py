"""Settings: where they come from, what they take, and what they say when they are wrong."""

from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SettingsError
from engine.settings import SECRETS, LogFormat, Settings


def load(tmp_path, environ=None, *, toml="", **options):
    (tmp_path / "wink.toml").write_text(toml)
    return Settings.load(environ or {}, tmp_path, **options)


def test_nothing_set_gives_one_process_on_sqlite_in_this_folder(tmp_path):
    settings = Settings.load({}, tmp_path)

    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.data == tmp_path / "data"
    assert settings.workflows == tmp_path / "workflows"
    assert settings.database_url.get_secret_value() == f"sqlite:///{tmp_path}/data/wink.db"


def test_an_option_wins_over_the_environment_and_that_over_the_file(tmp_path):
    toml = 'host = "file"\nport = 1\nthreads = 1'
    environ = {"WINK_HOST": "environment", "WINK_PORT": "2"}

    settings = load(tmp_path, environ, toml=toml, host="option", port=None)

    assert (settings.host, settings.port, settings.threads) == ("option", 2, 1)


def test_an_empty_variable_counts_as_not_set(tmp_path):
    settings = load(tmp_path, {"WINK_API_TOKEN": ""})

    assert settings.api_token is None


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("max_body", "64KiB", 65536),
        ("max_body", "4096", 4096),
        ("retention", "1d12h", timedelta(hours=36)),
        ("attempt_timeout", "1h30m", timedelta(minutes=90)),
        ("allow_private_addresses", "10.0.0.0/8, ::1", (ip_network("10.0.0.0/8"), ip_network("::1"))),
        ("public_url", "https://hooks.example.com/", "https://hooks.example.com"),
        ("log_format", "json", LogFormat.JSON),
        ("examples", "false", False),
        ("trusted_proxies", "1", 1),
    ],
)
def test_a_value_is_written_as_people_write_it(tmp_path, name, text, value):
    settings = load(tmp_path, {f"WINK_{name.upper()}": text})

    assert getattr(settings, name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("max_body", "much"),
        ("max_body", "0"),
        ("max_body", "5"),
        ("max_body", "4095"),
        ("retention", "30"),
        ("retention", "0s"),
        ("retention", "30m"),
        ("retention", "23h59m"),
        ("allow_private_addresses", "10.0.0.1/8"),
        ("public_url", "hooks.example.com"),
        ("public_url", "http://[::1"),
        ("public_url", "http://hooks.example.com:0"),
        ("public_url", "http://hooks.example.com:70000"),
        ("log_format", "loud"),
        ("port", "65536"),
        ("threads", "0"),
        ("trusted_proxies", "-1"),
        ("broker_url", "redis://localhost"),
        ("broker_url", "amqp://"),
        ("broker_url", "amqp://wink:secret@rabbit:port"),
        ("broker_url", "amqp://wink:#secret@rabbit"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_else_is(tmp_path, name, text):
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, {f"WINK_{name.upper()}": text})

    assert caught.value.detail.startswith(f"WINK_{name.upper()}: ")
    assert len(caught.value.detail.splitlines()) == 1


def test_a_body_of_a_few_bytes_is_taken_for_a_forgotten_unit(tmp_path):
    with pytest.raises(SettingsError, match=r"at least 4KiB.* 5MiB: a number alone is bytes"):
        load(tmp_path, {"WINK_MAX_BODY": "5"})


@pytest.mark.parametrize(("written", "examples"), [({}, True), ({"WINK_BROKER_URL": "amqp://rabbit"}, False)])
def test_examples_are_for_one_process(tmp_path, written, examples):
    assert load(tmp_path, written).examples is examples


def test_every_wrong_value_is_told_at_once(tmp_path):
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, {"WINK_PORT": "x", "WINK_THREADS": "x"})

    assert [line.split(":")[0] for line in caught.value.detail.splitlines()] == ["WINK_PORT", "WINK_THREADS"]


@pytest.mark.parametrize(
    ("environ", "toml", "options", "name"),
    [
        ({"WINK_PORT": "0"}, "", {}, "WINK_PORT"),
        ({}, "port = 0", {}, "port in wink.toml"),
        ({}, "", {"port": 0}, "--port"),
        ({"WINK_PORT": "1"}, "port = 2", {"port": 0}, "--port"),
        ({"WINK_PORT": "0"}, "port = 2", {"port": None}, "WINK_PORT"),
        ({}, "", {"examples": "perhaps"}, "--no-examples"),
        ({}, "allow_private_addresses = ['10.0.0.0/8', 'x']", {}, "allow_private_addresses in wink.toml"),
    ],
)
def test_a_wrong_value_is_named_as_it_was_given(tmp_path, environ, toml, options, name):
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, environ, toml=toml, **options)

    assert caught.value.detail.split(":")[0] == name


def test_an_unknown_variable_stops_the_start_and_names_the_nearest(tmp_path):
    with pytest.raises(SettingsError, match=r"WINK_MAXBODY .* nearest one is WINK_MAX_BODY"):
        load(tmp_path, {"WINK_MAXBODY": "1"})


def test_an_unknown_key_in_the_file_stops_the_start_and_names_the_nearest(tmp_path):
    with pytest.raises(SettingsError, match=r"retain .* nearest one is retention"):
        load(tmp_path, toml='retain = "30d"')


def test_a_variable_of_another_program_does_not_count(tmp_path):
    assert load(tmp_path, {"TWINK_PORT": "1", "PORT": "1"}).port == 8080


def test_a_file_that_is_no_toml_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"wink\.toml cannot be read: .*line 1"):
        load(tmp_path, toml="host: 127.0.0.1")


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_secret_can_come_from_a_file(tmp_path, name):
    (tmp_path / "secret").write_text("amqp://from-the-file\n")

    settings = load(tmp_path, {f"WINK_{name.upper()}_FILE": "secret"})

    assert getattr(settings, name).get_secret_value() == "amqp://from-the-file"


def test_a_secret_of_the_toml_file_can_come_from_a_file_too(tmp_path):
    (tmp_path / "secret").write_text("from the file\n")

    settings = load(tmp_path, toml='api_token_file = "secret"')

    assert settings.api_token is not None
    assert settings.api_token.get_secret_value() == "from the file"


def test_what_is_no_secret_cannot_come_from_a_file(tmp_path):
    with pytest.raises(SettingsError, match=r"WINK_PORT_FILE .* no setting"):
        load(tmp_path, {"WINK_PORT_FILE": "port"})


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff"])
def test_a_secret_file_without_a_secret_stops_the_start(tmp_path, content):
    if content is not None:
        (tmp_path / "secret").write_bytes(content)

    with pytest.raises(SettingsError, match=r"^WINK_API_TOKEN_FILE: "):
        load(tmp_path, {"WINK_API_TOKEN_FILE": "secret"})


def test_a_secret_given_twice_stops_the_start(tmp_path):
    with pytest.raises(SettingsError, match=r"^WINK_API_TOKEN and WINK_API_TOKEN_FILE are both set: keep one of them"):
        load(tmp_path, {"WINK_API_TOKEN": "a", "WINK_API_TOKEN_FILE": "b"})


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_no_secret_shows_where_settings_are_printed(tmp_path, name):
    settings = load(tmp_path, {f"WINK_{name.upper()}": "amqp://correct-horse"})

    assert "correct-horse" not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("192.0.2.7", "http://192.0.2.7:80"),
    ],
)
def test_the_public_address_follows_where_the_server_listens(tmp_path, host, url):
    assert load(tmp_path, host=host, port=80).public_url == url


def test_settings_cannot_be_changed(tmp_path):
    settings = load(tmp_path)

    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1  # type: ignore[misc]


@given(st.sampled_from(sorted(Settings.model_fields)), st.text())
def test_any_text_gives_settings_or_one_of_our_errors(tmp_path_factory, name, text):
    with suppress(SettingsError):
        Settings.load({f"WINK_{name.upper()}": text}, tmp_path_factory.getbasetemp())

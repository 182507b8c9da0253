"""Which Wink a command speaks to."""

import json
import re
import stat

import pytest

from engine.cli.served import SERVER, TOKEN, announce, look_for_server
from engine.lock import LOCK_FILE, hold
from engine.path import access
from engine.settings import Settings


@pytest.fixture
def settings(home):
    return Settings.load({}, home)


def test_a_url_in_the_environment_comes_first(home, running):
    settings = Settings.load({"WINK_API_TOKEN": "wink_pat_x", "WINK_DATA": str(running.engine.settings.data)}, home)

    server = look_for_server(settings, {"WINK_URL": "https://wink.example.com/"})

    assert (server.url, server.token) == ("https://wink.example.com", "wink_pat_x")


def test_a_server_on_the_data_folder_is_found_with_its_token(home, running):
    settings = Settings.load({"WINK_DATA": str(running.engine.settings.data)}, home)

    server = look_for_server(settings, {})

    assert (server.url, server.token) == (running.url, access.local_token(settings))


def test_without_a_server_there_is_none(settings):
    assert look_for_server(settings, {}) is None


def test_a_folder_that_somebody_works_on_without_serving_is_said_in_words(wink, settings):
    settings.data.mkdir()

    with hold(settings.data / LOCK_FILE):
        result = wink("runs", "list")

    assert (result.exit_code, "uses the data folder" in result.stderr) == (1, True)


def test_the_address_is_for_the_owner_alone_and_goes_when_the_server_does(settings):
    settings.data.mkdir()
    file = settings.data / SERVER

    with announce(settings.data, "http://127.0.0.1:1"):
        mode, told = stat.S_IMODE(file.stat().st_mode), json.loads(file.read_text())

    assert (mode, told) == (0o600, {"url": "http://127.0.0.1:1"})
    assert not file.exists()


def test_what_a_killed_server_left_behind_is_taken_away(wink, settings):
    settings.data.mkdir()
    (settings.data / SERVER).write_text('{"url": "http://127.0.0.1:1"}')

    result = wink("runs", "list")

    assert (result.exit_code, result.stdout) == (
        0,
        "No runs. `wink send TRIGGER` starts what a delivery would start.\n",
    )
    assert not (settings.data / SERVER).exists()


def test_a_server_that_does_not_answer_is_said_in_words(wink):
    result = wink("runs", "list", env={"WINK_URL": "http://127.0.0.1:1"})

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: http://127.0.0.1:1 does not answer (Connection refused")


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://127.0.0.1", "http://user@127.0.0.1"])
def test_a_url_that_is_none_is_said_in_words(wink, url):
    result = wink("runs", "list", env={"WINK_URL": url})

    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)


def test_a_wrong_token_is_said_with_what_to_do(wink, running):
    result = wink("runs", "list", env={"WINK_URL": running.url, "WINK_API_TOKEN": "wink_pat_wrong"})

    assert result.exit_code == 1
    assert "set WINK_API_TOKEN" in result.stderr


def test_an_answer_from_something_else_is_said_in_words(wink, httpserver):
    httpserver.expect_request("/api/v1/runs/x").respond_with_data("<html>", content_type="text/html")

    result = wink("runs", "show", "x", env={"WINK_URL": httpserver.url_for("")})

    assert result.exit_code == 1
    assert "is not from the API of Wink" in result.stderr


def test_the_token_is_where_the_api_looks_for_it():
    assert TOKEN == access.FILE


def test_without_a_server_a_command_does_the_work_itself(wink):
    wink("triggers", "create", "orders")

    sent = wink("send", "orders")

    assert sent.exit_code == 0
    assert "accepted" in sent.stdout
    assert len(json.loads(wink("events", "list", "--json").stdout)["items"]) == 1


def test_migrating_makes_the_database(wink, home):
    result = wink("migrate")

    assert (result.exit_code, result.stdout) == (0, "The database is up to date.\n")
    assert (home / "data/wink.db").exists()


def test_compacting_tells_how_large_the_database_was_and_is(wink):
    wink("migrate")

    result = wink("compact")

    assert result.exit_code == 0
    assert re.fullmatch(r"The database had [\d.]+ MB, and has [\d.]+ MB\.\n", result.stdout)


@pytest.mark.parametrize("words", [["compact"], ["ledger", "check"]])
@pytest.mark.parametrize("is_there", [False, True])
def test_a_folder_without_a_wink_is_neither_kept_small_nor_checked(wink, home, words, is_there):
    if is_there:
        (home / "typo").mkdir()

    result = wink(*words, "--data", "typo")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "typo holds no Wink" in result.stderr
    assert not list(home.glob("typo/*"))
    assert (home / "typo").exists() == is_there


def test_a_list_of_a_folder_without_a_wink_says_that_it_begins_one(wink, home):
    first, second = wink("runs", "list", "--data", "typo"), wink("runs", "list", "--data", "typo")

    assert "typo held no Wink" in first.stderr
    assert second.stderr == ""


def test_migrating_waits_for_no_server(wink, running):
    result = wink("migrate", "--data", str(running.engine.settings.data))

    assert (result.exit_code, "stop it first" in result.stderr) == (1, True)

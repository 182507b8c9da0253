"""The settings: oneself, users, API tokens."""

import re

import pytest
from werkzeug.test import Client

from engine.path.access import new_token
from engine.path.users import create, delete
from engine.store import tokens, users
from engine.words import Role
from tests.engines import running
from tests.web.browser import OURS, PASSWORD, Browser, person
from tests.web.seen import Seen
from web.application import create_application
from web.pages import settings
from web.pages.settings import browser_of

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0"

HOSTILE = ["a\0b", "\u202egnp.exe", "\U0001f40e", "<script>alert(1)</script>", '"><img src=x>', "{{7*7}}", "x" * 10_000]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with running(tmp_path_factory.mktemp("settings")) as engine:
        for name, role in (("ann", Role.ADMIN), ("edith", Role.EDITOR), ("victor", Role.VIEWER)):
            person(engine, name, role)
        yield engine, create_application(engine)


@pytest.fixture(scope="module")
def engine(place):
    return place[0]


def signed_in(place, name, **headers):
    browser = Browser(Client(place[1]))
    assert browser.post("/login", headers=OURS | headers, name=name, password=PASSWORD).status_code == 303
    return browser


@pytest.fixture(scope="module")
def ann(place) -> Browser:
    return signed_in(place, "ann")


@pytest.fixture(scope="module")
def victor(place) -> Browser:
    return signed_in(place, "victor", **{"User-Agent": FIREFOX})


@pytest.fixture
def bob(engine):
    """Return a user who may be changed."""
    create(engine, "bob", Role.VIEWER, password=PASSWORD, must_change=False)
    yield "bob"
    if any(each.name == "bob" for each in engine.store.read(users.all_of)):
        delete(engine, "bob")


def shown_once(text, label):
    """Return what a page shows to be copied."""
    return re.search(rf'<label for="([^"]+)">{label}</label>.*?<input id="\1" value="([^"]+)"', text, re.DOTALL)[2]


def kept_role(engine, name):
    return engine.store.read(users.find, name).role


def test_a_viewer_sees_its_own_things_alone(victor):
    text = victor.get("/settings").text

    assert "Firefox on Linux" in text
    assert "this one" in text
    assert 'href="/password?next=/settings"' in text
    assert "/settings/users" not in text
    assert victor.get("/settings/users").status_code == 403
    assert victor.get("/settings/tokens").status_code == 403


def test_ones_sessions_are_listed_and_end_everywhere(place, bob):
    first, second = signed_in(place, bob), signed_in(place, bob, **{"User-Agent": FIREFOX})
    listed = first.get("/settings").text

    second.post("/logout/everywhere")

    assert listed.count('data-label="Last used"') == 2
    assert first.get("/settings").location == "/login?next=/settings"


def test_a_user_is_made_and_its_password_shown_once(engine, ann, place):
    answer = ann.post("/settings/users", name=" Carol@Example.com ", role="editor")

    password = shown_once(answer.text, "Password for the next sign-in")
    assert kept_role(engine, "carol@example.com") is Role.EDITOR
    assert password not in ann.get("/settings/users/carol@example.com").text
    carol = Browser(Client(place[1]))
    assert carol.sign_in("carol@example.com", password).status_code == 303
    assert carol.get("/settings").location == "/password?next=/settings"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_cannot_be_is_said_and_kept(ann, name):
    answer = ann.post("/settings/users", name=name, role="editor")

    form = Seen(answer.text)
    assert answer.status_code == 422
    assert form.values["name"].rstrip("\ufffd") == name.lower().rstrip("\0")
    assert "name is made of" in form.errors["name"]
    assert 'value="editor" checked' in answer.text
    assert "<script>alert" not in answer.text


def test_a_form_without_name_or_role_names_both(ann):
    errors = Seen(ann.post("/settings/users", name="", role="king").text).errors

    assert errors == {"name": "Fill this in.", "role": "Choose a role."}


def test_a_name_that_is_taken_is_said(ann):
    answer = ann.post("/settings/users", name="victor", role="viewer")

    assert answer.status_code == 422
    assert "already" in Seen(answer.text).errors["name"]


def test_another_role_signs_the_user_out(place, engine, ann, bob):
    browser = signed_in(place, bob)

    answer = ann.post("/settings/users/bob/role", role="editor")

    assert (answer.status_code, answer.location) == (303, "/settings/users/bob")
    assert kept_role(engine, bob) is Role.EDITOR
    assert browser.get("/settings").status_code == 303


def test_a_password_that_is_reset_is_shown_once_and_must_be_changed(place, ann, bob):
    answer = ann.post("/settings/users/bob/password")

    password = shown_once(answer.text, "Password for the next sign-in")
    browser = Browser(Client(place[1]))
    browser.sign_in(bob, password)
    assert browser.get("/settings").location == "/password?next=/settings"
    assert "has to be changed" in ann.get("/settings/users/bob").text


def test_a_user_is_signed_out_by_an_administrator(place, ann, bob):
    browser = signed_in(place, bob)

    assert ann.post("/settings/users/bob/sign-out").status_code == 303

    assert browser.get("/settings").status_code == 303


def test_a_user_is_deleted(ann, bob):
    assert ann.post("/settings/users/bob/delete").location == "/settings/users"

    assert ann.get("/settings/users/bob").status_code == 404


def test_the_last_administrator_stays(engine, ann):
    role = ann.post("/settings/users/ann/role", role="viewer")
    gone = ann.post("/settings/users/ann/delete")

    assert (role.status_code, gone.status_code) == (409, 409)
    assert "last administrator" in Seen(role.text).errors["role"]
    assert "last administrator" in gone.text
    assert kept_role(engine, "ann") is Role.ADMIN


def test_a_token_is_shown_once_and_admits_until_it_is_deleted(engine, ann, place):
    answer = ann.post("/settings/tokens", name="ci", role="viewer")

    text = shown_once(answer.text, "API token")
    bearer = {"Authorization": f"Bearer {text}"}
    assert Client(place[1]).get("/api/v1/triggers", headers=bearer).status_code == 200
    assert text not in ann.get("/settings/tokens").text
    (token,) = [each for each in engine.store.read(tokens.all_of) if each.name == "ci"]
    assert ann.post(f"/settings/tokens/{token.id}/delete").location == "/settings/tokens"
    assert Client(place[1]).get("/api/v1/triggers", headers=bearer).status_code == 401


@pytest.mark.parametrize("name", ["", "a\0b", "a\x1bb", "x" * 201])
def test_a_token_without_a_name_that_can_be_is_not_made(ann, name):
    answer = ann.post("/settings/tokens", name=name, role="viewer")

    assert answer.status_code == 422
    assert Seen(answer.text).errors["name"]
    assert 'value="viewer" checked' in answer.text


@pytest.mark.parametrize("name", [name for name in HOSTILE if "\0" not in name and len(name) < 200])
def test_a_tokens_name_is_text(ann, name):
    text = ann.post("/settings/tokens", name=name, role="viewer").text

    assert "<script>alert" not in text
    assert "<img src=x>" not in text
    assert ">49<" not in text


def test_long_lists_go_on(engine, ann, monkeypatch):
    monkeypatch.setattr(settings, "AT_ONCE", 1)
    new_token(engine, "older", Role.VIEWER)
    new_token(engine, "newer", Role.VIEWER)

    first, tokens_first = ann.get("/settings/users").text, ann.get("/settings/tokens").text

    assert ("/settings/users/ann" in first, "/settings/users/edith" in first) == (True, False)
    second = ann.get(re.search(r'href="([^"]+\?after=[^"]+)"', first)[1]).text
    assert '<a href="/settings/users/ann"' not in second
    older = ann.get(re.search(r'href="([^"]+\?before=[^"]+)"', tokens_first)[1]).text
    assert ("newer" in tokens_first, "newer" in older, "older" in older) == (True, False, True)


def test_what_comes_after_the_last_user_is_nothing_with_a_way_back(ann):
    assert "No further users" in ann.get("/settings/users?after=zzz").text


@pytest.mark.parametrize("query", ["after=%00", "after=%FF", "before=%00", "after=" + "x" * 5000])
def test_a_hostile_query_breaks_nothing(ann, query):
    for path in ("/settings/users", "/settings/tokens"):
        assert ann.get(f"{path}?{query}").status_code == 200


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/156.0 Safari/537.36 Edg/156.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/26.0 Safari/605.1", "Safari on macOS"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/156.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.14", "curl/8.14"),
        ("", ""),
    ],
)
def test_a_browser_is_called_what_people_call_it(agent, name):
    assert browser_of(agent) == name

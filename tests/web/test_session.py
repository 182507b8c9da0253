"""Signing in and out with a browser, and one's own password."""

from datetime import timedelta

import pytest
from werkzeug.test import Client

from engine.path.sign_in import LONGEST
from engine.path.users import make_first
from engine.store import users
from engine.store.sessions import IDLE
from engine.words import Role
from tests.engines import running
from tests.web.browser import OURS, PASSWORD, Browser, person, signed_in
from tests.web.seen import Seen
from web.application import create_application
from web.pages.door import inside

OTHER = "another horse battery"

#: What forms are filled in with by people who mean harm, or paste the wrong thing.
HOSTILE = [
    "",
    "a\0b",
    "\U0001f40e" * 10,
    "\u202egnp.exe",
    "x" * 100_000,
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "${7*7}",
    "' OR 1=1 --",
    "\r\nSet-Cookie: a=b",
]


@pytest.fixture
def application(engine):
    person(engine, "ann", Role.EDITOR)
    return create_application(engine)


@pytest.fixture
def browser(application) -> Browser:
    return Browser(Client(application))


@pytest.fixture
def ann(browser) -> Browser:
    assert browser.sign_in("ann").status_code == 303
    return browser


@pytest.fixture(scope="module")
def edith(shared_engine) -> Browser:
    """Return the browser of somebody whom all that is tried with it leaves as it was."""
    return signed_in(create_application(shared_engine), "edith")


def is_in(browser: Browser) -> bool:
    return browser.get("/api/v1/triggers").status_code == 200


def test_signing_in_goes_on_where_one_wanted_to_go(browser):
    shown = browser.get("/password?next=%2Fa")
    form = Seen(browser.get(shown.location).text)

    answer = browser.sign_in("ann", next=form.values["next"])

    assert shown.location == "/login?next=/password%3Fnext%3D%252Fa"
    assert (answer.status_code, answer.location) == (303, "/password?next=%2Fa")


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(browser):
    cookie = browser.sign_in("ann").headers["Set-Cookie"]

    assert cookie.startswith("wink_session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/", f"Max-Age={LONGEST // timedelta(seconds=1)}"} <= set(
        cookie.split("; ")
    )
    assert "Secure" not in cookie


def test_behind_https_the_cookie_is_for_https_alone(tmp_path):
    with running(tmp_path, public_url="https://wink.example.com") as engine:
        person(engine, "ann", Role.EDITOR)
        browser = Browser(Client(create_application(engine)))

        assert "; Secure" in browser.sign_in("ann").headers["Set-Cookie"]


def test_a_cookie_that_was_changed_opens_nothing(ann):
    kept = ann.client.get_cookie("wink_session").value
    assert is_in(ann)

    for value in ("", "x", kept[:-1], kept.swapcase(), kept.rpartition(".")[0], "\u00e4"):
        ann.client.set_cookie("wink_session", value)
        assert not is_in(ann)


def test_every_sign_in_begins_a_session_of_its_own_and_ends_the_one_before(ann, application):
    before = ann.client.get_cookie("wink_session").value

    ann.sign_in("ann")

    other = Client(application)
    other.set_cookie("wink_session", before)
    assert is_in(ann)
    assert not is_in(Browser(other))


@pytest.mark.parametrize("path", ["/logout", "/logout/everywhere"])
def test_a_session_does_not_outlive_the_sign_out(ann, path):
    kept = ann.client.get_cookie("wink_session").value

    answer = ann.post(path)

    assert (answer.status_code, answer.location) == (303, "/login")
    assert ann.client.get_cookie("wink_session") is None
    ann.client.set_cookie("wink_session", kept)
    assert not is_in(ann)
    assert ann.get("/password").location.startswith("/login")


def test_signing_out_here_leaves_other_browsers_in_and_everywhere_does_not(ann, application):
    second, third = Browser(Client(application)), Browser(Client(application))
    second.sign_in("ann"), third.sign_in("ann")

    ann.post("/logout")
    assert is_in(second)
    second.post("/logout/everywhere")
    assert not is_in(third)


def test_signing_out_needs_a_form(ann):
    assert ann.get("/logout").status_code == 405
    assert is_in(ann)


@pytest.mark.parametrize("later", [IDLE, LONGEST])
def test_a_session_ends_by_itself(ann, engine, later):
    engine.clock.advance(later)

    assert not is_in(ann)


def test_the_answer_does_not_tell_whether_there_is_such_a_user(browser):
    known, unknown = browser.sign_in("ann", OTHER), browser.sign_in("bob", OTHER)

    assert (known.status_code, known.text.replace('"ann"', '"bob"')) == (unknown.status_code, unknown.text)
    assert {**known.headers} == {**unknown.headers}
    assert Seen(known.text).errors == {"password": "The name or the password is wrong."}


def test_whoever_is_in_is_not_asked_again(ann):
    assert ann.get("/login?next=%2Fruns").location == "/runs"


def test_too_many_tries_are_told_when_to_come_again(browser):
    # Ten are allowed, and one more every 6 seconds, which ten may take on a machine with much to do.
    for _ in range(20):
        browser.sign_in("ann", OTHER)

    answer = browser.sign_in("ann")

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 6
    assert "wait" in Seen(answer.text).errors["password"]


@pytest.mark.parametrize("typed", HOSTILE)
def test_a_name_of_any_kind_gets_words_and_stays(browser, typed):
    answer = browser.sign_in(typed, OTHER)

    form = Seen(answer.text)
    assert answer.status_code == 422
    assert form.errors
    assert form.values["name"] == typed
    assert form.values["password"] == ""
    assert form.tags == Seen(browser.sign_in("ann" if typed else "", OTHER).text).tags


@pytest.mark.parametrize("typed", HOSTILE)
def test_a_password_of_any_kind_gets_words_and_is_not_shown_again(browser, typed):
    answer = browser.sign_in("ann", typed)

    form = Seen(answer.text)
    assert answer.status_code == 422
    assert form.errors["password"]
    assert (form.values["name"], form.values["password"]) == ("ann", "")
    assert not typed or typed not in answer.text


@pytest.mark.parametrize("typed", HOSTILE)
@pytest.mark.parametrize("field", ["present", "password", "again"])
def test_each_field_of_a_new_password_says_what_is_wrong_and_shows_nothing(ann, field, typed):
    answer = ann.post("/password", **{"present": PASSWORD, "password": OTHER, "again": OTHER, field: typed})

    form = Seen(answer.text)
    assert answer.status_code == 422
    assert form.errors
    assert {form.values[name] for name in ("present", "password", "again")} == {""}
    assert not typed or typed not in answer.text


@pytest.mark.parametrize("typed", ["a\0b" * 5, "x" * 100_000, "short", "xxxxxxxxxxxxxxxx", "this is edith's password"])
def test_a_new_password_that_cannot_be_taken_is_said_beside_it(edith, typed):
    answer = edith.post("/password", present=PASSWORD, password=typed, again=typed)

    assert answer.status_code == 422
    assert Seen(answer.text).errors.keys() == {"password"}


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "",
        "///evil.example",
        " //evil.example",
        "/\u2028/evil.example",
        "/login",
        "/logout",
        "/\0",
    ],
)
def test_no_link_leads_from_the_sign_in_elsewhere(browser, target):
    assert inside(target) == "/"
    assert browser.sign_in("ann", next=target).location == "/"
    assert browser.client.get("/login", query_string={"next": target}).location == "/"


@pytest.mark.parametrize("target", ["/", "/runs?outcome=failed&q=a%20b", "/triggers/trg_1"])
def test_a_page_of_ours_is_gone_back_to(browser, target):
    assert browser.sign_in("ann", next=target).location == target


def test_who_must_change_the_password_can_do_nothing_else(engine, browser):
    person(engine, "new", Role.ADMIN, must_change=True)
    browser.sign_in("new")

    refused = browser.get("/api/v1/triggers")
    page = browser.get("/password?next=%2F")

    assert refused.status_code == 403
    assert "/password" in refused.json["detail"]
    assert "given to you, or printed at the first start, so others may know it. Choose your own" in page.text
    assert browser.post("/password", present=PASSWORD, password=OTHER, again=OTHER, next="/runs").location == "/runs"
    assert is_in(browser)


def test_the_first_administrator_signs_in_with_what_was_printed_and_changes_it(engine):
    engine.store.write(lambda connection: None)
    password, browser = make_first(engine), Browser(Client(create_application(engine)))

    browser.sign_in("admin", password)
    assert not is_in(browser)
    browser.post("/password", present=password, password=OTHER, again=OTHER)

    assert is_in(browser)
    assert not engine.store.read(users.find, "admin").must_change


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "https://localhost"},
        {"Origin": "http://localhost:81"},
        {"Origin": "http://localhost.evil.example"},
    ],
)
@pytest.mark.parametrize("path", ["/logout", "/logout/everywhere", "/password", "/login"])
def test_another_origin_cannot_post(edith, path, headers):
    answer = edith.post(path, headers, present=PASSWORD, password=OTHER, again=OTHER, name="edith")

    assert answer.status_code == 403
    assert "does not come from a page of this Wink" in answer.text
    assert is_in(edith)


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost"}, OURS])
def test_a_page_of_ours_can_post(ann, headers):
    assert ann.post("/logout", headers).status_code == 303


def test_the_public_address_is_ours_too(tmp_path):
    with running(tmp_path, public_url="https://wink.example.com") as engine:
        person(engine, "ann", Role.EDITOR)
        client = Client(create_application(engine))
        form = {"name": "ann", "password": PASSWORD}

        answers = [
            client.post("/login", data=form, headers={"Origin": origin}).status_code
            for origin in ("https://wink.example.com", "http://wink.example.com", "https://example.com")
        ]

    assert answers == [303, 403, 403]


@pytest.mark.parametrize("path", ["/login", "/password", "/", "/healthz", "/nothing", "/api/v1/triggers"])
def test_every_answer_has_the_headers_that_protect_it(edith, path):
    headers = edith.get(path).headers

    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_a_script_that_asks_for_a_part_of_a_page_is_sent_to_the_sign_in_as_a_whole(browser):
    answer = browser.get("/password", headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/login?next=/password")

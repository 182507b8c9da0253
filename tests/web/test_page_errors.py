"""What people, scripts of pages and programs are told when something goes wrong."""

import pytest
from structlog.testing import capture_logs
from werkzeug.test import Client

from engine.errors import StoreUnavailable
from engine.words import Role
from tests.engines import running
from tests.web.browser import OURS, Browser, person, signed_in
from web.application import create_application

PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PART = {"Accept": "text/html", "HX-Request": "true"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with running(tmp_path_factory.mktemp("errors"), max_body="20KB") as engine:
        person(engine, "victor", Role.VIEWER)
        yield engine, create_application(engine)


@pytest.fixture
def stranger(place) -> Browser:
    return Browser(Client(place[1]))


@pytest.fixture(scope="module")
def victor(place) -> Browser:
    return signed_in(place[1], "victor")


def is_page(answer, status, title):
    assert answer.status_code == status
    assert answer.content_type == "text/html; charset=utf-8"
    assert f"<h1>{title}</h1>" in answer.text
    return answer.text


def test_a_person_who_is_lost_gets_a_page_with_the_way_back(victor):
    text = is_page(victor.get("/nothing", headers=PAGE), 404, "There is no such page")

    assert 'aria-label="Main"' in text
    assert 'href="/">Go to the overview</a>' in text


def test_a_stranger_who_is_lost_is_shown_the_sign_in_and_no_navigation(stranger):
    text = is_page(stranger.get("/nothing", headers=PAGE), 404, "There is no such page")

    assert 'href="/login">Sign in</a>' in text
    assert "<nav" not in text


@pytest.mark.parametrize("accept", ["", "*/*", "application/json"])
def test_a_program_gets_a_problem(victor, accept):
    answer = victor.get("/nothing", headers={"Accept": accept} if accept else {})

    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == 404


def test_the_api_answers_browsers_with_problems_too(victor):
    answer = victor.get("/api/v1/triggers/nothing", headers=PAGE)

    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_an_address_that_forms_send_to_says_so_to_who_opens_it(victor):
    answer = victor.get("/logout", headers=PAGE)

    is_page(answer, 405, "This address is not a page")
    assert "POST" in answer.headers["Allow"]


def test_a_form_of_another_site_is_refused_in_words(victor):
    answer = victor.post("/logout", headers={"Sec-Fetch-Site": "cross-site", **PAGE})

    assert "open the page here, and try again." in is_page(answer, 403, "Not allowed")


def test_too_much_is_refused_in_words(stranger):
    answer = stranger.post("/login", headers=OURS | PAGE, name="ann", password="x" * 30_000)

    is_page(answer, 413, "That is too much")


def test_a_mistake_of_ours_tells_the_log_alone_what_it_is(victor, monkeypatch):
    monkeypatch.setattr("web.pages.session._password_page", fail(RuntimeError("the secret of t is s3cret")))

    with capture_logs() as logs:
        text = is_page(victor.get("/password?next=%2F%3Ca%3E", headers=PAGE), 500, "Wink itself failed")

    assert "s3cret" not in text
    assert "RuntimeError" not in text
    assert 'href="/password?next=%2F%3Ca%3E">Try again</a>' in text
    assert [line["event"] for line in logs] == ["api.internal_error"]


def test_without_a_database_the_page_says_when_to_come_again(victor, monkeypatch):
    monkeypatch.setattr("web.people.who", fail(StoreUnavailable()))

    answer = victor.get("/password", headers=PAGE)

    text = is_page(answer, 503, "Wink cannot do this now")
    assert "<nav" not in text
    assert 'href="/password">Try again</a>' in text
    assert int(answer.headers["Retry-After"]) > 0


def test_without_a_database_a_part_of_a_page_says_so_too(victor, monkeypatch):
    monkeypatch.setattr("web.people.who", fail(StoreUnavailable()))

    answer = victor.get("/password", headers=PART)

    assert (answer.status_code, answer.headers["HX-Retarget"]) == (503, "[data-trouble]")
    assert "Wink cannot do this now" in answer.text


def test_a_part_of_a_page_that_fails_is_told_on_top_of_the_page(victor, monkeypatch):
    monkeypatch.setattr("web.pages.session._password_page", fail(RuntimeError()))

    answer = victor.get("/password", headers=PART)

    assert answer.status_code == 500
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("[data-trouble]", "innerHTML")
    assert answer.text.strip().startswith('<div class="notice" data-tone="bad" role="alert">')


@pytest.mark.parametrize(
    "path", ["/%3Cscript%3Ealert(1)%3C/script%3E", "/{{7*7}}", "/a%00b", "/%E2%80%AE", "/" + "x" * 9000]
)
def test_a_hostile_address_is_not_repeated(victor, path):
    text = is_page(victor.get(path, headers=PAGE), 404, "There is no such page")

    assert "<script>" not in text
    assert "49" not in text


def fail(error):
    def raises(*_):
        raise error

    return raises

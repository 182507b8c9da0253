"""The list of triggers and the choice of a connector, as a person at a browser meets them."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event as listening_to
from werkzeug.test import Client

from engine.path.listen import listen
from engine.path.publish import pause
from engine.store import triggers
from engine.words import TriggerState
from tests.engines import deliver, trigger
from tests.web.seen import Seen

NASTY = "<script>alert(1)</script> {{7*7}} \u202egnp.exe \U0001f600"


pytestmark = pytest.mark.usefixtures("no_triggers")


@pytest.fixture(scope="module")
def engine(shared_engine):
    return shared_engine


def row(page: str, name: str) -> str:
    """Return the row of a trigger, without its tags."""
    found = next(part for part in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if f"<code>{name}</code>" in part)
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


def test_an_empty_list_says_what_would_be_here_and_offers_the_connectors(edith):
    page = edith.get("/triggers").text

    assert "No triggers yet" in page
    assert 'value="github"' in page
    assert page.count("<h1") == 1


def test_a_trigger_that_never_received_anything_says_so(engine, edith):
    trigger(engine, name="quiet", title="Quiet one")

    assert row(edith.get("/triggers").text, "quiet") == (
        "Quiet one quiet Custom Webhook API key published nothing came in yet 0 never"
    )


def test_what_came_in_lately_is_a_picture_with_words(engine, edith):
    trigger(engine, name="busy")
    for number in range(3):
        deliver(engine, b'{"n": %d}' % number, "busy")

    assert 'aria-label="3 deliveries in the last hour, 0 refused"' in edith.get("/triggers").text


def test_refused_deliveries_stand_there_with_the_commonest_reason(engine, edith, application):
    made = trigger(engine, name="refusing")
    for key in ("wrong", "bad", ""):
        Client(application).post(f"/webhooks/{made.trigger.path}?apikey={key}", json={})

    page = edith.get("/triggers").text

    assert "3 refused lately, mostly: the key does not match" in row(page, "refusing")
    assert "3 deliveries in the last hour, 3 refused" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"connector": "slack"}, "needs secret needs the secret that Slack made"),
        ({"draft": True}, "draft"),
    ],
)
def test_the_state_and_what_it_needs_stand_together(engine, edith, fields, words):
    trigger(engine, name="one", **fields)

    assert words in row(edith.get("/triggers").text, "one")


def test_a_paused_trigger_says_that_it_holds(engine, edith):
    trigger(engine, name="one")
    deliver(engine, name="one")
    pause(engine, "one")

    assert "paused what would run is held" in row(edith.get("/triggers").text, "one")


def test_samples_that_nobody_applied_are_told(engine, edith):
    trigger(engine, name="one", draft=True)
    listen(engine, "one", timedelta(minutes=1))
    deliver(engine, name="one")

    assert "samples wait for Apply" in row(edith.get("/triggers").text, "one")


def test_hostile_titles_show_as_text(engine, edith):
    trigger(engine, name="nasty", title=NASTY)

    page = edith.get("/triggers").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}}" in page
    assert "49" not in row(page, "nasty")


def test_the_page_takes_as_many_statements_for_many_triggers_as_for_one(engine, edith):
    trigger(engine, name="first")
    statements = []
    listening_to.listen(
        engine.store.database.reading, "before_cursor_execute", lambda *given: statements.append(given[2])
    )
    edith.get("/triggers")
    for_one = len(statements)
    for number in range(20):
        trigger(engine, name=f"many-{number}")
    statements.clear()

    edith.get("/triggers")

    assert len(statements) <= for_one


def test_the_list_goes_on_from_page_to_page(engine, edith):
    for number in range(52):
        trigger(engine, name=f"many-{number:02}")

    page = edith.get("/triggers").text
    further = edith.get("/triggers?after=many-49").text

    assert 'href="/triggers?after=many-49"' in page
    assert re.findall(r"<code>(many-\d+)</code>", further) == ["many-50", "many-51"]
    assert "No more triggers" in edith.get("/triggers?after=zzz").text


def test_the_part_that_changes_comes_alone(engine, edith):
    trigger(engine, name="one")

    part = edith.get("/triggers?part=list&after=").text

    assert "<html" not in part
    assert "<code>one</code>" in part


def test_004_r6_every_connector_and_the_custom_webhook_can_be_chosen(engine, edith):
    page = edith.get("/triggers/new").text

    assert set(re.findall(r'name="connector" value="([^"]+)"', page)) == set(engine.connectors)
    assert page.index('value="custom"') < page.index('value="github"')


def test_the_search_works_without_a_script(edith):
    page = edith.get("/triggers/new?q=GITHU").text

    assert re.findall(r'name="connector" value="([^"]+)"', page) == ["custom", "github"]


def test_custom_is_in_sight_whatever_is_looked_for(edith):
    page = edith.get("/triggers/new?q=<script>&category=chat&confirmed=no").text

    assert re.findall(r'name="connector" value="([^"]+)"', page) == ["custom"]
    assert re.search(r'id="connectors-none" role="status">No connector fits', page)


def test_no_connector_can_be_chosen_twice(engine, edith):
    page = edith.get("/triggers/new?connector=github").text

    assert len(re.findall(r'name="connector" value=', page)) == len(engine.connectors)


def test_a_link_can_put_a_connector_first(edith):
    page = edith.get("/triggers/new?connector=stripe").text

    assert re.search(r'name="connector" value="([^"]+)"', page)[1] == "stripe"


def test_004_r5_one_click_makes_a_draft_that_is_called_as_its_connector(engine, edith):
    answer = edith.post("/triggers/new", connector="github")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/triggers/github")
    made = engine.store.read(triggers.find, "github")
    assert (made.title, made.state, made.auth) == ("GitHub", TriggerState.DRAFT, "signature")


def test_the_name_is_made_from_the_title_and_taken_once(engine, edith):
    places = [
        edith.post("/triggers/new", connector="custom", title=title).headers["Location"]
        for title in ("Büro: Öffnung!", "Büro öffnung", "", "", "new", "日本語", NASTY)
    ]

    assert places == [
        "/triggers/buro-offnung",
        "/triggers/buro-offnung-2",
        "/triggers/custom-webhook",
        "/triggers/custom-webhook-2",
        "/triggers/new-2",
        "/triggers/custom-webhook-3",
        "/triggers/script-alert-1-script-7-7-gnp-exe",
    ]
    assert engine.store.read(triggers.find, "custom-webhook-2").title == "Custom Webhook 2"


@pytest.mark.parametrize("title", ["x" * 10_000, "a\0b"])
def test_a_title_that_cannot_be_kept_is_told_and_stays(engine, edith, title):
    answer = edith.post("/triggers/new", connector="custom", title=title)

    assert answer.status_code == 422
    assert Seen(answer.text).errors["title"]
    assert not engine.store.read(triggers.all_of)


def test_a_connector_that_is_not_there_is_told(edith):
    answer = edith.post("/triggers/new", connector="<script>", title="Mine")

    assert answer.status_code == 422
    assert "There is no connector" in answer.text
    assert Seen(answer.text).values["title"] == "Mine"


def test_a_viewer_sees_the_list_and_makes_nothing(engine, victor):
    trigger(engine, name="one")

    assert "<code>one</code>" in victor.get("/triggers").text
    assert victor.post("/triggers/new", connector="custom").status_code == 403
    assert len(engine.store.read(triggers.all_of)) == 1

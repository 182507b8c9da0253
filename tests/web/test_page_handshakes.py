"""The set-up page of a trigger whose vendor asks about the address first, and the ledger's page of such a question."""

from datetime import timedelta

import pytest

from engine.path.listen import listen
from engine.path.receive import Request, receive
from engine.store import search
from engine.store.search import DeliveryFilter, Span
from engine.words import Verdict
from tests.signing import hex_hmac
from tests.web.setup_form import begin, labelled, stored

TOKEN = "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"

pytestmark = pytest.mark.usefixtures("no_triggers")


@pytest.fixture(scope="module")
def engine(shared_engine):
    return shared_engine


def sent(engine, body: bytes, **headers: str):
    """Send a delivery to the trigger ``t`` and return the answer."""
    named = {name.replace("_", "-"): (value,) for name, value in headers.items()}
    lines = {"content-type": ("application/json",), **named}
    request = Request("POST", "", lines, body, len(body), "192.0.2.7")
    return receive(engine, stored(engine).path, request)


def bring(engine, token: str = TOKEN):
    return sent(engine, f'{{"verification_token": "{token}"}}'.encode())


def test_the_page_says_what_wink_does_about_the_vendors_question(edith):
    page = begin(edith, "dropbox")

    assert "When Dropbox asks about the address, Wink sends its challenge back, by itself." in page


def test_a_vendor_that_asks_nothing_is_not_spoken_of(edith):
    assert "asks about the address" not in begin(edith, "github")


def test_a_secret_that_the_vendor_brings_is_not_asked_for(edith):
    page = begin(edith, "asana")

    assert "there is nothing to paste here" in page
    assert "copy it there, and paste it here" not in page


def test_a_secret_that_was_brought_is_shown_to_whoever_asks_and_once_at_a_time(engine, edith):
    before = begin(edith, "notion")
    bring(engine)
    page = edith.get("/triggers/t").text

    shown = edith.get(edith.post("/triggers/t/secret/show").headers["Location"]).text

    assert "Show the secret" not in before
    assert "Show the secret" in page
    assert TOKEN not in page
    assert labelled(shown, "Webhook API Key") == TOKEN
    assert TOKEN not in edith.get("/triggers/t").text


def test_whoever_may_not_edit_does_not_see_it(engine, edith, victor):
    begin(edith, "notion")
    bring(engine)

    assert "Show the secret" not in victor.get("/triggers/t").text
    assert victor.post("/triggers/t/secret/show").status_code == 403


def test_once_a_delivery_is_proven_with_it_nobody_sees_it_any_more(engine, edith):
    begin(edith, "notion")
    bring(engine)
    body = b'{"id": "1", "type": "page.created", "timestamp": "2026-01-02T03:04:05Z"}'
    listen(engine, "t", timedelta(minutes=2))
    answer = sent(engine, body, x_notion_signature=f"sha256={hex_hmac(TOKEN, body)}")

    refused = edith.post("/triggers/t/secret/show")

    assert answer.status == 202
    assert refused.status_code == 409
    assert "Show the secret" not in edith.get("/triggers/t").text


def test_a_secret_that_the_vendor_does_not_want_back_is_never_shown(engine, edith):
    begin(edith, "asana")
    sent(engine, b"", x_hook_secret="b537207f20cbfa02357cf448134da559")

    assert "Show the secret" not in edith.get("/triggers/t").text
    assert edith.post("/triggers/t/secret/show").status_code == 409


def test_the_ledger_says_of_a_question_what_was_done(engine, edith):
    begin(edith, "notion")
    bring(engine)
    which = DeliveryFilter(trigger_id=stored(engine).id, verdict=Verdict.HANDSHAKE)
    (line,) = engine.store.read(search.list_deliveries, which, Span()).items

    page = edith.get(f"/deliveries/{line.id}").text

    assert "was kept" in page
    assert TOKEN not in page

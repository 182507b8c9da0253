"""How senders prove themselves, on the set-up page: methods, recipes, and secrets that are shown once."""

import re
from datetime import timedelta
from html import unescape
from itertools import pairwise
from shlex import split

import pytest
from werkzeug.test import Client

from engine.path.publish import publish
from engine.store import search, show
from engine.store.search import DeliveryFilter, Span
from engine.words import Verdict
from tests.engines import trigger
from tests.web.seen import Seen
from tests.web.setup_form import begin, labelled, stored
from web.pages.issued import COOKIE

MASKED = "••••••••••••"


pytestmark = pytest.mark.usefixtures("no_triggers")


@pytest.fixture(scope="module")
def engine(shared_engine):
    return shared_engine


def test_secrets_are_shown_once(engine, edith):
    key = labelled(begin(edith), "Webhook API Key")

    again = edith.get("/triggers/t").text

    assert key not in again
    assert labelled(again, "Webhook API Key") == MASKED
    assert labelled(again, "Webhook Full URL").endswith(f"?apikey={MASKED}")


def test_what_is_shown_once_is_sealed_for_one_trigger_and_one_browser(engine, edith, victor):
    answer = edith.post("/triggers/new", connector="custom", title="t")
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith(COOKIE))
    trigger(engine, name="other")

    page = edith.get("/triggers/t").text
    key = labelled(page, "Webhook API Key")
    victor.client.set_cookie(COOKIE, cookie.split("=", 1)[1].split(";")[0])

    assert "HttpOnly" in cookie
    assert "Path=/triggers/t" in cookie
    assert key not in cookie
    assert key not in victor.get("/triggers/other").text
    victor.client.set_cookie(COOKIE, "rubbish")
    assert victor.get("/triggers/other").status_code == 200


def test_004_r7_choosing_signature_shows_base_address_and_key_and_switching_keeps_the_path(engine, edith):
    begin(edith)
    path = stored(engine).path

    by_signature = edith.get(edith.post("/triggers/t/method", auth="signature").headers["Location"]).text
    back = edith.get(edith.post("/triggers/t/method", auth="api_key").headers["Location"]).text

    assert labelled(by_signature, "Webhook Full URL") is None
    assert labelled(by_signature, "Webhook Base URL").endswith(path)
    assert labelled(by_signature, "Webhook API Key").startswith("whsec_")
    assert labelled(back, "Webhook Base URL") == labelled(by_signature, "Webhook Base URL")
    assert labelled(back, "Webhook Full URL").endswith(f"{path}?apikey={labelled(back, 'Webhook API Key')}")
    assert labelled(back, "Webhook API Key") != MASKED
    assert stored(engine).path == path


def test_a_trigger_that_is_in_use_keeps_its_key_when_its_method_changes(engine, edith):
    key = labelled(begin(edith), "Webhook API Key")
    publish(engine, "t")

    edith.post("/triggers/t/method", auth="signature", recipe="blink")

    held = engine.published.now().by_id[stored(engine).id]
    assert held.secrets_at(engine.clock.now())["api_key"] == [key]


def test_a_recipe_can_be_chosen_or_written_out(engine, edith):
    begin(edith)
    own = "scheme: hmac\nsecret: api_key\nsignature: {header: X-Sig, encoding: hex}\nsigns: '{body}'\n"

    edith.post("/triggers/t/method", auth="signature", recipe="blink")
    by_name = stored(engine).recipe
    edith.post("/triggers/t/method", auth="signature", recipe="own", recipe_text=own)

    page = edith.get("/triggers/t").text

    assert by_name == "blink"
    assert "X-Sig" in page
    assert stored(engine).recipe["signature"]["header"] == "X-Sig"


@pytest.mark.parametrize("text", ["", "scheme: [", "scheme: none", "a\0b", "<script>"])
def test_a_recipe_that_cannot_be_is_told_and_kept(engine, edith, text):
    begin(edith)

    answer = edith.post("/triggers/t/method", auth="signature", recipe="own", recipe_text=text)

    assert answer.status_code == 422
    assert Seen(answer.text).errors["recipe"]
    assert "<script>" not in answer.text
    assert stored(engine).auth == "api_key"


def test_who_wants_to_write_a_recipe_is_asked_for_it_before_anything_changes(engine, edith):
    begin(edith)

    answer = edith.post("/triggers/t/method", auth="signature", recipe="own")

    assert answer.status_code == 200
    assert 'name="recipe_text"' in answer.text
    assert not Seen(answer.text).errors
    assert stored(engine).auth == "api_key"


def test_a_method_that_is_not_there_is_told(engine, edith):
    begin(edith)

    answer = edith.post("/triggers/t/method", auth="<b>")

    assert answer.status_code == 422
    assert "has no way" in Seen(answer.text).errors["auth"]


def test_a_vendors_secret_is_pasted_and_never_shown(engine, edith):
    page = begin(edith, "slack")
    assert "needs secret" in page
    assert "Slack makes this secret" in page

    empty = edith.post("/triggers/t/secret", **{"secret-signing_secret": "  "})
    answer = edith.post("/triggers/t/secret", **{"secret-signing_secret": "8f742231b10e8888abcd99yyyzzz85a5"})
    after = edith.get(answer.headers["Location"]).text

    assert (empty.status_code, Seen(empty.text).errors["secret-signing_secret"]) == (422, "Paste the secret.")
    assert answer.status_code == 303
    assert "8f742231b10e" not in after
    assert labelled(after, "Webhook API Key") == MASKED


def test_a_pasted_secret_that_looks_cut_off_is_taken_with_a_warning(engine, edith):
    begin(edith, "slack")

    answer = edith.post("/triggers/t/secret", **{"secret-signing_secret": "short"})

    assert "was it cut off when it was copied?" in edith.get(answer.headers["Location"]).text


def test_rotating_shows_the_new_key_and_keeps_the_old_one_for_the_overlap(engine, edith):
    old = labelled(begin(edith), "Webhook API Key")

    page = edith.get(edith.post("/triggers/t/secret", overlap="1h").headers["Location"]).text
    new = labelled(page, "Webhook API Key")
    held = engine.published.now().by_id[stored(engine).id]

    assert new not in {old, MASKED}
    assert held.secrets_at(engine.clock.now())["api_key"] == [new, old]
    assert held.secrets_at(engine.clock.now() + timedelta(hours=2))["api_key"] == [new]


@pytest.mark.parametrize("overlap", ["soon", "400d", "", "<script>"])
def test_an_overlap_that_cannot_be_is_told(engine, edith, overlap):
    begin(edith)

    assert edith.post("/triggers/t/secret", overlap=overlap).status_code == 422


@pytest.mark.parametrize("connector", ["custom", "bearer-scan", "detectify"])
def test_while_the_key_is_shown_a_line_for_a_terminal_sends_with_it(engine, edith, application, connector):
    page = begin(edith, connector)
    made = stored(engine)
    publish(engine, made.id)

    words = split(snippet(page, "copy-curl"))
    headers = [each.split(": ", 1) for flag, each in pairwise(words) if flag == "-H"]
    url, body = words[1], words[-1]
    answer = Client(application).post(f"/webhooks/{url.split('/webhooks/')[1]}", data=body, headers=headers)

    assert words[0] == "curl"
    assert url.startswith(f"http://127.0.0.1:8080/webhooks/{made.path}")
    assert answer.status_code in {200, 202}
    assert engine.store.read(show.delivery, latest(engine, made.id)).verdict is Verdict.ACCEPTED
    assert "copy-curl" not in edith.get(f"/triggers/{made.name}").text


def test_where_a_signature_is_made_wink_sends_and_the_key_is_in_no_line(engine, edith):
    begin(edith)
    page = edith.get(edith.post("/triggers/t/method", auth="signature").headers["Location"]).text

    assert labelled(page, "Webhook API Key") != MASKED
    assert snippet(page, "copy-send") == "wink send t"
    assert "signs as the sender does" in page
    assert "copy-curl" not in page


def test_without_a_secret_nothing_can_be_sent_from_a_terminal(edith):
    page = begin(edith, "stripe")

    assert "copy-curl" not in page
    assert "copy-send" not in page


def snippet(page: str, name: str) -> str:
    return unescape(re.search(rf'<pre id="{name}"[^>]*><code>(.*?)</code>', page, re.DOTALL)[1])


def latest(engine, trigger_id: str) -> str:
    return engine.store.read(search.list_deliveries, DeliveryFilter(trigger_id=trigger_id), Span(limit=1)).items[0].id

"""Listening for a sample, its schema, and test events, as the set-up page shows them."""

import re
from datetime import timedelta

import pytest
from werkzeug.test import Client

from engine.path.listen import captured, listen, schemas_of
from engine.path.publish import publish
from engine.store import triggers
from tests.engines import trigger
from tests.web.seen import Seen
from web.pages.payload import SHOWN
from web.pages.sample_view import MOST_FIELDS

NASTY = "<script>alert(1)</script> {{7*7}} \u202egnp.exe \U0001f600 \\u0000"


@pytest.fixture(scope="module")
def engine(shared_engine):
    return shared_engine


@pytest.fixture
def draft(engine, no_triggers):
    """Return a trigger that is not published, the only one there is."""
    return trigger(engine, draft=True)


@pytest.fixture
def later(engine):
    """Return what moves the clock on for the test."""
    moved = []

    def move(length: timedelta) -> None:
        moved.append(length)
        engine.clock.advance(length)

    yield move
    engine.clock.advance(-sum(moved, timedelta()))


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def asks(page: str) -> str:
    """Return the address by which a page asks for what changed."""
    return re.search(r'hx-get="([^"]+/listening[^"]*)"', page)[1].replace("&amp;", "&")


def post(application, made, body: bytes = b'{"n": 1}', key: str | None = None):
    """Post to the trigger as a sender does."""
    address = f"/webhooks/{made.trigger.path}?apikey={made.api_key if key is None else key}"
    return Client(application).post(address, data=body, content_type="application/json")


def test_004_r9_an_event_before_listening_is_no_sample_and_one_after_it_is(engine, edith, application, draft):
    before = post(application, draft)
    assert (before.status_code, captured(engine, "t")) == (409, [])

    answer = edith.post("/triggers/t/listening")
    listening = edith.get(answer.headers["Location"]).text
    post(application, draft, b'{"finding": {"severity": "high"}}')
    page = edith.get(asks(listening)).text

    assert "Listening." in listening
    assert re.search(r'data-countdown="(29\d|300)"', listening)
    assert 'hx-trigger="every 500ms"' in listening
    assert '"high"' in page.replace("&#34;", '"')
    assert len(captured(engine, "t")) == 1
    assert "the trigger was not published, and nobody listened" in page


def test_who_asks_again_gets_nothing_until_something_changed(edith, application, draft):
    edith.post("/triggers/t/listening")
    page = edith.get("/triggers/t").text
    assert edith.get(asks(page)).status_code == 204

    post(application, draft)
    news = edith.get(asks(page))

    assert news.status_code == 200
    assert edith.get(asks(news.text)).status_code == 204


def test_004_r9_everybody_who_looks_sees_it_whoever_listens(edith, victor, application, draft):
    watching = victor.get("/triggers/t").text
    edith.post("/triggers/t/listening")

    told = victor.get(asks(watching)).text
    post(application, draft)
    shown = victor.get(asks(told)).text

    assert "Listening." in told
    assert ">Stop<" not in told
    assert "event.data" in shown


def test_004_r9_listening_can_be_stopped(engine, edith, application, draft):
    edith.post("/triggers/t/listening")
    page = edith.get(edith.post("/triggers/t/listening/stop").headers["Location"]).text

    assert "Listening." not in page
    assert ">Listen to event<" in page
    assert post(application, draft).status_code == 409


def test_004_r9_listening_ends_by_itself_and_says_that_nothing_came(edith, draft, later):
    edith.post("/triggers/t/listening")
    listening = edith.get("/triggers/t").text
    later(timedelta(minutes=6))

    page = edith.get(asks(listening)).text

    assert "Nothing came in time" in page
    assert 'hx-trigger="every 5s"' in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "the key does not match"),
        ({"auth": "signature"}, "there is no signature"),
    ],
)
@pytest.mark.usefixtures("draft")
def test_refused_deliveries_show_with_the_reason_in_words(engine, edith, application, fields, words):
    made = trigger(engine, name="refusing", draft=True, **fields)
    edith.post("/triggers/refusing/listening")
    page = edith.get("/triggers/refusing").text

    post(application, made, key="wrong")

    told = edith.get(asks(page)).text
    assert text(told).replace("&#39;", "'").count(words) == 1
    assert "A delivery was refused" in told


def test_of_the_newest_refusal_it_is_told_what_is_wrong_and_what_to_do(edith, application, draft):
    for key in ("first", "second"):
        post(application, draft, key=key)

    shown = text(edith.get("/triggers/t").text)

    assert shown.count("it is not the trigger") == 1
    assert shown.count("Copy this trigger") == 1


def test_a_refusal_whose_reason_says_it_all_is_not_told_twice(edith, application, draft):
    post(application, draft)

    shown = text(edith.get("/triggers/t").text)

    assert "the trigger was not published, and nobody listened" in shown
    assert "nobody listens for a sample" not in shown


def test_004_r10_apply_takes_the_schema_and_leaving_changes_nothing(engine, edith, application, draft):
    listen(engine, "t", timedelta(minutes=5))
    post(application, draft, b'{"at": "2026-11-21T10:00:00Z", "tags": ["a"], "who": {"mail": "eve@example.com"}}')
    page = edith.get("/triggers/t").text
    assert schemas_of(engine, "t") == {}

    applied = edith.get(edith.post("/triggers/t/schema").headers["Location"]).text

    assert "detected, not applied" in page
    assert 'Apply<span class="visually-hidden"> the detected schema' in page
    assert text(page).count("at text date-time 2026-11-21T10:00:00Z") == 1
    assert "mail text email eve@example.com" in text(page)
    assert list(schemas_of(engine, "t")) == ["custom.event"]
    assert "in force" in applied
    assert "the detected schema" not in applied


def test_apply_takes_the_samples_that_were_seen_and_says_that_newer_ones_wait(engine, edith, application, draft):
    listen(engine, "t", timedelta(minutes=5))
    post(application, draft, b'{"n": 1}')
    seen = Seen(edith.get("/triggers/t").text).values["newest"]
    post(application, draft, b'{"n": 2, "later": true}')

    applied = edith.get(edith.post("/triggers/t/schema", newest=seen).headers["Location"]).text

    assert list(schemas_of(engine, "t")["custom.event"]["properties"]) == ["n"]
    assert "A newer sample came in meanwhile" in applied
    assert "new event.data.later true or false" in text(applied)
    again = edith.get(edith.post("/triggers/t/schema", **Seen(applied).values).headers["Location"]).text
    assert list(schemas_of(engine, "t")["custom.event"]["properties"]) == ["n", "later"]
    assert "meanwhile" not in again


@pytest.mark.parametrize("newest", ["evt_gone", "evt_\0", "<script>"])
def test_samples_that_are_gone_are_not_applied(engine, edith, application, draft, newest):
    listen(engine, "t", timedelta(minutes=5))
    post(application, draft)

    answer = edith.post("/triggers/t/schema", newest=newest)

    assert (answer.status_code, "are gone" in answer.text) == (422, True)
    assert "<script>" not in answer.text.replace('<script type="module"', "")


def test_several_samples_merge_and_differences_to_the_schema_in_force_show(engine, edith, application, draft):
    listen(engine, "t", timedelta(minutes=5))
    post(application, draft, b'{"n": 1, "gone": true}')
    edith.post("/triggers/t/schema")
    for body in (b'{"n": "two", "extra": 1}', b'{"n": 3}', b'{"type": "other", "x": 1}'):
        post(application, draft, body)

    page = text(edith.get("/triggers/t").text)

    assert "custom.event from 3 samples" in page
    assert "custom.other from 1 sample" in page
    assert "gone true or false seen in 1 of 3 samples" in page
    assert "new event.data.extra whole number, not always there" in page
    assert "changed event.data.n whole number → " in page


def test_004_r11_a_captured_sample_can_be_looked_at_and_copied_later(engine, edith, application, draft, later):
    listen(engine, "t", timedelta(minutes=5))
    for number in (1, 2):
        post(application, draft, b'{"n": %d}' % number)
    publish(engine, "t")
    later(timedelta(hours=1))
    (newest, _), (oldest, _) = captured(engine, "t")

    page = edith.get(f"/triggers/t?sample={oldest.id}").text
    part = edith.get(f"/triggers/t/listening?sample={oldest.id}").text

    for shown in (page, part):
        assert "&#34;n&#34;: 1" in shown
        assert f"?sample={newest.id}" in shown
    assert 'data-label="Sample payload"' in page
    assert "&#34;n&#34;: 2" in edith.get("/triggers/t?sample=<script>").text


def test_hostile_payloads_show_as_text(engine, edith, application, draft):
    listen(engine, "t", timedelta(minutes=5))
    body = f'{{"<b>{{{{7*7}}}}</b>": "{NASTY}", "type": "<script>"}}'.encode()

    assert post(application, draft, body).status_code == 202
    page = edith.get("/triggers/t").text

    assert "<script>" not in page.replace('<script type="module"', "")
    assert "<b>{{" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}}" in page


def test_a_large_sample_is_no_tree_and_a_wide_schema_neither(engine, edith, application, draft):
    listen(engine, "t", timedelta(minutes=5))
    wide = b"{" + b",".join(b'"f%d": "%s"' % (n, b"x" * 200) for n in range(MOST_FIELDS + 1)) + b"}"
    assert len(wide) > SHOWN
    post(application, draft, wide)

    page = edith.get("/triggers/t").text

    assert "bytes: here is how it begins" in page
    assert "too many fields for a tree" in page
    assert len(page) < 400_000


def test_the_connectors_own_sample_serves_as_one(engine, edith, draft):
    trigger(engine, name="hub", connector="github", draft=True)

    page = edith.get(edith.post("/triggers/hub/sample").headers["Location"]).text
    edith.post("/triggers/hub/sample")

    assert "github.ping" in page
    assert "Listening." not in page
    assert len(captured(engine, "hub")) == 2


def test_a_trigger_without_a_secret_says_why_nothing_can_be_sent(engine, edith, draft):
    trigger(engine, name="slack", connector="slack", draft=True)

    for path in ("sample", "test"):
        answer = edith.post(f"/triggers/slack/{path}")

        assert answer.status_code == 409
        assert "cannot be sent to" in answer.text


def test_applying_a_schema_without_samples_says_what_to_do(edith, draft):
    answer = edith.post("/triggers/t/schema")

    assert answer.status_code == 422
    assert "listen, and let the vendor send something" in answer.text


def test_a_viewer_cannot_listen(engine, victor, draft):
    for path in ("listening", "listening/stop", "sample", "schema", "test"):
        assert victor.post(f"/triggers/t/{path}").status_code == 403
    assert engine.store.read(triggers.find, "t").listening_until is None

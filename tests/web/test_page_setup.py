"""The set-up page of a trigger: what it asks, what it shows once, and what happens when something is wrong with it."""

import re
from html import unescape
from itertools import pairwise

import pytest

from engine.path.setup import change
from engine.store import triggers
from engine.words import OnMismatch, OnUnknown, TriggerState
from tests.engines import LOGS, deliver, runs_of, trigger, workflow
from tests.web.seen import Seen
from tests.web.setup_form import begin, fields, labelled, stored

HOSTILE = ["<script>alert(1)</script>", "{{7*7}}", "\u202egnp.exe", "\U0001f600", "x" * 10_001, "a\0b"]


pytestmark = pytest.mark.usefixtures("no_triggers")


@pytest.fixture(scope="module")
def engine(shared_engine):
    return shared_engine


def test_004_r5_by_api_key_the_page_shows_name_method_addresses_and_key(engine, edith):
    page = begin(edith)
    base = f"http://127.0.0.1:8080/webhooks/{stored(engine).path}"
    key = labelled(page, "Webhook API Key")

    assert labelled(page, "Webhook Event Name") == "t"
    assert "Authentication Method" in page
    assert re.search(r'value="api_key"\s+checked', page)
    assert labelled(page, "Webhook Base URL") == base
    assert labelled(page, "Webhook Full URL") == f"{base}?apikey={key}"
    assert len(key) > 40
    for label in ("Webhook Full URL", "Webhook Base URL", "Webhook API Key"):
        assert f'data-label="{label}"' in page


def test_the_vendors_steps_stand_beside_it_without_html_of_their_own(edith):
    page = begin(edith, "github")

    assert "At GitHub" in page
    assert "<strong>Payload URL</strong>: the <em>Webhook Base URL</em>" in page


@pytest.mark.parametrize(
    ("address", "warned"),
    [("http://wink.example.com", True), ("https://10.0.0.1", True), ("https://wink.example.com", False)],
)
def test_an_address_that_vendors_cannot_reach_safely_is_warned_of(engine, edith, address, warned):
    trigger(engine, public_url=address)

    assert ("Set WINK_PUBLIC_URL to a public https address" in edith.get("/triggers/t").text) is warned


def test_004_r10_apply_completes_the_trigger_and_leaving_changes_nothing(engine, edith):
    page = begin(edith)
    before = stored(engine)
    edith.get("/triggers/t")
    assert stored(engine) == before
    edith.post("/triggers/t/listening")

    answer = edith.post("/triggers/t", **{**fields(page), "title": "Findings", "condition": "event.data.n > 1"})

    assert answer.status_code == 303
    assert "Published: deliveries start workflows from now on." in edith.get(answer.headers["Location"]).text
    after = stored(engine)
    assert (after.state, after.title, after.condition) == (TriggerState.PUBLISHED, "Findings", "event.data.n > 1")
    assert after.listening_until is None


def test_a_draft_can_be_saved_as_one(engine, edith):
    page = begin(edith)

    edith.post("/triggers/t", **{**fields(page), "rate": "10/s"}, keep="draft")

    assert (stored(engine).state, stored(engine).rate) == (TriggerState.DRAFT, "10/s")


def test_004_r12_what_becomes_of_odd_events_is_decided_here(engine, edith):
    page = begin(edith)
    decided = {"on_mismatch": "reject", "on_unknown": "quarantine", "networks": "10.0.0.0/8\r\n192.0.2.1"}

    edith.post("/triggers/t", **{**fields(page), **decided})

    after = stored(engine)
    assert (after.on_mismatch, after.on_unknown) == (OnMismatch.REJECT, OnUnknown.QUARANTINE)
    assert after.networks == ["10.0.0.0/8", "192.0.2.1"]


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("condition", "event.data.n >", ""),
        ("condition", "steps.a.output", "can name event and trigger"),
        ("rate", "often", "is no rate"),
        ("networks", "300.0.0.1", ""),
        ("title", "x" * 201, "at most 200"),
        ("on_mismatch", "explode", "Choose one"),
        *(("condition", text, "") for text in HOSTILE),
        *(("networks", text, "") for text in HOSTILE),
    ],
)
def test_what_cannot_be_taken_is_told_beside_its_field_and_everything_typed_stays(engine, edith, field, text, words):
    page = begin(edith)
    typed = {**fields(page), "title": "Typed title", "rate": "7/s", field: text}

    answer = edith.post("/triggers/t", **typed)

    assert answer.status_code == 422
    said = Seen(answer.text).errors
    assert words in (said.get(field) or said[f"{field}-text"])
    decided = {"title", "condition", "rate", "networks", "on_unknown"}
    kept = {name: value for name, value in fields(answer.text).items() if name in decided}
    assert kept == {name: value for name, value in typed.items() if name in decided}
    assert "<script>alert" not in answer.text
    assert stored(engine).title == "t"
    assert stored(engine).state is TriggerState.DRAFT


def test_two_people_who_change_different_things_both_get_them(engine, edith):
    page = begin(edith)
    change(engine, "t", {"rate": "5/s"})

    answer = edith.post("/triggers/t", **{**fields(page), "condition": "event.data.n == 1"})

    assert answer.status_code == 303
    assert (stored(engine).rate, stored(engine).condition) == ("5/s", "event.data.n == 1")


def test_who_changes_what_somebody_else_changed_meanwhile_is_asked_first(engine, edith):
    page = begin(edith)
    change(engine, "t", {"rate": "5/s"})

    clash = edith.post("/triggers/t", **{**fields(page), "rate": "9/s"})
    rate_between = stored(engine).rate
    again = edith.post("/triggers/t", **fields(clash.text))

    assert clash.status_code == 409
    assert "Somebody else changed this" in clash.text
    assert "Rate: <bdi>5/s</bdi>" in clash.text
    assert fields(clash.text)["rate"] == "9/s"
    assert (rate_between, stored(engine).rate, again.status_code) == ("5/s", "9/s", 303)


def test_rows_that_nobody_touched_stay_rows(engine, edith):
    rows = {"all": [{"left": "event.data.n", "op": "equals", "right": 1}]}
    trigger(engine, condition=rows)
    page = edith.get("/triggers/t").text

    edith.post("/triggers/t", **{**fields(page), "rate": "5/s"})

    assert "event.data.n == 1" in page
    assert stored(engine).condition == rows


def test_pausing_holds_and_resuming_runs_or_skips(engine, edith):
    trigger(engine)
    workflow(engine)
    edith.post("/triggers/t/pause")
    held = deliver(engine).event_ids[0]

    page = edith.get("/triggers/t").text
    refused = edith.post("/triggers/t/resume", held="maybe")
    edith.post("/triggers/t/resume", held="run")

    assert "What becomes of what is held?" in page
    assert (refused.status_code, Seen(refused.text).errors["held"]) == (422, "Say what becomes of what is held.")
    assert stored(engine).state is TriggerState.PUBLISHED
    assert len(runs_of(engine, held)) == 1


def test_a_draft_cannot_be_paused_and_says_why(engine, edith):
    begin(edith)

    answer = edith.post("/triggers/t/pause")

    assert answer.status_code == 409
    assert "there is nothing to pause" in answer.text


def test_deleting_asks_first_and_goes_back_to_the_list(engine, edith):
    page = begin(edith)

    answer = edith.post("/triggers/t/delete")

    assert "Its address stops at once, for good" in page
    assert (answer.status_code, answer.headers["Location"]) == (303, "/triggers")
    assert not engine.store.read(triggers.all_of)


def test_a_trigger_whose_connector_is_gone_can_be_looked_at_and_deleted(engine, edith):
    made = trigger(engine)
    engine.store.write(triggers.change, made.trigger.id, {"connector": "gone"}, engine.clock.now())
    engine.published.refresh()

    page = edith.get("/triggers/t")

    assert page.status_code == 200
    assert "There is no connector" in page.text
    assert edith.post("/triggers/t/delete").status_code == 303


def test_a_viewer_reads_everything_and_has_no_buttons(engine, victor):
    trigger(engine)

    page = victor.get("/triggers/t").text
    main = page[page.index("<main") :]

    assert "Webhook Base URL" in main
    assert not re.findall(r"<form(?![^>]*(?:class=\"method\"|id=\"condition-form\"))", main)
    assert "Delete" not in main
    assert "Apply" not in main


def test_a_trigger_that_is_not_there_is_not_found(edith):
    for path in ("/triggers/none", "/triggers/none/listening", "/triggers/none/test"):
        assert edith.get(path).status_code == 404


def test_the_headings_are_in_order_and_every_control_has_a_label(edith):
    page = begin(edith)
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    controls = re.findall(r'<(?:input|select|textarea)(?![^>]*type="hidden")[^>]*\bid="([^"]+)"', page)

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(f'<label for="{control}"' in page for control in controls)


def test_from_a_trigger_one_comes_to_its_workflows_and_to_a_new_one(engine, edith, victor):
    trigger(engine, name="flows")
    alone = edith.get("/triggers/flows").text
    workflow(engine, LOGS.replace("trigger: t", "trigger: flows"), name="flows")

    page = edith.get("/triggers/flows").text
    form = edith.get("/workflows?trigger=flows").text
    made = edith.post("/workflows", name=Seen(form).values["name"], trigger="flows")

    assert "No workflow waits for its events yet" in alone
    assert '<a href="/workflows/flows"><bdi>Logs</bdi></a>' in page
    assert 'href="/workflows?trigger=flows#new"' in page
    assert Seen(form).values["name"] == "flows-2"
    assert '<option value="flows" selected>' in form
    assert "trigger: &#34;flows&#34;" in edith.get(made.headers["Location"]).text
    assert "New workflow for this trigger" not in victor.get("/triggers/flows").text


@pytest.mark.parametrize("asked", ["<script>", "a b", "", "\0"])
def test_a_new_workflow_for_what_is_no_trigger_begins_empty(edith, asked):
    page = edith.get("/workflows", query_string={"trigger": asked})

    assert page.status_code == 200
    assert Seen(page.text).values["name"] == ""


def test_the_custom_connector_has_no_vendor_to_speak_of(edith):
    custom, hub = (unescape(begin(edith, connector)) for connector in ("custom", "github"))

    for words in ("The vendor's own page", "Use the connector's sample"):
        assert (words in custom, words in hub) == (False, True)


def test_an_unconfirmed_connector_says_what_to_do_and_what_the_vendor_does_when_it_is_refused(edith):
    text = unescape(begin(edith, "zoom"))

    assert "Nobody has seen a proof of Zoom's own pass here yet: let it send a test while the trigger listens" in text
    assert "<dt>Waits for an answer</dt><dd>3 s at most</dd>" in text
    assert "<dt>Tries again</dt><dd>after 5 min, 20 min, 1 h: 4 attempts in all</dd>" in text

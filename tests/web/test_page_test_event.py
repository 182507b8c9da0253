"""Test events, as the set-up page sends them and tells what became of them."""

import re
from datetime import timedelta

import pytest
from werkzeug.test import Client

from engine.path.carry import over_address
from engine.path.listen import captured, listen
from engine.path.publish import publish
from engine.store import triggers
from engine.words import Role
from tests.engines import deliver, running, runs_of, trigger, workflow
from tests.web.browser import person, signed_in
from web.application import create_application


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with running(tmp_path_factory.mktemp("sent")) as engine:
        person(engine, "edith", Role.EDITOR)
        yield engine


@pytest.fixture
def draft(engine):
    """Return a trigger that is not published, the only one there is."""
    for each in engine.store.read(triggers.all_of):
        engine.store.write(triggers.remove, each.id)
    engine.published.refresh()
    return trigger(engine, draft=True)


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def ticks(page: str) -> list[tuple[str, str]]:
    """Return the stages of a test event with their tones."""
    found = re.findall(r'<li data-tone="(\w+)">.*?<strong>(\w+)</strong>', page, re.DOTALL)
    return [(name, tone) for tone, name in found]


def sent(edith, **what: str) -> str:
    answer = edith.post("/triggers/t/test", **what)
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_002_r5_a_test_event_shows_received_parsed_matched_and_run(engine, edith, draft):
    publish(engine, "t")
    workflow(engine)
    place = sent(edith)
    delivery = re.search(r"sent=(dlv_\w+)", place)[1]
    (event, *_) = re.findall(r"/events/(evt_\w+)", edith.get(place).text)
    runs_of(engine, event)

    part = edith.get(f"/triggers/t/test?sent={delivery}").text

    assert ticks(part) == [("Received", "good"), ("Parsed", "good"), ("Matched", "good"), ("Run", "good")]
    assert "hx-trigger" not in part
    assert "w succeeded" in part


def test_a_second_test_event_is_no_duplicate(engine, edith, draft):
    trigger(engine, name="hub", connector="github")

    pages = [edith.get(edith.post("/triggers/hub/test").headers["Location"]).text for _ in range(3)]

    assert all("this event came before" not in page for page in pages)
    assert all(ticks(page)[:2] == [("Received", "good"), ("Parsed", "good")] for page in pages)


def test_002_r5_listening_captures_the_test_event_of_a_draft(engine, edith, draft):
    edith.post("/triggers/t/listening")

    page = edith.get(sent(edith)).text

    assert ticks(page) == [("Received", "good"), ("Parsed", "good"), ("Matched", "quiet"), ("Run", "quiet")]
    assert len(captured(engine, "t")) == 1


def test_the_last_sample_can_be_sent_again_as_a_new_event(engine, edith, application, draft):
    listen(engine, "t", timedelta(minutes=5))
    sender = Client(application)
    address = f"/webhooks/{draft.trigger.path}?apikey={draft.api_key}"
    sender.post(address, data=b'{"n": 42, "type": "mine"}', content_type="application/json")
    publish(engine, "t")

    page = edith.get(sent(edith, what="last sample")).text

    assert ticks(page)[:2] == [("Received", "good"), ("Parsed", "good")]
    assert "custom.mine" in page


def test_a_condition_that_says_no_is_told(engine, edith, draft):
    trigger(engine, name="choosy", condition="event.data.n == 1")
    place = edith.post("/triggers/choosy/test").headers["Location"]
    event = re.findall(r"/events/(evt_\w+)", edith.get(place).text)[0]
    runs_of(engine, event)

    page = text(edith.get(place).text)

    assert "the condition says" in page


def test_a_test_event_nobody_waits_for_says_so(engine, edith, draft):
    made = trigger(engine, name="lonely")
    delivered = deliver(engine, name="lonely")
    runs_of(engine, delivered.event_ids[0])

    page = text(edith.get(f"/triggers/{made.trigger.name}/test?sent={delivered.delivery.id}").text)

    assert "no workflow waits for the events of this trigger yet" in page


def test_a_delivery_of_another_trigger_is_not_told_here(engine, edith, draft):
    trigger(engine, name="other")
    strange = deliver(engine, name="other").delivery.id

    for asked in (strange, "dlv_none", "<script>", ""):
        assert ticks(edith.get("/triggers/t/test", query_string={"sent": asked}).text) == []


@pytest.mark.parametrize("what", ["custom.nothing", "<script>", "last sample"])
def test_what_cannot_be_sent_is_told(edith, draft, what):
    answer = edith.post("/triggers/t/test", what=what)

    assert answer.status_code == 422
    assert "no sample" in answer.text
    assert "<script>" not in answer.text.replace('<script type="module"', "")


def test_an_address_that_cannot_be_reached_is_told_beside_the_button_and_the_sample_is_still_to_be_had(tmp_path):
    with running(tmp_path, public_url="http://127.0.0.1:1") as engine:
        person(engine, "edith", Role.EDITOR)
        trigger(engine, name="away", draft=True)
        served = signed_in(create_application(engine, carry=over_address), "edith")

        answer = served.post("/triggers/away/test")
        own = served.get(served.post("/triggers/away/sample").headers["Location"])
        samples = captured(engine, "away")

    assert answer.status_code == 424
    part = text(answer.text.split('id="test-event"')[1])
    assert re.search(
        r"The address http://127.0.0.1:1/webhooks/\w+ cannot be reached from here: .* set WINK_PUBLIC_URL",
        part,
    )
    assert len(samples) == 1
    assert "The sample" in own.text

"""The deliveries in the browser: also those that were refused, and why."""

import pytest

from engine.path.send import Parcel, send
from engine.words import Reason, Verdict
from tests.engines import deliver, trigger
from tests.web.pages import HOSTILE, place
from tests.web.seen import Seen
from web.pages.reason_words import REASONS


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """Return a place with deliveries that were accepted and refused."""
    with place(tmp_path_factory.mktemp("deliveries")) as found:
        shown = trigger(found.engine)
        found.accepted = deliver(found.engine, b'{"a": 1}').delivery.id
        found.url = shown.base_url.partition("/webhooks/")[2]
        found.viewer.client.post(f"/webhooks/{found.url}?apikey=wrong-key-of-theirs", data=HOSTILE)
        yield found


def refused(here) -> str:
    seen = Seen(here.viewer.get("/deliveries?reason=wrong_proof&trigger=t").text)
    return next(link for link in seen.links if link and link.startswith("/deliveries/dlv_"))


def test_every_reason_has_words():
    assert REASONS.keys() == set(Reason)


def test_the_list_has_what_was_refused_with_the_reason_in_words(here):
    seen = Seen(here.viewer.get("/deliveries").text)

    assert "The key or signature does not match." in seen.words
    assert "It was not seen before." in seen.words
    assert seen.in_order


@pytest.mark.parametrize(
    ("query", "found"),
    [("verdict=accepted", 1), ("verdict=rejected", 1), ("verdict=duplicate", 0), ("reason=wrong_proof", 1),
     ("reason=new&verdict=rejected", 0), ("trigger=t", 1), ("until=2001-01-01", 0)],
)  # fmt: skip
def test_the_list_is_filtered(here, query, found):
    seen = Seen(here.viewer.get(f"/deliveries?{query}").text)

    assert ("Nothing fits" in seen.words) is (found == 0)


@pytest.mark.parametrize(
    ("field", "typed"), [("verdict", "nice"), ("reason", HOSTILE), ("trigger", "a\0b"), ("since", "-")]
)
def test_a_filter_that_cannot_be_read_is_told_beside_it(here, field, typed):
    answer = here.viewer.client.get("/deliveries", query_string={field: typed})

    assert answer.status_code == 422
    assert Seen(answer.text).errors.keys() == {field}


def test_a_word_that_a_list_does_not_have_is_told_in_a_line(here):
    answer = here.viewer.get("/deliveries?reason=bad")

    assert Seen(answer.text).errors == {"reason": "Choose one of those in the list."}


def test_a_refused_delivery_tells_why_and_shows_its_body_as_text(here):
    answer = here.viewer.get(refused(here))

    seen = Seen(answer.text)
    assert "The key does not match." in seen.words
    assert HOSTILE in seen.words
    assert "<script>alert" not in answer.text
    assert seen.in_order


def test_a_refused_delivery_tells_what_is_wrong_and_what_to_do(here):
    seen = Seen(here.viewer.get(refused(here)).text)

    assert "What is wrong" in seen.words
    assert "There is a key in query parameter 'apikey', and it is not the trigger's." in seen.words
    assert "Copy this trigger's key to the sender once more" in seen.words


def test_what_is_missing_is_said_once(here):
    here.viewer.client.post("/webhooks/" + trigger(here.engine, name="keyed").trigger.path, data=b"{}")
    path = next(link for link in Seen(here.viewer.get("/deliveries?trigger=keyed").text).links if "/dlv_" in str(link))

    seen = Seen(here.viewer.get(path).text)

    assert seen.words.count("There is no key in query parameter 'apikey'") == 1


def test_what_was_tried_is_told_where_nothing_was_found(here):
    shown = trigger(here.engine, name="signed", auth="signature", recipe="hmac-body")
    url = f"/webhooks/{shown.base_url.partition('/webhooks/')[2]}"
    here.viewer.client.post(url, data=b"{}", headers={"X-Hub-Signature-256": f"sha256={'0' * 64}"})
    path = next(link for link in Seen(here.viewer.get("/deliveries?trigger=signed").text).links if "/dlv_" in str(link))

    seen = Seen(here.viewer.get(path).text)

    assert "What may be wrong" in seen.words
    assert "What was tried" in seen.words
    assert "The body with and without newlines and white space" in seen.words
    assert "In header 'x-hub-signature-256': 32 bytes in hex, as sha256 makes them." in seen.words


def test_an_accepted_delivery_has_nothing_wrong(here):
    assert "What is wrong" not in Seen(here.viewer.get(f"/deliveries/{here.accepted}").text).words


@pytest.mark.parametrize(("body", "told"), [(b'{"name": "x"}', True), (b"name=x", False), (b"{name}", False)])
def test_json_that_came_as_a_form_is_told(here, body, told):
    form = {"content-type": "application/x-www-form-urlencoded"}
    sent = send(here.engine, "t", Parcel(body=body, headers=form))

    assert ("looks like JSON" in here.viewer.get(f"/deliveries/{sent.delivery.id}").text) is told


def test_keys_are_not_shown(here):
    answer = here.viewer.get(refused(here))

    assert "wrong-key-of-theirs" not in answer.text
    assert "[redacted]" in answer.text


def test_an_accepted_delivery_leads_to_its_event(here):
    seen = Seen(here.viewer.get(f"/deliveries/{here.accepted}").text)

    assert any(link and link.startswith("/events/evt_") for link in seen.links)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\0binary", b'{"a":' + b"[" * 150 + b"]" * 150 + b"}", b"a=1&b=2"])
def test_a_body_of_any_kind_is_shown(here, body):
    sent = send(here.engine, "t", Parcel(body=body, headers={"content-type": "application/json"}))

    assert here.viewer.get(f"/deliveries/{sent.delivery.id}").status_code == 200


def test_a_repeated_delivery_leads_to_the_first(tmp_path):
    with place(tmp_path) as found:
        trigger(found.engine, dedup="body")
        first, second = (deliver(found.engine).delivery.id for _ in range(2))

        seen = Seen(found.viewer.get(f"/deliveries/{second}").text)

    assert f"/deliveries/{first}" in seen.links
    assert Verdict.DUPLICATE in seen.words


def test_where_there_is_nothing_yet_it_is_told_what_would_be_here(tmp_path):
    with place(tmp_path) as found:
        assert "No deliveries yet" in Seen(found.viewer.get("/deliveries").text).words


def test_a_delivery_that_is_not_there_is_said_so(here):
    assert here.viewer.get("/deliveries/dlv_nope").status_code == 404

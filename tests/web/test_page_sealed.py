"""What is kept sealed, in the browser: how it is chosen, that it waits, and what became of it."""

from datetime import timedelta

import pytest

from engine.path.trigger_secrets import rotate
from engine.store import sealed
from engine.words import OnUnproven
from tests.engines import trigger
from tests.sealing import NEW, OLD, listed, post, scan, sealing
from tests.web.seen import Seen
from tests.web.setup_form import begin, fields, stored

pytestmark = pytest.mark.usefixtures("no_triggers")

LABEL = "When the signature does not match"


@pytest.fixture(scope="module")
def engine(shared_engine):
    return shared_engine


def last(engine):
    return f"/deliveries/{listed(engine)[-1].id}"


def test_it_is_offered_where_senders_sign(engine, edith):
    sealing(engine, name="signed", on_unproven=OnUnproven.REFUSE)
    keyed = begin(edith)

    signed = edith.get("/triggers/signed").text
    edith.post("/triggers/signed", **{**fields(signed), "on_unproven": "seal"})

    assert LABEL in signed
    assert LABEL not in keyed
    assert stored(engine, "signed").on_unproven is OnUnproven.SEAL


def test_a_choice_that_there_is_not_is_told_beside_it(engine, edith):
    sealing(engine)

    answer = edith.post("/triggers/t", **{**fields(edith.get("/triggers/t").text), "on_unproven": "explode"})

    assert answer.status_code == 422
    assert Seen(answer.text).errors["on_unproven"] == "Choose one of the list."


def test_a_key_cannot_take_the_place_of_a_signature_while_the_trigger_seals(engine, edith):
    trigger(engine, auth="signature", on_unproven=OnUnproven.SEAL)

    answer = edith.post("/triggers/t/method", auth="api_key", recipe="")

    assert answer.status_code == 422
    assert "only what is signed can be kept sealed" in answer.text.casefold()


def test_the_pages_say_that_something_is_sealed(engine, edith):
    sealing(engine)
    for number in (1, 2):
        post(engine, scan(number))

    setup, overview, rows = (Seen(edith.get(path).text).words for path in ("/triggers/t", "/", "/triggers"))

    assert "2 deliveries are sealed since" in setup
    assert "Sealed deliveries: 2." in overview
    assert "sealed: 2" in rows


def test_the_list_marks_what_is_sealed_and_finds_it(engine, edith):
    sealing(engine)
    post(engine, scan(1))
    post(engine, scan(2), OLD)

    marked = Seen(edith.get("/deliveries").text).words
    found = Seen(edith.get("/deliveries?sealed=true&trigger=t").text)

    assert "sealed" in marked
    assert {link for link in found.links if link and link.startswith("/deliveries/dlv_")} == {
        f"/deliveries/{line.id}" for line in listed(engine)[-2:-1]
    }


def test_a_sealed_delivery_says_what_it_waits_for(engine, edith):
    sealing(engine)
    post(engine, scan())

    page = Seen(edith.get(last(engine)).text).words

    assert "It is sealed, and does not run" in page


def test_a_new_secret_says_how_many_were_genuine(engine, edith):
    sealing(engine)
    for number in (1, 2):
        post(engine, scan(number))
    post(engine, scan(3), "bl_secret_of_somebody_else")

    answer = edith.post("/triggers/t/secret", **{"secret-webhook_secret": NEW, "overlap": "0s"})
    page = edith.get(answer.headers["Location"]).text

    assert "2 of 3 sealed deliveries were genuine and run now. 1 stays sealed." in Seen(page).words
    assert "One delivery is sealed since" in Seen(page).words
    assert "2 of 3" not in edith.get(answer.headers["Location"]).text


def test_a_delivery_that_was_proved_says_so_and_leads_to_its_event(engine, edith):
    sealing(engine)
    post(engine, scan())

    rotate(engine, "t", overlap=timedelta(), given=NEW)
    page = Seen(edith.get(last(engine)).text)

    assert "A later change of the trigger proved it" in page.words
    assert any(link and link.startswith("/events/evt_") for link in page.links)


def test_a_delivery_that_nothing_proved_says_that_its_body_is_gone(engine, edith):
    sealing(engine)
    post(engine, scan())

    engine.store.write(sealed.expire, engine.clock.now() + sealed.KEPT_FOR)
    page = Seen(edith.get(last(engine)).text).words

    assert "Nothing proved it in time" in page
    assert "were forgotten when its time was over" in page

"""The recipe finder and the recogniser in the API and on pages: from a refused delivery to one that is taken."""

import re
from datetime import timedelta
from html import unescape

import pytest
from werkzeug.test import Client

from engine.path.captured import proves
from engine.path.trigger_secrets import rotate
from engine.store import search, show, triggers
from engine.store.rows import Delivery
from engine.store.search import DeliveryFilter, Span
from engine.words import Reason
from tests import signing
from tests.engines import trigger
from tests.web.conftest import Api
from tests.web.seen import Seen

SECRET = "the-secret-of-the-sender-1"
BODY = b'{"type": "order.paid"}'

pytestmark = pytest.mark.usefixtures("no_triggers")


@pytest.fixture(scope="module")
def engine(shared_engine):
    return shared_engine


@pytest.fixture
def admin(engine, application):
    """Return what calls the API with the token of the machine."""
    return Api(engine, Client(application)).call


def sent(edith, shown, headers, body=BODY):
    """Post a delivery to a trigger as a vendor does, and return its status."""
    path = "/webhooks/" + shown.base_url.split("/webhooks/")[1]
    return edith.client.post(path, data=body, headers=dict(headers)).status_code


def newest(engine, shown) -> Delivery:
    lines = engine.store.read(search.list_deliveries, DeliveryFilter(trigger_id=shown.trigger.id), Span(limit=1)).items
    return engine.store.read(show.delivery, lines[0].id)


def timed(secret: str = SECRET, body: bytes = BODY):
    """Return headers as a vendor makes them that nobody knows."""
    stamp = signing.now()
    signature = signing.hex_hmac(secret, f"{stamp}:".encode() + body)
    return [("Content-Type", "application/json"), ("X-Acme-Sent", stamp), ("X-Acme-Proof", f"v2={signature}")]


def find(edith, delivery, **fields):
    return edith.post("/triggers/t/recipe", delivery=delivery.id, **fields)


def use(edith, page, **fields):
    """Press the first button that uses a recipe."""
    form = re.search(r'<form method="post" action="/triggers/t/recipe/use">(.*?)</form>', page, re.DOTALL)[1]
    return edith.post("/triggers/t/recipe/use", **hidden(form), **fields)


def hidden(form: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    return {name: unescape(value) for name, value in found}


def test_a_refused_delivery_becomes_one_that_is_taken(engine, edith):
    shown = trigger(engine, auth="signature", secret=SECRET)
    assert sent(edith, shown, timed()) == 401
    delivery = newest(engine, shown)

    answer = use(edith, find(edith, delivery).text)

    assert answer.headers["Location"] == "/triggers/t?done=recipe#method"
    assert engine.store.read(triggers.find, "t").recipe[0]["signs"] == "{timestamp}:{body}"
    assert proves(engine, delivery)
    assert sent(edith, shown, timed()) == 202


def test_the_page_shows_the_recipe_in_words_and_yaml(engine, edith):
    shown = trigger(engine, auth="signature", secret=SECRET)
    sent(edith, shown, timed())

    page = find(edith, newest(engine, shown))
    seen = Seen(page.text)

    assert page.status_code == 200
    assert "HMAC-SHA256 over the time, a colon and the body." in seen.words
    assert "signs: '{timestamp}:{body}'" in seen.words
    assert SECRET not in page.text
    assert seen.in_order


def test_a_pasted_secret_is_not_shown_and_becomes_the_key_with_the_recipe(engine, edith):
    shown = trigger(engine)
    assert sent(edith, shown, timed()) == 401
    delivery = newest(engine, shown)

    page = find(edith, delivery, sender_secret=SECRET).text
    answer = use(edith, page, sender_secret=f" {SECRET} ")
    after = edith.get(answer.headers["Location"]).text

    assert SECRET not in page + after
    assert "The recipe is set" in after
    assert sent(edith, shown, timed()) == 202


def test_the_pasted_secret_is_asked_for_once_more(engine, edith):
    shown = trigger(engine)
    sent(edith, shown, timed())
    page = find(edith, newest(engine, shown), sender_secret=SECRET).text

    answer = use(edith, page, sender_secret="")

    assert answer.status_code == 422
    assert "Paste the secret once more" in answer.text
    assert engine.store.read(triggers.find, "t").recipe is None


def test_with_another_secret_it_is_said_what_was_tried(engine, edith):
    shown = trigger(engine, auth="signature", secret="another-secret-of-theirs")
    sent(edith, shown, timed())

    seen = Seen(find(edith, newest(engine, shown)).text)

    assert "No recipe was found" in seen.words
    assert "What looks like a signature stands in header x-acme-proof, and a time in header x-acme-sent." in seen.words


@pytest.mark.parametrize("delivery", ["dlv_0", "", "a\0b", "x" * 10_001])
def test_a_delivery_that_is_not_there_is_a_sentence(engine, edith, delivery):
    trigger(engine, auth="signature", secret=SECRET)

    answers = [
        edith.post("/triggers/t/recipe", delivery=delivery),
        edith.post("/triggers/t/recipe/use", delivery=delivery, auth="signature", recipe_text="[]"),
        edith.get("/triggers/t", query_string={"delivery": delivery}),
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 200]


def test_a_delivery_of_another_trigger_is_not_searched_on_this_page(engine, edith):
    shown = trigger(engine, auth="signature", secret=SECRET)
    sent(edith, shown, timed())
    trigger(engine, name="u", auth="signature", secret=SECRET)

    answer = edith.post("/triggers/u/recipe", delivery=newest(engine, shown).id)

    assert answer.status_code == 422
    assert "This delivery came in at another trigger." in Seen(answer.text).words


@pytest.mark.parametrize("text", ["", "scheme: [", "[1]", "- {scheme: basic, secret: api_key}", "- {scheme: none}"])
def test_what_is_no_recipe_is_not_set(engine, edith, text):
    shown = trigger(engine, auth="signature", secret=SECRET)
    sent(edith, shown, timed())

    fields = {"delivery": newest(engine, shown).id, "auth": "signature", "recipe_text": text}
    answer = edith.post("/triggers/t/recipe/use", **fields)

    assert answer.status_code == 422
    assert engine.store.read(triggers.find, "t").recipe is None


def test_a_viewer_sees_what_it_looks_like_and_may_not_search(engine, edith, victor):
    shown = trigger(engine)
    sent(edith, shown, signing.github(SECRET, BODY))
    delivery = newest(engine, shown)

    page = victor.get("/triggers/t").text

    assert "This looks like a GitHub webhook." in page
    assert "/triggers/t/recipe" not in page
    assert victor.post("/triggers/t/recipe", delivery=delivery.id).status_code == 403
    assert victor.post("/triggers/t/recipe/use", delivery=delivery.id).status_code == 403


def test_a_custom_trigger_that_another_connector_would_take_is_told_so(engine, edith):
    shown = trigger(engine)
    sent(edith, shown, signing.github(SECRET, BODY))

    pages = [edith.get("/triggers/t").text, edith.get(f"/deliveries/{newest(engine, shown).id}").text]

    for page in pages:
        seen = Seen(page)
        assert "It carries X-GitHub-Event, which only GitHub sends." in seen.words
        assert "/triggers/new?connector=github" in seen.links
        assert seen.in_order


def test_what_its_trigger_takes_is_not_questioned(engine, edith):
    shown = trigger(engine, connector="github", secret=SECRET)
    assert sent(edith, shown, signing.github("another-secret-of-theirs", BODY)) == 401

    page = edith.get(f"/deliveries/{newest(engine, shown).id}").text

    assert "Who sends it" not in page
    assert "Who sends, and how it is signed" not in edith.get("/triggers/t").text


def test_a_delivery_that_was_taken_is_not_searched(engine, edith):
    shown = trigger(engine, auth="signature", recipe="hmac-body", secret=SECRET)
    headers = [
        ("Content-Type", "application/json"),
        ("X-Hub-Signature-256", "sha256=" + signing.hex_hmac(SECRET, BODY)),
    ]
    assert sent(edith, shown, headers) == 202

    assert '/recipe"' not in edith.get("/triggers/t").text


def test_the_api_finds_the_recipe_and_gives_no_secret_back(engine, edith, admin):
    shown = trigger(engine)
    sent(edith, shown, timed())
    delivery = newest(engine, shown)

    answer = admin("POST", f"/deliveries/{delivery.id}/recipe", {"secret": SECRET})
    found = answer.json

    assert (found["trigger"], found["auth"], found["words"]) == ("t", "signature", "")
    assert found["recipes"][0]["usable"]
    assert found["recipes"][0]["recipe"]["secret"] == {"name": "api_key"}
    assert SECRET not in answer.text


def test_the_api_says_what_a_delivery_looks_like(engine, edith, admin):
    shown = trigger(engine)
    sent(edith, shown, signing.github(SECRET, BODY))

    found = admin("GET", f"/deliveries/{newest(engine, shown).id}").json["looks_like"]

    assert (found["sure"], found["words"]) == (True, "This looks like a GitHub webhook.")
    assert [each["connector"] for each in found["candidates"]] == ["github"]


@pytest.mark.parametrize(("secret", "status"), [("", 422), ("  ", 422), (None, 409)])
def test_without_a_secret_nothing_is_searched(engine, edith, admin, secret, status):
    shown = trigger(engine, connector="securecodinghub")
    sent(edith, shown, timed())

    answer = admin("POST", f"/deliveries/{newest(engine, shown).id}/recipe", {"secret": secret})

    assert answer.status_code == status


def test_a_body_that_was_too_large_to_keep_is_not_searched(engine, edith, admin):
    shown = trigger(engine, auth="signature", secret=SECRET)
    body = b"x" * (engine.settings.max_body + 1)
    sent(edith, shown, timed(body=body), body)
    delivery = newest(engine, shown)
    assert delivery.reason is Reason.BODY_TOO_LARGE

    answer = admin("POST", f"/deliveries/{delivery.id}/recipe", {})

    assert answer.status_code == 409
    assert "is not kept" in answer.text


def test_the_secret_before_a_rotation_is_tried_too(engine, edith, admin):
    shown = trigger(engine, auth="signature", secret=SECRET)
    rotate(engine, "t", overlap=timedelta(hours=1), given="the-secret-after-that-one")
    sent(edith, shown, timed())

    answer = admin("POST", f"/deliveries/{newest(engine, shown).id}/recipe", {})

    assert answer.json["recipes"][0]["recipe"]["signs"] == "{timestamp}:{body}"


def test_it_is_said_which_values_are_not_kept(engine, edith, admin):
    shown = trigger(engine)
    sent(edith, shown, [("Authorization", "Bearer another-key-of-theirs")])

    answer = admin("POST", f"/deliveries/{newest(engine, shown).id}/recipe", {})

    assert answer.json["recipes"] == []
    assert re.search(r"Of authorization.* the value is not kept, as it can hold a key\.$", answer.json["words"])

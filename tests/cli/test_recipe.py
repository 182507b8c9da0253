"""``wink recipe``: how a sender signs, found out from a delivery in the ledger or from a file."""

import json

import pytest

from engine.finder.search import find_recipes
from tests import signing
from tests.finder.vendors import BODY, NOW, Signed, slack, stripe
from tests.wire import JSON, send

SECRET = "the-secret-of-the-sender-1"


def written(signed: Signed) -> bytes:
    """Return a request as tools write it down."""
    lines = ["POST /webhooks/4k1s2v6d HTTP/1.1"]
    lines += [f"{name}: {value}" for name, values in signed.request.headers.items() for value in values]
    return "\r\n".join([*lines, f"Content-Length: {len(signed.request.body)}", "", ""]).encode() + signed.request.body


@pytest.fixture
def files(home):
    """Return the words that name a request and its secret in files."""

    def write(request: bytes, secret: str) -> list[str]:
        (home / "request.http").write_bytes(request)
        (home / "secret").write_text(f"{secret}\n")
        return ["recipe", "find", "-f", "request.http", "--secret-file", "secret"]

    return write


@pytest.fixture
def deliver(running, served):
    """Return what sends the trigger of a sender that nobody knows a delivery, and returns its answer and its id."""
    made = json.loads(served("triggers", "create", "of-acme", "--json").stdout)
    address = running.url + "/webhooks/" + made["base_url"].split("/webhooks/")[1]

    def sent(headers):
        answer = send(address, BODY, [JSON, *headers])
        listed = json.loads(served("deliveries", "list", "--trigger", "of-acme", "--json").stdout)
        return answer, listed["items"][0]["id"]

    yield sent
    served("triggers", "delete", "of-acme", "--yes")


@pytest.mark.parametrize("vendor", [stripe, slack])
def test_a_file_is_searched_without_a_wink(wink, files, home, vendor):
    signed = vendor()
    words = files(written(signed), signed.secret)

    told = wink(*words, "--at", signed.request.received_at.isoformat(), "--json")

    assert json.loads(told.stdout)["recipes"][0]["recipe"] == find_recipes(signed.request, signed.secret).recipes[0]
    assert not (home / "data").exists()


def test_the_line_break_that_an_editor_adds_does_not_count(wink, files):
    signed = stripe()

    told = wink(*files(written(signed) + b"\n", signed.secret), "--at", NOW.isoformat())

    assert told.exit_code == 0
    assert "signs: '{timestamp}.{body}'" in told.stdout


def test_in_vain_it_says_what_was_tried_and_fails(wink, files):
    told = wink(*files(written(stripe()), "another-secret"), "--at", NOW.isoformat())

    assert told.exit_code == 1
    assert "What looks like a signature stands in header stripe-signature" in told.stdout


@pytest.mark.parametrize(
    ("request_file", "more", "said"),
    [
        (b"", [], "does not begin with a request line"),
        (b"\xff\xfe\n\n", [], "does not begin with a request line"),
        (b"POST /x HTTP/1.1\nno header\n\n{}", [], "is no header"),
        (b"POST /x HTTP/1.1\n\n{}", ["--at", "yesterday"], "--at"),
        (b"POST /x HTTP/1.1\n\n{}", ["--delivery", "dlv_1"], "one of --delivery and -f"),
        (b"POST /x HTTP/1.1\n\n{}", ["--use"], "no --use"),
    ],
)
def test_what_cannot_be_searched_is_told(wink, files, request_file, more, said):
    told = wink(*files(request_file, SECRET), *more)

    assert told.exit_code != 0
    assert said in told.output


def test_the_recipe_of_a_refused_delivery_is_found_and_used(served, deliver, home):
    headers = [("X-Acme-Proof", signing.hex_hmac(SECRET, BODY))]
    refused, delivery = deliver(headers)
    (home / "secret").write_text(SECRET)
    words = ["recipe", "find", "--delivery", delivery, "--secret-file", "secret"]

    found, used = served(*words), served(*words, "--use")

    assert "gives of-acme this recipe" in found.output
    assert "of-acme takes what is signed so." in used.output
    assert [refused.status, deliver(headers)[0].status] == [401, 202]
    assert SECRET not in found.output + used.output


def test_a_delivery_is_shown_with_what_it_looks_like(served, deliver):
    _, delivery = deliver(signing.github(SECRET, BODY)[1:])

    told = served("deliveries", "show", delivery).stdout

    assert "This looks like a GitHub webhook." in told
    assert "It carries X-GitHub-Event, which only GitHub sends." in told
    assert "wink triggers create NAME --connector github" in told


def test_a_signature_that_is_elsewhere_is_shown_with_how_to_find_its_recipe(served, running):
    words = ["--auth", "signature", "--json"]
    made = json.loads(served("triggers", "create", "elsewhere", *words).stdout)
    address = running.url + "/webhooks/" + made["base_url"].split("/webhooks/")[1]
    send(address, BODY, [JSON, *signing.github(SECRET, BODY)[1:]])
    delivery = json.loads(served("deliveries", "list", "--trigger", "elsewhere", "--json").stdout)["items"][0]["id"]

    told = served("deliveries", "show", delivery).stdout

    assert f"wink recipe find --delivery {delivery}" in told

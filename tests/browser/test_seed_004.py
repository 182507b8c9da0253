"""The story of seed 004 in a real browser: a builder sets a trigger up, and a vendor's own code sends to it."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from itertools import count
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from standardwebhooks import Webhook

from engine.words import Role
from tests import signing, wire
from tests.wire import JSON, exchange, request

_numbers = count(1)

LOW = "event.data.finding.severity == 'low'"
FINDING = {"finding": {"severity": "critical", "title": "SQL injection"}, "asset": {"host": "shop.example.com"}}


@pytest.fixture
def send(place):
    """Return what posts JSON to an address, as a vendor does, and gives back the status."""

    def post(url, value, headers=()):
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return exchange(place.wink.port, request("POST", target, [JSON, *headers], body)).status

    return post


@pytest.fixture
def builder(visit):
    """An editor who has signed in and looks at the triggers."""
    story = visit(Role.EDITOR)
    story.open("/triggers")
    return story


@pytest.fixture
def begun(builder):
    """A builder at the set-up page of a new custom trigger."""
    return begin(builder)


def begin(story, connector="Custom Webhook"):
    story.open("/triggers/new")
    take(story, connector)
    return story


def offered(story, connector):
    """Return the button of a connector: what it is called stands first on it."""
    return story.page.get_by_role("button", name=re.compile(f"^{connector}\\b"))


def take(story, connector):
    story.clicks += 1
    offered(story, connector).click()
    story.page.wait_for_url(re.compile(r"/triggers/(?!new)."))


def listen(story):
    story.click("Listen to event")
    story.sees("Listening.")


def signed(secret, value):
    """Return a body and its headers, signed by the vendor's own package."""
    body, identity, now = json.dumps(value), f"msg_{next(_numbers)}", datetime.now(tz=UTC)
    proof = Webhook(secret).sign(identity, now, body)
    stamp = str(int(now.timestamp()))
    return body.encode(), [
        ("webhook-id", identity),
        ("webhook-timestamp", stamp),
        ("webhook-signature", proof),
    ]


def test_004_r1_to_r10_from_the_sign_in_to_a_published_trigger_in_six_clicks_and_sixty_seconds(visit, place, send):
    story = visit()
    story.start()

    story.sign_in("edith")
    story.follow("Triggers")
    take(story, "Custom Webhook")
    listen(story)
    sent = send(story.value("Webhook Full URL"), FINDING)
    story.sees("SQL injection", within=2_000)
    story.click("Apply the detected schema")
    story.sees("in force")
    story.write("The same as text", "event.data.finding.severity == 'critical'")
    story.sees("It matches.")
    story.click("Apply and publish")
    story.sees("Published: deliveries start workflows from now on.")

    assert sent == 202
    assert story.clicks <= 6
    assert story.seconds < 60
    trigger = place.wink.get(f"/triggers/{urlsplit(story.page.url).path.rpartition('/')[2]}")
    assert trigger["state"] == "published"
    assert trigger["condition"] == "event.data.finding.severity == 'critical'"
    assert not story.complaints


def test_004_r1_the_stages_of_an_event_are_told_with_their_times(begun, place, send):
    address = begun.value("Webhook Full URL")
    begun.click("Apply and publish")
    begun.sees("Published")

    assert send(address, FINDING) == 202

    name = urlsplit(begun.page.url).path.rpartition("/")[2]
    (event,) = place.wink.get(f"/events?trigger={name}")["items"]
    begun.open(f"/events/{event['id']}")
    begun.sees("was accepted")


def test_004_r2_r3_r5_r7_each_method_shows_its_own_fields_and_the_address_stays(begun, send):
    full, base = begun.value("Webhook Full URL"), begun.value("Webhook Base URL")
    key = begun.value("Webhook API Key")
    assert full == f"{base}?apikey={key}"

    begun.tick("Signature")
    expect(begun.field("Webhook Full URL")).to_have_count(0)
    assert begun.value("Webhook Base URL") == base
    listen(begun)

    secret = begun.value("Webhook API Key")
    assert send(f"{base}?apikey={secret}", FINDING) == 401
    body, headers = signed(secret, FINDING)
    assert send(base, body + b" ", headers) == 401
    begun.sees("the signature does not match")
    assert send(base, body, headers) == 202
    begun.sees("SQL injection", within=2_000)

    begun.tick("API key")
    assert begun.value("Webhook Base URL") == base


@pytest.fixture
def by_signature(builder):
    """A builder at the page of a Blink trigger that takes signatures alone, and its address and secret."""
    begin(builder, "Blink")
    builder.tick("Signature")
    expect(builder.field("Webhook Full URL")).to_have_count(0)
    return builder, builder.value("Webhook Base URL"), builder.value("Webhook API Key")


def post(url, body, secret, **when):
    """Send what Blink signs, and return the status of the answer; when: ``stamp``, where it is not now."""
    return wire.send(url, body, signing.blink(secret, body, url, **when)).status


def test_004_r4_each_refusal_is_read_with_its_reason_and_a_replay_as_one(by_signature):
    story, url, secret = by_signature
    name = urlsplit(story.page.url).path.rpartition("/")[2]
    story.click("Apply and publish")
    story.sees("Published")
    body = json.dumps(FINDING).encode()
    stamp = signing.now()

    answers = [
        post(url, body, secret, stamp=stamp),
        wire.send(url, body.replace(b"critical", b"criticaL"), signing.blink(secret, body, url)).status,
        post(url, body, "guess"),
        post(url, body, secret, stamp=signing.now(-310)),
        post(url, body, secret, stamp=stamp),
    ]
    story.open(f"/deliveries?trigger={name}")

    assert answers == [202, 401, 401, 401, 202]
    lines = story.page.locator("#list tbody tr")
    expect(lines).to_have_count(5)
    for line, (verdict, reason) in zip(
        reversed(lines.all()),
        [
            ("accepted", "It was not seen before."),
            ("rejected", "The key or signature does not match."),
            ("rejected", "The key or signature does not match."),
            ("rejected", "It was signed too long ago."),
            ("duplicate", "This very signature came before."),
        ],
        strict=True,
    ):
        expect(line).to_contain_text(verdict)
        expect(line).to_contain_text(reason)


def test_004_r4_what_is_refused_while_one_listens_says_why_and_is_no_sample(by_signature):
    story, url, secret = by_signature
    listen(story)
    body = json.dumps(FINDING).encode()

    assert post(url, body, "guess") == 401
    assert post(url, body, secret, stamp=signing.now(-310)) == 401

    story.sees("the signature does not match")
    story.sees("it was signed too long ago")
    story.sees_not("SQL injection")


def test_004_r4_a_delivery_says_of_itself_why_it_was_refused(by_signature):
    story, url, _ = by_signature
    name = urlsplit(story.page.url).path.rpartition("/")[2]
    story.click("Apply and publish")
    story.sees("Published")
    assert post(url, b"{}", "guess") == 401

    story.open(f"/deliveries?trigger={name}")
    story.page.locator("#list tbody th a").click()

    story.sees("The signature does not match.")
    story.sees("The sender was answered with 401.")
    story.sees("It brought no new event.")
    story.sees_not("guess")


def test_004_r5_what_is_copied_says_so(begun):
    begun.click("Copy Webhook Base URL")

    begun.sees("Copied")


def test_004_r6_every_seed_system_and_custom_can_be_chosen(builder):
    builder.open("/triggers/new")

    for title in ("Custom Webhook", "Blazelock", "SecureCodingHub", "Detectify", "GitHub", "Stripe"):
        expect(offered(builder, title)).to_be_visible()
    builder.page.get_by_role("searchbox").fill("detect")
    expect(offered(builder, "Stripe")).to_be_hidden()
    expect(offered(builder, "Detectify")).to_be_visible()


def test_004_r8_rows_and_text_are_one_condition(begun, send):
    listen(begun)
    send(begun.value("Webhook Full URL"), FINDING)
    begun.sees("SQL injection")

    begun.click("Add condition")
    begun.write("Field of condition 1", "event.data.finding.severity")
    begun.sees('in the sample: "critical"')
    begun.write("Value of condition 1", "critical")

    expect(begun.field("The same as text")).to_have_value(re.compile("event.data.finding.severity == .critical."))
    begun.sees("It matches.")
    begun.write(
        "The same as text", "event.data.finding.severity == 'low' or event.data.asset.host == 'shop.example.com'"
    )
    expect(begun.field("Value of condition 2")).to_have_value("shop.example.com")
    begun.sees("It matches.")


def test_004_r8_what_is_chosen_stays_while_another_part_of_the_page_changes(begun, send):
    address, held = begun.value("Webhook Full URL"), []

    def hold(route):
        held.append(route)

    listen(begun)
    begun.click("Add condition")
    begun.write("Field of condition 1", "event.data.finding.severity")
    begun.sees("neither in the schema nor in the sample")
    begun.page.route("**/condition/draft", hold)

    begun.choose("Operator of condition 1", "contains")
    send(address, FINDING)
    begun.sees("SQL injection")

    expect(begun.field("Operator of condition 1")).to_have_value("contains")
    for route in held:
        route.continue_()
    begun.page.unroute("**/condition/draft")


def test_004_r8_a_condition_that_is_not_finished_is_not_published_past_the_builder(begun):
    begun.write("The same as text", "event.data.n ==")
    begun.click("Apply and publish")

    expect(begun.page.locator("[data-condition=unfinished]")).to_be_visible()
    expect(begun.field("The same as text")).to_be_focused()
    begun.sees_not("Published: deliveries start")
    assert begun.value("The same as text") == "event.data.n =="


def test_004_r9_an_event_before_listening_is_no_sample_and_all_who_listen_see_the_next(begun, visit, send):
    address = begun.value("Webhook Full URL")
    assert send(address, {"early": True}) == 409
    other = visit(Role.EDITOR)
    other.open(urlsplit(begun.page.url).path)

    listen(begun)
    other.sees("Listening.")
    assert send(address, {"late": "and welcome"}) == 202

    for story in (begun, other):
        story.sees("and welcome", within=2_000)
        story.sees_not("early")
    begun.click("Stop")
    begun.sees("Listen to event")


def test_004_r10_leaving_without_apply_changes_nothing(begun, place, send):
    name = urlsplit(begun.page.url).path.rpartition("/")[2]
    listen(begun)
    send(begun.value("Webhook Full URL"), FINDING)
    begun.sees("detected, not applied")
    begun.write("Webhook Event Name", "Never kept")

    begun.open("/triggers")

    trigger = place.wink.get(f"/triggers/{name}")
    assert (trigger["title"], trigger["state"]) != ("Never kept", "published")
    assert place.wink.get(f"/triggers/{name}/schema") == {"schemas": {}}


def test_004_r11_a_sample_can_be_seen_and_copied_later(begun, send):
    path = urlsplit(begun.page.url).path
    listen(begun)
    send(begun.value("Webhook Full URL"), FINDING)
    begun.sees("SQL injection")
    begun.open("/events")

    begun.open(path)
    begun.unfold("As text, to copy")

    begun.click("Copy Sample payload")
    begun.sees("Copied")


def test_004_r12_what_does_not_fit_is_refused_when_the_builder_says_so(begun, send):
    address = begun.value("Webhook Full URL")
    listen(begun)
    send(address, FINDING)
    begun.click("Apply the detected schema")
    begun.sees("in force")
    begun.choose("When an event does not fit the schema", "Reject: answer 422, and say what differs")
    begun.click("Apply and publish")
    begun.sees("Published")

    assert send(address, {"finding": "none"}) == 422
    assert send(address, FINDING) == 202


def test_002_r5_a_test_event_is_captured_and_then_shows_four_ticks(builder, place):
    begin(builder, "Detectify")
    name = urlsplit(builder.page.url).path.rpartition("/")[2]
    steps = "steps: [{id: say, uses: core.log, with: {message: hello}}]"
    place.wink.api("PUT", f"/workflows/{name}", text=f"name: Says it\non: {{trigger: {name}}}\n{steps}\n")
    listen(builder)
    builder.click("Send test event")
    builder.sees("Came in lately")
    builder.click("Apply and publish")
    builder.sees("Published")

    builder.click("Send test event")

    ticks = builder.page.locator("#ticks li[data-tone=good]")
    expect(ticks.locator("strong")).to_have_text(["Received", "Parsed", "Matched", "Run"])
    newest = place.wink.get(f"/deliveries?trigger={name}&limit=1")["items"][0]["id"]
    assert place.wink.delivery(newest)["headers"]["host"] == [f"127.0.0.1:{place.wink.port}"]


def test_the_line_that_is_copied_sends_from_a_terminal(begun, place):
    begun.click("Apply and publish")
    begun.sees("Published")
    name = urlsplit(begun.page.url).path.rpartition("/")[2]
    begun.unfold("Rotate")
    begun.click("Make a new key")
    begun.sees("It holds the key.")
    line = begun.page.get_by_role("region", name="Try it from a terminal").inner_text()
    if shutil.which("curl") is None:
        pytest.skip("curl: there is none; on Debian: apt-get install curl")

    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, timeout=20, check=True)

    assert json.loads(done.stdout)["status"] == "accepted"
    assert len(place.wink.get(f"/events?trigger={name}")["items"]) == 1

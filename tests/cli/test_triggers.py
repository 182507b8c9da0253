import json
from urllib.request import Request, urlopen

import pytest

from tests.sealing import NEW, OLD, post, scan


@pytest.fixture
def orders(served):
    """Return a new custom trigger, as `triggers create` tells of it; it is gone after the test."""
    yield json.loads(served("triggers", "create", "orders", "--json").stdout)
    served("triggers", "delete", "orders", "--yes")


def shown(served, name="orders"):
    return json.loads(served("triggers", "show", name, "--json").stdout)


def test_a_new_trigger_shows_its_address_with_the_key_this_once(served, orders):
    assert orders["full_url"] == f"{orders['base_url']}?apikey={orders['api_key']}"
    assert orders["api_key"] not in served("triggers", "show", "orders", "--json").stdout


def test_the_key_works_at_the_address(running, orders):
    address = orders["full_url"].replace(running.engine.settings.public_url, running.url)

    with urlopen(Request(address, b"{}", {"content-type": "application/json"})) as answer:  # noqa: S310 - our own
        assert answer.status == 202


def test_what_is_decided_arrives(served):
    result = served(
        *("triggers", "create", "shop", "--json", "--title", "Shop", "--auth", "signature", "--recipe", "hmac-body"),
        *("--event", "custom.order", "--event", "custom.refund", "--condition", "event.data.total > 10"),
        *("--on-unknown", "run", "--on-mismatch", "reject", "--dedup", "body", "--rate", "10/s"),
        *("--network", "192.0.2.0/24", "--public-url", "https://shop.example.com"),
    )

    made = json.loads(result.stdout)
    assert made["base_url"].startswith("https://shop.example.com/webhooks/")
    assert (made["auth"], made["recipe"], made["full_url"]) == ("signature", "hmac-body", None)
    assert (made["events"], made["condition"]) == (["custom.order", "custom.refund"], "event.data.total > 10")
    assert (made["on_unknown"], made["on_mismatch"], made["dedup"], made["rate"]) == ("run", "reject", "body", "10/s")
    assert (made["title"], made["networks"]) == ("Shop", ["192.0.2.0/24"])


def test_a_secret_of_the_vendor_is_read_out_of_sight(served):
    served("triggers", "create", "scans", "--connector", "blazelock", "--secret-file", "-", input="s" * 40 + "\n")

    assert shown(served, "scans")["state"] == "published"
    assert served("send", "scans").exit_code == 0


def test_a_trigger_whose_secret_is_missing_gets_it_by_rotation(served):
    served("triggers", "create", "later", "--connector", "blazelock")
    before = shown(served, "later")["state"]

    served("triggers", "rotate", "later", "--secret-file", "-", input="s" * 40)

    assert (before, shown(served, "later")["state"]) == ("needs_secret", "published")


def test_a_trigger_whose_secret_is_missing_is_told_how_to_get_it(served):
    made = served("triggers", "create", "unfinished", "--connector", "blazelock").stdout
    looked_at = served("triggers", "show", "unfinished").stdout
    finished = served("triggers", "rotate", "unfinished", "--secret-file", "-", input="s" * 40).stdout

    assert "`wink triggers rotate unfinished --secret-file FILE`" in made
    assert "`wink triggers rotate unfinished --secret-file FILE`" in looked_at
    assert "Next" not in finished


@pytest.mark.parametrize(
    ("typed", "told"),
    [("blazelok", "; did you mean 'blazelock'? `wink"), ("q", "'q'; `wink connectors list` names all")],
)
def test_a_connector_that_is_not_there_is_told_the_nearest_alone(served, typed, told):
    result = served("triggers", "create", "x", "--connector", typed)

    assert result.exit_code == 1
    assert told in result.stderr
    assert "woocommerce" not in result.stderr


@pytest.mark.parametrize(
    ("auth", "words"), [("signature", "signed as the vendor signs"), ("api_key", "as the vendor would")]
)
def test_a_trigger_says_how_to_try_it_and_where_its_set_up_is_described(served, auth, words):
    name = f"try-{auth.replace('_', '-')}"
    made = served("triggers", "create", name, "--connector", "blink", "--auth", auth).stdout
    looked_at = served("triggers", "show", name).stdout

    for told in (made, looked_at):
        assert f"`wink send {name}` sends the connector's sample, {words}" in told
        assert f"/triggers/{name} in the browser" in told
    assert served("send", name).exit_code == 0


def test_each_warning_stands_on_a_line_of_its_own(served):
    told = served("triggers", "create", "warned", "--connector", "blazelock").stdout

    lines = told.splitlines()
    assert any("nobody has seen" in line for line in lines)
    assert not any("HTTPS" in line and "nobody has seen" in line for line in lines)


def test_a_draft_says_that_it_takes_samples_alone(served):
    made = served("triggers", "create", "unpublished", "--draft").stdout

    assert "`wink listen unpublished`" in made
    assert "`wink triggers publish unpublished`" in made
    assert "wink send" not in made


def test_rotation_shows_the_new_key_in_words(served, orders):
    result = served("triggers", "rotate", "orders", "--overlap", "0s")

    assert result.exit_code == 0
    assert "Key, shown this once: " in result.stdout
    assert orders["api_key"] not in result.stdout


def test_a_paused_trigger_holds_what_comes_until_it_is_resumed(served):
    served("triggers", "pause", "blink-alerts")
    event = json.loads(served("send", "blink-alerts", "--json", "--wait", "0s").stdout)["items"][0]["events"][0]

    result = served("triggers", "resume", "blink-alerts")

    assert result.exit_code == 0
    assert [run["workflow"] for run in json.loads(served("events", "show", event, "--json").stdout)["runs"]] == [
        "blink-forward"
    ]


def test_a_draft_is_published(served):
    served("triggers", "create", "draft", "--draft")
    before = shown(served, "draft")["state"]

    served("triggers", "publish", "draft")

    assert (before, shown(served, "draft")["state"]) == ("draft", "published")


def test_deleting_asks_first(served, orders):
    result = served("triggers", "delete", "orders", input="n\n")

    assert result.exit_code == 1
    assert shown(served)["name"] == "orders"


def test_a_deleted_trigger_is_gone(served):
    served("triggers", "create", "short")

    assert served("triggers", "delete", "short", "--yes").exit_code == 0
    assert served("triggers", "show", "short").exit_code == 1


def test_the_list_has_every_trigger(served, orders):
    names = [item["name"] for item in json.loads(served("triggers", "list", "--json").stdout)["items"]]

    assert {"orders", "blink-alerts", "detectify-findings"} <= set(names)
    assert all(name in served("triggers", "list").stdout for name in names)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["create", "Not A Slug"], 1),
        (["create", "x", "--connector", "nobody"], 1),
        (["create", "x", "--condition", "a &&"], 1),
        (["create", "x", "--on-unknown", "maybe"], 2),
        (["rotate", "blink-alerts", "--overlap", "5"], 1),
        (["resume", "blink-alerts", "--held", "lose"], 2),
    ],
)
def test_what_cannot_be_is_said_in_one_line(served, words, status):
    result = served("triggers", *words)

    assert (result.exit_code, result.stdout) == (status, "")
    assert len(result.stderr.strip().splitlines()) == (1 if status == 1 else 4)


def test_what_is_sealed_is_shown_and_a_rotation_says_what_it_proved(served, running):
    decided = ("--connector", "blazelock", "--on-unproven", "seal", "--secret-file", "-")
    served("triggers", "create", "quiet", *decided, input=OLD)
    for number in (1, 2):
        post(running.engine, scan(number), name="quiet")

    before = shown(served, "quiet")["sealed"]["number"]
    listed = served("deliveries", "list", "--sealed", "--trigger", "quiet").stdout
    rotated = served("triggers", "rotate", "quiet", "--secret-file", "-", input=NEW).stdout
    (proved, *_) = json.loads(served("deliveries", "list", "--trigger", "quiet", "--json").stdout)["items"]

    assert (before, listed.count("wrong_proof")) == (2, 2)
    assert "2 of 2 sealed deliveries were genuine and run now." in rotated
    assert "accepted (new)" in served("deliveries", "show", proved["id"]).stdout

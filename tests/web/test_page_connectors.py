"""The pages of connectors, and what becomes of Markdown on them."""

import re
from html import unescape

import pytest

from engine.words import Role
from tests.engines import running
from tests.web.browser import Browser, person, signed_in
from web.application import create_application
from web.pages.markdown import render


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with running(tmp_path_factory.mktemp("connectors")) as engine:
        person(engine, "victor", Role.VIEWER)
        person(engine, "edith", Role.EDITOR)
        yield engine, create_application(engine)


@pytest.fixture(scope="module")
def victor(place) -> Browser:
    return signed_in(place[1], "victor")


@pytest.fixture(scope="module")
def edith(place) -> Browser:
    return signed_in(place[1], "edith")


def listed(text):
    return re.findall(r'<h4><a href="/connectors/([^"]+)">', text)


def test_every_connector_is_listed(place, victor):
    assert sorted(listed(victor.get("/connectors").text)) == sorted(place[0].connectors)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=githu", ["github"]),
        ("q=GITHUB+push", ["github"]),
        ("category=security&q=securecoding", ["securecodinghub"]),
        ("category=chat&q=slack", ["slack"]),
        ("category=nothing", []),
        ("q=github&category=chat", []),
        ("category=chat&confirmed=yes&q=interactions", ["discord-interactions"]),
        ("category=chat&confirmed=no&q=interactions", []),
    ],
)
def test_a_search_finds_by_name_type_and_category(victor, query, found):
    assert listed(victor.get(f"/connectors?{query}").text) == found


def test_custom_is_offered_whatever_is_looked_for_and_what_a_security_team_needs_comes_first(victor):
    text = victor.get("/connectors").text

    assert 'href="/connectors/custom"' in victor.get("/connectors?q=blazelock").text
    assert re.findall(r'id="of-([^"]+)"', text)[:3] == ["standard", "security", "identity"]
    assert text.index('"/connectors/blazelock"') < text.index('"/connectors/airtable"')


def test_the_list_says_how_many_there_are(place, victor):
    known = place[0].connectors.values()
    good = sum(each.manifest.confirmed for each in known)
    security = sum(each.manifest.category == "security" for each in known)

    text = victor.get("/connectors?category=security").text

    said = f"{security} of {len(known)} connectors. {good} are confirmed by the vendor's own signature"
    assert said in unescape(text)
    assert f'<option value="security" selected>Security ({security})</option>' in text


def test_a_search_that_finds_nothing_says_what_to_do(victor):
    text = victor.get("/connectors?q=nothing").text

    assert "No connector fits" in text
    assert 'href="/connectors/custom"' in text
    assert 'value="nothing"' in text


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", '"><img src=x>', "{{7*7}}", "a%00b", "x" * 9000])
def test_a_hostile_search_is_text(victor, words):
    answer = victor.get("/connectors", query_string={"q": words})

    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "<img src=x>" not in answer.text
    assert ">49<" not in answer.text


def test_what_nobody_confirmed_is_marked(place, victor):
    unconfirmed = {name for name, each in place[0].connectors.items() if not each.manifest.confirmed}
    marks = {name: ">unconfirmed<" in victor.get(f"/connectors/{name}").text for name in place[0].connectors}

    assert {name for name, marked in marks.items() if marked} == unconfirmed
    assert victor.get("/connectors").text.count(">unconfirmed<") == len(unconfirmed)


def fact(text, label):
    return re.search(rf"<dt>{label}</dt><dd>(.*?)</dd>", text)[1]


def test_what_confirms_a_connector_is_named(victor):
    text = victor.get("/connectors/box").text

    assert "the vendor&#39;s own package, PyPI boxsdk" in text
    assert re.search(r'<a href="https://[^"]+" rel="noreferrer">a signed request that the vendor publishes</a>', text)
    assert "nothing yet" not in text


def test_an_unconfirmed_connector_says_what_that_means_and_what_to_do(victor):
    text = victor.get("/connectors/okta").text

    assert "Nobody has seen a proof of the vendor&#39;s own pass here yet" in text
    assert fact(text, "Confirmed by") == "nothing yet"


@pytest.mark.parametrize(
    ("name", "label", "words"),
    [
        ("zoom", "Waits for an answer", "3 s at most"),
        ("zoom", "Tries again", "after 5 min, 20 min, 1 h: 4 attempts in all"),
        ("zoom", "When that fails", "After the third further attempt the event is not sent again."),
        ("slack", "When it is refused", "After three more attempts."),
        ("adyen", "Tries again", "not known"),
        ("adyen", "Waits for an answer", "not known"),
        ("slack", "Questions", "When Slack asks about the address, Wink sends its challenge back, by itself."),
        ("zoom", "Bodies", "JSON"),
    ],
)
def test_what_the_vendor_does_is_said_in_words(victor, name, label, words):
    assert unescape(fact(victor.get(f"/connectors/{name}").text, label)) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("detectify", "shared secret or HMAC signature"),
        ("aws-sns", "signature of the vendor's own kind"),
        ("discord", "signature with a private key"),
        ("plaid", "signed token (JWT)"),
    ],
)
def test_each_sort_of_proof_has_words(victor, name, words):
    assert words in unescape(victor.get(f"/connectors/{name}").text)


def test_a_connector_shows_what_it_offers(place, victor):
    for name, connector in place[0].connectors.items():
        text = unescape(victor.get(f"/connectors/{name}").text)
        assert all(kind in text for kind in connector.manifest.types), name
        assert text.count("<summary>Sample") == sum(bool(each.sample) for each in connector.manifest.types.values())
        assert connector.manifest.source in text or connector.manifest.source.removeprefix("https://") in text


def test_the_set_up_of_github_is_a_list_with_emphasis(victor):
    text = victor.get("/connectors/github").text

    assert "<li><strong>Payload URL</strong>: the <em>Webhook Base URL</em>." in text
    assert "<code>application/json</code>" in text
    assert "HMAC signature" in text


def test_who_may_make_triggers_is_offered_one(victor, edith):
    link = 'href="/triggers/new?connector=github"'

    assert link in edith.get("/connectors/github").text
    assert link not in victor.get("/connectors/github").text


def test_a_connector_that_is_not_there_is_said_so(victor):
    answer = victor.get("/connectors/githbu", headers={"Accept": "text/html"})

    assert answer.status_code == 404
    assert "There is no connector &#39;githbu&#39;." in answer.text


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](http://example.com)",
        "[x](/logout)",
        "[x](//example.com)",
        "![x](https://example.com/pixel.png)",
        '<https://example.com/" onclick="alert(1)>',
        "[a]: javascript:alert(1)\n\n[a]",
        '```"><script>\n</code><script>\n```',
        "| a |\n|---|\n| <b>x</b> |",
    ],
)
def test_markdown_brings_no_html_and_leads_nowhere_but_to_https(text):
    html = render(text)

    assert not re.search(r"<(?!/?(p|pre|code|table|thead|tbody|tr|th|td|a)[ >])", html), html
    assert not re.search(r"<[^>]*(?:onerror|onclick|src=)", html), html
    assert all(link.startswith("https://example.com/") for link in re.findall(r'href="([^"]*)"', html))


def test_markdown_keeps_what_a_set_up_needs():
    html = render("# Steps\n\n1. **Open** [the docs](https://example.com)\n\n```\ncurl\n```\n")

    assert "<h3>Steps</h3>" in html
    assert '<a href="https://example.com" rel="noreferrer">the docs</a>' in html
    assert "<pre><code>curl\n</code></pre>" in html


def test_headings_stay_below_those_of_the_page():
    assert re.findall(r"<h(\d)>", render("# a\n\n## b\n\n###### c\n")) == ["3", "4", "6"]

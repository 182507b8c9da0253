"""The built front end, and the layout and macros of every page."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from markupsafe import escape

from tests.web import style_page
from web.built import STATIC, FrontEndMissing, read_manifest
from web.pages.assets import build_assets

FRONT_END = STATIC.parent / "frontend"
TEMPLATES = STATIC.parent / "templates"

WITHOUT_END = {"input", "img", "link", "meta", "hr", "br"}


class Page(HTMLParser):
    """The elements of a page, in their order, and what was opened and never closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in WITHOUT_END:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, *tags):
        return [attributes for tag, attributes in self.elements if tag in tags]


@pytest.fixture(scope="module")
def client():
    return style_page.build().test_client()


@pytest.fixture(scope="module")
def text(client):
    return client.get("/").text


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


@pytest.fixture
def macros():
    """Return the macros, as templates call them."""
    app = style_page.build()
    with app.test_request_context():
        yield app.jinja_env.get_template("macros.html").module


@pytest.mark.parametrize("name", ["app.css", "app.js", "icons.svg", "mark.svg"])
def test_a_browser_may_keep_an_asset_for_good(client, name):
    answer = client.get(f"/static/{read_manifest(STATIC)[name]}", buffered=True)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["manifest.json", "app.css", "..%2fpages%2fassets.py", "nothing.js"])
def test_what_the_manifest_does_not_name_is_not_served(client, name):
    assert client.get(f"/static/{name}").status_code == 404


def test_the_manifest_names_what_is_there_and_nothing_else_is():
    names = {*read_manifest(STATIC).values(), "manifest.json"}

    assert {file.name for file in STATIC.iterdir()} == names


def test_without_a_built_front_end_one_is_told_how_to_build_it(tmp_path):
    with pytest.raises(FrontEndMissing, match=r"dev\.py run"):
        build_assets(tmp_path)


def test_an_asset_that_nobody_builds_is_a_mistake(tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    app = Flask("app", static_folder=None)
    app.register_blueprint(build_assets(tmp_path))

    with app.test_request_context(), pytest.raises(KeyError, match=r"app\.css"):
        app.jinja_env.from_string("{{ asset('app.css') }}").render()


@pytest.mark.parametrize("forbidden", [r"\beval\(", r"https?://(?!www\.w3\.org/)"])
def test_style_sheet_and_pictures_need_nothing_from_elsewhere(forbidden):
    texts = [file.read_text() for file in STATIC.iterdir() if file.suffix in {".css", ".svg"}]

    assert not any(re.search(forbidden, text) for text in texts)


@pytest.mark.parametrize("rule", [r"#[a-z][\w-]*[^;{}]*\{", "!important", r"style="])
def test_the_style_sheet_needs_no_ids_and_no_force(rule):
    texts = {file.name: file.read_text() for file in FRONT_END.glob("css/*.css")}

    assert not [name for name, text in texts.items() if re.search(rule, text)]


def test_the_style_page_shows_every_macro(text):
    names = re.findall(r"macro ([a-z]\w*)\(", (TEMPLATES / "macros.html").read_text())
    source = Path(style_page.__file__).with_name("style_page.html").read_text()

    assert names
    assert not [name for name in names if not re.search(rf"(\{{\{{|call)\s*{name}\(", source)]


@pytest.mark.parametrize("path", ["/", "/signed-out"])
def test_every_element_is_closed(client, path):
    assert Page(client.get(path).text).open == []


def test_a_strict_policy_forbids_nothing_of_a_page(page):
    inline = [
        tag for tag, attributes in page.elements if any(name == "style" or name[:2] == "on" for name in attributes)
    ]

    assert not inline
    assert not page.all("style")
    assert all("src" in script for script in page.all("script"))


def test_ids_are_there_once_and_whatever_names_one_finds_it(page):
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    named = {
        name
        for _, attributes in page.elements
        for key in ("for", "aria-describedby", "aria-labelledby", "data-copy", "commandfor")
        for name in (attributes.get(key) or "").split()
    }

    assert len(ids) == len(set(ids))
    assert named <= set(ids)


def test_every_control_has_its_label(page):
    labelled = {label["for"] for label in page.all("label")}

    assert {control["id"] for control in page.all("input", "select", "textarea")} == labelled


def test_a_page_says_where_it_is(page):
    here = [link["href"] for link in page.all("a") if link.get("aria-current") == "page"]

    assert set(here) == {"/triggers"}


def test_a_stranger_sees_no_navigation(client):
    page = Page(client.get("/signed-out").text)

    assert not page.all("nav")
    assert len(page.all("main")) == 1


def test_what_a_sender_wrote_is_text(text):
    assert "<script>" not in text
    assert "&lt;script&gt;alert" in text
    assert "{{ 7 * 7 }}" in text


def test_a_password_does_not_go_back_into_a_page(macros):
    assert "hunter2" not in macros.field("password", "Password", "hunter2", type="password")


def test_a_field_keeps_what_was_typed_and_says_what_is_wrong_with_it(macros):
    html = macros.field("name", "Name", '"><b>', help="Once.", error="No <b> here.")

    assert 'value="&#34;&gt;&lt;b&gt;"' in html
    assert 'aria-describedby="field-name-help field-name-error" aria-invalid="true"' in html
    assert "No &lt;b&gt; here." in html


@pytest.mark.parametrize("value", ["\nfirst line", "</textarea><script>", ""])
def test_a_text_of_many_lines_keeps_them_all(macros, value):
    html = str(macros.field("text", "Text", value, type="textarea"))

    # A browser drops the first line end after the tag.
    assert html.count("</textarea>") == 1
    assert re.search(r"<textarea[^>]*>\n(.*)</textarea>", html, re.DOTALL)[1] == str(escape(value))


def test_attributes_that_are_false_or_none_are_left_out(macros):
    html = macros.button("Go", disabled=False, name=None, autofocus=True, hx_get="/x?a=1&b=2")

    assert html == '<button class="secondary" type="submit" autofocus hx-get="/x?a=1&amp;b=2">Go</button>'


@pytest.mark.parametrize("word", ["failed", "needs_secret", "a word of tomorrow"])
def test_an_outcome_is_told_in_words_and_not_by_colour_alone(macros, word):
    assert macros.outcome(word).endswith(f"{word.replace('_', ' ')}</span>")


def test_a_moment_is_written_in_utc(macros):
    html = macros.when(style_page.MOMENT)

    assert html.startswith('<time datetime="2026-01-02T03:04:05Z" title="2026-01-02 03:04:05 UTC">')


def test_a_value_nested_deeper_than_one_can_read_ends_in_words(macros):
    value = []
    for _ in range(200):
        value = [value]

    html = macros.tree("body", value)

    assert html.count("<details") == 40
    assert "lies deeper" in html


@pytest.mark.parametrize(
    ("pairs", "heights"), [([(0, 0)], []), ([(1, 1)], ["10.0", "10.0"]), ([(4, 0), (0, 1)], ["20.0", "5.0"]), ([], [])]
)
def test_bars_share_one_scale(macros, pairs, heights):
    html = macros.bars(pairs, "label")

    assert re.findall(r'class="(?:good|bad)".*?height="([\d.]+)"', html) == heights

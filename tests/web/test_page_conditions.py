"""The editor of a trigger's condition, with a browser that has no scripts."""

import json
import re
from html.parser import HTMLParser

import pytest

from engine.path import listen
from engine.path.evaluate import compare
from engine.path.setup import change
from engine.store import triggers
from engine.words import Answer, Role
from tests.engines import deliver, running, trigger
from tests.web.browser import OURS, Browser, person, signed_in
from web.application import create_application

PAGE = "/triggers/t/condition"
DRAFT, BACKTEST = f"{PAGE}/draft", f"{PAGE}/backtest"
HIGH = "event.data.finding.severity == 'high'"
NESTED = (
    "event.data.finding.severity in ['critical', 'high'] and (ends_with(event.data.finding.asset, '.example.com') "
    "or has_any(event.data.finding.tags, ['prod', 'pci'])) and not (contains(event.data.finding.title, '[test]'))"
)
HOSTILE = ["<script>alert(1)</script>", "{{7*7}}", "\u202egnp.exe", "\U0001f40e", "a\0b", "x" * 10_000, '"><img src=x>']


class Editor(HTMLParser):
    """The editor's form: what is in each field, what is said, and which buttons there are."""

    def __init__(self, page):
        super().__init__()
        self.values, self.buttons, self.tags, self.offered = {}, set(), [], []
        self._area = self._select = None
        self.feed(page)
        self.page, self.plain = page, re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
        self.errors = [
            re.sub(r"<[^>]+>", "", found) for found in re.findall(r'class="[^"]*error" id.*?>(.*?)</p>', page)
        ]

    def handle_starttag(self, tag, attrs):
        found = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if tag == "input" and (found.get("type") != "checkbox" or "checked" in found):
            self.values[found["name"]] = found.get("value", "")
        if tag == "textarea":
            self._area, self.values[found["name"]] = found["name"], ""
        if tag == "select":
            self._select = found["name"]
        if tag == "optgroup":
            self.offered.append(found["label"])
        if tag == "option" and "selected" in found:
            self.values[self._select] = found["value"]
        if tag == "button":
            self.buttons.add(found.get("value", ""))

    def handle_data(self, data):
        if self._area:
            self.values[self._area] += data.removeprefix("\n")

    def handle_endtag(self, tag):
        self._area = None if tag == "textarea" else self._area


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return an engine with a trigger that has a sample, a schema and events, and its application."""
    with running(tmp_path_factory.mktemp("conditions")) as engine:
        trigger(engine)
        trigger(engine, name="bare")
        trigger(engine, name="odd")
        listen.listen(engine, "t", listen.LONGEST)
        deliver(engine, finding("critical", 9.5))
        listen.apply(engine, "t")
        listen.stop_listening(engine, "t")
        for number, severity in enumerate(["low", "high", "high"]):
            deliver(engine, finding(severity, number))
        deliver(engine, b'{"other": 1}')
        application = create_application(engine)
        yield engine, *(newcomer(engine, application, name) for name in (Role.EDITOR, Role.VIEWER))


def newcomer(engine, application, role):
    person(engine, f"some-{role}", role)
    return signed_in(application, f"some-{role}")


@pytest.fixture
def engine(place):
    change(place[0], "t", {"condition": None})
    return place[0]


@pytest.fixture
def edith(place, engine) -> Browser:
    return place[1]


def finding(severity, score):
    found = {"severity": severity, "score": score, "fixed": False, "at": "2026-11-21T05:00:00Z", "tags": ["prod"]}
    return json.dumps({"finding": {**found, "title": "XSS", "asset": "shop.example.com"}}).encode()


def in_force(engine):
    return engine.store.read(triggers.find, "t").condition


def seen(answer):
    return Editor(answer.text)


def row(left, op, right, at="0"):
    return {f"left.{at}": left, f"op.{at}": op, f"right.{at}": right}


def test_without_a_condition_the_page_says_that_every_event_matches(edith):
    page = seen(edith.get(PAGE))

    assert "every event of this trigger matches" in page.plain
    assert page.values["text"] == ""
    assert "row " in page.buttons


def test_a_trigger_without_events_says_where_its_answer_comes_from(edith):
    page = seen(edith.get("/triggers/bare/condition"))

    assert "There is no sample yet" in page.plain
    assert "nothing to ask about" in seen(edith.post("/triggers/bare/condition/backtest")).plain


def test_rows_are_added_filled_in_and_applied_without_a_script(edith, engine):
    form = seen(edith.post(DRAFT, **seen(edith.get(PAGE)).values, do="row ")).values
    form |= row("event.data.finding.severity", "equals", "high")
    form = seen(edith.post(DRAFT, **form, do="row ")).values
    form |= row("event.data.finding.score", "at_least", "7", "1")

    answer = edith.post(PAGE, **form)

    assert (answer.status_code, answer.location) == (303, f"{PAGE}?applied=yes")
    assert in_force(engine) == f"{HIGH} and event.data.finding.score >= 7"
    assert "Applied" in edith.get(answer.location).text


def test_004_r8_groups_show_as_rows_and_as_the_same_text(edith, engine):
    change(engine, "t", {"condition": NESTED})

    page = seen(edith.get(PAGE))

    assert page.values["text"] == NESTED
    assert (page.values["left.1.0"], page.values["op.1.0"]) == ("event.data.finding.asset", "ends_with")
    assert (page.values["join"], page.values["join.1"]) == ("all", "any")
    assert page.values["right.0"] == "critical, high"
    assert page.values["not.2"] == "yes"
    assert edith.post(PAGE, **page.values).status_code == 303
    assert in_force(engine) == NESTED


def test_004_r8_a_changed_text_changes_the_rows_and_a_changed_row_the_text(edith, engine):
    form = seen(edith.get(PAGE)).values

    of_text = seen(edith.post(DRAFT, **{**form, "text": f"{HIGH} or event.data.finding.fixed == true"}))
    of_rows = seen(edith.post(DRAFT, **{**of_text.values, "right.0": "low", "join": "not_any"}))

    assert (of_text.values["join"], of_text.values["right.0"], of_text.values["right.1"]) == ("any", "high", "true")
    assert of_rows.values["text"] == "not (event.data.finding.severity == 'low' or event.data.finding.fixed == true)"


def test_a_text_that_rows_cannot_say_stays_text_and_says_so(edith, engine):
    text = "any(tag == 'prod' for tag in event.data.finding.tags)"

    page = seen(edith.post(DRAFT, **{**seen(edith.get(PAGE)).values, "text": text}))

    assert "Rows cannot say this condition" in page.plain
    assert page.values["text"] == text
    assert "left.0" not in page.values
    assert edith.post(PAGE, **page.values).status_code == 303
    assert in_force(engine) == text
    assert "left.0" in seen(edith.post(DRAFT, **page.values, do="anew")).values


def test_who_changes_both_at_once_is_asked_which_of_them_counts(edith, engine):
    change(engine, "t", {"condition": HIGH})
    form = seen(edith.get(PAGE)).values | {"right.0": "low", "text": "event.type == 'x'"}

    torn = seen(edith.post(PAGE, **form))

    assert "say which of them counts" in torn.errors[0]
    assert in_force(engine) == HIGH
    assert (torn.values["right.0"], torn.values["text"]) == ("low", "event.type == 'x'")
    assert "severity == 'low'" in seen(edith.post(DRAFT, **torn.values, do="rows")).values["text"]
    assert seen(edith.post(DRAFT, **torn.values, do="text")).values["left.0"] == "event.type"


def test_parts_are_removed_and_empty_groups_with_them(edith):
    form = seen(edith.post(DRAFT, **{**seen(edith.get(PAGE)).values, "text": NESTED})).values

    once = seen(edith.post(DRAFT, **form, do="remove 1.0"))
    twice = seen(edith.post(DRAFT, **once.values, do="remove 1.0"))

    assert "asset" not in once.values["text"]
    assert "has_any" in once.values["text"]
    assert "join.1" not in twice.values
    assert twice.values["not.1"] == "yes"


def test_a_group_is_added_with_a_row_in_it(edith):
    page = seen(edith.post(DRAFT, **{**seen(edith.get(PAGE)).values, "text": HIGH}))

    page = seen(edith.post(DRAFT, **page.values, do="group "))

    assert page.values["join.1"] == "any"
    assert page.values["left.1.0"] == ""
    assert re.search(r'id="left-1-0"[^>]* autofocus', page.page)


@pytest.mark.parametrize(
    ("field", "group"),
    [("severity", "text"), ("score", "number"), ("fixed", "boolean"), ("at", "time"), ("tags", "list")],
)
def test_004_r13_operators_depend_on_the_type_of_the_field(edith, field, group):
    page = seen(edith.post(DRAFT, **row(f"event.data.finding.{field}", "equals", "")))

    first = page.page.split("<optgroup")[1]
    assert page.offered == [f"For {group}"]
    assert ("within last" in first) is (group == "time")
    assert ("less than" in first) is (group == "number")
    assert ("starts with" in first) is (group == "text")
    assert ("has any" in first) is (group == "list")


def test_the_fields_are_offered_with_what_the_sample_has(edith):
    page = edith.get(PAGE).text

    assert 'value="event.data.finding.severity" label="event.data.finding.severity · text · &#34;critical&#34;"' in page
    assert 'value="event.data.finding.at" label="event.data.finding.at · time' in page


def test_the_answer_for_the_sample_shows_each_part_and_what_it_saw(edith):
    text = f"{HIGH} or event.data.finding.score > 9 or event.data.finding.nothing == 1"

    page = seen(edith.post(DRAFT, text=text, do="text"))

    assert "yes It matches." in page.plain
    assert (
        'no event.data.finding.severity == &#39;high&#39; event.data.finding.severity is "critical"'
        in page.plain.replace("&#34;", '"')
    )
    assert "It does not match" in seen(edith.post(DRAFT, text=HIGH, do="text")).plain
    unknown = seen(edith.post(DRAFT, text="event.data.finding.nothing == 1", do="text"))
    assert "Nobody can tell" in unknown.plain
    assert "is not there" in unknown.plain


def test_a_script_gets_the_editor_alone(edith):
    part = edith.client.post(DRAFT, data={"text": HIGH, "do": "text"}, headers={**OURS, "HX-Request": "true"})

    assert part.text.strip().startswith('<div id="condition"')
    assert "<html" not in part.text


def test_a_backtest_counts_and_lists_what_changes_against_the_condition_in_force(edith, engine):
    change(engine, "t", {"condition": "event.data.finding.severity == 'low'"})

    page = seen(edith.post(BACKTEST, text=HIGH, do="text"))

    assert "Would have matched 2 of the last 5 events" in page.plain
    assert "about 1 nobody can tell" in page.plain
    assert "3 would be answered otherwise" in page.plain
    assert len(re.findall(r'<th scope="row"><a href="/events/evt_', page.page)) == 3
    assert in_force(engine) != HIGH


def test_a_backtest_of_the_condition_in_force_changes_nothing(edith, engine):
    change(engine, "t", {"condition": HIGH})

    assert "The condition in force answers the same" in seen(edith.post(BACKTEST, text=HIGH, do="text")).plain


def test_a_comparison_has_the_answers_of_both(engine):
    found = compare(engine, engine.store.read(triggers.find, "t"), None, 3)

    assert found.answers == {Answer.YES: 3}
    assert (found.total, found.changed) == (3, [])


def test_what_is_wrong_is_said_beside_it_and_what_was_typed_stays(edith, engine):
    form = {**row("event.data.finding.score", "at_most", "many"), **row("event.data.x y", "equals", "", "1")}

    answer = edith.post(PAGE, **form)
    page = seen(answer)

    assert answer.status_code == 422
    assert page.errors[0].startswith("Write a number")
    assert page.errors[1].startswith("Cannot be read")
    assert 'aria-describedby="right-0-error" aria-invalid="true"' in page.page
    assert form.items() <= page.values.items()
    assert in_force(engine) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("event.type = 'x'", "compare with `==`"),
        ("event.type ==", "Cannot be read"),
        ("vars.limit == 1", "can name event and trigger, not vars"),
        ("x" * 3000, "at most 2,000"),
        ("event.type == 'a\0b'", "NUL"),
    ],
)
def test_a_text_that_cannot_be_read_is_kept_with_words_beside_it(edith, engine, text, words):
    answer = edith.post(PAGE, text=text)

    page = seen(answer)
    assert answer.status_code == 422
    assert words in page.errors[0].replace("&#39;", "'")
    assert page.values["text"] == text
    assert in_force(engine) is None


@pytest.mark.parametrize("typed", HOSTILE)
@pytest.mark.parametrize(
    "name", ["left.0", "op.0", "right.0", "join", "not.0", "text", "shown", "next", "in_force", "do"]
)
def test_hostile_content_is_text_in_every_field(edith, name, typed):
    plain = row("event.type", "equals", "x") | {"text": "", "shown": ""}

    page = seen(edith.post(DRAFT, **{**plain, name: typed}))

    assert page.tags.count("script") == 1
    assert page.tags.count("img") == 1
    assert "49" not in page.values.values()
    if name in {"left.0", "right.0", "text"}:
        assert typed in page.values.values()


def test_hostile_keys_of_an_event_are_fields_like_others(edith, engine):
    deliver(engine, json.dumps({text: text for text in HOSTILE}).encode(), name="odd")

    page = seen(edith.get("/triggers/odd/condition"))
    asked = seen(edith.post("/triggers/odd/condition/draft", text="event.data['{{7*7}}'] == '{{7*7}}'", do="text"))

    assert page.tags.count("script") == 1
    assert "yes It matches." in asked.plain


def test_what_somebody_else_applied_meanwhile_is_not_overwritten_unseen(edith, engine):
    form = {**seen(edith.get(PAGE)).values, "text": HIGH}
    change(engine, "t", {"condition": "event.type == 'x'"})

    refused = edith.post(PAGE, **form)

    page = seen(refused)
    assert refused.status_code == 409
    assert "Somebody else changed the condition meanwhile" in page.plain
    assert (in_force(engine), page.values["text"]) == ("event.type == 'x'", HIGH)
    assert edith.post(PAGE, **page.values).status_code == 303
    assert in_force(engine) == HIGH


def test_an_empty_text_removes_the_condition(edith, engine):
    change(engine, "t", {"condition": {"left": "event.type", "op": "is_null"}})

    assert edith.post(PAGE, **{**seen(edith.get(PAGE)).values, "text": ""}).status_code == 303
    assert in_force(engine) is None


def test_a_page_that_holds_the_editor_is_gone_back_to_and_no_other(edith):
    assert edith.post(PAGE, next="/triggers/t").location == "/triggers/t"
    assert edith.post(PAGE, next="//evil.example").location == "/"


def test_a_page_that_holds_the_editor_keeps_its_headings_and_its_address(edith):
    page = seen(edith.post(DRAFT, text=HIGH, do="text", level="3", next="/triggers/t"))

    assert (page.values["level"], page.values["next"]) == ("3", "/triggers/t")
    assert (page.tags.count("h2"), page.tags.count("h3")) == (0, 2)


def test_a_viewer_may_ask_and_not_apply(place, engine):
    victor = place[2]

    assert "an editor puts one in force" in victor.get(PAGE).text
    assert "It does not match" in seen(victor.post(DRAFT, text=HIGH, do="text")).plain
    assert victor.post(PAGE, text=HIGH).status_code == 403
    assert in_force(engine) is None


def test_there_is_no_editor_without_its_trigger(edith):
    assert edith.get("/triggers/none/condition").status_code == 404

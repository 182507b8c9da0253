"""*Save as test*: an event as a test of each workflow that was asked about it."""

import json

import pytest

from tests.corpus import TEXTS
from tests.engines import deliver, runs_of, trigger, workflow
from tests.web.pages import HOSTILE, place
from tests.web.seen import Seen

TELLS = """name: Tell
on: {trigger: t, if: "ends_with(event.data.mail, '@corp.example')"}
steps:
  - {id: say, uses: core.log, with: {message: "${{ event.data.userName }} <${{ event.data.mail }}>"}}
  - id: ask
    uses: http.get
    with: {url: "http://127.0.0.1:1/${{ url_encode(event.data.mail) }}"}
    on_error: continue
"""
MEASURES = """name: Measure
on: {trigger: t, if: length(event.data.userName) > 10}
steps:
  - {uses: core.log, with: {message: long}}
"""
MANY = """name: Many
on: {trigger: t, if: exists(event.data.items)}
steps:
  - {for_each: "${{ event.data.items }}", uses: core.set, with: {values: {n: 1}}}
"""
ASKS = """name: Ask
on: {trigger: t, if: exists(event.data.text)}
steps:
  - {uses: core.run_workflow, with: {workflow: named}}
"""
NAMED = """name: Named
on: {manual: true}
steps:
  - {uses: core.log, with: {message: found}}
outputs: {fullName: Ann Smith}
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """Return a place with a workflow that a redacted event still pleases, and one that measures what is redacted."""
    with place(tmp_path_factory.mktemp("saved")) as found:
        trigger(found.engine)
        workflow(found.engine, TELLS, "tell")
        workflow(found.engine, MEASURES, "measure")
        workflow(found.engine, MANY, "many")
        workflow(found.engine, NAMED, "named")
        workflow(found.engine, ASKS, "ask")
        yield found


def saved(here, data, file: str = "") -> str:
    """Return the page of tests of an event that came with that, or one of the files."""
    return here.editor.get(f"/events/{came(here, data)}/tests{file}").text


@pytest.fixture
def event_id(here) -> str:
    data = {"userName": "Ada Lovelace", "mail": "ada@corp.example", "note": HOSTILE}
    return came(here, data)


def came(here, data) -> str:
    (event_id,) = deliver(here.engine, json.dumps(data).encode()).event_ids
    runs_of(here.engine, event_id)
    return event_id


@pytest.fixture
def played(tester, tmp_path):
    """Return a function that tells what comes of a saved test of ``tell``."""

    def play(text: str):
        (tmp_path / "tell.yaml").write_text(TELLS)
        (tmp_path / "tell.test.yaml").write_bytes(text.encode())
        return tester.run(tmp_path / "tell.yaml", tmp_path / "tell.test.yaml")

    return play


@pytest.mark.parametrize("start", range(0, len(TEXTS), 40))
def test_the_saved_test_of_any_text_passes(here, played, start):
    texts = [text for text in TEXTS[start : start + 40] if len(text) < 10_000]
    data = {"userName": " ".join(texts), "mail": "ada@corp.example", "texts": texts, "names": {t: t for t in texts}}
    answer = here.editor.get(f"/events/{came(here, data)}/tests/tell.test.yaml")

    suite = played(answer.text)

    assert (suite.mistakes, [result.differences for result in suite.results]) == (None, [[]])


def test_the_saved_test_passes_and_names_nobody(here, played, event_id):
    answer = here.editor.get(f"/events/{event_id}/tests/tell.test.yaml")

    suite = played(answer.text)

    assert (suite.mistakes, [result.differences for result in suite.results]) == (None, [[]])
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "user-1@corp.example" in answer.text
    assert "ada" not in answer.text.lower()
    assert "- say: succeeded\n        - ask: failed" in answer.text


def test_the_same_event_gives_the_same_test(here, event_id):
    path = f"/events/{event_id}/tests/tell.test.yaml"

    assert here.editor.get(path).text == here.editor.get(path).text


def test_the_page_shows_each_workflow_and_says_where_there_is_no_test(here, event_id):
    page = here.editor.get(f"/events/{event_id}/tests")
    seen = Seen(page.text)

    assert f"/events/{event_id}/tests/tell.test.yaml" in seen.links
    assert "the workflow does something else with this event" in seen.words
    assert "<script>alert" not in page.text
    assert seen.in_order


def test_the_way_to_it_is_on_the_page_of_the_event_for_editors_alone(here, event_id):
    address = f"/events/{event_id}/tests"

    assert address in Seen(here.editor.get(f"/events/{event_id}").text).links
    assert address not in Seen(here.viewer.get(f"/events/{event_id}").text).links
    assert here.viewer.get(address).status_code == 403


def test_a_workflow_that_was_not_asked_has_no_test(here, event_id):
    assert here.editor.get(f"/events/{event_id}/tests/other.test.yaml").status_code == 404


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"mails": [f"u{number}@corp.test" for number in range(1_001)]}, "more than 1,000 values to make up for it"),
        ({"text": "x" * 250_000}, "more than 250,000 signs in it"),
        ({"items": [1] * 1_001}, "its run has more than 1,000 steps"),
    ],
    ids=["values", "signs", "steps"],
)
def test_an_event_with_too_much_in_it_is_told_to_be_written_by_hand(here, data, words):
    assert f"{words}: write its test by hand" in Seen(saved(here, data)).words


def test_who_is_named_in_an_answer_is_replaced_in_the_event(here):
    text = saved(here, {"text": "Ann Smith logged in"}, "/ask.test.yaml")

    assert "text: Person 1 logged in" in text
    assert "Ann Smith" not in text

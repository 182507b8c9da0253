"""What a sender writes stands on pages as text: it makes no element, and leads nowhere."""

import json

import pytest
from markupsafe import escape

from engine.store import approvals, show
from engine.words import Outcome
from tests.corpus import TEXTS
from tests.engines import deliver, runs_of, standing, trigger, workflow
from tests.serving import eventually
from tests.web.pages import place
from tests.web.seen import Seen

#: All that one page can show whole.
SHOWN = [text for text in TEXTS if 0 < len(text) < 1_000]

TELLS = """
name: Tells
on: {trigger: t}
steps:
  - {id: kept, uses: core.set, with: {values: "${{ event.data }}"}}
  - {id: choose, switch: "event.data.texts[0]", cases: {b: [{uses: core.log, with: {message: b}}]},
     else: [{uses: core.log, with: {message: x}}]}
  - {id: each, for_each: "${{ event.data.texts }}", at_once: 50, on_error: continue, uses: core.log,
     with: {message: "<${{ item }}>"}}
  - {id: fails, uses: core.fail, with: {message: "${{ join(event.data.texts, ' ') }}"}}
outputs: {all: "${{ event.data }}"}
"""
ASKS = """
name: Asks
on: {trigger: asked}
steps:
  - id: each
    for_each: "${{ event.data }}"
    at_once: 100
    uses: core.approve
    with: {title: "${{ item }}", details: "${{ item }}"}
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    with place(tmp_path_factory.mktemp("hostile")) as found:
        trigger(found.engine)
        trigger(found.engine, name="asked")
        workflow(found.engine, TELLS, "tells")
        workflow(found.engine, ASKS, "asks")
        yield found


def delivered(here, texts):
    """Deliver the texts as values and as names, and return the paths of the pages that show them."""
    data = {"texts": texts, "names": [{text: place} for place, text in enumerate(texts)]}
    sent = deliver(here.engine, json.dumps(data).encode())
    (run,) = runs_of(here.engine, sent.event_ids[0])
    assert (run.outcome, run.error["step"]) == (Outcome.FAILED, "fails")
    event, delivery = f"/events/{sent.event_ids[0]}", f"/deliveries/{sent.delivery.id}"
    return {"event": event, "tests": f"{event}/tests", "delivery": delivery, "run": f"/runs/{run.id}"}


def test_no_text_makes_an_element_or_an_attribute(here):
    paths, harmless = delivered(here, SHOWN), delivered(here, ["a"] * len(SHOWN))

    for name, path in paths.items():
        page, plain = (Seen(here.editor.get(each).text) for each in (path, harmless[name]))
        assert page.tags == plain.tags, name
        assert [sorted(each) for each in page.attributes] == [sorted(each) for each in plain.attributes], name


@pytest.mark.parametrize("name", ["event", "delivery", "run"])
def test_each_text_stands_on_the_page_as_it_was(here, name):
    page = here.editor.get(delivered(here, SHOWN)[name]).text

    missing = [text for text in SHOWN if f'"{escape(text)}"' not in page]
    assert missing == []


@pytest.mark.parametrize("texts", [SHOWN[:90], SHOWN[90:]])
def test_an_approval_shows_its_question_as_text(here, texts):
    (event_id,) = deliver(here.engine, json.dumps(["a", *texts]).encode(), "asked").event_ids
    (run,) = eventually(lambda: here.engine.store.read(show.event_history, event_id).runs)
    standing(here.engine, run.id, Outcome.WAITING)
    asked = [one.approval for one in here.engine.store.read(approvals.of_run, run.id)]
    assert [approval.title for approval in asked] == ["a", *texts]

    plain, *pages = (here.editor.get(f"/approvals/{approval.id}").text for approval in asked)

    for text, page in zip(texts, pages, strict=True):
        assert Seen(page).tags == Seen(plain).tags, text
        assert f"<bdi>{escape(text)}</bdi></h1>" in page
    assert "<script>alert(1)" not in here.editor.get("/approvals").text

"""Seed 004, row R18 in a real browser: a person starts a workflow, answers what it asks, and runs it again."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from engine.words import Role

TEXT = """
name: Rescan
on: {manual: true}
inputs:
  asset: {type: string, required: true, description: What to scan.}
  depth: {type: integer, minimum: 1, maximum: 5, default: 1}
steps:
  - id: plan
    uses: core.set
    with: {values: {words: "scan ${{ inputs.asset }} ${{ inputs.depth }} deep"}}
  - id: ask
    if: inputs.depth > 3
    uses: core.approve
    with: {title: "Scan ${{ inputs.asset }} that deep?", fields: {why: {type: string, required: true}}}
outputs: {words: "${{ steps.plan.output.words }}", why: "${{ default(steps.ask.output.fields.why, null) }}"}
"""


@pytest.fixture
def editor(visit, place):
    """An editor at the page of a workflow that is run on demand."""
    place.wink.api("PUT", "/workflows/rescan", text=TEXT)
    story = visit(Role.EDITOR)
    story.open("/workflows/rescan")
    return story


def run_of(story, place):
    """Return the run whose page is open."""
    story.page.wait_for_url(re.compile("/runs/run_"))
    return place.wink.get("/runs/" + urlsplit(story.page.url).path.rpartition("/")[2])


def test_004_r18_a_person_runs_a_workflow_with_inputs_and_sees_what_it_gave(editor, place):
    editor.write("asset", "www")
    editor.write("depth (optional)", "2")
    editor.click("Run now")
    expect(editor.page.locator("#outputs")).to_contain_text("scan www 2 deep")

    run = run_of(editor, place)
    assert (run["inputs"], run["outcome"]) == ({"asset": "www", "depth": 2}, "succeeded")
    assert not editor.complaints


def test_004_r18_an_input_that_does_not_fit_is_told_beside_it_and_nothing_runs(editor, place):
    before = len(place.wink.get("/runs?workflow=rescan")["items"])
    editor.write("asset", "www")
    editor.write("depth (optional)", "9")

    editor.click("Run now")

    expect(editor.page.locator("#run .error")).to_have_count(1)
    assert editor.value("asset") == "www"
    assert len(place.wink.get("/runs?workflow=rescan")["items"]) == before


def test_004_r18_a_run_that_asks_is_answered_from_its_page_and_goes_on_by_itself(editor, place):
    editor.write("asset", "mail")
    editor.write("depth (optional)", "5")
    editor.click("Run now")
    editor.sees("Waits for a decision")
    path = urlsplit(editor.page.url).path

    editor.follow("Scan mail that deep?")
    editor.write("why", "The report of this morning")
    editor.click("Approve")
    editor.sees("It was approved.")
    editor.follow("The run")

    expect(editor.page.locator("#outputs")).to_contain_text("The report of this morning")
    assert run_of(editor, place)["outputs"]["why"] == "The report of this morning"
    assert urlsplit(editor.page.url).path == path
    assert not editor.complaints


def test_004_r18_a_run_of_the_past_is_run_again_from_a_step_with_the_version_of_today(editor, place):
    old = place.wink.api("POST", "/workflows/rescan/run", {"inputs": {"asset": "old"}, "wait": "10s"})
    changed = TEXT.replace("outputs: {words:", "outputs: {again: true, words:")
    place.wink.api("PUT", "/workflows/rescan", text=changed)
    editor.open(f"/runs/{old['id']}")

    editor.choose("From", "ask")
    editor.tick("The current one")
    editor.click("Run again")
    editor.sees("an earlier run")

    again = run_of(editor, place)
    assert (again["rerun_of"], again["inputs"]["asset"]) == (old["id"], "old")
    editor.sees("taken over")
    assert place.wink.get(f"/runs/{again['id']}")["outputs"]["again"] is True

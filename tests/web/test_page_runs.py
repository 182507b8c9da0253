"""The runs in the browser: the list, a run's timeline, cancelling and repeating it."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.path.match import new_run
from engine.path.start import begin, start
from engine.path.workflows import delete
from engine.store import approvals, callbacks, search, show
from engine.store.callbacks import Target
from engine.store.journal import Started
from engine.store.rows import Entry
from engine.store.search import RunFilter, Span
from engine.words import Outcome
from tests.engines import LOGS, WAITS, deliver, runs_of, trigger, workflow
from tests.path.waiting import ASK, PARENT, SCAN, begun
from tests.serving import eventually
from tests.web.pages import HOSTILE, place
from tests.web.seen import Seen
from web.pages.lengths import in_words
from web.pages.timeline import THINNEST, WIDTH, timeline

FAILS = """
name: Fails
on: {manual: true}
steps:
  - id: outer
    steps:
      - {id: say, uses: core.fail, with: {message: "<script>alert(1)</script> is no asset"}}
"""

CHOOSES = """
name: Chooses
on: {manual: true}
steps:
  - {id: route, switch: "'low'", cases: {low: [{id: say, uses: core.log, with: {message: a}}]}}
  - {id: other, switch: "'low'", cases: {high: [{id: say, uses: core.log, with: {message: a}}]}}
  - {id: again, while: loop.index < 2, max: 2, steps: [{id: say, uses: core.log, with: {message: a}}]}
  - id: both
    parallel:
      - {id: left, steps: [{id: say, uses: core.log, with: {message: a}}]}
      - {id: right, if: run.id == 'a', steps: [{id: say, uses: core.log, with: {message: a}}]}
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """Return a place with a run that succeeded, one that failed, and one that waits."""
    with place(tmp_path_factory.mktemp("runs")) as found:
        trigger(found.engine)
        found.version = workflow(found.engine, LOGS, "logs")
        workflow(found.engine, FAILS, "fails")
        (event_id,) = deliver(found.engine).event_ids
        found.event_id, (found.good,) = event_id, (run.id for run in runs_of(found.engine, event_id))
        found.bad = by_hand(found, "fails", Outcome.FAILED)
        workflow(found.engine, WAITS.replace("trigger: t, ", ""), "waits")
        yield found


def by_hand(here, name, outcome) -> str:
    run_id = start(here.engine, name, {}).id
    eventually(lambda: here.engine.store.read(show.run, run_id).outcome is outcome)
    return run_id


def test_the_list_has_every_run_with_its_outcome(here):
    seen = Seen(here.viewer.get("/runs").text)

    assert {f"/runs/{here.good}", f"/runs/{here.bad}", f"/events/{here.event_id}"} <= set(seen.links)
    assert seen.in_order


@pytest.mark.parametrize(
    ("query", "good", "bad"),
    [("workflow=logs", True, False), ("outcome=failed", False, True), ("trigger=t", True, False),
     ("outcome=cancelled&workflow=logs", False, False), ("since=2001-01-01T00%3A00", True, True)],
)  # fmt: skip
def test_the_list_is_filtered(here, query, good, bad):
    links = Seen(here.viewer.get(f"/runs?{query}").text).links

    assert (f"/runs/{here.good}" in links, f"/runs/{here.bad}" in links) == (good, bad)


@pytest.mark.parametrize(
    ("field", "typed"), [("outcome", HOSTILE), ("trigger", "nope"), ("workflow", "a\0b"), ("until", "x")]
)
def test_a_filter_that_cannot_be_read_is_told_beside_it_and_kept(here, field, typed):
    answer = here.viewer.client.get("/runs", query_string={field: typed})

    form = Seen(answer.text)
    assert answer.status_code == 422
    assert form.errors.keys() == {field}
    assert form.values.get(field, typed) == typed


def test_runs_of_a_trigger_are_looked_for_among_the_newest_and_further(here, monkeypatch):
    monkeypatch.setattr(search, "SIFTED", 1)
    start(here.engine, "fails", {})

    page = here.engine.store.read(search.list_runs, RunFilter(trigger_id="trg_none"), Span())
    seen = Seen(here.viewer.get("/runs?trigger=t").text)

    assert (page.items, page.next is not None) == ([], True)
    assert "Nothing found so far" in seen.words
    assert "Search further back" in seen.words


def test_a_run_shows_its_steps_with_what_went_in_and_out(here):
    seen = Seen(here.viewer.get(f"/runs/{here.good}").text)

    assert "first core.set succeeded" in seen.words
    assert '"hello"' in seen.words
    assert seen.tags.count("rect") == 4
    assert "hx-get" not in {name for each in seen.attributes for name in each}
    assert seen.in_order


def test_a_run_says_its_id_and_of_which_version_it_is(here):
    version = here.engine.store.read(show.run, here.good).version

    seen = Seen(here.viewer.get(f"/runs/{here.good}").text)

    assert f"{here.good} of version {version[:12]}" in seen.words
    assert f"/workflows/logs/versions/{version}" in seen.links


def test_a_failure_is_told_and_its_step_is_open(here):
    answer = here.viewer.get(f"/runs/{here.bad}")

    seen = Seen(answer.text)
    assert "Failed at outer/say" in seen.words
    assert "<script>alert" not in answer.text
    assert answer.text.count("<details open>") == 1 + answer.text.count('class="tree"')


def test_a_run_leads_to_the_run_that_it_waits_for_and_to_what_that_asks(here):
    workflow(here.engine, ASK.replace("MORE", ""), "ask")
    workflow(here.engine, PARENT.replace("workflow: child, inputs: {n: 3}", "workflow: ask"), "parent")
    run = begun(here.engine, "parent")
    (asked,) = eventually(lambda: here.engine.store.read(approvals.open_of, run.id))

    seen = Seen(here.viewer.get(f"/runs/{run.id}").text)

    assert {f"/runs/{asked.run.id}", f"/approvals/{asked.approval.id}"} <= set(seen.links)
    assert "Runs that it started" in seen.words


def test_a_run_says_which_event_it_waits_for(here):
    workflow(here.engine, SCAN, "scan")
    run = begun(here.engine, "scan", {"scan": "s1"})

    seen = Seen(here.viewer.get(f"/runs/{run.id}").text)

    assert "Waits for an event of t of the type custom.* for which this is true: event.data.scan ==" in seen.words
    assert "Runs that it started" not in seen.words


def test_what_has_not_ended_is_live_and_can_be_cancelled(here):
    run_id = by_hand(here, "waits", Outcome.WAITING)
    page = here.editor.get(f"/runs/{run_id}").text
    part = here.editor.get(f"/runs/{run_id}?part=progress").text

    answer = here.editor.post(f"/runs/{run_id}/cancel")

    assert 'hx-trigger="every 1s"' in page
    assert "<html" not in part
    assert [page.count("hx-swap-oob"), part.count('hx-swap-oob="true"')] == [0, 2], "the outcome and the outputs"
    assert answer.location == f"/runs/{run_id}"
    assert here.engine.store.read(show.run, run_id).outcome is Outcome.CANCELLED
    assert "hx-get" not in here.editor.get(answer.location).text


def test_cancelling_what_has_ended_is_told(here):
    answer = here.editor.post(f"/runs/{here.good}/cancel")

    assert answer.status_code == 409
    assert "has ended already" in Seen(answer.text).words


def test_a_run_is_repeated_from_a_step(here):
    answer = here.editor.post(f"/runs/{here.good}/rerun", **{"from": "second", "version": "same"})

    again = here.engine.store.read(show.run, answer.location.removeprefix("/runs/"))
    seen = Seen(here.editor.get(answer.location).text)
    assert again.rerun_of == here.good
    assert f"/runs/{here.good}" in seen.links
    assert "taken over" in seen.words


@pytest.mark.parametrize(
    ("given", "field"),
    [({"from": HOSTILE, "version": "same"}, "from"), ({"version": ""}, "version"), ({"version": HOSTILE}, "version")],
)
def test_a_repetition_that_cannot_be_is_told_beside_the_field(here, given, field):
    answer = here.editor.post(f"/runs/{here.good}/rerun", **given)

    assert answer.status_code == 422
    assert f'id="field-{field}-error"' in answer.text
    assert "<script>alert" not in answer.text


def test_a_workflow_that_is_gone_has_no_current_version(here):
    workflow(here.engine, FAILS, "gone")
    run_id = by_hand(here, "gone", Outcome.FAILED)
    delete(here.engine, "gone")

    answer = here.editor.post(f"/runs/{run_id}/rerun", **{"from": "", "version": "current"})

    assert answer.status_code == 422
    assert "There is no workflow" in Seen(answer.text).words


def test_a_viewer_sees_no_buttons_and_can_change_nothing(here):
    seen = Seen(here.viewer.get(f"/runs/{here.good}").text)

    assert "Run again" not in seen.words
    assert here.viewer.post(f"/runs/{here.good}/rerun", version="same").status_code == 403
    assert here.viewer.post(f"/runs/{here.good}/cancel").status_code == 403


@pytest.mark.parametrize("first", ["1", "-1", "x", "99999999999999999999"])
def test_steps_are_shown_from_a_position_on(here, first):
    assert here.viewer.get(f"/runs/{here.good}?first={first}").status_code == 200


def test_many_steps_come_in_parts(here, monkeypatch):
    monkeypatch.setattr("web.pages.runs.STEPS", 1)

    seen = Seen(here.viewer.get(f"/runs/{here.good}").text)
    (further,) = [link for link in seen.links if link and "first=" in link]

    assert "first core.set" in seen.words
    assert "second core.log" in Seen(here.viewer.get(further).text).words


def test_a_run_that_is_not_there_is_said_so(here):
    assert here.viewer.get("/runs/run_nope").status_code == 404
    assert here.editor.post("/runs/run_nope/cancel").status_code == 404
    assert here.editor.post("/runs/run_nope/rerun", version="same").status_code == 404


def test_where_there_is_nothing_yet_the_way_to_something_is_told(tmp_path):
    with place(tmp_path) as found:
        seen = Seen(found.viewer.get("/runs").text)

    assert "No runs yet" in seen.words
    assert seen.in_order
    assert {"/workflows", "/events"} <= set(seen.links)


@pytest.mark.parametrize(
    ("length", "words"),
    [({"microseconds": 20}, "under 1 ms"), ({"milliseconds": 38}, "38 ms"), ({"milliseconds": 1400}, "1.4 s"),
     ({"seconds": 59}, "59 s"), ({"seconds": 200}, "3 min 20 s"), ({"minutes": 60}, "1 h"), ({"hours": 52}, "2 d 4 h"),
     ({"seconds": -1}, "under 1 ms")],
)  # fmt: skip
def test_lengths_are_read_at_a_glance(length, words):
    assert in_words(timedelta(**length)) == words


def test_bars_stand_where_their_steps_were(here):
    run = here.engine.store.read(show.run, here.good)
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    second = timedelta(seconds=1)
    run = run._replace(queued_at=begun, started_at=begun, finished_at=begun + 10 * second)
    entries = [
        entry(path="a", started_at=begun, finished_at=begun + 5 * second),
        entry(path="b[2]/c/on_error/d", started_at=begun + 5 * second, finished_at=None),
        entry(path="e", started_at=begun + 10 * second, finished_at=begun + 10 * second),
        entry(path="f", started_at=begun - second, finished_at=begun - second),
    ]

    bars = timeline(run, entries, begun + 20 * second)

    assert [(bar.x, bar.width, bar.depth) for bar in bars[:3]] == [
        (0, WIDTH / 2, 0),
        (WIDTH / 2, WIDTH / 2, 4),
        (WIDTH - THINNEST, THINNEST, 0),
    ]
    assert [bar.taken_over for bar in bars] == [False, False, False, True]
    assert (bars[1].above, bars[1].name) == ("b[2]/c/on_error/", "d")


def entry(**fields) -> Entry:
    usual = {
        "run_id": "run_1", "visit": 1, "position": 0, "uses": None, "outcome": Outcome.SUCCEEDED, "attempts": 1,
        "due_at": None, "input": None, "output": None, "error": None,
    }  # fmt: skip
    return Entry(**{**usual, **fields})


def test_a_run_shows_which_case_was_taken_and_how_many_turns_there_were(here):
    workflow(here.engine, CHOOSES, "chooses")
    run_id = by_hand(here, "chooses", Outcome.SUCCEEDED)

    words = Seen(here.viewer.get(f"/runs/{run_id}").text).words

    assert 'route case "low"' in words
    assert "other no case" in words
    assert "no case is for" in words
    assert "again 2 turns" in words
    assert all(path in words for path in ("again[1]/ say", "both/left/ say", "both/ right"))


def test_a_callback_is_shown_with_how_it_stands_and_without_its_secrets(here):
    target = Target("https://192.0.2.1/hook?key=k-123456", {"X-Key": "k-789"})
    run = start(here.engine, "logs", {}, target)
    eventually(lambda: here.engine.store.read(callbacks.of, run.id).finished_at)

    page = here.viewer.get(f"/runs/{run.id}").text

    assert "<code>https://192.0.2.1</code>: 1 attempt, the last one at" in page
    assert "no public" in page
    assert "k-" not in page.partition("<main")[2].partition("Callback")[2].partition("</section>")[0]


def test_a_run_by_the_clock_says_for_which_time_it_is_and_what_it_makes_up_for(here):
    due = datetime(2026, 1, 2, 8, tzinfo=UTC)
    run = new_run(here.engine.published.workflow("logs", here.version), due)
    run = run._replace(scheduled_for=due, missed=3)
    begin(here.engine, Started(run))

    page, listed = here.viewer.get(f"/runs/{run.id}").text, here.viewer.get("/runs").text

    assert 'scheduled for <time datetime="2026-01-02T08:00:00Z"' in page
    assert "makes up for 3 missed times" in page
    assert "the schedule" in listed

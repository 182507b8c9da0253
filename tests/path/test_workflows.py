"""A workflow is put as a whole or not at all."""

import pytest
from structlog.testing import capture_logs

from engine.errors import Conflict, Invalid, Mistakes, NotFound
from engine.path.absent import Coming
from engine.path.workflows import check, delete, enable, put
from engine.store import workflows
from tests.engines import LOGS, deliver, runs_of, trigger, workflow


def test_a_text_that_is_put_is_what_runs_next(engine):
    trigger(engine)
    workflow(engine)

    changed = put(engine, "w", LOGS.replace("hello", "goodbye"))

    (run,) = runs_of(engine, deliver(engine).event_ids[0])
    assert (run.version, changed.new) == (changed.version, False)


def test_with_a_mistake_nothing_changes_and_every_mistake_is_told(engine):
    version = workflow(engine)

    with pytest.raises(Mistakes) as refused:
        put(engine, "w", "name: Broken\nsteps:\n  - uses: core.nothing\n")

    assert len(refused.value.mistakes) >= 2
    assert engine.store.read(workflows.find, "w").version == version


def test_an_author_who_saw_another_version_overwrites_nothing(engine):
    first = workflow(engine)
    second = put(engine, "w", LOGS.replace("hello", "goodbye"), expected=first).version

    with pytest.raises(Conflict):
        put(engine, "w", LOGS, expected=first)

    assert engine.store.read(workflows.find, "w").version == second


def test_a_name_that_is_no_slug_is_refused(engine):
    with pytest.raises(Invalid) as refused:
        put(engine, "Not a slug", LOGS)

    assert refused.value.field == "name"


@pytest.mark.parametrize(
    ("on", "words", "column"),
    [
        ("t", [], None),
        ("ordres", ["there is no trigger 'ordres' yet; did you mean 'orders'?"], 15),
        ("[t, ordres]", ["there is no trigger 'ordres' yet; did you mean 'orders'?"], 19),
        ("something-else", ["there is no trigger 'something-else' yet"], 15),
    ],
)
def test_a_trigger_that_is_not_there_is_warned_of_at_its_place(engine, on, words, column):
    trigger(engine)
    trigger(engine, name="orders")

    done = put(engine, "w", LOGS.replace("trigger: t", f"trigger: {on}"))

    assert [warning.message for warning in done.warnings] == words
    assert {(warning.line, warning.column, warning.warning) for warning in done.warnings} <= {(3, column, True)}
    assert done.version == engine.store.read(workflows.find, "w").version


def test_a_trigger_that_is_about_to_be_made_is_not_warned_of(engine):
    assert put(engine, "w", LOGS, coming=Coming(triggers=frozenset({"t"}))).warnings == ()


def test_warnings_are_logged(engine):
    with capture_logs() as lines:
        put(engine, "w", LOGS)

    (warning,) = [line for line in lines if line["log_level"] == "warning"]
    assert (warning["workflow"], warning["line"]) == ("w", 3)
    assert warning["warning"] == "there is no trigger 't' yet"


def test_a_disabled_workflow_is_asked_about_nothing_until_it_is_enabled(engine):
    trigger(engine)
    workflow(engine)

    enable(engine, "w", enabled=False)
    assert runs_of(engine, deliver(engine).event_ids[0]) == ()
    enable(engine, "w", enabled=True)

    assert len(runs_of(engine, deliver(engine).event_ids[0])) == 1


def test_a_deleted_workflow_is_gone_and_its_versions_stay(engine):
    version = workflow(engine)

    delete(engine, "w")

    with pytest.raises(NotFound):
        engine.store.read(workflows.find, "w")
    assert engine.published.workflow("w", version).title == "Logs"


def test_bytes_and_text_are_checked_alike(engine):
    from_text, from_bytes = check(engine, "w", LOGS).workflow, check(engine, "w", LOGS.encode()).workflow

    assert from_text.version == from_bytes.version


@pytest.mark.parametrize("text", [b"\xff\xfe", b"name: [", b"", b"- a list\n"])
def test_what_is_no_workflow_is_refused_in_words(engine, text):
    with pytest.raises(Mistakes):
        put(engine, "w", text)

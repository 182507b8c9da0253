"""A run walks its steps in order, knows from the journal what was done, and ends with one outcome."""

from datetime import timedelta

import pytest

from engine.actions.action import Call, End
from engine.errors import ActionFailed
from engine.words import Effect, Outcome


def _fail(times, kind="timeout", **kw):
    """Return a script that fails so often, then succeeds."""
    left = [times]

    def script(call: Call):
        if left[0]:
            left[0] -= 1
            raise ActionFailed(kind, "no answer", **kw)
        return {"ok": True}

    return script


def test_steps_run_in_order_and_see_what_came_before(theatre):
    play = theatre(
        "  - {id: one, uses: test.act, with: {n: 1}}\n"
        "  - {id: two, uses: test.act, with: {n: '${{ steps.one.output.echo.n + 1 }}'}}\n",
        more="outputs: {last: '${{ steps.two.output.echo.n }}'}",
    )

    standing = play.play()

    assert (standing.outcome, standing.outputs) == (Outcome.SUCCEEDED, {"last": 2})
    assert [call.inputs["n"] for call in play.calls] == [1, 2]


def test_every_call_has_a_key_of_run_path_and_visit(theatre):
    play = theatre("  - {id: one, uses: test.act}\n")

    play.play()

    assert play.calls[0].key == f"{play.run.id}/one/1"


def test_a_condition_chooses_the_step_or_its_else(theatre):
    play = theatre(
        "  - {id: no, if: event.data.x == 2, uses: test.act}\n"
        "  - id: other\n    if: event.data.x == 2\n    uses: test.act\n    else: [{id: instead, uses: test.act}]\n",
        data={"x": 1},
    )

    play.play()

    assert play.outcomes() == {"no": "skipped", "other": "succeeded", "other/instead": "succeeded"}


def test_an_unknown_condition_fails_the_step_with_the_path_that_was_not_there(theatre):
    play = theatre("  - {id: a, if: event.data.severity == 'x', uses: test.act}\n", data={"finding": {"severity": "x"}})

    standing = play.play()

    assert standing.outcome is Outcome.FAILED
    assert "event.data.finding.severity" in standing.error["message"]


def test_a_template_over_a_missing_path_fails_the_step_and_calls_nothing(theatre):
    play = theatre("  - {id: a, uses: test.act, with: {n: '${{ event.data.nope }}'}}\n")

    standing = play.play()

    assert (standing.error["step"], standing.error["kind"]) == ("a", "invalid")
    assert play.calls == []


def test_a_loop_runs_its_group_for_each_item_with_readable_paths(theatre):
    play = theatre(
        "  - id: reset\n    for_each: ${{ event.data.items }}\n    as: thing\n"
        "    steps: [{id: act, uses: test.act, with: {n: '${{ thing }}-${{ loop.index }}'}}]\n"
        "  - {id: count, uses: core.set, with: {values: {n: '${{ length(steps.reset.output) }}'}}}\n",
        data={"items": ["a", "b"]},
    )

    play.play()

    assert [call.inputs["n"] for call in play.calls] == ["a-0", "b-1"]
    assert list(play.journal) == ["reset", "reset[0]/act", "reset[1]/act", "count"]
    assert play.journal["count"].output == {"n": 2}


def test_a_loop_over_no_list_fails_in_words(theatre):
    play = theatre("  - {id: a, for_each: '${{ event.data.x }}', uses: test.act}\n", data={"x": "text"})

    assert "needs a list" in play.play().error["message"]


def test_turns_run_at_once_as_many_as_the_step_says(theatre):
    play = theatre(
        "  - {id: a, for_each: '${{ event.data.x }}', at_once: 2, uses: test.act, with: {n: '${{ item }}'}}\n",
        data={"x": [1, 2, 3]},
    )

    progress = play.begin().advance(play.clock.now())

    assert [task.path for task in progress.tasks] == ["a[0]", "a[1]"]


def test_a_failed_attempt_is_retried_after_a_growing_wait(theatre, clock):
    play = theatre(
        "  - {id: a, uses: test.act, retry: {attempts: 3, wait: 10s, factor: 2, when: [timeout]}}\n", script=_fail(2)
    )
    started = clock.now()

    standing = play.play()

    assert (standing.outcome, play.journal["a"].attempts) == (Outcome.SUCCEEDED, 3)
    assert clock.now() - started == timedelta(seconds=30)
    assert len({call.key for call in play.calls}) == 1


def test_a_longer_retry_after_is_honoured(theatre, clock):
    script = _fail(1, "http_429", retry_after=timedelta(minutes=2))
    play = theatre("  - {id: a, uses: test.act, retry: {attempts: 2, wait: 1s, when: [http_429]}}\n", script=script)
    started = clock.now()

    play.play()

    assert clock.now() - started == timedelta(minutes=2)


@pytest.mark.parametrize(("kind", "attempts"), [("timeout", 2), ("invalid", 1)])
def test_a_retry_ends_with_its_attempts_or_at_a_failure_that_it_does_not_name(theatre, kind, attempts):
    play = theatre(
        "  - {id: a, uses: test.act, retry: {attempts: 2, wait: 1s, when: [timeout]}}\n", script=_fail(9, kind)
    )

    standing = play.play()

    assert (standing.outcome, standing.error["kind"], len(play.calls)) == (Outcome.FAILED, kind, attempts)


def test_a_step_over_its_time_fails_at_its_deadline(theatre, clock):
    play = theatre("  - {id: a, uses: core.wait, with: {for: 1h}, timeout: 10m}\n")
    started = clock.now()

    standing = play.play()

    assert standing.error["kind"] == "timeout"
    assert clock.now() - started == timedelta(minutes=10)


def test_a_run_over_its_limit_fails_wherever_it_is(theatre):
    play = theatre("  - {id: g, steps: [{id: a, uses: core.wait, with: {for: 1h}}]}\n", more="limits: {timeout: 5m}")

    assert play.play().error == {
        "step": "g/a",
        "kind": "timeout",
        "message": "the time for this step, or for what it is part of, is over: raise its `timeout`",
    }


def test_that_a_run_is_over_its_limit_can_be_told_by_its_on_error(theatre):
    tell = "on_error: [{id: tell, uses: test.act, with: {n: '${{ error.kind }}'}}]"
    play = theatre("  - {id: a, uses: core.wait, with: {for: 1h}}\n", more=f"limits: {{timeout: 5m}}\n{tell}")

    standing = play.play()

    assert (standing.outcome, standing.error["step"]) == (Outcome.FAILED, "a")
    assert play.outcomes() == {"a": "failed", "on_error/tell": "succeeded"}


def test_a_wait_holds_no_task_and_goes_on_when_it_is_due(theatre, clock):
    play = theatre("  - {id: a, uses: core.wait, with: {for: 2h}}\n  - {id: b, uses: test.act}\n")

    progress = play.begin().advance(clock.now())

    assert (progress.advance.outcome, progress.tasks) == (Outcome.WAITING, [])
    assert progress.advance.due_at == clock.now() + timedelta(hours=2)
    assert play.play().outcome is Outcome.SUCCEEDED


def test_an_error_that_is_seen_to_lets_the_run_go_on(theatre):
    play = theatre(
        "  - {id: a, uses: test.act, on_error: continue}\n"
        "  - id: b\n    uses: test.act\n    on_error:\n      then: continue\n"
        "      steps: [{id: say, uses: core.set, with: {values: {why: '${{ error.message }}'}}}]\n"
        "  - {id: c, uses: core.set, with: {values: {a: '${{ steps.a.outcome }}'}}}\n",
        script=_fail(2),
    )

    standing = play.play()

    assert standing.outcome is Outcome.SUCCEEDED
    assert play.journal["b/on_error/say"].output == {"why": "no answer"}
    assert play.journal["c"].output == {"a": "failed"}


def test_the_files_on_error_runs_when_the_run_fails(theatre):
    play = theatre(
        "  - {id: a, uses: test.act}\n",
        more="on_error: [{id: page, uses: core.set, with: {values: {at: '${{ error.step }}'}}}]",
        script=_fail(1),
    )

    assert play.play().outcome is Outcome.FAILED
    assert play.journal["on_error/page"].output == {"at": "a"}


def test_stop_ends_the_run_from_deep_inside_and_fail_fails_it(theatre):
    stop = theatre(
        "  - {id: g, steps: [{id: s, uses: core.stop, with: {message: done}}]}\n  - {id: b, uses: test.act}\n"
    )
    fail = theatre("  - {id: f, uses: core.fail, with: {message: bad}}\n")

    assert stop.play().outcome is Outcome.STOPPED
    assert stop.outcomes()["g"] == "cancelled"
    assert stop.calls == []
    assert fail.play().error == {"step": "f", "kind": "failed", "message": "bad"}


def test_a_failure_that_is_seen_to_hides_no_stop_beside_it(theatre):
    def script(call: Call):
        if call.inputs["n"] == 1:
            raise ActionFailed("failed", "no")
        return End(Outcome.STOPPED, "enough")

    play = theatre(
        "  - {id: a, for_each: [1, 2], at_once: 2, uses: test.act, with: {n: '${{ item }}'}, on_error: continue}\n"
        "  - {id: b, uses: core.log, with: {message: x}}\n",
        script=script,
    )

    assert play.play().outcome is Outcome.STOPPED
    assert "b" not in play.journal


def test_a_disabled_step_is_skipped_and_an_output_can_be_left_out_of_the_journal(theatre):
    play = theatre("  - {id: a, uses: test.act, disabled: true}\n  - {id: b, uses: test.act, keep_output: false}\n")

    play.play()

    assert play.journal["a"].outcome is Outcome.SKIPPED
    assert play.journal["b"].output is None


def test_after_a_crash_only_the_step_in_doubt_is_repeated_with_its_key(theatre, clock):
    play = theatre("  - {id: a, uses: test.act}\n  - {id: b, uses: test.act}\n  - {id: c, uses: test.act}\n")
    walk = play.begin()
    first = walk.advance(clock.now())
    play.commit(first)
    second = walk.advance(clock.now(), [(first.tasks[0], play.perform(first.tasks[0]))])
    play.commit(second)
    play.perform(second.tasks[0])

    play.play()

    assert [call.key.split("/")[1] for call in play.calls] == ["a", "b", "b", "c"]
    assert play.calls[1].key == play.calls[2].key
    assert play.journal["b"].attempts == 2


def test_after_a_crash_a_step_that_may_happen_once_waits_for_a_person(theatre, clock):
    play = theatre("  - {id: a, uses: test.act, effect: once}\n", effect=Effect.ONCE)
    play.commit(play.begin().advance(clock.now()))

    standing = play.play()

    assert standing.outcome is Outcome.INTERRUPTED
    assert play.calls == []


def test_a_decision_once_taken_is_not_asked_again_after_a_crash(theatre, clock):
    play = theatre(
        "  - {id: a, if: event.data.x == 1, steps: [{id: act, uses: test.act}]}\n"
        "  - {id: l, for_each: '${{ event.data.items }}', uses: test.act}\n",
        data={"x": 1, "items": [1, 2]},
    )
    walk = play.begin()
    play.commit(first := walk.advance(clock.now()))
    play.commit(walk.advance(clock.now(), [(first.tasks[0], play.perform(first.tasks[0]))]))
    play.scope["event"]["data"] |= {"x": 2, "items": []}

    assert play.play().outcome is Outcome.SUCCEEDED
    assert play.outcomes() == {
        "a": "succeeded",
        "a/act": "succeeded",
        "l": "succeeded",
        "l[0]": "succeeded",
        "l[1]": "succeeded",
    }

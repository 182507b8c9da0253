"""People decide: those who may, on what they were shown, once each; and the run goes on."""

from datetime import timedelta

import pytest

from engine.actions import waiting
from engine.app import build
from engine.errors import Conflict, Forbidden, Invalid, NotFound
from engine.path.approve import Door, Voter
from engine.path.replay import cancel
from engine.path.users import delete
from engine.settings import Settings
from engine.store import approvals, signals, tables
from engine.words import Decision, Outcome, Role
from tests.engines import deliver, ended, running, runs_of, trigger, workflow
from tests.path.waiting import ASK, begun, entry, pass_time
from tests.serving import eventually
from tests.web.browser import person

ALICE, BOB = Voter.user("alice", Role.EDITOR), Voter.user("bob", Role.ADMIN)
CAROL, DAVE = Voter.user("carol", Role.VIEWER), Voter.user("dave", Role.VIEWER)
KEY = "a key of the tests"


def asked(engine, more: str = "quorum: 1"):
    """Start a run that asks, and return it with the approval."""
    workflow(engine, ASK.replace("MORE", more), "ask")
    run = begun(engine, "ask")
    (one,) = engine.store.read(approvals.of_run, run.id)
    return run, one.approval


def decide(engine, approval, voter, decision=Decision.APPROVED, fields=None):
    """Look at the approval, and vote."""
    door = Door(engine, KEY)
    nonce = door.nonce(approval, voter)
    return door.vote(approval.id, voter, decision, nonce=nonce, fields=fields or {})


def test_an_approval_is_the_step_s_output_with_who_and_when(engine):
    run, approval = asked(engine)

    decide(engine, approval, ALICE)

    answer = ended(engine, run.id).outputs["answer"]
    assert (answer["answer"], answer["by"], answer["fields"]) == ("approved", "alice", {})
    assert entry(engine, run.id, "ask").output["votes"][0]["at"] == answer["at"]


def test_a_rejection_is_no_failure_and_decides_alone(engine):
    run, approval = asked(engine, "quorum: 2")

    decide(engine, approval, ALICE, Decision.REJECTED)

    assert ended(engine, run.id).outputs["answer"]["answer"] == "rejected"


def test_a_quorum_of_two_needs_two(engine):
    run, approval = asked(engine, "quorum: 2")

    first, second = decide(engine, approval, ALICE), decide(engine, approval, CAROL)

    assert (first.decision, second.decision) == (None, Decision.APPROVED)
    assert [vote["by"] for vote in ended(engine, run.id).outputs["answer"]["votes"]] == ["alice", "carol"]


@pytest.mark.parametrize("voter", [ALICE, BOB, CAROL])
def test_a_role_a_role_above_it_or_the_name_may_decide(engine, voter):
    run, approval = asked(engine)

    decide(engine, approval, voter)

    assert ended(engine, run.id).outcome is Outcome.SUCCEEDED


def test_nobody_else_may(engine):
    _, approval = asked(engine)

    with pytest.raises(Forbidden, match="it is for role:editor or user:carol to decide, not for user:dave"):
        decide(engine, approval, DAVE)


def test_where_several_have_to_approve_a_token_is_nobody_s_second_vote(engine):
    _, approval = asked(engine, "quorum: 2")

    with pytest.raises(Forbidden, match="2 people have to approve, so a token cannot"):
        decide(engine, approval, Voter("token:laptop", Role.ADMIN))


def test_what_who_rejects_fills_in_is_judged_too(engine):
    _, approval = asked(engine, "fields: {why: {type: string, maxLength: 5, required: true}}")

    with pytest.raises(Invalid):
        decide(engine, approval, ALICE, Decision.REJECTED, {"why": "because of it"})
    with pytest.raises(Invalid):
        decide(engine, approval, ALICE, Decision.REJECTED, {"evil": 1})
    decide(engine, approval, ALICE, Decision.REJECTED)


def test_an_approval_is_answered_once(engine):
    _, approval = asked(engine)
    decide(engine, approval, ALICE)

    with pytest.raises(Conflict, match="was decided before: approved"):
        decide(engine, approval, BOB, Decision.REJECTED)


def test_a_voter_votes_once(engine):
    _, approval = asked(engine, "quorum: 2")
    decide(engine, approval, ALICE)

    with pytest.raises(Conflict, match="has voted"):
        decide(engine, approval, ALICE)


def test_a_vote_is_on_what_was_shown_to_that_voter(engine):
    _, approval = asked(engine)
    door = Door(engine, KEY)
    changed = approval._replace(digest="0" * 64)

    for nonce in ("", "made-up", door.nonce(approval, BOB), door.nonce(changed, ALICE)):
        with pytest.raises(Conflict, match="look at the approval again"):
            door.vote(approval.id, ALICE, Decision.APPROVED, nonce=nonce, fields={})


def test_what_the_approver_fills_in_is_checked_and_kept(engine):
    run, approval = asked(engine, "fields: {why: {type: string, required: true}}")

    with pytest.raises(Invalid):
        decide(engine, approval, ALICE, fields={})
    decide(engine, approval, ALICE, fields={"why": "seen"})

    assert ended(engine, run.id).outputs["answer"]["fields"] == {"why": "seen"}


def test_the_default_counts_when_nobody_has_decided_in_time(engine):
    run, _ = asked(engine, "timeout: 30m, default: rejected")

    pass_time(engine, timedelta(minutes=30))

    assert ended(engine, run.id).outputs["answer"] == {
        "answer": "rejected", "by": None, "at": None, "fields": {}, "votes": [],
    }  # fmt: skip


def test_without_a_default_the_step_fails_and_later_votes_are_refused(engine):
    run, approval = asked(engine, "timeout: 30m")

    pass_time(engine, timedelta(minutes=30))

    assert ended(engine, run.id).error["kind"] == "timeout"
    with pytest.raises(Conflict, match="nobody waits"):
        decide(engine, approval, ALICE)


def test_a_question_that_leaves_no_time_is_not_asked(engine):
    trigger(engine)
    more = "timeout: '${{ event.data.time }}', default: approved"
    workflow(engine, ASK.replace("manual: true", "trigger: t").replace("MORE", more), "ask")

    (run,) = runs_of(engine, deliver(engine, b'{"time": "0s"}').event_ids[0])

    message = "`timeout`: '0s' leaves no time to decide"
    assert run.error == {"step": "ask", "kind": "invalid", "message": message}
    assert engine.store.read(approvals.of_run, run.id) == []


def test_a_question_that_is_over_as_soon_as_it_is_asked_is_closed(engine, monkeypatch):
    monkeypatch.setattr(waiting, "_limit", lambda call: call.now)
    trigger(engine)
    workflow(engine, ASK.replace("manual: true", "trigger: t").replace("MORE", "default: approved"), "ask")

    (run,) = runs_of(engine, deliver(engine).event_ids[0])

    (one,) = engine.store.read(approvals.of_run, run.id)
    assert (run.outcome, one.approval.closed_at is not None) == (Outcome.SUCCEEDED, True)


def test_a_cancelled_run_asks_nobody_any_more(engine):
    run, approval = asked(engine)

    cancel(engine, run.id)

    assert engine.store.read(approvals.number_open) == 0
    with pytest.raises(Conflict, match="nobody waits"):
        decide(engine, approval, ALICE)


def test_a_decision_made_before_a_restart_counts_after_it(tmp_path):
    with running(tmp_path) as engine:
        run, approval = asked(engine)
        engine.executor.stop()
        decide(engine, approval, ALICE)

    with running(tmp_path) as engine:
        assert ended(engine, run.id).outputs["answer"]["by"] == "alice"


def test_a_decision_ends_a_run_that_cannot_go_on_and_that_once(engine):
    trigger(engine)
    workflow(engine, ASK.replace("manual: true", "trigger: t").replace("MORE", "quorum: 1"), "ask")
    deliver(engine)
    (one,) = eventually(lambda: engine.store.read(approvals.open_ones, 1))
    engine.store.write(lambda connection: connection.execute(tables.events.delete()))

    decide(engine, one.approval, ALICE)

    run = ended(engine, one.run.id)
    assert (run.outcome, run.token) == (Outcome.FAILED, one.run.token + 1)
    assert run.error["message"] == "the event that started it was deleted"
    assert engine.store.read(signals.of_runs, [run.id]) == {}


@pytest.fixture
def linked(engine):
    """Return the door, and what the link says that alice was given."""
    _, approval = asked(engine)
    door = Door(engine, KEY)
    person(engine, "boss", Role.ADMIN)
    person(engine, "alice", Role.EDITOR)
    return door, door.link(approval, "alice").rpartition("/")[2]


def test_a_link_speaks_for_its_user(linked):
    door, token = linked

    assert door.holder(token)[1] == ALICE


def test_a_link_that_was_cut_speaks_for_nobody(linked):
    door, token = linked

    with pytest.raises(NotFound, match="this link is not valid"):
        door.holder(token[:-2])


def test_a_link_ends_with_its_user(engine, linked):
    door, token = linked

    delete(engine, "alice")

    with pytest.raises(NotFound, match="there is no user"):
        door.holder(token)


def test_a_link_does_not_speak_for_the_next_who_takes_the_name(engine, linked):
    door, token = linked

    delete(engine, "alice")
    person(engine, "alice", Role.ADMIN)

    with pytest.raises(NotFound, match="this link is not valid, or not any more"):
        door.holder(token)


def test_nobody_gets_a_link_who_is_no_user(engine):
    _, approval = asked(engine)

    with pytest.raises(NotFound, match="there is no user 'zoe'"):
        Door(engine, KEY).link(approval, "zoe")


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ufffe", "\U0010ffff", "<b>${{ 7*7 }}</b>", "\r\nX: y"])
def test_any_text_can_be_asked_on_each_kind_of_database(tmp_path, database_url, text):
    more = "details: '${{ inputs.text }}', timeout: 30m, default: rejected"
    asks = ASK.replace("MORE", more).replace("Suspend alice?", "'${{ inputs.text }}'")
    with build(Settings.load({}, tmp_path, threads=2, database_url=database_url)) as engine:
        workflow(engine, asks.replace("steps:", "inputs: {text: {type: string, required: true}}\nsteps:"), "ask")

        run = begun(engine, "ask", {"text": text})

        (one,) = engine.store.read(approvals.of_run, run.id)
        assert (one.approval.title, one.approval.details) == (text, text)

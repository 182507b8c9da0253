"""``wink approvals``: people decide from a terminal."""

import json
import re

import pytest

from engine.path.workflows import put
from engine.store import approvals
from tests.engines import ended
from tests.path.waiting import ASK, begun

FIELDS = "why: {type: string, required: true}, days: {type: integer, minimum: 1, maximum: 30}, team: {enum: [soc, it]}"
MORE = f"details: Reported twice., quorum: 1, fields: {{{FIELDS}}}"


@pytest.fixture
def ask(running, served):
    """Return what starts a run that asks, and tells its id and that of what it asks; nobody asks after the test."""

    def start(more: str = MORE) -> tuple[str, str]:
        put(running.engine, "ask", ASK.replace("MORE", more))
        run = begun(running.engine, "ask")
        (asked,) = running.engine.store.read(approvals.of_run, run.id)
        return run.id, asked.approval.id

    yield start
    for item in listed(served):
        served("runs", "cancel", item["run"])
    served("workflows", "delete", "ask", "--yes")


def listed(served):
    return json.loads(served("approvals", "list", "--json").stdout)["items"]


def test_without_questions_the_list_says_so(served):
    assert served("approvals", "list").stdout == "Nothing waits for a decision.\n"


def test_what_waits_is_listed_and_shown(served, ask):
    _, approval = ask()

    assert [item["id"] for item in listed(served)] == [approval]
    assert "Suspend alice?" in served("approvals", "list").stdout
    shown = served("approvals", "show", approval).stdout
    for words in (
        "Reported twice.",
        "role:editor, user:carol",
        "why (string)",
        "days (integer, from 1 to 30, optional)",
        "team (one of soc, it, optional)",
    ):
        assert words in shown


def test_a_run_that_waits_for_people_says_which_question_and_until_when(served, ask):
    run, approval = ask("timeout: 30m")

    shown = served("runs", "show", run).stdout

    assert f"wink approvals show {approval}" in shown
    assert re.search(r"goes on by \(UTC\) +2\d{3}-", shown)


def test_a_run_that_was_answered_waits_for_no_question(served, ask):
    run, approval = ask()

    served("approvals", "answer", approval, "rejected", "--yes")

    assert json.loads(served("runs", "show", run, "--json").stdout)["approvals"] == []


def test_who_approves_is_shown_what_is_asked_and_fills_in_its_fields(running, served, ask):
    run, approval = ask()

    done = served("approvals", "answer", approval, "approved", "--field", "why=7", "--field", "days=3", input="y\n")

    assert done.exit_code == 0, done.output
    assert "Reported twice." in done.stdout
    assert f"It is approved: the run goes on. See it with `wink runs show {run}`" in done.stdout
    assert ended(running.engine, run).outputs["answer"]["fields"] == {"why": "7", "days": 3}
    assert "token:" in served("approvals", "show", approval).stdout


def test_who_is_asked_and_does_not_mean_it_decides_nothing(served, ask):
    _, approval = ask()

    assert served("approvals", "answer", approval, "rejected", input="n\n").exit_code == 1
    assert [item["id"] for item in listed(served)] == [approval]


def test_fields_come_from_a_file_too(running, served, ask, tmp_path):
    run, approval = ask()
    file = tmp_path / "fields.json"
    file.write_text('{"why": "seen"}')

    done = served("approvals", "answer", approval, "approved", "--fields", str(file), "--yes", "--json")

    assert json.loads(done.stdout)["answer"] == "approved"
    assert ended(running.engine, run).outputs["answer"]["fields"] == {"why": "seen"}


def test_a_rejection_needs_no_fields(running, served, ask):
    run, approval = ask()

    assert served("approvals", "answer", approval, "rejected", "--yes").exit_code == 0

    assert ended(running.engine, run).outputs["answer"]["answer"] == "rejected"


def test_what_several_have_to_approve_is_no_token_s_to_decide(served, ask):
    _, approval = ask("quorum: 2")

    refused = served("approvals", "answer", approval, "approved", "--yes")

    assert refused.exit_code == 1
    assert refused.stderr == (
        "Error: 2 people have to approve, so a token cannot (token:the operator): sign in, or use a link\n"
    )


def test_what_was_decided_is_decided(served, ask):
    _, approval = ask("quorum: 1")
    served("approvals", "answer", approval, "rejected", "--yes")

    late = served("approvals", "answer", approval, "approved", "--yes")

    assert (late.exit_code, late.stderr) == (1, f"Error: the question {approval} was decided before: rejected\n")


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("approved",), 1, "why"),
        (("approved", "--field", "wyh=x"), 2, "did you mean 'why'?"),
        (("approved", "--field", "why"), 2, "write NAME=VALUE"),
        (("approved", "--field", "why=x", "--field", "days=many"), 1, "fields.days: is text"),
        (("perhaps",), 2, "'approved', 'rejected'"),
    ],
)
def test_an_answer_that_cannot_be_taken_is_refused_in_words(served, ask, words, status, told):
    _, approval = ask()

    done = served("approvals", "answer", approval, *words, "--yes")

    assert (done.exit_code, told in done.stderr) == (status, True), done.stderr
    assert [item["id"] for item in listed(served)] == [approval]


def test_an_approval_that_is_not_there_is_said_in_one_line(served):
    for deed in (["show", "apr_x"], ["answer", "apr_x", "approved", "--yes"]):
        assert served("approvals", *deed).stderr.startswith("Error: there is no approval 'apr_x'")

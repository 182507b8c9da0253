"""``wink workflows``: what there is, whether it is on, and what is wrong with it."""

import json
from collections.abc import Iterator

import pytest

from engine.path.workflows import put
from tests.serving import eventually

TEXT = "name: Hello\non: {trigger: blink-alert, manual: true}\nsteps:\n  - uses: core.log\n    with: {message: hello}\n"


@pytest.fixture
def hello(running, served) -> Iterator[None]:
    """Have a workflow beside the examples; it is gone after the test."""
    put(running.engine, "hello", TEXT)
    yield
    served("workflows", "delete", "hello", "--yes")


def read(served, *words):
    return json.loads(served("workflows", *words, "--json").stdout)


def test_the_list_has_every_workflow_and_what_starts_it(served):
    shown = served("workflows", "list").stdout

    names = [item["name"] for item in read(served, "list")["items"]]
    assert {"blink-forward", "detectify-ticket"} <= set(names)
    assert all(name in shown for name in [*names, "blink-alerts"])


def test_the_list_says_which_trigger_is_not_there(served, hello):
    lines = served("workflows", "list").stdout.splitlines()

    (line,) = (line for line in lines if line.startswith("hello"))
    assert "blink-alert (not there)" in line
    assert sum("not there" in each for each in lines) == 1


def test_a_list_can_be_cut_short(served):
    assert len(read(served, "list", "--limit", "2")["items"]) == 2
    assert "There are more" in served("workflows", "list", "--limit", "2").stdout


def test_a_file_that_cannot_be_loaded_is_in_the_list_with_every_mistake(running, served):
    file = running.engine.settings.workflows / "broken.yaml"
    file.write_text(TEXT.replace("core.log", "core.lgo").replace("name: Hello\n", ""))
    eventually(lambda: read(served, "list")["problems"])

    shown = served("workflows", "list").stdout

    file.unlink()
    *_, title, first, second = shown.splitlines()
    assert title == "broken.yaml is not loaded; if it was, the last good version goes on:"
    assert (first.split(":")[0], second.split(":")[0]) == ("line 1, column 1", "line 3, column 11")


def test_a_workflow_is_shown_with_its_text_and_its_warnings(served, hello):
    shown = served("workflows", "show", "hello").stdout

    assert TEXT in shown
    assert "line 2: there is no trigger 'blink-alert' yet; did you mean 'blink-alerts'?" in shown
    assert read(served, "show", "hello")["text"] == TEXT


def test_a_workflow_is_turned_off_and_on_again(served, hello):
    off = served("workflows", "disable", "hello")
    while_off = read(served, "show", "hello")["enabled"]
    on = served("workflows", "enable", "hello")

    assert (off.exit_code, on.exit_code) == (0, 0)
    assert "`wink workflows enable hello`" in off.stdout
    assert (while_off, read(served, "show", "hello")["enabled"]) == (False, True)


def test_deleting_asks_first(served, hello):
    result = served("workflows", "delete", "hello", input="n\n")

    assert result.exit_code == 1
    assert read(served, "show", "hello")["name"] == "hello"


def test_a_deleted_workflow_is_gone_and_its_file_is_spoken_of(served, hello):
    result = served("workflows", "delete", "hello", "--yes")

    assert (result.exit_code, "file" in result.stdout) == (0, True)
    assert served("workflows", "show", "hello").exit_code == 1


def test_without_workflows_the_next_step_is_told(wink):
    assert wink("workflows", "list").stdout == "No workflows. Begin one with `wink new workflow NAME`.\n"


@pytest.mark.parametrize("deed", [["show"], ["enable"], ["disable"], ["delete", "--yes"]])
def test_what_is_not_there_is_said_in_one_line(served, deed):
    result = served("workflows", *deed, "nothing")

    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "Error: there is no workflow 'nothing'\n")


@pytest.mark.parametrize("deed", [["show"], ["enable"], ["disable"], ["delete", "--yes"]])
def test_a_name_that_is_nearly_right_is_told_the_right_one(served, deed):
    result = served("workflows", *deed, "blink-forwrd")

    assert result.stderr == "Error: there is no workflow 'blink-forwrd'; did you mean 'blink-forward'?\n"


INPUTS = """
name: Scan
on: {manual: true}
inputs:
  asset: {type: string, required: true}
  depth: {type: integer, default: 1}
steps: [{id: say, uses: core.set, with: {values: "${{ inputs }}"}}]
outputs: {told: "${{ steps.say.output }}"}
"""


@pytest.fixture
def scan(running, served) -> Iterator[None]:
    """Have a workflow with inputs; it is gone after the test."""
    put(running.engine, "scan", INPUTS)
    yield
    served("workflows", "delete", "scan", "--yes")


@pytest.mark.usefixtures("scan")
def test_004_r18_a_workflow_is_run_by_the_command_line_with_inputs_and_waited_for(served):
    run = read(served, "run", "scan", "--input", "asset=7", "--input", "depth=3", "--wait", "20s")

    assert (run["outcome"], run["outputs"]) == ("succeeded", {"told": {"asset": "7", "depth": 3}})


@pytest.mark.usefixtures("scan")
def test_inputs_are_read_from_a_file_and_one_by_one(served, tmp_path):
    file = tmp_path / "inputs.json"
    file.write_text('{"asset": "www", "depth": 2}')

    run = read(served, "run", "scan", "--inputs", str(file), "--input", "depth=5")

    assert run["inputs"] == {"asset": "www", "depth": 5}


@pytest.mark.usefixtures("scan")
@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        ((), 1, "asset"),
        (("--input", "asset=a", "--input", "depth=deep"), 1, "depth"),
        (("--input", "assets=a"), 2, "did you mean 'asset'?"),
        (("--input", "other=a"), 2, "there are asset, depth"),
        (("--input", "asset"), 2, "write NAME=VALUE"),
        (("--input", "asset=a", "--wait", "10"), 2, "write a number with its unit"),
    ],
)
def test_inputs_that_do_not_fit_are_told_by_name(served, words, status, told):
    done = served("workflows", "run", "scan", *words)

    assert (done.exit_code, told in done.stderr) == (status, True), done.stderr


@pytest.mark.usefixtures("hello")
def test_a_run_that_is_not_waited_for_says_where_to_look(served):
    assert "see it with `wink runs show run_" in served("workflows", "run", "hello").stdout

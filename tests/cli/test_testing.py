"""``wink test``: what it says, and its exit status."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

WORKFLOW = "name: Ask\non: {manual: true}\nsteps:\n  - {id: ask, uses: http.get, with: {url: 'https://a.example'}}\n"
TESTS = """tests:
  - name: It asks
    given: {inputs: {}}
    mock: {ask: {output: {status: 200}}}
    expect: {outcome: succeeded}
"""


@pytest.fixture
def folder(home: Path) -> Path:
    """Return the folder of workflows, with one that is tested and one that is not."""
    folder = home / "workflows"
    folder.mkdir()
    (folder / "ask.yaml").write_text(WORKFLOW)
    (folder / "ask.test.yaml").write_text(TESTS)
    (folder / "plain.yaml").write_text(WORKFLOW)
    return folder


def test_tests_pass_and_workflows_without_any_are_named(wink, folder):
    result = wink("test")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "workflows/ask.yaml: 1 of 1 tests passed, 1 of 1 branches (100 %)",
        "workflows/plain.yaml: no tests: write workflows/plain.test.yaml",
    ]
    assert result.stderr == "2 workflows, 1 test, 0 failed.\n"


def test_a_difference_is_told_with_its_place(wink, folder):
    (folder / "ask.test.yaml").write_text(TESTS.replace("succeeded", "failed"))

    result = wink("test")

    assert result.exit_code == 1
    assert result.stdout.startswith(
        "workflows/ask.test.yaml:5:14: failed: It asks\n  `outcome` is succeeded, and failed was expected\n"
    )


@pytest.mark.parametrize("path", ["workflows", "workflows/ask.yaml", "workflows/ask.test.yaml"])
def test_files_and_folders_can_be_named(wink, folder, path):
    assert "ask.yaml: 1 of 1 tests passed" in wink("test", path).stdout


@pytest.mark.parametrize("broken", ["ask.yaml", "ask.test.yaml"])
def test_a_file_with_mistakes_is_told_as_by_check(wink, folder, broken):
    (folder / broken).write_text("nmae: x\n")

    result = wink("test")

    assert result.exit_code == 1
    assert f"workflows/{broken}:1:1: mistake: " in result.stdout


def test_a_test_file_without_its_workflow_is_told(wink, folder):
    (folder / "ask.yaml").unlink()

    result = wink("test")

    assert result.exit_code == 1
    assert "workflows/ask.test.yaml has no workflow beside it" in result.stderr


def test_too_few_branches_fail_when_that_is_asked_for(wink, folder):
    result = wink("test", "--min-coverage", "80")

    assert result.exit_code == 1
    assert "workflows/plain.yaml: 0 % of its branches are tested, and 80 % are asked for" in result.stderr


def test_programs_get_json(wink, folder):
    found = json.loads(wink("test", "--json").stdout)["workflows"]

    assert [(one["workflow"], len(one["tests"]), one["branches"]["taken"]) for one in found] == [
        ("ask", 1, 1),
        ("plain", 0, 0),
    ]


def test_ci_gets_junit(wink, folder):
    (folder / "ask.test.yaml").write_text(TESTS.replace("succeeded", "failed"))
    (folder / "plain.yaml").write_text("nmae: x\n")

    wink("test", "--junit", "report.xml")

    root = ET.parse("report.xml").getroot()  # noqa: S314 - Wink wrote it
    assert {name: root.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "2",
        "failures": "1",
        "errors": "1",
    }
    (case,) = root.iterfind("testsuite/testcase[failure]")
    assert (case.get("classname"), case.get("name"), case.get("line")) == ("ask", "It asks", "2")
    assert "`outcome` is succeeded" in case.find("failure").get("message")

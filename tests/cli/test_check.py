import json
from pathlib import Path

import pytest

GOOD = "name: Good\non: {manual: true}\nsteps:\n  - uses: core.log\n    with: {message: hello}\n"
BAD = GOOD.replace("core.log", "core.lgo")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(home: Path) -> Path:
    """Return the folder of workflows, with one good file in it."""
    folder = home / "workflows"
    folder.mkdir()
    (folder / "good.yaml").write_text(GOOD)
    return folder


def test_files_without_a_mistake_pass(wink, folder):
    result = wink("check")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "1 checked, 0 with mistakes.\n"


def test_a_mistake_is_told_with_its_place(wink, folder):
    (folder / "bad.yaml").write_text(BAD)

    result = wink("check")

    assert result.exit_code == 1
    assert result.stdout.startswith(f"{folder}/bad.yaml:4:11: mistake: ")
    assert "core.log" in result.stdout


def test_files_and_folders_can_be_named(wink, folder):
    bad = folder.parent / "bad.yaml"
    bad.write_text(BAD)

    assert wink("check", str(folder)).exit_code == 0
    assert wink("check", str(folder), str(bad)).exit_code == 1


def test_programs_get_json(wink, folder):
    (folder / "bad.yaml").write_text(BAD)

    files = json.loads(wink("check", "--format", "json").stdout)["files"]

    assert [(Path(file["path"]).name, len(file["mistakes"])) for file in files] == [("bad.yaml", 1), ("good.yaml", 0)]


@pytest.mark.parametrize(("form", "start"), [("github", "::error file="), ("sarif", "{")])
def test_other_forms_are_for_other_readers(wink, folder, form, start):
    (folder / "bad.yaml").write_text(BAD)

    result = wink("check", "--format", form)

    assert result.exit_code == 1
    assert result.stdout.startswith(start)


def test_a_folder_without_files_is_no_success(wink, home):
    result = wink("check")

    assert (result.exit_code, "there is no workflow file in" in result.stderr) == (1, True)


def test_a_file_that_is_not_there_is_wrong_usage(wink, folder):
    assert wink("check", "no.yaml").exit_code == 2


def test_the_examples_have_no_mistake_and_no_warning(wink):
    result = wink("check", str(ROOT / "workflows"))

    assert (result.exit_code, result.stdout) == (0, "")

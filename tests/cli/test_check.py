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
    assert result.stdout.startswith("workflows/bad.yaml:4:11: mistake: ")
    assert "core.log" in result.stdout


def test_a_file_of_tests_is_no_workflow(wink, folder):
    (folder / "good.test.yaml").write_text("tests: []\n")
    assert wink("check").stderr.endswith(" 0 with mistakes. 1 test file: wink test\n")

    result = wink("check", "workflows/good.test.yaml")

    assert result.exit_code == 1
    assert "`wink test workflows/good.test.yaml` says what is wrong in it" in result.stderr


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


def test_every_form_names_files_as_the_repository_does(wink, folder):
    (folder / "bad.yaml").write_text(BAD)

    log = json.loads(wink("check", "--format", "sarif").stdout)
    location = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "workflows/bad.yaml"
    assert wink("check", "--format", "github").stdout.startswith("::error file=workflows/bad.yaml,line=4,col=11::")


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_every_form_has_the_same_exit_status(wink, folder, form):
    (folder / "doubtful.yaml").write_text(GOOD.replace("  - uses", "  - if: 1 == 1\n    uses"))
    doubtful = wink("check", "--format", form)
    (folder / "bad.yaml").write_text(BAD)

    assert (doubtful.exit_code, "always true" in doubtful.stdout) == (0, True)
    assert wink("check", "--format", form).exit_code == 1
    assert wink("check", "--format", form, "no.yaml").exit_code == 2


def test_a_folder_without_files_is_no_success(wink, home):
    result = wink("check")

    assert (result.exit_code, "there is no workflow file in" in result.stderr) == (1, True)


def test_a_file_that_is_not_there_is_wrong_usage(wink, folder):
    assert wink("check", "no.yaml").exit_code == 2


def test_the_examples_have_no_mistake_and_no_warning(wink):
    result = wink("check", str(ROOT / "workflows"))

    assert (result.exit_code, result.stdout) == (0, "")


@pytest.fixture
def connector(wink, home: Path) -> Path:
    """Return the folder of a new connector."""
    wink("new", "connector", "acme")
    return home / "connectors" / "acme"


def edit(file: Path, old: str, new: str) -> None:
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


@pytest.mark.parametrize("path", ["", "acme", "acme/connector.yaml", "acme/vectors.yaml", "acme/samples/created.yaml"])
def test_a_connector_is_checked_by_its_folder_or_any_of_its_files(wink, connector, path):
    result = wink("check", f"connectors/{path}")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "2 checked, 0 with mistakes.\n"


def test_every_mistake_of_a_connector_is_told_with_its_place(wink, connector):
    edit(connector / "connector.yaml", "\ntitle: ", "\ntitel: ")
    edit(connector / "connector.yaml", "secret: signing_secret", "secret: {name: signing_secret, encoding: b64}")
    edit(connector / "samples/created.yaml", "made: ", "maed: ")

    result = wink("check", "connectors/acme")

    assert result.exit_code == 1
    assert [line.partition("acme/")[2] for line in result.stdout.splitlines()] == [
        "connector.yaml:3:1: mistake: title: the key is missing",
        "connector.yaml:4:1: mistake: titel: there is no such key",
        "connector.yaml:18:38: mistake: auth.signature.0.secret.encoding: Input should be 'text', 'hex' or 'base64'",
        "samples/created.yaml:1:1: mistake: made: the key is missing",
        "samples/created.yaml:2:1: mistake: maed: there is no such key",
    ]
    assert result.stderr == "2 checked, 2 with mistakes.\n"


def test_a_mistake_in_what_is_known_of_the_sender_is_told_with_its_place(wink, connector):
    (connector / "sender.yaml").write_text("source: https://acme.example/docs\ncan: [retry, refund]\nlists: 0\n")

    result = wink("check", "connectors/acme")

    assert result.exit_code == 1
    assert [line.partition(": mistake: ")[0] for line in result.stdout.splitlines()] == [
        "connectors/acme/sender.yaml:2:14",
        "connectors/acme/sender.yaml:3:1",
    ]


@pytest.mark.parametrize("path", ["connector.yaml", "samples/created.yaml", "."])
def test_a_connector_can_be_checked_from_inside(wink, connector, monkeypatch, path):
    monkeypatch.chdir(connector)

    assert wink("check", path).exit_code == 0


def test_a_connector_that_is_not_called_as_its_folder_is_told(wink, connector):
    connector.rename(connector.with_name("acne"))

    result = wink("check", "connectors/acne")

    assert result.exit_code == 1
    assert result.stdout.endswith("connector.yaml:3:1: mistake: the name is 'acme', and the folder 'acne'\n")


def test_every_action_of_a_connector_is_checked(wink, connector):
    with (connector / "connector.yaml").open("a") as manifest:
        manifest.write("actions:\n  acme.one: {title: One}\n  other.two: {title: Two}\n")

    result = wink("check", "connectors")

    assert result.exit_code == 1
    assert [line.split(":")[1] for line in result.stdout.splitlines()] == ["30", "31"]


def test_what_is_no_yaml_is_told_of_a_connector_too(wink, connector):
    (connector / "connector.yaml").write_text("name: [")

    assert wink("check", "connectors/acme").stdout.startswith("connectors/acme/connector.yaml:2:1: mistake:")


def test_a_folder_can_hold_workflows_and_connectors(wink, folder, connector):
    (folder / "acme").symlink_to(connector)

    assert wink("check", str(folder)).stderr == "3 checked, 0 with mistakes.\n"


def test_the_connectors_of_wink_have_no_mistake(wink):
    assert (wink("check", str(ROOT / "connectors")).exit_code) == 0


def test_code_that_is_no_python_is_told_with_its_line(wink, folder):
    code = (
        "name: Code\non: {manual: true}\nsteps:\n  - uses: core.code\n    with:\n      code: |\n        def main():\n"
    )
    (folder / "code.yaml").write_text(f"{code}            return 1 2\n")

    result = wink("check")

    assert result.exit_code == 1
    assert result.stdout.startswith("workflows/code.yaml:8:22: mistake: `code`: Simple statements must be separated")

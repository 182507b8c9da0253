"""Files of the workflows folder are imported when they are new or changed, and never undo what was done elsewhere."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from engine.errors import Conflict, Mistakes, NotFound
from engine.path import folder as watching
from engine.path.folder import Folder, Written, watch, workflow_files
from engine.path.workflows import delete, put
from engine.store import workflows
from tests.engines import LOGS
from tests.serving import eventually

OTHER = LOGS.replace("hello", "goodbye")


@pytest.fixture
def file(engine) -> Path:
    """Return where a workflow's file is to be; its folder is there."""
    engine.settings.workflows.mkdir()
    return engine.settings.workflows / "w.yaml"


@pytest.fixture
def folder(engine) -> Folder:
    return Folder(engine, engine.settings.workflows)


def _text(engine):
    return engine.store.read(workflows.find, "w").text.decode()


def test_a_new_file_is_imported(engine, file, folder):
    file.write_text(LOGS)

    folder.look()

    assert _text(engine) == LOGS


def test_what_one_look_imports_is_told_in_one_line(engine, file, folder):
    for name in ("a", "b"):
        file.with_name(f"{name}.yaml").write_text(LOGS)

    with capture_logs() as lines:
        folder.look()
        folder.look()
        file.with_name("b.yaml").write_text(OTHER)
        folder.look()

    told = [line["workflows"] for line in lines if line["event"].startswith("workflow.") and "workflows" in line]
    assert [sorted(workflows) for workflows in told] == [["a", "b"], ["b"]]
    assert {line["log_level"] for line in lines if line["event"] == "workflow.put"} == {"debug"}


def test_each_workflow_that_a_look_imports_has_a_line_of_its_own_with_its_whole_version(engine, file, folder):
    with capture_logs() as lines:
        for text in (LOGS, OTHER):
            file.write_text(text)
            folder.look()

    told = [(line["workflow"], len(line["version"]), line["new"]) for line in lines if line["event"] == "workflow.put"]
    assert told == [("w", 64, True), ("w", 64, False)]


def test_a_changed_file_is_imported_again(engine, file, folder):
    file.write_text(LOGS)
    folder.look()

    file.write_text(OTHER)
    folder.look()

    assert _text(engine) == OTHER


def test_a_broken_edit_keeps_the_last_good_version_and_is_told(engine, file, folder):
    file.write_text(LOGS)
    folder.look()

    file.write_text("name: Broken\n")
    folder.look()

    assert _text(engine) == LOGS
    assert "line 1" in folder.problems()["w.yaml"]


def test_each_mistake_of_a_broken_edit_is_a_log_line_and_the_version_that_goes_on_is_named(engine, file, folder):
    file.write_text(LOGS)
    folder.look()
    version = engine.store.read(workflows.find, "w").version

    file.write_text(LOGS.replace("core.set", "core.sett").replace("core.log", "core.lgo"))
    with capture_logs() as lines:
        folder.look()

    failed, *told = lines
    assert (failed["event"], failed["file"], failed["mistakes"]) == ("workflow.import_failed", "w.yaml", 2)
    assert failed["instead"] == f"the last good version goes on ({version[:12]})"
    assert [line["at"] for line in told] == ["w.yaml:6:23", "w.yaml:7:24"]
    assert "did you mean `core.log`?" in told[1]["mistake"]


@pytest.mark.parametrize("mended", [LOGS, OTHER], ids=["as it was", "anew"])
def test_a_broken_file_that_is_put_right_is_said_to_be(file, folder, mended):
    for text in (LOGS, "name: Broken\n", mended):
        file.write_text(text)
        with capture_logs() as lines:
            folder.look()

    assert ("workflow.file_mended", "w.yaml") in [(line["event"], line.get("file")) for line in lines]
    assert not folder.problems()


def test_a_broken_file_that_was_never_good_runs_nothing(file, folder):
    file.write_text("name: Broken\n")

    with capture_logs() as lines:
        folder.look()

    assert lines[0]["instead"] == "nothing: there is no good version of it yet"


def test_a_file_with_very_many_mistakes_does_not_fill_the_log(file, folder):
    file.write_text("name: W\non: {manual: true}\nsteps:\n" + "  - uses: core.nothing\n" * 99)

    with capture_logs() as lines:
        folder.look()

    assert lines[0]["mistakes"] == 99
    assert len(lines) == 1 + watching.MOST_LOGGED


def test_a_file_that_waits_for_a_trigger_that_is_not_there_is_imported_with_a_warning(engine, file, folder):
    file.write_text(LOGS)

    with capture_logs() as lines:
        folder.look()

    assert "there is no trigger 't' yet" in [line.get("warning") for line in lines]
    assert _text(engine) == LOGS


def test_triggers_that_are_about_to_be_made_are_not_warned_of(engine, file):
    file.write_text(LOGS)

    with capture_logs() as lines, watch(engine, coming=["t"]):
        pass

    assert not any(line["log_level"] == "warning" for line in lines)


def test_a_mended_file_is_a_problem_no_more(engine, file, folder):
    file.write_text("name: Broken\n")
    folder.look()

    file.write_text(LOGS)
    folder.look()

    assert folder.problems() == {}


def test_a_file_that_did_not_change_undoes_no_edit_made_elsewhere(engine, file, folder):
    file.write_text(LOGS)
    folder.look()
    put(engine, "w", OTHER)

    Folder(engine, folder.path).look()

    assert _text(engine) == OTHER


def test_a_file_that_did_not_change_brings_no_deleted_workflow_back(engine, file, folder):
    file.write_text(LOGS)
    folder.look()
    delete(engine, "w")

    Folder(engine, folder.path).look()

    with pytest.raises(NotFound):
        _text(engine)


def test_a_file_that_disappears_deletes_nothing(engine, file, folder):
    file.write_text(LOGS)
    folder.look()

    file.unlink()
    folder.look()

    assert _text(engine) == LOGS


def test_a_file_whose_name_is_no_slug_is_a_problem(engine, file, folder):
    file.with_name("Not A Slug.yaml").write_text(LOGS)

    folder.look()

    assert folder.problems().keys() == {"Not A Slug.yaml"}


def test_a_file_that_is_too_large_is_a_problem(engine, file, folder):
    file.write_text(LOGS + "#" * watching.LARGEST)

    folder.look()

    assert folder.problems().keys() == {"w.yaml"}


def test_tests_of_workflows_are_no_workflows(file):
    for name in ("a.yaml", "b.yml", "a.test.yaml", "README.md"):
        file.with_name(name).write_text("")

    assert [found.name for found in workflow_files(file.parent)] == ["a.yaml", "b.yml"]


def test_without_a_folder_there_is_nothing_to_import(engine, folder):
    folder.look()

    assert folder.problems() == {}


def test_a_watched_folder_is_looked_at_again_and_again_until_the_end(engine, file, monkeypatch):
    monkeypatch.setattr(watching, "INTERVAL", 0.01)

    with watch(engine) as watched:
        file.write_text(LOGS)
        eventually(lambda: watched.problems() == {} and engine.store.read(workflows.all_of))

    file.write_text(OTHER)
    assert _text(engine) == LOGS


def test_what_is_saved_is_written_to_its_file_and_not_imported_again(engine, file, folder):
    written = folder.save("w", LOGS, expected="")
    put(engine, "w", OTHER)

    folder.look()
    Folder(engine, file.parent).look()

    assert written is Written.FILE
    assert file.read_text() == LOGS
    assert _text(engine) == OTHER
    assert [each.name for each in file.parent.iterdir()] == ["w.yaml"]


def test_saving_writes_the_file_that_is_there_whatever_its_ending(file, folder):
    other = file.with_suffix(".yml")
    other.write_text(LOGS)
    folder.look()

    folder.save("w", OTHER, expected=_version(folder))

    assert other.read_text() == OTHER
    assert not file.exists()


def test_saving_does_not_overwrite_what_somebody_just_wrote_to_the_file(engine, file, folder):
    folder.save("w", LOGS, expected="")
    seen = _version(folder)
    file.write_text(OTHER)

    with pytest.raises(Conflict):
        folder.save("w", LOGS + "# mine\n", expected=seen)

    assert file.read_text() == _text(engine) == OTHER


def test_a_file_with_mistakes_is_left_alone_when_somebody_saves(engine, file, folder):
    folder.save("w", LOGS, expected="")
    file.write_text("name: Broken\n")

    written = folder.save("w", OTHER, expected=_version(folder))

    assert written is Written.LEFT
    assert file.read_text() == "name: Broken\n"
    assert _text(engine) == OTHER


@pytest.mark.parametrize("restarted", [False, True], ids=["while it runs", "while it stands still"])
@pytest.mark.parametrize(
    "saved", [Folder.save, lambda folder, *what, **_: put(folder.engine, *what)], ids=["page", "API"]
)
def test_a_broken_file_that_is_mended_to_what_it_was_runs_whatever_was_saved_meanwhile(
    engine, file, folder, saved, restarted
):
    for text in (LOGS, "name: Broken\n"):
        file.write_text(text)
        folder.look()
    saved(folder, "w", OTHER, expected=_version(folder))

    file.write_text(LOGS)
    with capture_logs() as lines:
        (Folder(engine, folder.path) if restarted else folder).look()

    assert _text(engine) == LOGS
    assert {"w": _version(folder)[:12]} in [line.get("workflows") for line in lines]


def test_a_file_that_could_not_be_read_runs_again_when_it_can_and_somebody_saved_meanwhile(engine, file, folder):
    file.write_text(LOGS)
    folder.look()
    file.rename(file.with_name("aside"))
    file.mkdir()
    folder.save("w", OTHER, expected=_version(folder))

    file.rmdir()
    file.with_name("aside").rename(file)
    folder.look()

    assert _text(engine) == LOGS


def test_a_text_with_mistakes_is_neither_saved_nor_written(file, folder):
    with pytest.raises(Mistakes):
        folder.save("w", "name: Broken\n", expected="")

    assert not file.exists()


def test_a_file_that_cannot_be_written_does_not_keep_the_workflow_from_being_saved(engine, file, folder):
    (file.parent / ".w.yaml.new").mkdir()

    written = folder.save("w", LOGS, expected="")

    assert written is Written.REFUSED
    assert _text(engine) == LOGS


def test_without_a_folder_saving_writes_no_file(engine):
    folder = Folder(engine, engine.settings.workflows)

    assert folder.save("w", LOGS, expected="") is Written.NOWHERE
    assert not engine.settings.workflows.exists()


def _version(folder):
    return folder.engine.store.read(workflows.find, "w").version

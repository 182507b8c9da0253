"""A workflow that names what is not there is put with a warning at its place: before a run finds out."""

import pytest
from structlog.testing import capture_logs

from engine.path.absent import Coming
from engine.path.folder import Folder
from engine.path.workflows import enable, put
from tests.engines import trigger, workflow

HEAD = "name: W\non: {manual: true}\nsteps:\n"
CASE = """
name: Open a case
on: {manual: true}
inputs: {host: {type: string, required: true}, level: {type: integer, default: 1}}
steps: [{uses: core.log, with: {message: "${{ inputs.host }}"}}]
"""


def _warnings(engine, *inputs: str, uses: str = "core.run_workflow", coming: Coming | None = None) -> list[str]:
    steps = "".join(f"  - {{uses: {uses}, with: {{{one}}}}}\n" for one in inputs)
    found = put(engine, "w", HEAD + steps, coming=coming or Coming()).warnings
    return [f"{one.line}:{one.column} {one.message}" for one in found]


def test_a_workflow_that_is_not_there_is_warned_of(engine):
    workflow(engine, CASE, "open-case")

    assert _warnings(engine, "workflow: open-csae", "workflow: '${{ run.id }}'") == [
        "4:48 there is no enabled workflow 'open-csae' yet; did you mean 'open-case'?"
    ]


def test_a_disabled_workflow_is_warned_of(engine):
    workflow(engine, CASE, "open-case")
    enable(engine, "open-case", enabled=False)

    assert _warnings(engine, "workflow: open-case") == ["4:48 there is no enabled workflow 'open-case' yet"]


def test_a_workflow_that_others_cannot_run_is_warned_of(engine):
    workflow(engine, CASE.replace("manual: true", "trigger: t"), "by-trigger")

    (warning,) = _warnings(engine, "workflow: by-trigger, inputs: {host: a}")

    assert warning == "4:48 the workflow 'by-trigger' is not run by others: write `manual: true` in its `on:`"


def test_a_workflow_may_name_itself(engine):
    assert _warnings(engine, "workflow: w") == []


@pytest.mark.parametrize(
    ("inputs", "warnings"),
    [
        ("{host: a}", []),
        ("{host: '${{ run.id }}', level: '${{ run.id }}'}", []),
        ("'${{ vars }}'", []),
        ("{host: a, level: high}", ["4:84 the input 'level' of 'open-case': is text, and must be a whole number"]),
        (
            "{hosst: a}",
            [
                "4:67 the input 'host' of 'open-case': it must be given",
                "4:75 the input 'hosst' of 'open-case': the workflow has no such input; did you mean 'host'?",
            ],
        ),
    ],
)
def test_inputs_that_are_written_out_are_judged_by_those_of_the_other_workflow(engine, inputs, warnings):
    workflow(engine, CASE, "open-case")

    found = _warnings(engine, f"workflow: open-case, inputs: {inputs}")

    assert [one for one in found if "vars" not in one] == warnings


def test_a_trigger_whose_event_is_waited_for_is_warned_of_wherever_the_step_stands(engine):
    trigger(engine, name="scanner")
    inner = "trigger: scaner}}], else: [{uses: core.wait_for_event, with: {trigger: scanner"

    text = f"{HEAD}  - {{if: run.id == 'a', steps: [{{uses: core.wait_for_event, with: {{{inner}}}}}]}}\n"
    (warning,) = put(engine, "w", text).warnings

    assert warning.message == "there is no trigger 'scaner' yet; did you mean 'scanner'?"
    assert (warning.line, warning.column, warning.warning) == (4, text.splitlines()[3].index("scaner") + 1, True)


def test_what_is_about_to_be_made_is_not_warned_of(engine):
    coming = Coming(frozenset({"scanner"}), frozenset({"open-case"}))

    assert _warnings(engine, "workflow: open-case", coming=coming) == []
    assert _warnings(engine, "trigger: scanner", uses="core.wait_for_event", coming=coming) == []


def test_a_file_of_the_folder_that_is_loaded_later_is_not_warned_of(engine):
    folder = engine.settings.workflows
    folder.mkdir()
    (folder / "a.yaml").write_text(f"{HEAD}  - {{uses: core.run_workflow, with: {{workflow: open-case}}}}\n")
    (folder / "open-case.yaml").write_text(CASE)

    with capture_logs() as lines:
        Folder(engine, folder).look()

    assert [line for line in lines if line["log_level"] == "warning"] == []

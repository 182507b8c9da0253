BLINK = """\
name: Tell the team
automation_type: event
workflow:
  - section: Only
    steps:
      - {id: S1, name: Say, action: internal.print, inputs: {text: "Host {{ event.payload.host }}"}}
"""


def test_a_workflow_of_blink_is_written_and_passes_the_check(wink, home):
    (home / "old.yaml").write_text(BLINK)

    result = wink("import", "blink", "old.yaml")

    assert result.exit_code == 0
    assert result.stdout.startswith("workflows/tell-the-team.yaml is there. What to do next:\n")
    assert "wink triggers create tell-the-team --connector blink" in result.stdout
    assert (wink("check").exit_code, wink("check").stdout) == (0, "")


def test_what_has_no_counterpart_is_told_and_the_rest_is_written(wink, home):
    (home / "old.yaml").write_text(BLINK.replace("internal.print", "core.python"))

    result = wink("import", "blink", "old.yaml", "--into", "new")

    assert result.exit_code == 1
    assert result.stdout.startswith("old.yaml:6:37: mistake: `core.python` has no counterpart")
    assert wink("check", "new").exit_code == 0


def test_a_workflow_that_is_there_stays(wink, home):
    (home / "old.yaml").write_text(BLINK)
    (home / "workflows").mkdir()
    (home / "workflows/tell-the-team.yaml").write_text("mine")

    result = wink("import", "blink", "old.yaml")

    assert (result.exit_code, "exists already" in result.stderr) == (1, True)
    assert (home / "workflows/tell-the-team.yaml").read_text() == "mine"


def test_a_file_that_is_none_of_blink_is_told_so(wink, home):
    (home / "old.yaml").write_text("name: A\n")

    result = wink("import", "blink", "old.yaml")

    assert (result.exit_code, result.stdout.startswith("old.yaml:1:1: mistake: this is no workflow of Blink's")) == (
        1,
        True,
    )
    assert not (home / "workflows").exists()

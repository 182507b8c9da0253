import re
import shlex
from pathlib import Path

import pytest

from engine.authentication.request import Inbound
from engine.clock import SystemClock
from engine.definitions.catalog import read_connectors


# What stands alone in YAML as a number or null is a name too.
@pytest.mark.parametrize("name", ["weekly-report", "2026", "null", "1e5"])
@pytest.mark.parametrize("kind", ["workflow", "connector"])
def test_what_is_new_has_no_mistake(wink, home, kind, name):
    made = wink("new", kind, name)
    checked = wink("check", f"{kind}s")

    assert (made.exit_code, checked.exit_code, checked.stdout) == (0, 0, "")


def test_a_new_workflow_is_commented_and_names_its_schema(wink, home, monkeypatch):
    monkeypatch.setenv("WINK_PUBLIC_URL", "https://wink.example.com/")

    wink("new", "workflow", "weekly-report")

    first, *lines = (home / "workflows/weekly-report.yaml").read_text().splitlines()
    assert first == "# yaml-language-server: $schema=https://wink.example.com/schema/workflow.json"
    assert {"name: weekly-report", "  trigger: weekly-report"} <= set(lines)


def test_what_a_comment_of_a_new_workflow_proposes_has_no_mistake(wink, home):
    wink("new", "workflow", "all")
    file = home / "workflows/all.yaml"
    # A comment with a key is a proposal; one that is a sentence stays.
    proposed = re.sub(r"(?m)^( *)# (?= *(- )?[a-z_]+: |on_error:)", r"\1", file.read_text())
    file.write_text(proposed)

    checked = wink("check")

    assert "\non_error:\n" in proposed
    assert (checked.exit_code, checked.stdout) == (0, "")


@pytest.mark.parametrize(("kind", "made"), [("workflow", "workflows/a.yaml"), ("connector", "connectors/a")])
def test_the_next_steps_are_told_and_can_be_called(wink, home, kind, made):
    told = wink("new", kind, "a").stdout

    assert told.startswith(f"{made} is there. What to do next:\n  1. ")
    (check,) = re.findall(r"\d\. wink (check .+)", told)
    assert wink(*shlex.split(check)).exit_code == 0


def test_a_new_connector_can_be_read_and_proves_its_own_sample(wink, home):
    wink("new", "connector", "acme-scan")

    connector = read_connectors(home / "connectors")["acme-scan"]

    sample, way = connector.sample("acme-scan.created"), connector.way()
    request = Inbound("POST", "https://example.com/", "/", "", {}, sample.body, "192.0.2.1", SystemClock().now())
    secret = way.secrets["signing_secret"].generate()
    way.prove(way.sign(request, {"signing_secret": secret}), {"signing_secret": [secret]})


def test_what_is_there_already_stays(wink, home):
    file = home / "workflows/mine.yaml"
    file.parent.mkdir()
    file.write_text("mine")

    result = wink("new", "workflow", "mine")

    assert result.exit_code == 1
    assert "exists already" in result.stderr
    assert file.read_text() == "mine"


def test_a_folder_can_be_chosen(wink, home):
    wink("new", "connector", "acme", "--into", "elsewhere")

    assert sorted(path.name for path in Path("elsewhere/acme").iterdir()) == [
        "connector.yaml",
        "samples",
        "setup.md",
        "vectors.yaml",
    ]


def test_a_name_that_could_leave_the_folder_is_refused(wink, home):
    result = wink("new", "workflow", "../mine")

    assert result.exit_code == 1
    assert "lower-case letters" in result.stderr
    assert list(home.iterdir()) == []


def test_beside_a_server_a_new_workflow_names_that_server(running, served, home):
    told = served("new", "workflow", "beside").stdout

    first = (home / "workflows/beside.yaml").read_text().splitlines()[0]
    assert first == f"# yaml-language-server: $schema={running.url}/schema/workflow.json"
    assert f"wink workflows show beside    (the server at {running.url} loads the file by itself)" in told
    assert "wink serve" not in told


def test_a_server_that_is_gone_is_not_named(wink, home):
    (home / "data").mkdir()
    (home / "data/serve.json").write_text('{"url": "http://127.0.0.1:1"}')

    assert "wink serve" in wink("new", "workflow", "alone").stdout
    assert "$schema=http://127.0.0.1:8080/" in (home / "workflows/alone.yaml").read_text()

from pathlib import Path

from engine.authentication.request import Inbound
from engine.clock import SystemClock
from engine.definitions.catalog import read_connectors


def test_a_new_workflow_has_no_mistake(wink, home):
    result = wink("new", "workflow", "weekly-report")

    assert result.exit_code == 0
    assert (home / "workflows/weekly-report.yaml").read_text().startswith("name: weekly-report\n")
    assert wink("check").exit_code == 0


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

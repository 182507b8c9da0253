"""A vendor is added by its folder, and by nothing else."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine import app
from engine.cli.new import new
from engine.store import show
from engine.words import Outcome
from tests.engines import deliver, running, runs_of, trigger, workflow

WORKFLOW = """
name: Orders
on: {trigger: orders, if: event.type == 'acme.created'}
steps: [{uses: core.log, with: {message: x}}]
"""


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the catalogue, which engines of this test read instead."""
    copy = shutil.copytree(app.CONNECTORS, tmp_path / "connectors")
    monkeypatch.setattr(app, "CONNECTORS", copy)
    return copy


def test_a_vendor_whose_folder_is_added_receives_and_runs(catalogue: Path, tmp_path: Path) -> None:
    made = CliRunner().invoke(new, ["connector", "acme", "--into", str(catalogue)])
    assert made.exit_code == 0, made.output

    with running(tmp_path) as engine:
        trigger(engine, name="orders", connector="acme", secret="0123456789abcdef0123456789abcdef")
        workflow(engine, WORKFLOW, "orders")
        sent = deliver(engine, engine.connectors["acme"].sample().body, "orders")
        (event_id,) = sent.event_ids
        (run,) = runs_of(engine, event_id)

        assert engine.store.read(show.event_history, event_id).event.type == "acme.created"
        assert run.outcome is Outcome.SUCCEEDED


def test_a_vendor_whose_folder_is_gone_leaves_the_others_as_they_were(catalogue: Path, tmp_path: Path) -> None:
    before = set(app.read_connectors(catalogue))
    shutil.rmtree(catalogue / "github")

    with running(tmp_path) as engine:
        assert set(engine.connectors) == before - {"github"}


def test_a_folder_with_a_mistake_stops_its_own_triggers_and_no_start(catalogue: Path, tmp_path: Path) -> None:
    with running(tmp_path) as engine:
        broken, whole = trigger(engine, name="a", connector="github"), trigger(engine, name="b")
    (catalogue / "github" / "connector.yaml").write_text("name: github\n")

    with running(tmp_path) as engine:
        published = engine.published.now()

        assert "line 1, column 1: title" in published.broken[broken.trigger.path]
        assert list(published.by_path) == [whole.trigger.path]

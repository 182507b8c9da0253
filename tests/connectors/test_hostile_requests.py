"""Hostile requests at every way of every connector: each ends as a verdict, none as an error of ours."""

from pathlib import Path

from tests.connectors import fuzz
from tests.engines import running


def test_no_hostile_request_at_any_manifest_is_our_error(tmp_path: Path) -> None:
    with running(tmp_path) as engine:
        seen, wrong = fuzz.shoot(engine, 3_000, seed=5)

        assert wrong == []
        assert fuzz.unaccounted(engine) == {}
        assert {202, 400, 401, 405, 415} <= seen.keys(), "the requests reach every part of the way"

"""A secret of this machine's own is made once, for its owner alone, and is never empty."""

from pathlib import Path

import pytest

from engine.app import SECRET_KEY_FILE, secret_key
from engine.secret_file import secret_in
from engine.settings import Settings


def test_a_secret_is_made_once_for_its_owner_alone(tmp_path):
    file = tmp_path / "key"

    assert [secret_in(file, lambda: "first"), secret_in(file, lambda: "second")] == ["first", "first"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_where_there_was_none_nothing_is_taken_away_that_another_process_may_just_have_made(tmp_path, monkeypatch):
    file, removed = tmp_path / "key", []
    unlink = Path.unlink
    monkeypatch.setattr(Path, "unlink", lambda path, **how: removed.append(path) or unlink(path, **how))

    secret_in(file, lambda: "mine")

    assert file not in removed


@pytest.mark.parametrize("left", ["", "\n"])
def test_no_database_is_made_with_the_empty_key_that_a_crash_left(tmp_path, left):
    (tmp_path / SECRET_KEY_FILE).write_text(left)
    settings = Settings.load({}, tmp_path, data=tmp_path)

    key = secret_key(settings)

    assert len(key) >= 43
    assert secret_key(settings) == key

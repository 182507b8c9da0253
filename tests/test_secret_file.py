"""A secret of this machine's own is made once, for its owner alone, and is never empty."""

import pytest

from engine.app import SECRET_KEY_FILE, secret_key
from engine.secret_file import secret_in
from engine.settings import Settings


def test_a_secret_is_made_once_for_its_owner_alone(tmp_path):
    file = tmp_path / "key"

    assert [secret_in(file, lambda: "first"), secret_in(file, lambda: "second")] == ["first", "first"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("left", ["", "\n"])
def test_no_database_is_made_with_the_empty_key_that_a_crash_left(tmp_path, left):
    (tmp_path / SECRET_KEY_FILE).write_text(left)
    settings = Settings.load({}, tmp_path, data=tmp_path)

    key = secret_key(settings)

    assert len(key) >= 43
    assert secret_key(settings) == key

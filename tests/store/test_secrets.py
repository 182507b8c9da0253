"""Secrets are unreadable on disk, open for their own row alone, and end when a rotation's overlap ends."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.errors import SettingsError
from engine.store import secrets, tables
from engine.store.secrets import cipher_from


def _add(store, clock, value):
    store.write(secrets.add, store.cipher, owner="trg_a", name="key", value=value, now=clock.now())


def _values(store, moment):
    found = store.read(secrets.opened, store.cipher, moment)
    return [secret.value for secret in found.get("trg_a", {}).get("key", [])]


def test_a_secret_is_not_in_the_database_as_text(store, clock):
    _add(store, clock, "hunter2-hunter2")

    with store.reading() as connection:
        sealed = connection.scalar(select(tables.secrets.c.sealed))

    assert b"hunter2" not in bytes(sealed)
    assert _values(store, clock.now()) == ["hunter2-hunter2"]


def test_a_sealed_value_does_not_open_in_another_place():
    cipher = cipher_from("key")
    sealed = cipher.seal("value", "secrets/one/sealed")

    with pytest.raises(SettingsError, match="WINK_SECRET_KEY"):
        cipher.open(sealed, "secrets/two/sealed")


def test_another_key_opens_nothing(store, clock):
    _add(store, clock, "value")

    with pytest.raises(SettingsError, match="WINK_SECRET_KEY"):
        store.read(secrets.opened, cipher_from("other"), clock.now())


def test_the_newest_secret_comes_first_and_the_old_one_ends_with_the_overlap(store, clock):
    _add(store, clock, "old")
    store.write(secrets.expire, "trg_a", "key", clock.now() + timedelta(hours=1))
    _add(store, clock, "new")

    assert _values(store, clock.now()) == ["new", "old"]
    assert _values(store, clock.now() + timedelta(hours=1)) == ["new"]


def test_a_secret_does_not_show_itself(store, clock):
    _add(store, clock, "hunter2-hunter2")

    (secret,) = store.read(secrets.opened, store.cipher, clock.now())["trg_a"]["key"]

    assert "hunter2" not in repr(secret)


def test_a_key_does_not_show_itself(store):
    assert repr(store.cipher.key) not in repr(store)


def test_an_ended_secret_is_kept_for_some_days_and_counts_no_more(store, clock):
    _add(store, clock, "old")
    store.write(secrets.expire, "trg_a", "key", clock.now())

    store.write(secrets.forget_expired, clock.now() + secrets.KEPT)

    (kept,) = store.read(secrets.history_of, store.cipher, "trg_a")
    assert (kept.value, kept.counted(clock.now()), kept.ended(clock.now())) == ("old", False, True)
    assert _values(store, clock.now()) == []


def test_an_ended_secret_is_forgotten_after_that(store, clock):
    _add(store, clock, "old")
    store.write(secrets.expire, "trg_a", "key", clock.now())

    store.write(secrets.forget_expired, clock.now() + secrets.KEPT + timedelta(seconds=1))

    with store.reading() as connection:
        assert connection.scalar(select(tables.secrets.c.id)) is None

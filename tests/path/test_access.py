"""Whoever holds a token may come in, and nobody else."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from engine.path.access import OPERATOR, Access, Holder, local_token, new_token
from engine.store import tokens
from engine.words import Role


@pytest.fixture
def access(engine) -> Access:
    return Access.open(engine)


def test_the_token_file_is_made_for_its_owner_alone_and_opens(access, engine):
    file = engine.settings.data / "cli.token"

    assert file.stat().st_mode & 0o777 == 0o600
    assert access.holder_of(file.read_text().strip()) == OPERATOR


def test_the_token_file_stays_what_it_is(engine):
    assert local_token(engine.settings) == local_token(engine.settings)


def test_an_empty_token_file_opens_nothing(engine):
    file = engine.settings.data / "cli.token"
    file.write_text("\n")

    access = Access.open(engine)

    assert not access.holder_of("")
    assert access.holder_of(file.read_text().strip())


def test_the_token_of_the_settings_opens(engine):
    settings = engine.settings.model_copy(update={"api_token": SecretStr("a token of the operator's")})

    access = Access.open(replace(engine, settings=settings))

    assert access.holder_of("a token of the operator's") == OPERATOR


def test_a_token_that_was_made_opens_until_it_is_deleted(access, engine):
    token, text = new_token(engine, "ci", Role.EDITOR)

    assert access.holder_of(text) == Holder("token ci", Role.EDITOR)
    engine.store.write(tokens.remove, token.id)

    assert not access.holder_of(text)


@pytest.mark.parametrize("text", ["", "wink_pat_", "wink_pat_guessed", "x" * 100_000, "\udc80"])
def test_any_other_text_opens_nothing(access, text):
    assert not access.holder_of(text)


def test_the_last_use_of_a_token_is_noted_now_and_then(access, engine):
    _, text = new_token(engine, "ci", Role.EDITOR)
    access.holder_of(text)
    first = _used(engine)
    engine.clock.advance(timedelta(hours=1))

    access.holder_of(text)

    assert _used(engine) - first >= timedelta(hours=1)


def test_a_tokens_text_is_not_in_the_database(engine, tmp_path):
    _, text = new_token(engine, "ci", Role.EDITOR)

    files = b"".join(file.read_bytes() for file in (tmp_path / "data").glob("wink.db*"))

    assert text.encode() not in files


def _used(engine):
    engine.store.write(lambda connection: None)
    return engine.store.read(tokens.all_of)[0].last_used_at

"""Of a token the store knows its digest alone."""

from datetime import timedelta

import pytest

from engine.errors import NotFound
from engine.store import tokens
from engine.store.tokens import NOTED, Token
from engine.words import Role


@pytest.fixture
def token(store, clock) -> Token:
    kept = Token(id="tok_1", name="ci", role=Role.VIEWER, created_at=clock.now(), last_used_at=None)
    store.write(tokens.add, kept, b"digest")
    return kept


def test_a_token_is_found_by_its_digest(store, token):
    assert store.read(tokens.find, b"digest") == token
    assert store.read(tokens.find, b"other") is None


def test_a_use_is_noted_once_in_a_while(store, clock, token):
    for later in (timedelta(), NOTED / 2, NOTED):
        store.write(tokens.use, token.id, clock.now() + later)

    (found,) = store.read(tokens.all_of)
    assert found.last_used_at == clock.now() + NOTED


def test_a_deleted_token_is_gone(store, token):
    store.write(tokens.remove, token.id)

    assert store.read(tokens.all_of) == []
    with pytest.raises(NotFound):
        store.write(tokens.remove, token.id)

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


def test_tokens_are_listed_from_the_newest_on(store, clock):
    for number in (1, 2, 3):
        kept = Token(f"tok_{number}", "ci", Role.VIEWER, clock.now(), None)
        store.write(tokens.add, kept, bytes([number]))

    assert [each.id for each in store.read(tokens.page, None, 2)] == ["tok_3", "tok_2"]
    assert [each.id for each in store.read(tokens.page, "tok_2", 2)] == ["tok_1"]


def test_the_list_of_tokens_walks_along_their_ids(plan):
    assert plan(tokens.page, "tok_2", 9)[0].startswith("SEARCH tokens USING INDEX")

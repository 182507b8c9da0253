"""Texts are hashed in pieces, and the hash is the one that everybody else makes."""

import hmac
from hashlib import sha256

import pytest

from engine.authentication.hashing import LARGE, PIECE, keyed_hash, plain_hash


@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1, 3 * PIECE, LARGE - 1, LARGE])
def test_a_text_of_any_size_has_the_hash_that_it_has_in_one_piece(size: int) -> None:
    text = bytes(number % 251 for number in range(size))

    assert plain_hash(text) == sha256(text).digest()
    assert keyed_hash(b"key", text, "sha512") == hmac.digest(b"key", text, "sha512")

"""Identifiers sort by birth, and an address cannot be guessed."""

from base64 import b32hexencode

from hypothesis import given
from hypothesis import strategies as st

from engine.ids import ID_LENGTH, _base32, new_id, new_path


@given(st.binary(min_size=16, max_size=16))
def test_128_bits_are_written_as_rfc_4648_says(octets):
    assert _base32(int.from_bytes(octets)) == b32hexencode(octets)[:ID_LENGTH].decode().lower()


def test_later_ids_sort_after_earlier_ones():
    ids = [new_id("evt") for _ in range(1000)]

    assert ids == sorted(ids)
    assert len(set(ids)) == 1000


def test_paths_are_long_and_never_the_same():
    paths = {new_path() for _ in range(1000)}

    assert len(paths) == 1000
    assert {len(path) for path in paths} == {ID_LENGTH}

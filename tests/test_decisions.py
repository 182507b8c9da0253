"""Notes of decisions look alike: the number of the file in the title, and few lines."""

from pathlib import Path

import pytest

NOTES = sorted((Path(__file__).parents[1] / "engine" / "decisions").glob("*.md"))


@pytest.mark.parametrize("note", NOTES, ids=[note.stem for note in NOTES])
def test_a_note_has_its_number_in_the_title_and_at_most_thirty_lines(note):
    title, *lines = note.read_text().splitlines()

    assert title.startswith(f"# {note.stem[:4]} ")
    assert len(lines) < 30


def test_no_two_notes_have_one_number():
    numbers = [note.stem[:4] for note in NOTES]

    assert len(numbers) == len(set(numbers))

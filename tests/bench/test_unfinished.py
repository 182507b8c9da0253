"""A start with much left to do."""

from tests.bench.unfinished import measure


def test_what_is_left_unfinished_goes_on_oldest_first_after_a_start(tmp_path, database_url):
    figures = measure(tmp_path, 2_000, enough=1_000, database_url=database_url)

    assert figures.out_of_turn == 0

"""Rows of texts stand in columns."""

from helpers.columns import aligned


def test_columns_are_as_wide_as_their_longest_text():
    rows = [["epoch", "loss"], ["1", "12.345"], ["10", "0.5"]]
    assert aligned(rows) == ["epoch    loss", "    1  12.345", "   10     0.5"]


def test_words_stand_to_the_left_and_no_line_ends_in_spaces():
    rows = [["what", "n", "note"], ["a", "10", ""]]
    assert aligned(rows, left=[0, 2]) == ["what   n  note", "a     10"]
    assert aligned(rows, left=range(3), gap=" | ") == ["what | n  | note", "a    | 10 |"]


def test_no_rows_are_no_lines():
    assert aligned([]) == []

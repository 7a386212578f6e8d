"""The picture of a matrix: darkest where the share is largest, safe with any label."""

import re

import numpy as np

from demos._matrix import MOST, matrix


def test_the_largest_share_of_each_row_is_darkest() -> None:
    drawn = matrix(np.array([[0.1, 0.9], [0.02, 0.01]]), ["a", "b"], ["x", "y"])
    shades = [float(one) for one in re.findall(r'fill-opacity="([\d.]+)"', drawn)]
    assert shades[1] == shades[2] == 1.0
    assert shades[0] < 0.2
    assert "<title>a → y: 90%</title>" in drawn


def test_labels_are_shown_as_text() -> None:
    drawn = matrix(np.ones((1, 1)), ["<script>"], ['"&'], label='"<b>')
    assert "<script" not in drawn
    assert "<b>" not in drawn
    assert "&lt;script&gt;" in drawn


def test_what_is_empty_huge_or_not_a_number_is_drawn() -> None:
    assert "<rect" not in matrix(np.zeros((0, 0)), [], [])
    assert "nan" not in matrix(np.full((1, 1), np.nan), ["a"], ["b"])
    names = [str(i) for i in range(200)]
    assert matrix(np.ones((200, 200)), names, names).count("<rect") == MOST * MOST
    assert f"first {MOST} tokens only" in matrix(np.ones((200, 200)), names, names)
    assert "tokens only" not in matrix(np.ones((MOST, MOST)), names[:MOST], names[:MOST])

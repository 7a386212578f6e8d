"""Training curves: every number its own chart, from lowest to highest; nothing where nothing was reported."""

import re

from demos._curve import HEIGHT, MARGIN, curves


def test_every_number_has_its_own_chart() -> None:
    page = curves(
        [{"epoch": 0.0, "loss": 2.0, "accuracy": 0.5}, {"epoch": 1.0, "loss": 1.0, "accuracy": 0.9}], "net"
    )
    assert page.count("<svg") == 2
    assert "loss: 2 → 1" in page
    assert "epoch" not in page
    first, last = (float(point.split(",")[1]) for point in re.search('points="(.*?)"', page)[1].split())
    assert (first, last) == (MARGIN, HEIGHT - MARGIN)  # SVG counts downwards


def test_a_room_without_a_curve_shows_none() -> None:
    assert curves([], "net") == ""


def test_a_single_epoch_and_a_number_that_never_changes_are_drawn() -> None:
    assert curves([{"epoch": 0.0, "loss": 1.0}], "net").count("<svg") == 1


def test_names_are_shown_as_text() -> None:
    assert "<b>" not in curves([{"<b>": 1.0}], "net")

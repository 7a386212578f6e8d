"""The GAN digits tab: what is typed is written, rubbish refused, the far hand fails as its example says."""

import re

import numpy as np
import pytest

import models
from demos._run import InvalidInput
from demos.gan_digits import EXAMPLES, MOST, PITCH, hundred, joined, open_digits, write


def read(told: str) -> list[int]:
    return [int(digit) for digit in re.findall(r"<b>(\d)</b>", told)]


def test_the_examples_are_read_as_they_were_typed_but_for_the_one_that_fails() -> None:
    for (_, english), values in EXAMPLES.items():
        _, told, _ = write(*values)
        wrong = sum(one != two for one, two in zip(read(told), open_digits(values[0]), strict=True))
        assert wrong >= 3 if english.startswith("Fails") else wrong == 0, english


def test_the_same_hand_writes_the_same_and_another_does_not() -> None:
    first, again, other = (write("42", seed, 1.0) for seed in (1, 1, 2))
    assert first == again
    assert first[0] != other[0]


def test_a_single_digit_turns_into_the_next() -> None:
    _, told, morph = write(" 9 ", 0, 1.0)
    assert read(told) == [9]
    assert "image/gif" in morph


@pytest.mark.parametrize(
    "typed", [None, "", " ", "12a", "-1", "3.5", "²", "<script>alert(1)</script>", 7, [], "1" * (MOST + 1)]
)
def test_what_is_no_number_is_refused_before_a_model_is_asked(
    typed: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput):
        write(typed, 0, 1.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(("seed", "spread"), [(-1, 1.0), (None, 1.0), (0, 3.1), (0, float("nan")), (0, "1")])
def test_seed_and_spread_stay_in_their_range(seed: int, spread: float) -> None:
    for run in (lambda: write("1", seed, spread), lambda: hundred(seed, spread)):
        with pytest.raises(InvalidInput):
            run()


def test_digits_of_other_scripts_are_digits_and_come_back_as_ours() -> None:
    assert open_digits("２０ ٣") == [2, 0, 3]
    line, *_ = write("２", 0, 1.0)
    assert 'alt="2"' in line


def test_a_line_keeps_the_ink_of_every_digit() -> None:
    pictures = np.zeros((3, 28, 28), np.uint8)
    pictures[:, 14, 14] = (10, 20, 30)
    line = joined(pictures)
    assert line.shape == (28, 2 * PITCH + 28)
    assert [int(line[14, 14 + PITCH * number]) for number in range(3)] == [10, 20, 30]


def test_a_hundred_come_at_once_and_nearly_all_can_be_read() -> None:
    told = hundred(0, 1.0)
    assert int(re.search(r"reads (\d+) of them", told)[1]) >= 93  # type: ignore[index]

"""Digits and commands by ear: CTC sums right, words only from the list, voices never heard, and silence kept silent."""

from itertools import groupby, product

import numpy as np
import pytest
import torch

import models
from models.digit_ctc import decode, measure
from models.digit_ctc.augment import Clips, noise
from models.digit_ctc.data import Piece, held_back_speakers, held_out_speakers, one_sign, train_speakers
from models.digit_ctc.net import known
from models.digit_ctc.sound import BANDS, RATE, frames
from models.digit_ctc.words import DIGITS, LETTERS, OTHERS, UNKNOWN, WORDS


def toy(seed: int, length: int, letters: str) -> np.ndarray:
    chance = np.random.default_rng(seed).random((length, 1 + len(letters)))
    return chance / chance.sum(1, keepdims=True)


def spelled(path: tuple[int, ...], letters: str) -> str:
    return "".join(letters[place - 1] for place, _ in groupby(path) if place)


@pytest.mark.parametrize("seed", range(3))
def test_beam_search_adds_up_all_the_ways_to_write_a_reading(seed: int) -> None:
    letters, shares = "ab", toy(seed, 6, "ab")
    sums: dict[str, float] = {}
    for path in product(range(3), repeat=6):
        read = spelled(path, letters)
        share = float(np.prod(shares[range(6), path]))
        sums[read] = sums.get(read, 0.0) + share
    found = dict(decode.beam(shares, letters, lambda read: letters, width=1000))
    assert found == pytest.approx(sums)
    assert sum(sums.values()) == pytest.approx(1)
    assert next(iter(found)) == max(sums, key=sums.__getitem__)


def test_beam_search_agrees_with_the_loss_that_the_net_was_trained_with() -> None:
    shares = toy(0, 5, LETTERS)
    likelihood = dict(decode.beam(shares, width=10**6))["no"]
    told = torch.tensor(np.log(shares))[:, None]
    written = torch.tensor([LETTERS.index(letter) + 1 for letter in "no"])
    lengths = torch.tensor([5]), torch.tensor([2])
    loss = torch.nn.functional.ctc_loss(told, written, *lengths, reduction="sum")
    assert -np.log(likelihood) == pytest.approx(float(loss), abs=1e-3)


def test_only_words_of_the_list_are_followed() -> None:
    assert set(decode.followers("")) == {word[0] for word in (*WORDS, UNKNOWN)}
    assert set(decode.followers("one s")) == set("eit")
    assert set(decode.followers("go")) == {" "}
    assert decode.whole("one go")
    assert decode.whole("")
    assert not decode.whole("one g")
    read = decode.beam(toy(1, 30, LETTERS))
    assert all(set(text.split()) <= {*WORDS, UNKNOWN} for text, _ in read if decode.whole(text))


def test_silence_and_noise_give_nothing() -> None:
    chance = np.random.default_rng(7)
    with models.use("digit_ctc") as net:
        assert net.read(np.zeros(2 * RATE, np.float32), RATE)["words"] == []
        assert net.read(np.float32(0.1 * noise(3 * RATE, chance)), RATE)["words"] == []
        assert known(net.read(np.float32(0.05 * chance.standard_normal(RATE // 2)), RATE)["words"]) == []
        with pytest.raises(ValueError, match="samples"):
            net.read(np.zeros(0, np.float32), RATE)


def test_shapes_and_shares() -> None:
    _, wave = next(clip for clip in measure.kept() if clip[0][0] in DIGITS)
    with models.use("digit_ctc") as net:
        told = net.read(wave, RATE)
        faster = net.read(np.repeat(wave, 2), 2 * RATE)
    assert told["letters"].shape[1] == 1 + len(LETTERS)
    assert np.allclose(told["letters"].sum(1), 1, atol=1e-4)
    assert told["mel"].shape[0] == BANDS
    assert abs(told["mel"].shape[1] - 3 * len(told["letters"])) < 3
    shares = [share for _, share in told["candidates"]]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= 1.001
    assert faster["words"] == told["words"]


def test_several_words_of_a_held_out_voice_are_read_in_their_order() -> None:
    clips = [clip for clip in measure.kept() if clip[0][0] in DIGITS][:4]
    row = np.concatenate([wave for _, wave in clips])
    with models.use("digit_ctc") as net:
        assert net.read(row, RATE)["words"] == [word for words, _ in clips for word in words]


def test_loudness_does_not_matter() -> None:
    wave = measure.kept()[3][1]
    loud, soft = (frames(torch.tensor(wave * gain)[None]) for gain in (1.0, 0.05))
    assert torch.allclose(loud, soft, atol=1e-3)


def test_no_voice_is_on_two_sides() -> None:
    def voices(speakers: list) -> set[str]:
        return {
            name for one in speakers for name in one.options.get("mix", [one.options.get("voice", "joe")])
        }

    train, back, out = (voices(side()) for side in (train_speakers, held_back_speakers, held_out_speakers))
    assert not train & back
    assert not train & out
    assert not back & out
    assert not set(WORDS) & set(OTHERS)


def test_clips_hold_what_their_texts_say() -> None:
    tone = np.float32(np.sin(np.arange(2400)))
    clips = Clips({"joe": [[Piece(tone, ["one"]), Piece(tone, [UNKNOWN])]]}, {"joe": 1.0})
    mel, texts = clips.batch(16, np.random.default_rng(0))
    again, same = clips.batch(16, np.random.default_rng(0))
    assert mel.shape[0] == 16
    assert mel.shape[2] == BANDS
    assert torch.isfinite(mel).all()
    assert 0 <= mel.min() <= mel.max() <= 1
    assert texts == same
    assert torch.equal(mel, again)
    assert {word for text in texts for word in text.split()} == {"one", UNKNOWN}
    assert one_sign(["hello", "world", "one", "moon"]) == [UNKNOWN, "one", UNKNOWN]

"""The fiddler: reads ABC as musicians do, keeps what belongs together on one side, and knows a tune from noise."""

import numpy as np
import pytest
import torch

import models
from models.melody_transformer import abc_notation, data, train
from models.melody_transformer.events import (
    DANCES,
    END,
    FIRST,
    HEADER,
    LENGTHS,
    SIXTEENTH,
    TOKENS,
    Piece,
    event,
    onsets,
    token,
    tokens,
)
from models.melody_transformer.net import MelodyTransformer, load
from models.melody_transformer.relative import BARS, METRES, PLACES, distances

ACACIA = """X:1
T:Acacia -- Reel
M:2/4
L:1/16
R:reel
K:G
"_mf"u((3DEF)|vG2vGA B^cdB | {d}=cBcd .e2((3def) |1 G4 G4 :|2 G2-G2 [GBd]2 z2 |]
"""
KERRY = Piece(
    "jig", 12, tuple((pitch, 12) for pitch in (69, 74, 76, 78, 79, 81, 78, 79, 76, 74, 76, 73, 69)), "Kerry"
)


@pytest.fixture(scope="module")
def net() -> MelodyTransformer:
    return load("cpu")


def test_abc_is_read_note_for_note() -> None:
    (tune,) = abc_notation.read(ACACIA)
    first, second, third, fourth = (
        [(pitch, str(length)) for pitch, length in bar.notes] for bar in tune.bars
    )
    assert (tune.title, tune.dance, tune.metre) == ("Acacia -- Reel", "reel", "2/4")
    assert first == [(62, "1/6"), (64, "1/6"), (66, "1/6")]  # F is sharp in G
    assert second == [
        (67, "1/2"),
        (67, "1/4"),
        (69, "1/4"),
        (71, "1/4"),
        (73, "1/4"),
        (74, "1/4"),
        (71, "1/4"),
    ]
    assert third[0] == (72, "1/4")
    assert fourth == [(67, "1/2"), (abc_notation.TIED, "1/2"), (74, "1/2"), (abc_notation.REST, "1/2")]
    assert [bar.ends for bar in tune.bars] == [False, False, False, True]


@pytest.mark.parametrize(
    ("key", "signs"),
    [("D", "FC"), ("Ador", "F"), ("Amix", "FC"), ("Em", "F"), ("C", ""), ("A minor", "")],
)
def test_keys_have_their_sharps(key: str, signs: str) -> None:
    assert abc_notation.key_signs(key) == dict.fromkeys(signs, 1)


def test_flats_and_accidentals_hold_to_the_end_of_a_bar() -> None:
    assert abc_notation.key_signs("Gm") == {"B": -1, "E": -1}
    bars = abc_notation.read_one("M:4/4\nL:1/8\nK:F\nB^BB b | B").bars
    assert [[pitch for pitch, _ in bar.notes] for bar in bars] == [[70, 72, 72, 84], [70]]


def test_what_changes_its_metre_is_not_read() -> None:
    assert not list(abc_notation.read("X:1\nM:6/8\nL:1/8\nK:C\nCDE|\nM:9/8\nCDE|"))


def test_the_end_of_a_part_makes_room_for_the_upbeat_of_the_next() -> None:
    (tune,) = abc_notation.read("X:1\nT:A\nM:3/4\nL:1/4\nK:C\nC|DEF|GAB|cBA|G3:|:C|DEF|GAB|cBA|G2C|DEF|G2|]")
    piece = data._piece(tune)
    assert piece is not None
    assert piece.upbeat == 24
    assert piece.events[10:12] == ((67, 48), (60, 24))  # G is a beat shorter, which the next upbeat takes
    assert train.bar_lines_kept(piece) == 1


def test_every_token_is_a_note_and_back() -> None:
    assert all(token(*event(number)) == number for number in range(FIRST, TOKENS))
    assert tokens(KERRY)[-1] == END
    assert len(tokens(KERRY)) == HEADER + 13 + 1
    with pytest.raises(ValueError, match="not in"):
        token(60, 7)


def test_onsets_count_from_the_first_bar_line() -> None:
    assert onsets(KERRY)[:4] == [-12, -12, 0, 12]
    assert onsets(KERRY)[-1] == 2 * DANCES["jig"]


def test_exactly_a_bar_before_is_a_distance_of_its_own() -> None:
    apart = distances(torch.tensor([onsets(KERRY)]), 15, torch.tensor([[[1]]]), torch.tensor([[[72]]]))[0]
    assert METRES[1] == 72
    last = apart[-1]  # what begins now begins two bars after the first note behind the upbeat
    assert last[HEADER + 1] == (BARS + 2) * PLACES
    assert last[HEADER + 7] == (BARS + 1) * PLACES
    assert last[HEADER + 6] == (BARS + 1) * PLACES + 12 // SIXTEENTH


def test_reading_on_with_a_memory_is_reading_anew(net: MelodyTransformer) -> None:
    ids, at = torch.tensor([tokens(KERRY, ended=False)]), torch.tensor([onsets(KERRY)])
    memory: list[list[torch.Tensor]] = [[] for _ in net.blocks]
    with torch.inference_mode():
        whole = net(ids, at)
        parts = [
            net.read(ids[:, start:end], at[:, :end], ids[:, 0], net.vectors(), memory)[0]
            for start, end in ((0, 9), (9, 10), (10, 15))
        ]
    assert torch.allclose(whole, torch.cat(parts, 1), atol=1e-4)


def test_what_comes_out_is_plain_and_attention_is_shared_out() -> None:
    with models.use("melody_transformer") as lent:
        step = list(lent.write((KERRY.kind, KERRY.upbeat, KERRY.events), 4, count=2))[3]
    one = step[0]
    assert one is not None
    assert one["attention"].dtype == np.float32
    assert one["attention"].shape == (4, 5, HEADER + 13 + 3)  # layers, heads, the header and the notes before
    assert np.allclose(one["attention"].sum(2), 1, atol=1e-3)
    assert one["ticks"] in LENGTHS
    assert all(0 < share <= 1 for *_, share in one["alternatives"])


def test_continuations_fill_the_bars_that_were_asked_for(net: MelodyTransformer) -> None:
    rows: list[list[int]] = [[], []]
    for step in net.write((KERRY.kind, KERRY.upbeat, KERRY.events), 8, count=2, seed=3):
        for row, one in zip(rows, step, strict=True):
            row += [one["ticks"]] if one else []
    assert all(sum(row) <= 6 * 72 for row in rows)
    assert max(map(sum, rows)) == 6 * 72


def test_number_n_is_what_seed_n_writes_alone(net: MelodyTransformer) -> None:
    asked = (KERRY.kind, KERRY.upbeat, KERRY.events)
    together = [step[1] for step in net.write(asked, 4, count=2, seed=7)]
    alone = [step[0] for step in net.write(asked, 4, count=1, seed=8)]
    assert [one and one["pitch"] for one in together[: len(alone)]] == [one and one["pitch"] for one in alone]


def test_a_tune_is_likelier_than_its_notes_shuffled_and_in_any_key(net: MelodyTransformer) -> None:
    tunes = data.frozen()[:10]
    chance = np.random.default_rng(0)
    noise = [
        Piece(one.kind, one.upbeat, tuple(one.events[i] for i in chance.permutation(len(one.events))))
        for one in tunes
    ]
    real = train.bits(net, tunes)
    assert train.bits(net, noise) > real + 1
    assert train.bits(net, [one.moved(3) for one in tunes]) == pytest.approx(real, abs=0.4)


def test_a_motif_is_looked_back_at(net: MelodyTransformer) -> None:
    """A bar that came before is expected again: its notes are likelier the second time."""
    bar = ((74, 12), (78, 12), (81, 12), (79, 12), (76, 12), (73, 12))
    other = ((71, 12), (67, 12), (71, 12), (69, 12), (66, 12), (62, 12))
    once = Piece("jig", 0, (*bar, *other, *bar[:3]))
    noise = Piece("jig", 0, (*other, *other, *bar[:3]))

    def next_share(piece: Piece) -> float:
        ids, at = torch.tensor([tokens(piece, ended=False)]), torch.tensor([onsets(piece)])
        with torch.inference_mode():
            return float(net(ids, at)[0, -1].softmax(0)[token(*bar[3])])

    assert next_share(once) > next_share(noise)


def test_variants_of_a_tune_stand_on_one_side() -> None:
    def piece(title: str, pitches: list[int]) -> Piece:
        return Piece("reel", 0, tuple((pitch, 12) for pitch in pitches), title)

    walk = list(np.random.default_rng(1).integers(60, 80, 40))
    found = [
        piece("The Kerry Reel", [60 + n % 7 for n in range(40)]),
        piece("Kerry (2nd setting)", [60 + n % 5 for n in range(40)]),
        piece("A", walk),
        piece("Another name", [pitch + 2 for pitch in walk]),
        piece("B", list(np.random.default_rng(2).integers(60, 80, 40))),
    ]
    assert sorted(map(sorted, data.families(found))) == [[0, 1], [2, 3], [4]]


def test_a_copy_is_found_in_any_key() -> None:
    known = train.spelled(KERRY)
    assert train.longest_copy(KERRY.moved(5), known) == 13
    assert train.longest_copy(Piece("jig", 0, KERRY.events[4:9]), known) == 5
    assert train.longest_copy(Piece("jig", 0, ((60, 24), (61, 24))), known) == 0


def test_bar_lines_and_scales_are_counted() -> None:
    assert train.bar_lines_kept(Piece("jig", 0, KERRY.events[1:])) == 1
    assert train.bar_lines_kept(Piece("jig", 0, ((60, 48), (60, 48), (60, 48)))) == 0
    assert train.in_scale(KERRY) == 1
    assert train.in_scale(Piece("jig", 0, tuple((60 + n, 12) for n in range(12)))) == pytest.approx(7 / 12)


def test_an_opening_is_cut_at_the_bar_line() -> None:
    cut = train.begin(Piece("jig", 12, ((60, 12), (62, 60), (64, 24), (65, 12))), 1)
    assert cut.events == ((60, 12), (62, 60), (64, 12))


def test_training_reads_each_note_once_and_learns_no_header() -> None:
    (batch,) = train._batches([KERRY, data.frozen()[0]], 100_000)
    read, begun, wanted = batch
    assert read.shape == begun.shape == wanted.shape
    notes = sum(len(piece.events) + 1 for piece in (KERRY, data.frozen()[0]))
    assert int((wanted != train.SKIP).sum()) == notes
    assert int((wanted == END).sum()) == 2
    assert bool((wanted[:, : HEADER - 1] == train.SKIP).all())


def test_held_out_tunes_are_tunes() -> None:
    tunes = data.frozen()
    assert len(tunes) == data.FROZEN_TUNES
    assert {tune.kind for tune in tunes} <= set(DANCES)
    assert np.mean([train.bar_lines_kept(tune) for tune in tunes]) > 0.99

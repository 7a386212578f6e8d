"""Connect Four: rules against a plain brute-force player, a search that sees threats, a net that beats random play."""

import functools

import numpy as np
import pytest

import models
from models.connect_four_net import opponents, rules, solver

POSITIONS = [1, 7, 49, 238, 1120, 4263, 16422]  # after 0, 1, ... stones: https://oeis.org/A212693


def columns(moves: str) -> list[int]:
    return [int(sign) - 1 for sign in moves]


@functools.cache
def brute(board: tuple[str, ...]) -> int:
    """The outcome for who is to move, without bits: columns as strings of stones, x is to move next to o."""
    sides = "xo" if sum(map(len, board)) % 2 == 0 else "ox"
    outcomes = []
    for c, stones in enumerate(board):
        if len(stones) < 6:
            after = (*board[:c], stones + sides[0], *board[c + 1 :])
            outcomes.append(1 if in_line(after, c, len(stones)) else -brute(after))
    return max(outcomes, default=0)


def in_line(board: tuple[str, ...], c: int, r: int) -> bool:
    """Whether the stone in column c, row r stands in a line of four."""
    stone = board[c][r]
    same = {(x, y) for x in range(7) for y in range(len(board[x])) if board[x][y] == stone}
    for dx, dy in ((1, 0), (0, 1), (1, 1), (1, -1)):
        run = [(c + i * dx, r + i * dy) in same for i in range(-3, 4)]
        if any(all(run[i : i + 4]) for i in range(4)):
            return True
    return False


def late_games(count: int, free: int) -> list[list[int]]:
    """Random games that are not over with so many places free."""
    chance, found = np.random.default_rng(5), []  # type: ignore[var-annotated]
    while len(found) < count:
        moves: list[int] = []
        while len(moves) < 42 - free and not rules.won(rules.position(moves)[1]):
            moves.append(int(chance.choice(rules.columns_of(*rules.position(moves)))))
        if not rules.won(rules.position(moves)[1]):
            found.append(moves)
    return found


@pytest.mark.parametrize("moves", late_games(40, free=9))
def test_late_positions_end_as_brute_force_says(moves: list[int]) -> None:
    board = [""] * 7
    for number, column in enumerate(moves):
        board[column] += "xo"[number % 2]
    assert solver.outcome(*rules.position(moves), {}) == brute(tuple(board))


def test_there_are_as_many_positions_as_is_known() -> None:
    layer, counts = {(0, 0)}, [1]
    for _ in POSITIONS[1:]:
        layer = {
            rules.drop(*one, c) for one in layer if not rules.won(one[1]) for c in rules.columns_of(*one)
        }
        counts.append(len(layer))
    assert counts == POSITIONS


def test_no_line_runs_over_the_rim() -> None:
    assert len(rules.LINES) == 69
    assert not rules.won(0b1110000001 << 4)  # the top of one column and the foot of the next
    assert all(rules.won(line) for line in rules.LINES)


def test_many_positions_at_once_are_played_as_one_by_one() -> None:
    games = late_games(30, free=12)
    mine, theirs = np.array([rules.position(moves) for moves in games], np.uint64).T
    after = rules.drop(mine, theirs, np.array([rules.columns_of(*rules.position(m))[0] for m in games]))
    one_by_one = [rules.position([*m, rules.columns_of(*rules.position(m))[0]]) for m in games]
    assert np.array_equal(np.stack(after, 1), np.array(one_by_one, np.uint64))
    assert np.array_equal(rules.mirrored(rules.mirrored(mine)), mine)
    assert rules.planes(mine, theirs).sum() == 30 * 42


@pytest.mark.parametrize("moves", ["8", "4444444", "12121212"])
def test_moves_that_cannot_be_made_are_named(moves: str) -> None:
    with pytest.raises(ValueError, match=f"move {len(moves)}"):
        rules.position(columns(moves))


@pytest.mark.parametrize("simulations", [50, 400])
@pytest.mark.parametrize(("moves", "right"), [("414243", 4), ("41424", 4), ("1727377", 4)])
def test_it_completes_its_four_and_stops_the_other(simulations: int, moves: str, right: int) -> None:
    with models.use("connect_four_net") as net:
        *_, thought = net.think(columns(moves), simulations)
    assert thought["column"] + 1 == right
    assert sum(thought["visits"]) == simulations


def test_a_position_and_its_mirror_image_are_judged_alike() -> None:
    with models.use("connect_four_net") as net:
        (one,), (other,) = (list(net.think(columns(moves), 0)) for moves in ("4435", "4453"))
    assert one["shares"] == pytest.approx(other["shares"][::-1], abs=1e-5)
    assert one["value"] == pytest.approx(other["value"], abs=1e-5)


def test_the_course_of_a_game_ends_with_its_result() -> None:
    with models.use("connect_four_net") as net:
        course = net.course(columns("4142434"[:6] + "4"))
    assert len(course) == 8
    assert course[-1] == 1


def test_a_full_column_is_never_chosen() -> None:
    with models.use("connect_four_net") as net:
        *_, thought = net.think(columns("444444"), 50)
    assert thought["visits"][3] == thought["shares"][3] == 0
    assert thought["values"][3] != thought["values"][3]


def test_fifty_simulations_beat_random_play_and_the_same_seed_plays_the_same_games() -> None:
    with models.use("connect_four_net") as net:
        results = [opponents.match(net.player(50), opponents.at_random(np.random.default_rng(3)), 20, 4)
                   for _ in range(2)]  # fmt: skip
    assert results[0] == results[1]
    assert results[0][0] >= 0.95


def test_openings_of_a_match_differ() -> None:
    mine, theirs = opponents.openings(100, np.random.default_rng(1))
    assert len(set(zip(mine.tolist(), theirs.tolist(), strict=True))) == 100

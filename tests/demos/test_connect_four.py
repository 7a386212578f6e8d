"""The Connect Four tab: it answers, advises and plays itself; games from outside are checked; text stays text."""

from types import SimpleNamespace

import gradio as gr
import pytest

from demos._four import open_moves, result, shown
from demos._run import InvalidInput
from demos.connect_four import EXAMPLES, clicked, new_game, play, preview, undone, view


def last(*values: str) -> tuple[str, dict, str]:
    return list(play(*values))[-1]  # type: ignore[arg-type]


def example(english: str) -> list[str]:
    return next(values for names, values in EXAMPLES.items() if names[1].startswith(english))


def test_it_completes_four_and_the_line_is_marked() -> None:
    moves, board, told = last(*example("It completes"))
    assert moves == "4142434"
    assert board["ended"]
    assert [3, 3] in board["line"]
    assert "it has won" in board["told"][1]
    assert "<svg" in told


def test_it_stops_three_in_a_column() -> None:
    assert last(*example("It stops"))[0] == "414244"


def test_a_hint_moves_nothing_and_marks_a_column() -> None:
    moves, board, _ = last("50", "you", "4142")
    assert moves == "4142"
    assert board["advice"] >= 0
    assert not board["its"]


def test_it_plays_itself_to_the_end_and_each_time_the_same() -> None:
    games = [last("net", "itself", "44") for _ in range(2)]
    assert games[0] == games[1]
    assert games[0][1]["ended"]


def test_a_finished_game_is_shown_and_not_played_on() -> None:
    moves, board, told = last("net", "you", "4142434")
    assert moves == "4142434"
    assert "you have won" in board["told"][1]
    assert "four-course" in told


@pytest.mark.parametrize(
    ("moves", "told"),
    [
        ("48", "Move 2"),
        ("44444441", "column 4 is full"),
        ("4142434" + "1", "won at move 7"),
        ("<script>", 'Move 1, "<"'),
        (None, "digits 1 to 7"),
        ({}, "digits 1 to 7"),
        ("4" * 50_000, "digits 1 to 7"),
    ],
)
def test_games_that_cannot_be_are_refused_by_name(
    moves: object, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput, match=told):
        last("50", "you", moves)  # type: ignore[arg-type]


@pytest.mark.parametrize("begins", ["", None, [], "me"])
def test_who_begins_is_checked(begins: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput):
        last("50", begins, "")  # type: ignore[arg-type]


def test_moves_may_be_written_as_people_write() -> None:
    assert open_moves(" 4, 4 ３-5 ") == [3, 3, 2, 4]


def test_a_click_drops_a_stone_only_in_turn() -> None:
    moves, board = clicked("", "you", SimpleNamespace(column=4))  # type: ignore[arg-type]
    assert moves == "4"
    assert board["its"]
    assert clicked("4", "you", SimpleNamespace(column=4))[0] == "4"  # type: ignore[arg-type]


@pytest.mark.parametrize("column", [0, 8, "x", "<b>", None])
def test_a_click_from_outside_the_board_changes_nothing(column: object) -> None:
    answers = clicked("4142", "you", SimpleNamespace(column=column))  # type: ignore[arg-type]
    assert answers == (gr.skip(), gr.skip())


def test_undo_goes_back_to_before_the_visitors_stone() -> None:
    assert undone("4142", "you")[0] == "41"
    assert undone("414", "it")[0] == "4"
    assert undone("", "you")[0] == ""
    assert undone("nonsense", "you")[0] == ""
    assert new_game("it")[1]["its"]


def test_a_board_shows_colours_heights_and_a_draw() -> None:
    board = shown(open_moves("4435"), ("", ""))
    assert board["board"][3] == [1, 2, 0, 0, 0, 0]
    assert board["last"] == [4, 0]
    assert result(open_moves("44")) is None
    assert preview("4", "you") == view([3], "you")


def test_the_net_alone_overlooks_what_fifty_simulations_see() -> None:
    level, begins, moves = example("Fails")
    threat = open_moves(f"{moves}4")
    assert last(level, begins, moves)[0] == f"{moves}4"
    assert result([*threat, 0])  # who is to move next wins in column 1
    assert last("50", begins, moves)[0] == f"{moves}1"

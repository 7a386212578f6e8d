"""Connect Four: play against a net that learned by playing itself, and see what it thinks of every column."""

from collections.abc import Callable, Iterator

import gradio as gr

import models
from demos._four import SIDES, comparison, course, ended, four_box, open_moves, result, shown, written
from demos._text import choice
from demos._ui import Demo, InvalidInput, how_it_works, run_button, t

LEVELS = {"net": 0, "50": 50, "400": 400}  # level -> simulations of the search
BEGIN = ("you", "it", "itself")  # who has the first stone; itself: it plays both sides
EXAMPLES = {
    ("它先走", "It begins"): ["50", "it", ""],
    ("它看出连四", "It completes four"): ["50", "it", "414243"],
    ("它拦住你", "It stops you"): ["50", "you", "41424"],
    ("给你提示", "A hint for you"): ["400", "you", "4443"],
    ("它和自己下", "It plays itself"): ["50", "itself", ""],
    ("会失败：只凭直觉", "Fails: the net alone"): ["net", "you", "31451732141"],
}  # fmt: skip


def play(level: str, begins: str, moves: str) -> Iterator[tuple[str, dict, str]]:
    """Makes the next move when it is the machine's turn, and advises when it is yours.

    level: net, 50 or 400 (simulations); begins: you, it or itself; moves: columns 1 to 7 so far, as in 4435. Answers
    the moves, the board as plain data, and what was thought as HTML.
    """
    simulations = LEVELS[choice(level, LEVELS, "请选网络、50 或 400", "Choose net, 50 or 400")]
    choice(begins, BEGIN, "请选谁先走：you、it 或 itself", "Choose who begins: you, it or itself")
    columns = open_moves(moves)
    with models.use("connect_four_net") as net:
        seen, told = course(net.course(columns), columns), ""
        while not ended(columns):
            for thought in net.think(columns, simulations):
                told = comparison(thought, len(columns) % 2)
                yield written(columns), view(columns, begins, thought), told + seen
            if yours(columns, begins):
                yield written(columns), view(columns, begins, thought, thought["column"]), told + seen
                return
            columns = [*columns, thought["column"]]
            seen = course(net.course(columns), columns)
            yield written(columns), view(columns, begins, thought), told + seen
            if begins != "itself":
                return
        yield written(columns), view(columns, begins), told + seen


def yours(columns: list[int], begins: str) -> bool:
    """Whether the visitor is to move."""
    return begins != "itself" and (len(columns) % 2 == 0) == (begins == "you")


def view(columns: list[int], begins: str, thought: dict | None = None, advice: int = -1) -> dict:
    """What the board shows: whose turn it is or who has won, and "its": whether the machine is to move."""
    own, over = yours(columns, begins), result(columns)
    zh, en = SIDES[len(columns) % 2]
    if over:
        told = over
        if begins != "itself" and "和" not in over[0]:
            told = (
                f"{over[0]}，{'它赢了' if own else '你赢了'}",
                f"{over[1]}: {'it has' if own else 'you have'} won",
            )
    elif own:
        told = (f"轮到你，执{zh}", f"Your turn, {en}")
        if advice >= 0:
            told = (f"{told[0]}：建议第 {advice + 1} 列", f"{told[1]}: column {advice + 1} is advised")
    else:
        told = (f"轮到它，执{zh}", f"Its turn, {en}")
    return shown(columns, told, thought, advice) | {"its": not own and not over}


def preview(moves: str, begins: str) -> dict | None:
    """The board after the moves that were written; unchanged while they cannot be read."""
    try:
        return view(open_moves(moves), begins)
    except InvalidInput:
        return gr.skip()


def clicked(moves: str, begins: str, event: gr.EventData) -> tuple[str, dict]:
    """A stone of the visitor in the column that was clicked; none while it is not the visitor's turn."""
    try:
        columns = open_moves(moves)
        if yours(columns, begins) and not ended(columns):
            columns = open_moves(f"{written(columns)}{event.column}")
    except InvalidInput:
        return gr.skip(), gr.skip()
    return written(columns), view(columns, begins)


def undone(moves: str, begins: str) -> tuple[str, dict]:
    """Back to before the visitor's last stone, or by one stone where it plays both sides."""
    try:
        columns = open_moves(moves)[:-1]
    except InvalidInput:
        columns = []
    while columns and begins != "itself" and not yours(columns, begins):
        columns = columns[:-1]
    return written(columns), view(columns, begins)


def new_game(begins: str) -> tuple[str, dict]:
    return "", view([], begins)


def build() -> None:
    with gr.Row():
        with gr.Column(scale=5, min_width=320) as left:
            board = four_box(t("棋盘：点一列落子", "Board: click a column to drop a stone"), view([], "you"))
            with gr.Row(elem_classes="four-buttons"):
                undo = gr.Button(t("悔棋", "Undo"), elem_id="connect_four-undo", min_width=80)
                new = gr.Button(t("新局", "New game"), elem_id="connect_four-new", min_width=80)
        with gr.Column(scale=4, min_width=320):
            choices = [(t("只用网络", "Net alone"), "net"), (t("想 50 次", "50 simulations"), "50"),
                       (t("想 400 次", "400 simulations"), "400")]  # fmt: skip
            level = gr.Radio(choices, value="50", label=t("对手强度", "Level"))
            choices = [
                (t("你", "You"), "you"),
                (t("它", "It"), "it"),
                (t("它和自己下", "It plays itself"), "itself"),
            ]
            begins = gr.Radio(
                choices, value="you", label=t("谁先走（改了就开新局）", "Who begins (a change starts anew)")
            )
            moves = gr.Textbox(
                "",
                label=t("棋谱：每步一个列号", "Moves: a column number each"),
                placeholder="4435",
                max_lines=2,
            )
            inside = gr.HTML(min_height=200, label=t("它怎么想", "What it thinks"))
    with left:
        ends = run_button(
            play,
            inputs=[level, begins, moves],
            outputs=[moves, board, inside],
            examples=EXAMPLES,
            label=t("提示 / 让它走", "Hint / its move"),
        )
    _wire(ends, board, undo, new, begins, moves)
    _explained()


def _explained() -> None:
    how_it_works(
        t(
            "网络看一眼棋盘，就给出每列的直觉和局面的价值。搜索照着直觉往下试：每次沿着“目前价值高、或还没怎么试”"
            "的分支走到一个新局面，问网络，再把价值一路带回去；访问最多的一列就是它的选择。网络从随机参数开始，只和"
            "自己下棋：学搜索后的选择当直觉，学终局输赢当价值。",
            "The net looks at the board once and has a hunch for each column and a value for the position. The search "
            "follows the hunches: each simulation walks down branches that look good or were hardly tried, asks the "
            "net about one new position and carries its value back up; the column visited most is played. The net "
            "began with random numbers and only ever played itself: it learned the search's choices as its hunches "
            "and the results of the games as values.",
        ),
        code="models/connect_four_net/search.py:Trees.simulate",
        rooms=["connect_four_net"],
    )


def _wire(
    ends: Callable, board: gr.HTML, undo: gr.Button, new: gr.Button, begins: gr.Radio, moves: gr.Textbox
) -> None:
    """Clicks and changes are shown at once; then the machine moves if it is its turn."""
    quiet = {"queue": False, "api_visibility": "private", "show_progress": "hidden"}
    both_ways, answered = [moves, begins], "(board) => board && board.its && hub.run('connect_four')"
    ends(board.picked)
    for event in (
        board.picked(clicked, both_ways, [moves, board], **quiet),
        ends(new.click).then(new_game, begins, [moves, board], **quiet),
        ends(begins.input).then(new_game, begins, [moves, board], **quiet),
    ):
        event.then(None, board, None, js=answered, **quiet)
    ends(undo.click).then(undone, both_ways, [moves, board], **quiet)
    gr.on([moves.blur, moves.submit], preview, both_ways, board, **quiet)


DEMO = Demo(
    name="connect_four",
    title=t("四子棋", "Connect Four"),
    about=t(
        "和一个只靠自己对弈学会四子棋的网络下一盘：选它想多久，看它给每一列的概率和价值，可以悔棋、要提示；也能看它"
        "自己下。",
        "Play against a net that learned Connect Four from games with itself only: choose how long it thinks, see its "
        "probability and value for every column, undo, ask for a hint, or watch it play itself.",
    ),
    models=("connect_four_net",),
    questions=(20,),
    build=build,
)

"""A Connect Four board to click in, the moves behind it as a string, and what the player thought, as HTML."""

import unicodedata
from typing import Any

import gradio as gr

from demos._run import InvalidInput, both
from demos._ui import ROOT, Text
from models.connect_four_net import rules

COLUMNS, ROWS = 7, 6
MOST = 200  # characters of the moves, spaces and commas included
SEPARATORS = " ,;.-\t\r\n，、"
DISCS = '<i class="four-disc"></i>' * ROWS
BUTTON = f'<button type="button"><span class="four-discs">{DISCS}</span><small></small></button>'
NOTES = both("它想过之后：每列所占的比例和价值", "After it thought: the share and the value of each column")
TEMPLATE = f"""<div class="four"><p class="four-told" role="status"></p>
<div class="four-grid" role="group" aria-label="${{name}}">{BUTTON * COLUMNS}</div>
<p class="four-notes" hidden>{NOTES}</p></div>"""
SIDES = (("黄", "yellow"), ("红", "red"))  # who began, and the other
WIDE, HIGH, RIM = 420, 130, 8  # pixels of the course of a game


def four_box(name: Text, value: dict[str, Any]) -> gr.HTML:
    """Shows a shown(); `picked` fires with event.column, 1 to 7, when a column is clicked that is not full."""
    return gr.HTML(
        value,
        html_template=TEMPLATE,
        js_on_load=(ROOT / "assets" / "connect_four.js").read_text(),
        name=f"{name.zh} {name.en}",
        label=name,
        elem_classes="four-box",
    )


def open_moves(moves: str | None) -> list[int]:
    """ "4435", spaces and commas allowed -> columns 0 to 6.

    Raises InvalidInput, naming the move that cannot be made.
    """
    if not isinstance(moves, str) or len(moves) > MOST:
        raise InvalidInput(
            "棋谱是一串 1 到 7 的数字，每步一个，如 4435",
            "Write the moves as digits 1 to 7, one a move, as in 4435",
        )
    plain = [sign for sign in unicodedata.normalize("NFKC", moves) if sign not in SEPARATORS]
    for number, sign in enumerate(plain, 1):
        if sign not in "1234567":
            raise InvalidInput(
                f"第 {number} 步“{sign}”不是 1 到 7 的列号",
                f'Move {number}, "{sign}", is no column from 1 to 7',
            )
    columns = [int(sign) - 1 for sign in plain]
    for number in range(1, len(columns) + 1):
        mine, theirs = rules.position(columns[: number - 1])
        if rules.won(theirs):
            raise InvalidInput(
                f"第 {number - 1} 步后已分胜负，请删去后面的",
                f"The game was won at move {number - 1}; delete the rest",
            )
        if columns[number - 1] not in rules.columns_of(mine, theirs):
            raise InvalidInput(
                f"第 {number} 步：第 {plain[number - 1]} 列已满",
                f"Move {number}: column {plain[number - 1]} is full",
            )
    return columns


def written(columns: list[int]) -> str:
    return "".join(str(column + 1) for column in columns)


def ended(columns: list[int]) -> bool:
    """Whether the game is over after these moves."""
    mine, theirs = rules.position(columns)
    return bool(rules.won(theirs) or rules.full(mine, theirs))


def shown(columns: list[int], told: tuple[str, str], thought: dict | None = None, advice: int = -1) -> dict:
    """What the box shows, as plain data. thought: of the player, written below the columns; advice: column marked."""
    heights = [0] * COLUMNS
    board = [[0] * ROWS for _ in range(COLUMNS)]
    last = None
    for number, column in enumerate(columns):
        last = [column, heights[column]]
        board[column][heights[column]] = 1 + number % 2
        heights[column] += 1
    theirs = rules.position(columns)[1]
    return {
        "board": board,
        "last": last,
        "line": [list(place) for place in rules.winning_line(theirs)],
        "told": list(told),
        "mover": SIDES[(len(columns) + ended(columns)) % 2][1],  # at the end: who made the last move
        "ended": ended(columns),
        "advice": advice,
        "notes": _notes(thought) if thought else [None] * COLUMNS,
    }


def result(columns: list[int]) -> tuple[str, str] | None:
    """How a game ended, by colour; None while it goes on."""
    if not ended(columns):
        return None
    if not rules.won(rules.position(columns)[1]):
        return "和棋", "A draw"
    zh, en = SIDES[(len(columns) - 1) % 2]
    return f"{zh}方连成四子", f"{en.capitalize()} has four in a row"


def _notes(thought: dict) -> list[list[str] | None]:
    """For each column the share it got and its value."""
    shares = _shares(thought)
    return [
        [f"{share:.0%}", "" if value != value else f"{value:+.2f}"] if share > 0 or value == value else None
        for share, value in zip(shares, thought["values"], strict=True)
    ]


def _shares(thought: dict) -> list[float]:
    """Of visits, or the net's own where nothing was searched."""
    tried = sum(thought["visits"])
    return [count / tried for count in thought["visits"]] if tried else thought["shares"]


def comparison(thought: dict, mover: int) -> str:
    """The net's own shares beside those of the search, column by column, as HTML. mover: 0 or 1, whose turn it was."""
    searched = _shares(thought)
    rows = "".join(
        f'<tr{" class=chosen" if column == thought["column"] else ""}><th scope="row">{column + 1}</th>'
        f"{_cell(thought['shares'][column])}{_cell(searched[column]) if thought['done'] else '<td>–</td>'}"
        f"<td>{'–' if value != value else f'{value:+.2f}'}</td></tr>"
        for column, value in enumerate(thought["values"])
    )
    head = "".join(f'<th scope="col">{both(*names)}</th>' for names in (
        ("列", "column"), ("网络的直觉", "net's hunch"), ("搜索后", "after search"), ("价值", "value")))  # fmt: skip
    zh, en = SIDES[mover]
    told = both(
        f"轮到{zh}方，想了 {thought['done']} 次：选第 {thought['column'] + 1} 列，对{zh}方价值 {thought['value']:+.2f}"
        "（−1 必负，+1 必胜）",
        f"{en.capitalize()} to move, {thought['done']} simulations: column {thought['column'] + 1}, worth "
        f"{thought['value']:+.2f} to {en} (−1 lost, +1 won)",
    )
    return f'<p>{told}</p><table class="answers four-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _cell(share: float) -> str:
    return f'<td>{share:.0%}<div class="share" style="width:{share:.0%}"></div></td>'


def course(values: list[float], columns: list[int]) -> str:
    """The net's value over a game, for who began, as an SVG whose points can be pointed at."""
    across = (WIDE - 2 * RIM) / max(len(values) - 1, 8)
    places = [(RIM + i * across, HIGH / 2 - value * (HIGH / 2 - RIM)) for i, value in enumerate(values)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" class="{SIDES[(i + 1) % 2][1] if i else "none"}"><title>'
        f"{i}{f': {columns[i - 1] + 1}' if i else ''} → {value:+.2f}</title></circle>"
        for i, ((x, y), value) in enumerate(zip(places, values, strict=True))
    )
    told = both(
        "网络不搜索时怎么看这盘棋：上面黄方好，下面红方好",
        "How the net alone saw the game: yellow stands better above, red below",
    )
    return (
        f'<figure class="four-course"><svg viewBox="0 0 {WIDE} {HIGH}" role="img" aria-label="value 价值">'
        f'<line x1="{RIM}" x2="{WIDE - RIM}" y1="{HIGH / 2}" y2="{HIGH / 2}"/><polyline points="{line}"/>{dots}</svg>'
        f"<figcaption>{told}</figcaption></figure>"
    )

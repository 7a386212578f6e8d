"""Networks of people: bundled ones, and lists of ties that visitors paste or upload."""

import csv
import functools
from dataclasses import dataclass

import gradio as gr

from demos._run import InvalidInput
from demos._table import read_text
from demos._text import choice, open_text
from demos._ui import t

OWN = "own"
NETWORKS = {
    "karate": ("空手道俱乐部", "Karate club"),
    "miserables": ("悲惨世界", "Les Misérables"),
    "davis": ("南方女性与聚会", "Southern women and events"),
    "florentine": ("佛罗伦萨家族", "Florentine families"),
    OWN: ("自己的网络", "Your own"),
}
GRAPHS = {
    "karate": "karate_club_graph",
    "miserables": "les_miserables_graph",
    "davis": "davis_southern_women_graph",
    "florentine": "florentine_families_graph",
}
LEADERS = {0: "Mr. Hi", 33: "John A."}  # of the karate club; the others are numbered from 1, as Zachary did
MOST_TIES, MOST_LETTERS, MOST_NAME = 5000, 400_000, 60  # ties; characters of the list, of a name
HEADERS = ({"source", "from"}, {"target", "to"})
MARKS, NARROW = "\t;,", str.maketrans("，；、", ",;,")  # between names, the surest first


@dataclass(frozen=True)
class Network:
    """names: the people; ties: pairs of their places, each once, none to oneself."""

    names: tuple[str, ...]
    ties: tuple[tuple[int, int], ...]

    @functools.cached_property
    def friends(self) -> list[set[int]]:
        """Whom each person knows."""
        known: list[set[int]] = [set() for _ in self.names]
        for one, other in self.ties:
            known[one].add(other)
            known[other].add(one)
        return known


@functools.cache
def bundled(name: str) -> Network:
    """A network that networkx brings."""
    import networkx

    graph = getattr(networkx, GRAPHS[name])()
    places = {person: place for place, person in enumerate(graph)}
    called = [
        LEADERS.get(person, str(person + 1)) if name == "karate" else _spaced(person) for person in graph
    ]
    ties = tuple((places[one], places[other]) for one, other in graph.edges)
    return Network(tuple(called), ties)


def _spaced(name: str) -> str:
    """MlleBaptistine -> Mlle Baptistine; what holds a space stays."""
    if " " in name:
        return name
    return "".join(
        f" {letter}" if letter.isupper() and before.islower() else letter
        for before, letter in zip(" " + name, name, strict=False)
    )


def open_network(name: str, ties: str | None) -> Network:
    """The network of a choice. Raises InvalidInput: no such network, or the visitor's own cannot be read."""
    choice(name, tuple(NETWORKS), "请选一个网络", "Choose a network")
    return read_ties(ties) if name == OWN else bundled(name)


def read_ties(text: str | None) -> Network:
    """A list of ties, one a line: two names between commas, semicolons, tabs or spaces; more columns are left out.

    A header may name the two columns, such as source and target. Ties that are repeated or to oneself are left out.
    Raises InvalidInput, naming the line that cannot be read.
    """
    lines = {
        number: line.translate(NARROW).strip("\ufeff ")
        for number, line in enumerate(open_text(text, MOST_LETTERS).splitlines(), 1)
        if line.strip("\ufeff \t") and not line.lstrip("\ufeff ").startswith("#")
    }
    mark = next((mark for mark in MARKS if all(mark in line for line in lines.values())), None)
    rows = {number: _cells(line, mark, number) for number, line in lines.items()}
    columns = _header(next(iter(rows.values()), []))
    places: dict[str, int] = {}
    ties: dict[tuple[int, int], None] = {}
    for number, cells in list(rows.items())[bool(columns) :]:
        pair = _pair(cells, columns or (0, 1), number)
        one, other = sorted(places.setdefault(person, len(places)) for person in pair)
        if one != other:
            ties[one, other] = None
        if len(ties) > MOST_TIES:
            raise InvalidInput(f"最多 {MOST_TIES:,} 条关系", f"At most {MOST_TIES:,} ties")
    if not ties:
        raise InvalidInput("请每行写两个名字", "Write two names a line")
    return Network(tuple(places), tuple(ties))


def _cells(line: str, mark: str | None, number: int) -> list[str]:
    """A line's cells, between the mark that all lines have, else the first of its own; its words where it has none."""
    mark = mark or next((mark for mark in MARKS if mark in line), None)
    try:
        cells = next(csv.reader([line], delimiter=mark or " ", skipinitialspace=True), [])
    except csv.Error as cause:  # a cell beyond what the csv module takes
        raise _long_name(number) from cause
    cells = [" ".join(cell.split()) for cell in cells]
    if mark:
        return cells
    words = list(filter(None, cells))
    if len(words) > 2 and not (_header(words) or words[2].startswith("{") or _is_number(words[2])):
        raise InvalidInput(
            f"第 {number} 行有三个以上的词，请用逗号隔开两个名字",
            f"Line {number} has more than two words; put a comma between the two names",
        )
    return words


def _header(cells: list[str]) -> tuple[int, int] | None:
    """The columns that a header names, None where this is none."""
    found = [[at for at, cell in enumerate(cells) if cell.lower() in names] for names in HEADERS]
    return (found[0][0], found[1][0]) if all(found) else None


def _pair(cells: list[str], columns: tuple[int, int], number: int) -> list[str]:
    pair = [cells[at] for at in columns if at < len(cells) and cells[at]]
    if len(pair) < 2:
        raise InvalidInput(f"第 {number} 行要有两个名字", f"Line {number} needs two names")
    if max(map(len, pair)) > MOST_NAME:
        raise _long_name(number)
    return pair


def _long_name(number: int) -> InvalidInput:
    return InvalidInput(
        f"第 {number} 行的名字超过 {MOST_NAME} 个字符",
        f"A name in line {number} is longer than {MOST_NAME} characters",
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def network_box() -> tuple[gr.Dropdown, gr.Textbox]:
    """Which network, and the visitor's own list of ties, which shows when it is asked for."""
    choices = [(t(*names), name) for name, names in NETWORKS.items()]
    network = gr.Dropdown(choices, value="karate", label=t("网络", "Network"))
    with gr.Column(visible=False) as own:
        ties = gr.Textbox(
            lines=6,
            max_lines=10,
            label=t("关系，每行两个名字", "Ties, two names a line"),
            placeholder="Ann, Bob\nBob, Cem\nAnn, Cem",
            info=t(
                "用逗号、制表符或空格隔开；最多 5,000 条", "Comma, tab or space between them; up to 5,000"
            ),
        )
        upload = gr.UploadButton(
            t("上传列表", "Upload a list"), file_types=[".csv", ".tsv", ".txt", ".edges"], size="sm"
        )
    quiet = {"queue": False, "api_visibility": "private", "show_progress": "hidden"}
    network.change(lambda name: gr.Column(visible=name == OWN), network, own, **quiet)
    upload.upload(lambda path: read_text(path, MOST_LETTERS), upload, ties, **quiet)
    return network, ties

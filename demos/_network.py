"""Networks of people: bundled ones, and lists of ties that visitors paste or upload."""

import csv
import functools
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from demos._run import InvalidInput
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
COMMAS = {"，": ",", "；": ";", "、": ","}


@dataclass(frozen=True)
class Network:
    """names: the people; ties: pairs of their places, each once, none to oneself; left_out: lines that were not."""

    names: tuple[str, ...]
    ties: tuple[tuple[int, int], ...]
    left_out: int = 0

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

    Raises InvalidInput, naming the line that cannot be read.
    """
    places: dict[str, int] = {}
    ties: dict[tuple[int, int], None] = {}
    left_out = 0
    for number, line in enumerate(open_text(text, MOST_LETTERS).splitlines(), 1):
        if not line.strip("\ufeff \t") or line.lstrip("\ufeff ").startswith("#"):
            continue
        pair = _pair(line, number)
        if number == 1 and all(one.lower() in names for one, names in zip(pair, HEADERS, strict=True)):
            continue
        one, other = sorted(places.setdefault(person, len(places)) for person in pair)
        left_out += one == other or (one, other) in ties
        if one != other:
            ties[one, other] = None
        if len(ties) > MOST_TIES:
            raise InvalidInput(f"最多 {MOST_TIES:,} 条关系", f"At most {MOST_TIES:,} ties")
    if not ties:
        raise InvalidInput("请每行写两个名字", "Write two names a line")
    return Network(tuple(places), tuple(ties), left_out)


def _pair(line: str, number: int) -> list[str]:
    for wide, narrow in COMMAS.items():
        line = line.replace(wide, narrow)
    comma = next((mark for mark in "\t,;" if mark in line), " ")
    cells = next(csv.reader([line.strip("\ufeff \r")], delimiter=comma, skipinitialspace=True), [])
    cells = [" ".join(cell.split()) for cell in cells if cell.strip()]
    if len(cells) < 2:
        raise InvalidInput(f"第 {number} 行要有两个名字", f"Line {number} needs two names")
    if comma == " " and len(cells) > 2 and not (cells[2].startswith("{") or _is_number(cells[2])):
        raise InvalidInput(
            f"第 {number} 行有三个以上的词，请用逗号隔开两个名字",
            f"Line {number} has more than two words; put a comma between the two names",
        )
    if max(map(len, cells[:2])) > MOST_NAME:
        raise InvalidInput(
            f"第 {number} 行的名字超过 {MOST_NAME} 个字符",
            f"A name in line {number} is longer than {MOST_NAME} characters",
        )
    return cells[:2]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def read_file(path: str) -> str:
    """An uploaded list as text, whatever wrote it; what is beyond the limit is cut, which the run then tells."""
    data = Path(path).read_bytes()[: 4 * MOST_LETTERS]
    for encoding in ("utf-8-sig", "utf-16", "gb18030"):
        if encoding == "utf-16" and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")


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
    upload.upload(read_file, upload, ties, **quiet)
    return network, ties

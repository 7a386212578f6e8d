"""python -m demos: renews the table of demos in README.md and README.zh.md from the registry and the results.

python -m demos run ID [--input NAME=VALUE ...]: runs a demo without a server, see _command.py.
"""

import json
import sys

import demos
from demos._ui import ROOT, Demo

START, END = "<!-- demos -->\n", "<!-- /demos -->"
HEADS = {
    "README.md": "| group | demo | what you do | model | measured |\n|---|---|---|---|---|\n",
    "README.zh.md": "| 分组 | 演示 | 能做什么 | 模型 | 测得 |\n|---|---|---|---|---|\n",
}


def table(file: str) -> str:
    """The rows of one README, in the order of the tabs."""
    chinese = file == "README.zh.md"
    rows = [_row(group, demos.load(name), chinese) for group in demos.GROUPS for name in group.demos]
    return HEADS[file] + "".join(rows)


def _row(group: demos.Group, demo: Demo, chinese: bool) -> str:
    title, about = (demo.title.zh, demo.about.zh) if chinese else (demo.title.en, demo.about.en)
    cards = ", ".join(f"[{room}](models/{room}/README.md)" for room in demo.models)
    numbers = "; ".join(_measured(room) for room in demo.models)
    return (
        f"| {group.zh if chinese else group.en} | `{demo.name}` {title} | {about} | {cards} | {numbers} |\n"
    )


def _measured(room: str) -> str:
    """The first metric of a room's results."""
    report = json.loads((ROOT / "models" / room / "results.json").read_text())
    name, value = next(iter(report["metrics"].items()))
    return f"{name} {value:.4f}"


def renewed(file: str) -> str:
    """A README with its table renewed."""
    text = (ROOT / file).read_text()
    before, rest = text.split(START)
    return before + START + table(file) + END + rest.split(END)[1]


def main(arguments: list[str]) -> int:
    """-> the exit status: 2 for what is neither a run nor nothing, which must not renew what it did not mean to."""
    if arguments[:1] == ["run"]:
        from demos import _command

        return _command.main(arguments[1:])
    if arguments:
        helps = arguments[0] in ("-h", "--help")
        print(__doc__.strip(), file=sys.stdout if helps else sys.stderr)
        return 0 if helps else 2
    for file in HEADS:
        (ROOT / file).write_text(renewed(file))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Social groups: label a few people, watch a graph convolutional net tell all the others, epoch by epoch."""

import html
import time
from collections.abc import Callable, Iterator

import gradio as gr
import numpy as np

import models
from demos._graph import drawing, graph_box
from demos._labels import enough, labels_of, next_group
from demos._network import Network, bundled, network_box, open_network
from demos._run import both
from demos._text import within
from demos._ui import Demo, InvalidInput, how_it_works, run_button, seed_box, t

EPOCHS, LIMIT = 100, 60  # of training; seconds after which it ends all the same
EVERY = 0.1  # seconds between two pictures, at least; all epochs are replayed at the end
MOST_DEPTH, SHOWN = 8, 30  # layers; people that are listed
START = {  # labels to begin with
    "karate": "Mr. Hi: teacher\nJohn A.: officer",
    "miserables": "Valjean: convict\nMyriel: bishop\nEnjolras: barricade",
    "davis": "Evelyn Jefferson: A\nNora Fayette: B",
    "florentine": "Medici: Medici\nStrozzi: Strozzi",
}
VILLAGE = "Ann, Bob\nBob, Cem\nCem, Ann\nCem, Dora\nDora, Emil\nEmil, 芳\n芳, Dora"
EXAMPLES = {
    ("两位领头人", "The two leaders"): ["karate", "", START["karate"], 2, 0],
    ("两个普通会员", "Two ordinary members"): ["karate", "", "12: teacher\n21: officer", 2, 0],
    ("悲惨世界，三组", "Les Misérables, three groups"): ["miserables", "", START["miserables"], 2, 0],
    ("自己的六个人", "Six people of your own"): ["own", VILLAGE, "Ann: 左\n芳: 右", 2, 0],
    ("会失败：八层", "Fails: eight layers"): ["karate", "", "12: teacher\n21: officer", 8, 0],
}


def spread(network: str, ties: str, labels: str, depth: int, seed: int) -> Iterator[tuple[dict, str]]:
    """Trains a GCN on a few labelled people; -> drawing (plain data) and answers (HTML), epoch by epoch.

    network: karate, miserables, davis, florentine or own; ties: for own, two names a line; labels: lines or commas
    of "person: group"; depth: 1 to 8 layers.
    """
    known = open_network(network, ties)
    groups, labelled = labels_of(labels, known)
    enough(groups, labelled)
    depth = int(within(depth, 1, MOST_DEPTH, "层数", "Layers"))
    seed = int(within(seed, 0, 2**31 - 1, "种子", "Seed"))
    edges, people = np.array(known.ties), len(known.names)
    frames: list[dict] = []
    told = -EVERY
    with models.use("gcn") as net:
        beside, started = net.propagate(edges, people, labelled), time.monotonic()
        for state in net.spread(edges, people, labelled, depth, EPOCHS, seed):
            seconds = time.monotonic() - started
            frames.append(_frame(state, beside.sum(1) > 0, seconds))
            if seconds > LIMIT:
                break
            if seconds - told > EVERY:
                told = seconds
                yield drawing(known, classes=groups, labelled=labelled, frames=frames[-1:]), ""
    answers = _answers(known, groups, labelled, frames[-1]["shares"], beside)
    yield drawing(known, classes=groups, labelled=labelled, frames=frames), answers


def _frame(state: dict, reached: np.ndarray, seconds: float) -> dict:
    """What one epoch looks like; whom no label can reach stays grey."""
    epoch, loss, alike = state["epoch"], state["loss"], state["alike"]
    told = (
        f"第 {epoch} / {EPOCHS} 轮 · 损失 {loss:.3f} · 人与人相似 {alike:.0%} · {seconds:.1f} 秒，最多 {LIMIT} 秒",
        f"epoch {epoch} of {EPOCHS} · loss {loss:.3f} · people alike {alike:.0%} · {seconds:.1f} s of at most {LIMIT}",
    )
    return {"shares": state["shares"] * reached[:, None], "plane": state["plane"], "told": told}


def _answers(
    network: Network, groups: list[str], labelled: dict[int, int], shares: np.ndarray, beside: np.ndarray
) -> str:
    """How many people each way puts into each group, what history says, and whom the two ways judge differently."""
    reached = beside.sum(1) > 0
    guesses = [np.where(reached, one.argmax(1), -1) for one in (shares, beside)]
    head = "".join(f'<th scope="col">{both(*names)}</th>' for names in (
        ("组", "group"), ("图卷积网络", "GCN"), ("标签传播", "label propagation")))  # fmt: skip
    rows = "".join(
        _row(html.escape(name), [int((one == k).sum()) for one in guesses]) for k, name in enumerate(groups)
    )
    apart = np.flatnonzero(guesses[0] != guesses[1])
    told = both("两种方法判断不同：", "Judged differently: ") + _names(network, apart)
    if network is bundled("karate"):
        wrong = [_wrong(one, labelled) for one in guesses]
        others = len(network.names) - len(labelled)
        name = both(f"其余 {others} 人中与史实相符", f"as in history, of the other {others}")
        rows += _row(f"<b>{name}</b>", [others - len(one) for one in wrong])
        told += "<br>" + both("图卷积网络判错：", "The GCN is wrong on: ") + _names(network, wrong[0])
    alone = int((~reached).sum())
    told += "<br>" + both(f"{alone} 人与任何标签都不相连", f"{alone} are linked to no label") if alone else ""
    return f'<table class="answers"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table><p>{told}</p>'


def _row(name: str, counts: list[int]) -> str:
    return f"<tr><td dir='auto'>{name}</td>" + "".join(f"<td>{count}</td>" for count in counts) + "</tr>"


def _names(network: Network, people: np.ndarray) -> str:
    named = ", ".join(html.escape(network.names[person]) for person in people[:SHOWN])
    return f"<span dir='auto'>{named or '–'}{' …' if len(people) > SHOWN else ''}</span>"


def _wrong(guess: np.ndarray, labelled: dict[int, int]) -> np.ndarray:
    """Members of the karate club who joined the other half. A group stands for the half of most of its labelled."""
    import networkx

    clubs = networkx.karate_club_graph().nodes(data="club")
    halves = np.array([int(club == "Officer") for _, club in clubs])
    means = {
        k: np.mean([halves[p] for p, of in labelled.items() if of == k]) > 0.5 for k in labelled.values()
    }
    return np.array([p for p, k in enumerate(guess) if p not in labelled and means[k] != halves[p]], int)


def preview(network: str, ties: str, labels: str) -> dict | None:
    """The network before anything is computed; nothing while what was written cannot be read."""
    try:
        known = open_network(network, ties)
    except InvalidInput:
        return None
    try:
        groups, labelled = labels_of(labels, known)
    except InvalidInput:
        return drawing(known)
    return drawing(known, classes=groups, labelled=labelled)


def clicked(network: str, ties: str, labels: str, event: gr.EventData) -> tuple[str, dict | None]:
    """The labels after a click on a person, and the network with them."""
    labels = next_group(event.person, labels)
    return labels, preview(network, ties, labels)


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=300) as left:
            network, ties = network_box()
            labels = gr.Textbox(
                START["karate"],
                lines=3,
                max_lines=8,
                label=t("标签，每行“人: 组”", "Labels, each line person: group"),
                info=t(
                    "在图上点人也可以：每点一次换一个组",
                    "Or click people in the graph: each click changes the group",
                ),
            )
            depth = gr.Slider(1, MOST_DEPTH, 2, step=1, label=t("层数", "Layers"))
            seed = seed_box()
        with gr.Column(scale=5, min_width=320):
            graph = graph_box(
                t("网络与嵌入平面", "Network and embedding plane"),
                lambda: preview("karate", "", START["karate"]),
            )
            answers = gr.HTML(min_height=120, label=t("结果", "Result"))
    with left:
        ends = run_button(
            spread,
            inputs=[network, ties, labels, depth, seed],
            outputs=[graph, answers],
            examples=EXAMPLES,
            trains=True,
            live=[depth.release],
            label=t("训练并传开", "Train and spread"),
        )
    _wire(ends, network, ties, labels, graph)
    _explained()


def _explained() -> None:
    how_it_works(
        t(
            "每一层里，每个人取自己和朋友们的数的加权平均，再乘一个学来的矩阵；两层之后，朋友的朋友也算进来了。"
            "训练只看有标签的几个人，其余的人因为和他们共用同样的矩阵而跟着得到答案；右边的平面是最后一层隐藏状态。"
            "层数一多，反复平均把所有人抹成一个样，这叫过平滑；标签传播则什么也不学，只是一遍遍取朋友的平均。",
            "In each layer everybody takes a weighted mean of their own numbers and their friends', then a learned "
            "matrix maps them; after two layers friends of friends count too. Training looks at the few labelled "
            "people only, the others follow since they share the matrices; the plane shows the last hidden layer. "
            "With many layers the repeated means make everybody alike, which is called over-smoothing; label "
            "propagation learns nothing and only takes means of friends again and again.",
        ),
        code="models/gcn/net.py:Convolution",
        rooms=["gcn"],
    )


def _wire(ends: Callable, network: gr.Dropdown, ties: gr.Textbox, labels: gr.Textbox, graph: gr.HTML) -> None:
    """A chosen network is drawn at once; a click on a person labels them and, once two groups have someone, runs."""
    quiet = {"queue": False, "api_visibility": "private", "show_progress": "hidden"}
    asked = [network, ties, labels]
    chosen = ends(network.input).then(lambda name: START.get(name, ""), network, labels, **quiet)
    chosen.then(preview, asked, graph, **quiet)
    gr.on([ties.blur, labels.blur], preview, asked, graph, **quiet)
    labelled = graph.picked(clicked, asked, [labels, graph], **quiet)
    several = "(text) => new Set(text.split('\\n').map((line) => line.split(':').pop().trim())).size > 1"
    labelled.then(None, labels, None, js=f"(text) => ({several})(text) && hub.run('social_groups')", **quiet)


DEMO = Demo(
    name="social_groups",
    title=t("社交分群", "Social groups"),
    about=t(
        "在网络里给两个或更多的人标组，看图卷积网络在你眼前训练，把标签传给其余所有人；层数太多时看它们变得一样。",
        "Label two or more people of a network and watch a graph convolutional net, trained before your eyes, tell "
        "all the others; give it many layers and see everybody become alike.",
    ),
    models=("gcn",),
    questions=(29,),
    build=build,
)

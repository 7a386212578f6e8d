"""Social links: a graph neural net trained on the spot says who should meet whom, and why."""

import html
from collections import Counter
from collections.abc import Iterator

import gradio as gr
import numpy as np

import models
from demos._graph import drawing, graph_box
from demos._network import Network, network_box, open_network
from demos._run import both
from demos._text import within
from demos._ui import Demo, InvalidInput, how_it_works, run_button, seed_box, t

LIMIT = 60  # seconds, after which training ends all the same
FEWEST = 8  # ties, and pairs without one
SHOWN, EACH, FRIENDS = 12, 3, 4  # suggestions in the table; for each person; friends that are named
SIDE = 300  # pixels of the curves
WAYS = {
    "net": ("图神经网络", "GNN", "#0f766e"),
    "adamic_adar": ("Adamic-Adar", "Adamic-Adar", "#d97706"),
    "common_neighbours": ("共同朋友数", "common friends", "#7c3aed"),
}
OFFICE = """林芳,王强
林芳,李娜
林芳,赵敏
王强,李娜
王强,赵敏
李娜,赵敏
赵敏,陈杰
陈杰,周洋
陈杰,吴迪
周洋,吴迪
周洋,郑爽
吴迪,郑爽
郑爽,何平
何平,周洋"""
EXAMPLES = {
    ("空手道俱乐部", "Karate club"): ["karate", "", "", 0],
    ("悲惨世界", "Les Misérables"): ["miserables", "", "", 0],
    ("珂赛特该认识谁", "Whom should Cosette meet?"): ["miserables", "", "Cosette", 0],
    ("自己的办公室", "An office of your own"): ["own", OFFICE, "", 0],
    ("会失败：二十条婚姻太少", "Fails: twenty marriages are too few"): ["florentine", "", "", 0],
}


def suggest(network: str, ties: str, person: str, seed: int) -> Iterator[tuple[dict, str, str]]:
    """Trains a GNN on a network and ranks who should meet whom; -> drawing (plain data), suggestions and ROC (HTML).

    network: karate, miserables, davis, florentine or own; ties: for own, two names a line; person: one name, to
    get suggestions for them alone, or empty.
    """
    known = open_network(network, ties)
    focus = _focus(person, known)
    seed = int(within(seed, 0, 2**31 - 1, "种子", "Seed"))
    people, strangers = len(known.names), len(known.names) * (len(known.names) - 1) // 2 - len(known.ties)
    if min(len(known.ties), strangers) < FEWEST:
        raise InvalidInput(
            f"至少要有 {FEWEST} 条关系，和 {FEWEST} 对互不认识的人",
            f"It takes at least {FEWEST} ties, and {FEWEST} pairs who do not know each other",
        )
    with models.use("link_gnn") as net:
        plain = drawing(known)
        for state in net.learn(np.array(known.ties), people, seed, LIMIT, focus):
            if "pairs" not in state:
                yield plain, "", _measured(state)
    pairs = np.asarray(state["pairs"])[np.argsort(-state["scores"], kind="stable")]
    scores = np.sort(state["scores"])[::-1]
    ranked = list(zip(map(tuple, pairs.tolist()), scores.tolist(), strict=True))
    top = best(ranked, focus)
    picture = drawing(known, fresh=[pair for pair, _ in top], notes=_notes(known, ranked))
    yield picture, _table(known, top), _measured(state)


def _focus(person: str | None, network: Network) -> int | None:
    """The place of a person; None where nobody is named. Raises InvalidInput."""
    if not isinstance(person or "", str):
        raise InvalidInput("请写一个人的名字", "Write a person's name")
    name = " ".join((person or "").split())
    if name and name not in network.names:
        raise InvalidInput(f"网络里没有“{name[:40]}”", f'Nobody in the network is called "{name[:40]}"')
    return network.names.index(name) if name else None


Ranked = list[tuple[tuple[int, int], float]]  # pairs and scores, highest first


def best(ranked: Ranked, focus: int | None) -> Ranked:
    """The first SHOWN pairs with this person; without one, of all, nobody more than EACH times."""
    if focus is not None:
        own = [(pair, score) for pair, score in ranked if focus in pair][:SHOWN]
        return [((focus, sum(pair) - focus), score) for pair, score in own]
    seen: Counter[int] = Counter()
    chosen = []
    for pair, score in ranked:
        if max(seen[pair[0]], seen[pair[1]]) < EACH and len(chosen) < SHOWN:
            seen.update(pair)
            chosen.append((pair, score))
    return chosen


def _notes(network: Network, ranked: Ranked) -> dict[int, tuple[str, str]]:
    """For each person whom to meet first."""
    whom: dict[int, list[str]] = {}
    for (one, other), _ in ranked:
        for person, stranger in ((one, other), (other, one)):
            if len(whom.setdefault(person, [])) < EACH:
                whom[person].append(network.names[stranger])
    return {
        person: (f"最该认识：{'、'.join(names)}", f"should meet: {', '.join(names)}")
        for person, names in whom.items()
    }


def why(network: Network, one: int, other: int) -> tuple[str, str]:
    """The reason for a pair, as it is told: friends in common, else the shortest way from one to the other."""
    shared = sorted(network.friends[one] & network.friends[other], key=lambda x: len(network.friends[x]))
    if shared:
        names = ", ".join(network.names[person] for person in shared[:FRIENDS])
        rest = " …" if len(shared) > FRIENDS else ""
        noun = "friend" if len(shared) == 1 else "friends"
        return f"{len(shared)} 个共同朋友：{names}{rest}", f"{len(shared)} {noun} in common: {names}{rest}"
    way = path(network, one, other)
    if not way:
        return "不相连，只看两人认识多少人", "not linked; only how many each knows"
    steps = " → ".join(network.names[person] for person in way)
    return f"{len(way) - 1} 步可达：{steps}", f"{len(way) - 1} steps apart: {steps}"


def path(network: Network, one: int, other: int) -> list[int]:
    """A shortest way from one person to another, both included; [] where there is none."""
    before, wave = {one: one}, [one]
    while wave and other not in before:
        ahead = [(near, person) for person in wave for near in sorted(network.friends[person])]
        wave = list(dict.fromkeys(near for near, _ in ahead if near not in before))
        before |= {near: person for near, person in reversed(ahead) if near not in before}
    if other not in before:
        return []
    way = [other]
    while way[-1] != one:
        way.append(before[way[-1]])
    return way[::-1]


def _table(network: Network, top: Ranked) -> str:
    if not top:
        return f"<p>{both('没有可推荐的人', 'Nobody left to suggest')}</p>"
    head = "".join(f'<th scope="col">{both(*names)}</th>' for names in (
        ("该认识的两个人", "who should meet"), ("得分", "score"), ("为什么", "why")))  # fmt: skip
    rows = "".join(_row(network, pair, score) for pair, score in top)
    return f'<table class="answers"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _row(network: Network, pair: tuple[int, int], score: float) -> str:
    names = " – ".join(f"<b>{html.escape(network.names[person])}</b>" for person in pair)
    return (
        f"<tr><td dir='auto'>{names}</td><td class='number'>{score:.2f}"
        f'<div class="share" style="width:{score:.0%}"></div></td><td>{both(*why(network, *pair))}</td></tr>'
    )


def _measured(state: dict) -> str:
    """How far training is, and the ROC curves on held-out ties so far."""
    if "auc" not in state:
        return f"<p>{both('准备练习', 'Preparing lessons')} {state['lessons']:.0%}</p>"
    lines = "".join(
        f'<polyline points="{_points(state["roc"][way])}" stroke="{colour}"/>'
        for way, (_, _, colour) in reversed(WAYS.items())
    )
    legend = "".join(
        f'<span style="color:{colour} !important">● {both(zh, en)} <b>{state["auc"][way]:.3f}</b> </span>'
        for way, (zh, en, colour) in WAYS.items()
    )
    told = both(
        f"第 {state['epoch']} / {state['epochs']} 步 · 损失 {state['loss']:.3f} · 最多 {LIMIT} 秒",
        f"step {state['epoch']} of {state['epochs']} · loss {state['loss']:.3f} · at most {LIMIT} s",
    )
    axes = both("横轴：误报率；纵轴：找回的留出关系", "across: false alarms; up: held-out ties found")
    return (
        f'<div class="roc"><svg viewBox="-4 -4 {SIDE + 8} {SIDE + 8}" role="img" aria-label="ROC">'
        f'<path d="M0 0V{SIDE}H{SIDE}M0 {SIDE}L{SIDE} 0" class="axes"/>{lines}</svg>'
        f"<p>AUC {legend}</p><p>{axes}</p><p>{told}</p></div>"
    )


def _points(curve: np.ndarray) -> str:
    return " ".join(f"{SIDE * x:.1f},{SIDE * (1 - y):.1f}" for x, y in np.asarray(curve).T)


def preview(network: str, ties: str) -> dict | None:
    """The network before anything is computed; nothing while what was written cannot be read."""
    try:
        return drawing(open_network(network, ties))
    except InvalidInput:
        return None


def clicked(event: gr.EventData) -> str:
    """Who was clicked in the graph."""
    return event.person


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=300) as left:
            network, ties = network_box()
            person = gr.Textbox(
                label=t("只为一个人推荐（可空）", "For one person only (may be empty)"),
                info=t("在图上点一个人就会填进来", "Click someone in the graph to fill this in"),
            )
            seed = seed_box()
        with gr.Column(scale=5, min_width=320):
            graph = graph_box(t("网络", "Network"), lambda: preview("karate", ""))
            table = gr.HTML(min_height=120, label=t("推荐", "Suggestions"))
            curves = gr.HTML(min_height=120, label=t("留出关系上的 ROC", "ROC on held-out ties"))
    with left:
        ends = run_button(
            suggest,
            inputs=[network, ties, person, seed],
            outputs=[graph, table, curves],
            examples=EXAMPLES,
            trains=True,
            label=t("训练并推荐", "Train and suggest"),
        )
    quiet = {"queue": False, "api_visibility": "private", "show_progress": "hidden"}
    ends(network.input).then(preview, [network, ties], graph, **quiet)
    ties.blur(preview, [network, ties], graph, **quiet)
    graph.picked(clicked, None, person, **quiet)
    how_it_works(
        t(
            "五分之一的关系先藏起来，永远不给网络看；其余的里面每一步再藏一批，让网络练习从剩下的关系里把它们和"
            "随便两个陌生人分开。它看两样东西：朋友之间传两轮消息得到的数，和两人之间两步、三步、四步的走法有多少。"
            "曲线量的是最先藏起来的那些：越靠左上越好，旁边是不用学习的共同朋友数和 Adamic-Adar。",
            "A fifth of the ties is hidden first and never shown to the net; of the others each step hides some more, "
            "and the net practises to tell them from two random strangers by the ties that are left. It looks at "
            "numbers from two rounds of messages between friends, and at how many ways of two, three and four steps "
            "lead from one to the other. The curve measures the ties hidden first, the nearer to the upper left the "
            "better; beside it counts that need no learning: common friends and Adamic-Adar.",
        ),
        code="models/link_gnn/net.py:LinkGNN.forward",
        rooms=["link_gnn"],
    )


DEMO = Demo(
    name="social_links",
    title=t("社交推荐", "Social links"),
    about=t(
        "选一个网络或给出自己的关系列表，图神经网络当场训练，推荐谁该认识谁、为什么；图可以拖动。上传的列表不保存。",
        "Choose a network or bring a list of ties; a graph neural net, trained on the spot, says who should meet whom "
        "and why. Drag the graph. Lists are not kept.",
    ),
    models=("link_gnn",),
    questions=(19,),
    build=build,
)

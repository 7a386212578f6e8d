"""A network that can be dragged, pointed at and walked with the arrow keys, and its people on a second plane."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
import numpy as np

from demos._network import Network
from demos._run import both
from demos._scatter import COLOURS
from demos._ui import ROOT, Text, packed

DRAWN = 200  # people
MOST_NUMBERS = 60_000  # in all frames of a drawing
ROUNDS, OUTLIERS = 150, (2, 98)  # of the layout; percentiles beyond which a place is moved to the rim
PUSHES, NEAR = 30, 0.08  # rounds that part people who lie nearer than this, or than many people allow
TEMPLATE = """<div class="graph"><div class="graph-panels"><svg class="graph-net" viewBox="0 0 480 420"
role="group" aria-label="${name}"></svg><svg class="graph-plane" viewBox="0 0 420 420" role="img"
aria-label="embedding 嵌入"></svg></div><p class="graph-replay"><button type="button">%s</button>
<input type="range" min="0" value="0" aria-label="epoch 轮次"><span class="graph-told"></span></p>
<p class="graph-note" role="status"></p><p class="graph-legend"></p></div>"""


def graph_box(name: Text, first: Callable[[], dict | None]) -> gr.HTML:
    """A drawing(); `picked` fires with event.person, a name, when someone is clicked. first: shown at the start."""

    def start(_: object = None) -> dict | None:  # Gradio hands over what the script sent: nothing
        return first()

    return gr.HTML(
        html_template=TEMPLATE % both("重放", "Replay"),
        js_on_load=(ROOT / "assets" / "graph.js").read_text(),
        name=f"{name.zh} {name.en}",
        label=name,
        elem_classes="graph-box",
        server_functions=[start],
        min_height=320,
    )


def drawing(
    network: Network,
    *,
    classes: Sequence[str] = (),
    labelled: dict[int, int] | None = None,
    frames: Sequence[dict[str, Any]] = (),
    fresh: Sequence[tuple[int, int]] = (),
    notes: dict[int, tuple[str, str]] | None = None,
) -> dict[str, Any]:
    """What the box shows, as plain data, at most DRAWN people: those labelled or in fresh, then who has most friends.

    classes: groups, in the order of the shares; frames: {"shares": (people, classes), "plane": (people, 2) or
    none, "told": (zh, en)} each, more than one play as an animation; fresh: ties to draw dashed; notes: what
    is told of a person.
    """
    labelled, notes = labelled or {}, notes or {}
    first = [*labelled, *(person for pair in fresh for person in pair)]
    others = sorted(range(len(network.names)), key=lambda person: -len(network.friends[person]))
    shown = sorted(list(dict.fromkeys([*first, *others]))[:DRAWN])
    place = {person: number for number, person in enumerate(shown)}
    kept = thinned(frames, MOST_NUMBERS // (len(shown) * (len(classes) + 2)))
    return {
        "names": [network.names[person] for person in shown],
        "friends": [len(network.friends[person]) for person in shown],
        "places": layout(network)[shown].round(4).tolist(),
        "ties": [[place[a], place[b]] for a, b in network.ties if a in place and b in place],
        "fresh": [[place[a], place[b]] for a, b in fresh if a in place and b in place],
        "classes": list(classes),
        "colours": list(COLOURS),
        "labelled": [labelled.get(person, -1) for person in shown],
        "notes": [list(notes.get(person, ())) for person in shown],
        "frames": packed([_frame(one, shown) for one in kept]),
        "left_out": len(network.names) - len(shown),
    }


def thinned(frames: Sequence[dict], most: int) -> list[dict]:
    """At most so many frames, denser at the beginning, with the first and the last."""
    steps = np.linspace(0, 1, max(2, min(most, 60))) ** 2
    return (
        [frames[place] for place in sorted({round(step * (len(frames) - 1)) for step in steps})]
        if frames
        else []
    )


def _frame(frame: dict[str, Any], shown: list[int]) -> dict[str, Any]:
    plane = frame.get("plane")
    return {
        "shares": frame["shares"][shown].round(3).tolist(),
        "plane": None if plane is None else plane[shown].round(3).tolist(),
        "told": list(frame["told"]),
    }


@functools.lru_cache(32)
def layout(network: Network) -> np.ndarray:
    """Fruchterman and Reingold's forces -> float (people, 2), range (0, 1), the same at each call."""
    import networkx

    graph = networkx.Graph(network.ties)
    graph.add_nodes_from(range(len(network.names)))
    drawn = sorted(graph, key=lambda person: -graph.degree[person])[: 2 * DRAWN]  # more would take seconds
    near = networkx.spring_layout(graph.subgraph(drawn), seed=3, iterations=ROUNDS)
    places = np.array([near.get(person, (0.0, 0.0)) for person in range(len(network.names))])
    low, high = np.percentile(places, OUTLIERS, axis=0)
    return _apart(np.clip((places - low) / np.maximum(high - low, 1e-9), 0, 1), drawn)


def _apart(places: np.ndarray, drawn: list[int]) -> np.ndarray:
    """Pushes people who lie on one another apart, so that both can be read and clicked."""
    shown = places[drawn]
    least = min(NEAR, 0.5 / max(len(drawn), 1) ** 0.5)
    for _ in range(PUSHES):
        between = shown[:, None] - shown[None]  # (N, N, 2)
        far = np.linalg.norm(between, axis=2) + np.eye(len(shown))
        push = np.maximum(0, least - far) / np.maximum(far, 1e-6) / 2
        shown = np.clip(shown + (between * push[:, :, None]).sum(1), 0, 1)
    places[drawn] = shown
    return places

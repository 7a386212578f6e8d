"""Vision transformer: draw or upload a garment; its class beside the CNN's, and where each attention head looks."""

import gradio as gr
import numpy as np
from PIL import Image

import models
from demos._garments import SAMPLES, garment_box, named
from demos._photo import heat, inline
from demos._run import both
from demos._sketch import as_value, open_page
from demos._text import within
from demos._ui import Demo, how_it_works, run_button, t

LAYERS, HEADS, GRID = 4, 4, 7  # patches along a side
SHEET = GRID + 2  # rows of a small picture on the sheet of all: its first and last row stand there twice
EXAMPLES = {
    ("短靴，展开", "Boot, roll-out"): ["boot", 0, 0, 0],
    ("画的 T 恤", "Drawn T-shirt"): ["tshirt", 0, 0, 0],
    ("包，第 1 层", "Bag, layer 1"): ["bag", 1, 1, 0],
    ("裤子的一块", "One patch of trousers"): ["trousers", 2, 0, 25],
    ("会失败：杯子", "Fails: a mug"): ["mug", 0, 0, 0],
}
PICK = """element.addEventListener("click", (event) => {
  const chosen = event.target.closest("button[data-layer], button[data-patch]");
  if (chosen) trigger("select", { ...chosen.dataset });
});"""


def look(page: str, layer: int, head: int, patch: int) -> tuple[dict[str, float], dict[str, float], str, str]:
    """What a drawing shows by the transformer and by the CNN; where it looked, and all heads, as HTML.

    page: PNG data URL; layer: 1 to 4, 0: roll-out through all; head: 1 to 4, 0: their mean; patch: who is looking, 1 to
    49 from the left and the top, 0: the class token.
    """
    drawing = open_page(page)
    layer = int(within(layer, 0, LAYERS, "层", "Layer"))
    head = int(within(head, 0, HEADS, "头", "Head"))
    patch = int(within(patch, 0, GRID * GRID, "图块", "Patch"))
    with models.use("fashion_vit") as net:
        seen = net.look(drawing)
    with models.use("fashion_cnn") as net:
        beside = net.predict(seen["seen"])
    rows = _rows(seen, layer, head)
    return (
        named(seen["shares"]),
        named(beside),
        _big(seen["seen"], rows[patch], layer, head, patch),
        _heads(seen, layer, head, patch),
    )


def _rows(seen: dict, layer: int, head: int) -> np.ndarray:
    """(50, 50): what each token takes from each."""
    if not layer:
        return seen["rollout"]
    attention = seen["attention"][layer - 1]
    return attention[head - 1] if head else attention.mean(0)


def _big(garment: np.ndarray, row: np.ndarray, layer: int, head: int, patch: int) -> str:
    """The picture under its attention, which the page enlarges and blends, with a button on each patch."""
    buttons = "".join(
        f'<button type="button" data-patch="{number}" class="{"chosen" if number == patch else ""}" '
        f'title="{number}: {row[number]:.1%}" aria-label="patch {number}, {row[number]:.1%}"></button>'
        for number in range(1, GRID * GRID + 1)
    )
    layers = "".join(
        f'<img src="{inline(picture)}" class="{kind}" decoding="sync" alt="">'
        for kind, picture in (
            ("seen", Image.fromarray(np.uint8(255 * garment))),
            ("looked", heat(_spread(row))),
        )
    )
    return f'<div class="patches">{layers}{buttons}</div><p>{_told(row, layer, head, patch)}</p>'


def _told(row: np.ndarray, layer: int, head: int, patch: int) -> str:
    who = (f"图块 {patch}", f"Patch {patch}") if patch else ("类别标记", "The class token")
    where = ("展开到输入", "rolled out to the input")
    if layer:
        heads = (f"第 {head} 头", f"head {head}") if head else ("四头平均", "mean of four heads")
        where = (f"第 {layer} 层{heads[0]}", f"layer {layer}, {heads[1]}")
    best = int(row[1:].argmax()) + 1
    zh = f"从自己取 {row[patch]:.0%}，从 49 个图块共取 {row[1:].sum():.0%}，最多的是图块 {best}（{row[best]:.1%}）。"
    en = (
        f"takes {row[patch]:.0%} from itself and {row[1:].sum():.0%} from the 49 patches in all, most from patch "
        f"{best} ({row[best]:.1%})."
    )
    return both(f"{who[0]}，{where[0]}：{zh}", f"{who[1]}, {where[1]}: {en}")


def _heads(seen: dict, layer: int, head: int, patch: int) -> str:
    """The same token's view in every head, a row for each layer, its mean first; the roll-out above them."""
    views = [(0, 0), *((x, y) for x in range(1, LAYERS + 1) for y in range(HEADS + 1))]
    small = np.stack([_spread(_rows(seen, *view)[patch]) for view in views])  # (views, 7, 7)
    sheet = np.pad(small, ((0, 0), (1, 1), (0, 0)), "edge")  # so that no edge shows a line of its neighbour
    chosen = views.index((layer, head if layer else 0))
    cells = "".join(_tile(number, len(views), view, number == chosen) for number, view in enumerate(views))
    whole = both(
        "点任意图块，改看它从哪里取信息", "Click a patch in the big picture to see what it takes from where"
    )
    back = both("回到类别标记", "Back to the class token")
    back = f'<button type="button" class="token" data-patch="0">{back}</button>'
    style = (
        f"--sheet: url({inline(heat(sheet.reshape(-1, GRID)))}); --rows: {100 * SHEET * len(views) / GRID}%"
    )
    return f'<div class="heads views" style="{style}">{cells}</div><p>{whole} {back}</p>'


def _tile(number: int, many: int, view: tuple[int, int], chosen: bool) -> str:
    """A button that shows its part of the sheet of `many` small pictures."""
    layer, head = view
    name = both("展开", "roll-out")
    if layer:
        name = both(
            f"{layer} 层" + (f" {head} 头" if head else "平均"),
            f"layer {layer}" + (f", {head}" if head else ", mean"),
        )
    down = 100 * (SHEET * number + 1) / (SHEET * many - GRID)
    return (
        f'<button type="button" class="head{" chosen" if chosen else ""}" data-layer="{layer}" data-head="{head}">'
        f'<i style="background-position-y: {down:.4f}%"></i><small>{name}</small></button>'
    )


def _spread(row: np.ndarray) -> np.ndarray:
    """What a token takes from the 49 patches -> (7, 7), 1 where most."""
    return row[1:].reshape(GRID, GRID) / max(float(row[1:].max()), 1e-6)


def _picked(layer: int, head: int, patch: int, event: gr.EventData) -> tuple[int, int, int]:
    """A clicked head or patch; what was not clicked stays."""
    chosen = {key: getattr(event, key, None) for key in ("layer", "head", "patch")}
    kept = {"layer": layer, "head": head, "patch": patch}
    return tuple(int(kept[key] if chosen[key] is None else chosen[key]) for key in kept)  # type: ignore[return-value]


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=300) as left:
            page = garment_box("vit")
            layer = gr.Slider(
                0, LAYERS, 0, step=1, label=t("层，0 为逐层展开", "Layer, 0: rolled out through all")
            )
            head = gr.Slider(0, HEADS, 0, step=1, label=t("头，0 为平均", "Head, 0: their mean"))
            label = t(
                "谁在看：0 为类别标记，或图块 1 到 49", "Who looks: 0 the class token, or patch 1 to 49"
            )
            patch = gr.Slider(0, GRID * GRID, 0, step=1, label=label)
        with gr.Column(scale=3, min_width=320):
            with gr.Row():
                classes = gr.Label(num_top_classes=3, label=t("视觉 Transformer", "Vision transformer"))
                beside = gr.Label(num_top_classes=3, label=t("卷积网络", "Convolutional net"))
            big = gr.HTML(js_on_load=PICK, min_height=340, label=t("从哪里取信息", "Where it takes from"))
    heads = gr.HTML(js_on_load=PICK, label=t("全部 16 个头", "All 16 heads"))
    with left:
        run_button(
            look,
            inputs=[page, layer, head, patch],
            outputs=[classes, beside, big, heads],
            examples={
                label: [as_value(SAMPLES / f"{name}.png"), *rest] for label, (name, *rest) in EXAMPLES.items()
            },
            live=[page.input, layer.release, head.release, patch.release],
        )
    quiet = {"queue": False, "api_visibility": "private", "show_progress": "hidden"}
    run = {"js": "() => hub.run('vit')", "api_visibility": "private"}
    for box in (big, heads):
        chosen = [layer, head, patch]
        box.select(_picked, chosen, chosen, **quiet).then(None, None, None, **run)
    _explained()


def _explained() -> None:
    how_it_works(
        t(
            "图画缩成 28 × 28，切成 49 个 4 × 4 的图块，每块变成 96 个数，再加上一个类别标记。四层里，每个标记按自己的"
            "一行份额（和为 1）从所有标记取信息，四个头各取各的；最后由类别标记作答。展开图把四层的份额连乘，"
            "一半算作留给自己，就看得出答案的信息来自哪些图块。",
            "The drawing is shrunk to 28 × 28 and cut into 49 patches of 4 × 4; each becomes 96 numbers, and a class "
            "token joins them. In each of four layers every token takes from all tokens by a row of shares that add up "
            "to 1, each of four heads in its own way; in the end the class token answers. The roll-out multiplies the "
            "shares of all layers, half counted as kept, and so shows which patches the answer came from.",
        ),
        code="models/fashion_vit/net.py:Block",
        rooms=["fashion_vit"],
    )


DEMO = Demo(
    name="vit",
    title=t("视觉 Transformer", "Vision transformer"),
    about=t(
        "画一件衣服或上传照片，看自注意力网络怎样作答，和卷积网络比一比，再逐层逐头看它从哪些图块取信息。",
        "Draw a garment or upload a photo, compare the answers of a self-attention net and a convolutional one, and "
        "see layer by layer, head by head, which patches it takes from.",
    ),
    models=("fashion_vit", "fashion_cnn"),
    questions=(12,),
    build=build,
)

"""Variational autoencoder: a plane to click in, every point of it a garment; a walk between two; one trained live."""

import functools
import json
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

import models
from demos import _live_vae
from demos._garments import SAMPLES, garment_box
from demos._photo import inline
from demos._run import both
from demos._sketch import as_value, open_page, sketch_box
from demos._text import choice, within
from demos._tiles import figure, film, grid
from demos._ui import ROOT, Demo, InvalidInput, how_it_works, run_button, t

BETAS = {"beta1": 1, "beta4": 4, "beta16": 16}
NETS = (*BETAS, "map")
NUMBERS, CELLS, EDGE = (
    16,
    13,
    3.0,
)  # of a code; pictures along a side of the plane; its rim, in standard deviations
STEPS, SAMPLED = 12, 10  # pictures of a walk; of random codes
EXAMPLES = {
    ("整张地图", "The whole map"): ["bag", "map", 1, 2, "zero", 1, -1],
    ("短靴", "Boot"): ["boot", "beta4", 1, 2, "picture", 1.5, 1.5],
    ("画的 T 恤", "Drawn T-shirt"): ["tshirt", "beta4", 1, 3, "picture", -1, 0.5],
    ("β = 16：像衣服，不像原图", "Beta 16: a garment, but not this one"): [
        "shirt",
        "beta16",
        1,
        2,
        "picture",
        0,
        0,
    ],
    ("会失败：杯子", "Fails: a mug"): ["mug", "beta4", 1, 2, "picture", 0, 0],
}
WALKS = {
    ("短靴到运动鞋", "Boot to sneaker"): ["boot", "sneaker", "beta4"],
    ("连衣裙到裤子", "Dress to trousers"): ["dress", "trousers", "beta4"],
    ("包到 T 恤", "Bag to T-shirt"): ["bag", "tshirt", "beta4"],
    ("会失败：杯子到高跟鞋", "Fails: a mug to a heel"): ["mug", "sandal", "beta4"],
}
PICK = """element.addEventListener("click", (event) => {
  const plane = event.target.closest(".plane");
  if (!plane) return;
  const box = plane.getBoundingClientRect();
  const at = (share) => Math.min(3, Math.max(-3, Math.round((6 * share - 3) * 50) / 50));
  const [x, y] = [(event.clientX - box.left) / box.width, (box.bottom - event.clientY) / box.height];
  trigger("select", { x: at(x), y: at(y) });
});"""


def explore(page: str, net: str, across: int, up: int, rest: str, x: float, y: float) -> tuple[str, str, str]:
    """A plane of garments around a drawing, the garment at one point, and what a code costs, as HTML.

    page: PNG data URL; net: beta1, beta4, beta16 (codes of 16 numbers) or map (of 2); across, up: which numbers, the
    one that tells most is 1; rest: picture or zero, where the others come from; x, y: point, -3 to 3.
    """
    drawing = open_page(page)
    net = choice(net, NETS, "请选一个网络", "Choose a net")
    axes = [int(within(across, 1, NUMBERS, "横轴", "Across")), int(within(up, 1, NUMBERS, "纵轴", "Up"))]
    if axes[0] == axes[1]:
        raise InvalidInput("两个轴要选不同的数", "Choose two different numbers for the axes")
    rest = choice(rest, ("picture", "zero"), "其余的数：选原图或零", "The other numbers: picture or zero")
    here = within(x, -EDGE, EDGE, "横坐标", "X"), within(y, -EDGE, EDGE, "纵坐标", "Y")
    with models.use("fashion_vae") as room:
        worths = np.array(room.worths(net))
        seen = room.read(drawing)
        own = room.encode(net, seen[None])[0]
        places = np.argsort(-worths)[np.array(axes) - 1 if net != "map" else [0, 1]]
        held = own if rest == "picture" else np.zeros_like(own)
        shown = room.decode(net, np.concatenate([_codes(held, places), _at(held, places, [here]), own[None]]))
        random = np.random.default_rng(0).standard_normal((SAMPLED, len(own)), np.float32)
        made, cost = room.decode(net, random), room.cost(net, seen[None])
    plane = _plane(shown[:-2], own[places], here)
    return (
        plane,
        _point(seen, shown[-1], shown[-2], here),
        _trade(net, made, cost, worths[places]),
    )


def _codes(held: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Codes of the plane, the topmost row first: (CELLS * CELLS, size)."""
    steps = (np.arange(CELLS) + 0.5) / CELLS * 2 * EDGE - EDGE
    return _at(held, places, [(x, y) for y in steps[::-1] for x in steps])


def _at(held: np.ndarray, places: np.ndarray, points: list[tuple[float, float]]) -> np.ndarray:
    """The code, with two of its numbers replaced by each point."""
    codes = np.repeat(held[None], len(points), 0)
    codes[:, places] = points
    return codes


def _plane(pictures: np.ndarray, own: np.ndarray, here: tuple[float, float]) -> str:
    """The grid as one picture, with marks where the drawing lies and where one is."""
    marks = "".join(
        f'<i class="{name}" style="left:{_share(point[0]):.2%};bottom:{_share(point[1]):.2%}"></i>'
        for name, point in (("own", own), ("here", here))
    )
    told = both(
        "点任意处：圆点是选中的点，圆环是原图自己的位置",
        "Click anywhere: the dot is the chosen point, the ring where the drawing itself lies",
    )
    return f'<div class="plane"><img src="{grid(pictures, CELLS)}" decoding="sync" alt="">{marks}</div><p>{told}</p>'


def _share(value: float) -> float:
    return float(np.clip((value + EDGE) / (2 * EDGE), 0, 1))


def _point(seen: np.ndarray, back: np.ndarray, chosen: np.ndarray, here: tuple[float, float]) -> str:
    names = (
        both("网络看到的", "what it sees"),
        both("由编码还原", "back from its code"),
        both(f"选中的点 {here[0]:g}, {here[1]:g}", f"the point {here[0]:g}, {here[1]:g}"),
    )
    tiles = "".join(
        f'<figure><img src="{inline(_large(one))}" decoding="sync" alt=""><figcaption>{name}</figcaption></figure>'
        for one, name in zip((seen, back, chosen), names, strict=True)
    )
    return f'<div class="three">{tiles}</div>'


def _large(picture: np.ndarray) -> Image.Image:
    return Image.fromarray(255 - picture).resize((168, 168), Image.Resampling.BICUBIC)


@functools.cache
def _results() -> dict[str, float]:
    return json.loads((ROOT / "models" / "fashion_vae" / "results.json").read_text())["metrics"]


def _trade(net: str, made: np.ndarray, cost: dict[str, Any], worths: np.ndarray) -> str:
    """Random garments, what this drawing costs, and the published trade between code and copy for each beta."""
    code, pixels, bits = cost["code"], cost["pixels"], cost["bits_per_pixel"]
    told = both(
        f"这张图：编码 {code:.1f} 纳特，像素 {pixels:.0f} 纳特，合每像素 {bits:.2f} 比特。"
        f"横轴的数平均说出 {worths[0]:.1f} 纳特，纵轴 {worths[1]:.1f}。",
        f"This drawing: {code:.1f} nats for the code, {pixels:.0f} for the pixels, or {bits:.2f} bits a pixel. "
        f"The number across tells {worths[0]:.1f} nats on average, the one up {worths[1]:.1f}.",
    )
    random = figure(made, len(made), both("随机编码画出的", "what random codes give"), 420)
    return f"<p>{told}</p>{random}{_table(net)}"


def _table(net: str) -> str:
    """What each net reaches on held-out pictures, from its card."""
    found = _results()
    head = "".join(f'<th scope="col">{both(*names)}</th>' for names in (
        ("网络", "net"), ("还原误差 ×1000", "error of copies ×1000"), ("编码，纳特", "code, nats"),
        ("每像素比特", "bits a pixel"), ("随机样本的距离", "distance of random ones")))  # fmt: skip
    rows = ""
    for name in NETS:
        prefix = "" if name == "beta1" else f"{name}_"
        title = f"β = {BETAS[name]}" if name in BETAS else both("2 个数的地图", "map of 2 numbers")
        cells = [
            f"{1000 * found[prefix + 'mse']:.1f}", f"{found[prefix + 'code_nats']:.1f}",
            f"{found[prefix + 'bits_per_pixel']:.2f}",
            f"{found[prefix + 'frechet_distance']:.1f}" if prefix + "frechet_distance" in found else "–",
        ]  # fmt: skip
        rows += _row(title, cells, name == net)
    pca = [f"{1000 * found['pca_mse']:.1f}", "–", f"{found['ppca_bits_per_pixel']:.2f}", "–"]
    rows += _row(both("主成分，16 个数", "PCA, 16 numbers"), pca, False)
    return f'<table class="answers trade"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _row(title: str, cells: list[str], chosen: bool) -> str:
    kind = ' class="chosen"' if chosen else ""
    return f"<tr{kind}><td>{title}</td>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def walk(start: str, goal: str, net: str) -> str:
    """From one drawing to another along a straight line between their codes, as a film and a strip, in HTML.

    start, goal: PNG data URLs; net: beta1, beta4, beta16 or map.
    """
    ends = [open_page(page) for page in (start, goal)]
    net = choice(net, NETS, "请选一个网络", "Choose a net")
    with models.use("fashion_vae") as room:
        seen = np.stack([room.read(page) for page in ends])
        first, last = room.encode(net, seen)
        shares = np.linspace(0, 1, 2 * STEPS - 1, dtype=np.float32)[:, None]
        made = room.decode(net, first + shares * (last - first))
    told = both("左右两端是原图，中间全由编码画出", "At both ends the drawings, between them what codes give")
    strip = figure(np.concatenate([seen[:1], made[::2], seen[1:]]), 7, told, 520)
    return f'<div class="tiles-row"><img class="film" src="{film(made, 168, 90)}" alt="">{strip}</div>'


def _nearest() -> str:
    """Samples and the training pictures nearest to them, from the card."""
    with Image.open(ROOT / "models" / "fashion_vae" / "nearest.png") as sheet:
        picture = inline(sheet.convert("L"))
    told = both(
        "第一行：β = 16 的 16 个随机样本。第二行：训练图中像素最近的；第三行：在分类网络的特征里最近的。",
        "First row: sixteen random samples with beta 16. Second: the training picture nearest by pixels; third: "
        "nearest by the features of a classifier.",
    )
    return f'<figure class="tiles"><img src="{picture}" alt=""><figcaption>{told}</figcaption></figure>'


def _picked(event: gr.EventData) -> tuple[float, float]:
    return float(event.x), float(event.y)  # type: ignore[attr-defined]


def build() -> None:
    names = [(t("β = 1", "Beta 1"), "beta1"), (t("β = 4", "Beta 4"), "beta4"), (t("β = 16", "Beta 16"), "beta16"),
             (t("2 个数的地图", "Map of 2 numbers"), "map")]  # fmt: skip
    with gr.Row():
        with gr.Column(scale=2, min_width=300) as left:
            page = garment_box("vae")
            net = gr.Radio(names, value="beta4", label=t("网络", "Net"))
            with gr.Row():
                across = gr.Slider(1, NUMBERS, 1, step=1, label=t("横轴的数", "Number across"))
                up = gr.Slider(1, NUMBERS, 2, step=1, label=t("纵轴的数", "Number up"))
            sources = [(t("取自原图", "From the drawing"), "picture"), (t("零", "Zero"), "zero")]
            rest = gr.Radio(sources, value="picture", label=t("其余的数", "The other numbers"))
            with gr.Row():
                point = [gr.Slider(-EDGE, EDGE, 0, step=0.02, label=label) for label in ("x", "y")]
        with gr.Column(scale=4, min_width=320):
            plane = gr.HTML(js_on_load=PICK, min_height=380, label=t("可点的平面", "A plane to click in"))
            shown = gr.HTML(min_height=180, label=t("图", "Pictures"))
            trade = gr.HTML(label=t("编码与还原的取舍", "The trade between code and copy"))
    inputs = [page, net, across, up, rest, *point]
    with left:
        run_button(
            explore,
            inputs=inputs,
            outputs=[plane, shown, trade],
            examples={
                label: [as_value(SAMPLES / f"{name}.png"), *rest] for label, (name, *rest) in EXAMPLES.items()
            },
            live=[page.input, net.input, rest.input, *(box.release for box in (across, up, *point))],
        )
    quiet = {"queue": False, "api_visibility": "private", "show_progress": "hidden"}
    picked = plane.select(_picked, None, point, **quiet)
    picked.then(None, None, None, js="() => hub.run('vae')", api_visibility="private")
    with gr.Accordion(t("从一件走到另一件", "Walk from one to another"), open=False):
        _build_walk(names)
    with gr.Accordion(t("现场训练：手写数字", "Trained live: handwritten digits"), open=False):
        _live_vae.build()
    _build_nearest()
    _explained()


def _build_nearest() -> None:
    title = t("是抄来的吗？最近的训练图", "Is it copied? The nearest training pictures")
    with gr.Accordion(title, open=False) as near:
        sheet = gr.HTML()
    near.expand(_nearest, None, sheet, queue=False, api_visibility="private", show_progress="hidden")


def _build_walk(names: list) -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=300) as left:
            with gr.Row():
                ends = [sketch_box(label) for label in (t("从这件", "From this"), t("到这件", "To this"))]
            net = gr.Radio(names, value="beta4", label=t("网络", "Net"))
        with gr.Column(scale=4, min_width=320):
            way = gr.HTML(min_height=200, label=t("路上", "On the way"))
    with left:
        run_button(
            walk,
            inputs=[*ends, net],
            outputs=[way],
            examples={
                label: [*(as_value(SAMPLES / f"{name}.png") for name in (start, goal)), chosen]
                for label, (start, goal, chosen) in WALKS.items()
            },
            live=[*(box.input for box in ends), net.input],
            api="vae_walk",
            label=t("走过去", "Walk"),
        )


def _explained() -> None:
    how_it_works(
        t(
            "编码器把图变成 16 个数的一小团可能值，解码器由其中一个值画回来。训练同时付两笔账：像素还原得多准，"
            "以及这团值离标准正态分布有多远；后一笔乘以 β。β 大，编码便宜、样本像样，但细节丢了；β 小则相反。"
            "两笔账按 β = 1 相加就是负的证据下界（ELBO），即把图存成 256 级灰度至多要的比特。",
            "The encoder turns a picture into a small cloud of values for 16 numbers, and the decoder draws one of "
            "them. Training pays two bills: how exactly the pixels come back, and how far the cloud is from a standard "
            "normal distribution, times beta. A large beta makes codes cheap and random garments likely, but details "
            "are lost; a small one does the opposite. With beta 1 their sum is the negative evidence lower bound "
            "(ELBO): the most bits that the picture's 256 levels of grey would take to store.",
        ),
        code="models/vae_net.py:VAE.cost",
        rooms=["fashion_vae", "digit_vae"],
    )


DEMO = Demo(
    name="vae",
    title=t("变分自编码器", "Autoencoder of garments"),
    about=t(
        "平面上每一点都是一件衣服：点一下就画出来；把自己画的编码、走到另一件；看 β 怎样取舍；再从零训练一个画数字的。",
        "Every point of the plane is a garment: click and it is drawn. Encode your own drawing and walk to another, "
        "see what beta trades, and train one on digits from nothing.",
    ),
    models=("fashion_vae", "digit_vae"),
    questions=(16,),
    build=build,
)

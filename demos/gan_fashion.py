"""GAN fashion: garments of ten kinds that nobody sewed; walk between two, mix styles, and see how the net learned."""

import gradio as gr
import numpy as np

import models
from demos._run import both
from demos._sheet import film, grid, tile
from demos._text import choice, within
from demos._ui import Demo, how_it_works, run_button, seed_box, t

MODES = {
    "sample": ("看样本", "Samples"),
    "walk": ("走过去", "Walk"),
    "mix": ("混风格", "Mix styles"),
    "film": ("训练影片", "Training film"),
}
KINDS = ("tshirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")
NAMES = {
    "tshirt": ("T 恤", "T-shirt"), "trouser": ("裤子", "Trouser"), "pullover": ("套衫", "Pullover"),
    "dress": ("连衣裙", "Dress"), "coat": ("外套", "Coat"), "sandal": ("凉鞋", "Sandal"), "shirt": ("衬衫", "Shirt"),
    "sneaker": ("运动鞋", "Sneaker"), "bag": ("包", "Bag"), "boot": ("短靴", "Ankle boot"),
}  # fmt: skip
FINE = {"8": 1, "16": 2, "32": 3}  # the resolution from where the second garment gives the styles
MAX_SPREAD = 3.0
COLUMNS, ROWS = 9, 5
MIXED = (0, 1, 3, 7, 8)  # kinds of the rows where all are asked for
STRIPS = 8  # photographs of the film that are shown one below the other
EXAMPLES = {
    ("十类各九件", "Nine of each kind"): ["sample", "all", 0, "same", 1, "16", 0.8],
    ("包", "Bags"): ["sample", "bag", 3, "same", 1, "16", 1.0],
    ("从凉鞋走到短靴", "From sandal to boot"): ["walk", "sandal", 2, "boot", 5, "16", 0.8],
    ("粗看套衫，细看衬衫", "Coarse pullover, fine shirt"): ["mix", "pullover", 0, "shirt", 40, "16", 0.8],
    ("训练影片", "The training film"): ["film", "all", 0, "same", 1, "16", 0.8],
    ("会失败：离平均太远", "Fails: too far from the mean"): ["sample", "all", 0, "same", 1, "16", 3.0],
}


def design(
    mode: str, kind: str, seed: int, other_kind: str, other_seed: int, fine_from: str, spread: float
) -> tuple[str, str]:
    """Garments that never were, and what is to be known of them; both HTML.

    mode: sample; walk, from the first garment to the other; mix, coarse styles of the first and fine ones of the other;
    film, how training went. kind: tshirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, boot or all;
    other_kind: the same, or "same"; fine_from: 8, 16 or 32, pixels; spread: how far from the mean style, 0 to 3.
    """
    mode = choice(mode, MODES, "请选一种玩法", "Choose what to do")
    first = _kinds(choice(kind, ("all", *KINDS), "请选一类服装", "Choose a kind of garment"))
    other = choice(other_kind, ("same", *KINDS), "请选另一类服装", "Choose the other kind of garment")
    last = first if other == "same" else [KINDS.index(other)]
    fine = FINE[choice(fine_from, FINE, "请选细节从哪级开始", "Choose where fine styles begin")]
    seeds = [int(within(one, 0, 2**31 - 1 - ROWS * COLUMNS, "种子", "Seed")) for one in (seed, other_seed)]
    spread = within(spread, 0, MAX_SPREAD, "幅度", "Spread")
    with models.use("fashion_gan") as net:
        if mode == "film":
            return _film(*net.film())
        if mode == "walk":
            ends = [(kind, last[number % len(last)]) for number, kind in enumerate(first)]
            return _walk([net.walk(pair, (seeds[0], seeds[1]), spread, COLUMNS) for pair in ends], first)
        if mode == "mix":
            down, across = (
                _spread_out(kinds, count) for kinds, count in ((first, ROWS), (last, COLUMNS - 1))
            )
            coarse = (down, [seeds[0] + number for number in range(ROWS)])
            return _mix(net.mix(coarse, (across, [seeds[1] + n for n in range(COLUMNS - 1)]), fine, spread))
        asked = np.repeat(first if len(first) > 1 else first * ROWS, COLUMNS)
        pictures = net.sample(asked, seeds[0], spread)
        looks, inner = net.opinions(pictures, asked), net.trimmed(pictures)
    with models.use("fashion_cnn") as judge:
        right = int((judge.features(inner)[1].argmax(1) == asked).sum())
    return _samples(pictures.reshape(-1, COLUMNS, *pictures.shape[1:]), first, right, float(looks.mean()))


def _kinds(kind: str) -> list[int]:
    return list(range(len(KINDS))) if kind == "all" else [KINDS.index(kind)]


def _spread_out(kinds: list[int], count: int) -> list[int]:
    """One kind so many times; or some kinds that differ much, over and over."""
    chosen = kinds if len(kinds) == 1 else MIXED
    return [chosen[number % len(chosen)] for number in range(count)]


def _samples(pictures: np.ndarray, kinds: list[int], right: int, looks: float) -> tuple[str, str]:
    count = pictures.shape[0] * COLUMNS
    told = both(
        f"fashion_cnn 把 {count} 件中的 {right} 件读成所要的类别；判别器觉得它们平均比 {looks:.0%} 的真图更像真的",
        f"fashion_cnn reads {right} of {count} as the kind that was asked for; to the discriminator they look, on "
        f"average, more real than {looks:.0%} of real pictures",
    )
    return _rows(pictures, kinds), f'<p class="status">{told}</p>'


def _walk(rows: list[np.ndarray], kinds: list[int]) -> tuple[str, str]:
    told = both("左端到右端：风格和类别一起匀速走过去", "Left to right: style and kind walk in equal steps")
    moving = film(255 - _side_by_side(np.stack(rows).swapaxes(0, 1)), 1, "walk")
    return _rows(np.stack(rows), kinds), f'<div class="garments">{moving}</div><p class="status">{told}</p>'


def _mix(page: np.ndarray) -> tuple[str, str]:
    told = both(
        "左列给粗的风格（轮廓），上行给细的风格（质地、明暗）；其余每件是一行一列的混合",
        "The left column gives the coarse styles, the shape; the top row the fine ones, texture and shade; each of the "
        "others is a mixture of its row and its column",
    )
    page[0, 0] = 0
    return (
        f'<div class="garments">{tile(grid(255 - page, 2), 1, "mix")}</div>',
        f'<p class="status">{told}</p>',
    )


def _film(frames: np.ndarray, steps: list[int]) -> tuple[str, str]:
    """frames: (F, 12, 32, 32); -> a column of photographs that are far apart, and all of them as a film."""
    chosen = np.unique(np.linspace(0, len(frames) - 1, STRIPS).round().astype(int))
    rows = "".join(
        f"<figure><figcaption>{steps[one]:,}</figcaption>{tile(grid(255 - frames[one][None], 2), 1, 'film')}</figure>"
        for one in chosen
    )
    told = both(
        f"同样十二个种子，从第 0 步到第 {steps[-1]:,} 步；左边的数是步数",
        f"The same twelve seeds, from step 0 to step {steps[-1]:,}; the number on the left is the step",
    )
    halves = frames.reshape(len(frames), 2, 6, 32, 32)
    moving = film(np.stack([grid(255 - half, 2) for half in halves]), 1, "film")
    return (
        f'<div class="garments">{rows}</div>',
        f'<div class="garments">{moving}</div><p class="status">{told}</p>',
    )


def _side_by_side(frames: np.ndarray) -> np.ndarray:
    """(F, N, 32, 32) -> (F, ...), the N of each frame in rows of up to five, doubled."""
    across = min(frames.shape[1], ROWS)
    return np.stack([255 - grid(255 - frame.reshape(-1, across, 32, 32), 2) for frame in frames])


def _rows(pictures: np.ndarray, kinds: list[int]) -> str:
    """uint8 (rows, COLUMNS, 32, 32) -> rows with the name of their kind, where each has one of its own."""
    named = (
        [both(*NAMES[KINDS[kind]]) for kind in kinds] if len(kinds) == len(pictures) else [""] * len(pictures)
    )
    shown = [f"<figure><figcaption>{name}</figcaption>{tile(grid(255 - row[None], 2), 1, 'garments')}</figure>"
             for name, row in zip(named, pictures, strict=True)]  # fmt: skip
    return f'<div class="garments">{"".join(shown)}</div>'


def build() -> None:
    kinds = [(t(*names), kind) for kind, names in NAMES.items()]
    with gr.Row():
        with gr.Column(scale=2, min_width=300) as left:
            modes = [(t(*names), mode) for mode, names in MODES.items()]
            mode = gr.Radio(modes, value="sample", label=t("玩法", "What to do"))
            with gr.Row():
                kind = gr.Dropdown([(t("全部十类", "All ten"), "all"), *kinds], value="all", min_width=140,
                                   label=t("类别", "Kind"))  # fmt: skip
                seed = seed_box()
            with gr.Row(visible=False) as second:
                other = gr.Dropdown([(t("同一类", "The same"), "same"), *kinds], value="same", min_width=140,
                                    label=t("另一件的类别", "Kind of the other"))  # fmt: skip
                other_seed = gr.Number(1, precision=0, minimum=0, maximum=2**31 - 1, min_width=100,
                                       label=t("另一件的种子", "Seed of the other"))  # fmt: skip
            levels = [(t("8 × 8：细的很多", "8 × 8: most is fine"), "8"), (t("16 × 16", "16 × 16"), "16"),
                      (t("32 × 32：只有质地", "32 × 32: texture only"), "32")]  # fmt: skip
            fine = gr.Radio(
                levels, value="16", visible=False, label=t("细风格从哪级开始", "Fine styles begin at")
            )
            far = t("离平均风格多远（1：和训练时一样）", "How far from the mean style (1: as in training)")
            spread = gr.Slider(0, MAX_SPREAD, 0.8, step=0.1, label=far)
        with gr.Column(scale=4):
            shown = gr.HTML(label=t("设计", "Designs"), min_height=320)
            told = gr.HTML(label=t("看到了什么", "What is to be seen"), min_height=60)
    mode.change(_needed, mode, [second, fine], queue=False, api_visibility="private", show_progress="hidden")
    with left:
        run_button(
            design, inputs=[mode, kind, seed, other, other_seed, fine, spread], outputs=[shown, told],
            examples=EXAMPLES, label=t("设计", "Design"),
        )  # fmt: skip
    _explained()


def _needed(mode: str) -> tuple[gr.Row, gr.Radio]:
    """Shows the boxes of the other garment where there is one."""
    return gr.Row(visible=mode in ("walk", "mix")), gr.Radio(visible=mode == "mix")


def _explained() -> None:
    how_it_works(
        t(
            "生成器从 4 × 4 画到 32 × 32，每级放大一倍；每一级的卷积都先按风格缩放通道，"
            "所以可以一级听这件、一级听那件：前面的定轮廓，后面的定质地。判别器总是看同类的一真一假，学着说出哪张更真；它的斜率被压住，训练才不会失控。"
            "发布的是生成器在训练中的滑动平均，影片拍的也是它。模型卡里有 16 个样本和最近的训练图：它没有抄。",
            "The generator draws from 4 × 4 up to 32 × 32, twice as large each time, and each convolution has its "
            "channels scaled by a style; so one resolution can listen to this garment and the next to that one: early "
            "ones settle the shape, late ones the texture. The discriminator sees a real and a generated picture of "
            "one kind and learns which is more real; its slope is held down, which keeps the duel stable. Published, "
            "and filmed, is a running mean of the generator. The card holds 16 samples with their nearest training "
            "pictures: it does not copy.",
        ),
        code="models/gan_net.py:Modulated.forward",
        rooms=["fashion_gan"],
    )


DEMO = Demo(
    name="gan_fashion",
    title=t("GAN 服装", "GAN fashion"),
    about=t(
        "没有人缝过的衣服：按类别取样，从一件走到另一件，把这件的轮廓和那件的质地混在一起，再看网络怎样从噪声学会它。",
        "Garments that nobody sewed: sample a kind, walk from one to another, mix the shape of one with the texture of "
        "another, and see how the net learned it from noise.",
    ),
    models=("fashion_gan", "fashion_cnn"),
    questions=(5,),
    build=build,
)

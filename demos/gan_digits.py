"""GAN digits: a number written by hand, in any hand, digits that become others, and what the discriminator thinks."""

import itertools

import gradio as gr
import numpy as np

import models
from demos._run import both
from demos._sheet import film, grid, tile
from demos._text import within
from demos._ui import Demo, InvalidInput, how_it_works, run_button, seed_box, t

MOST, FRAMES = 12, 9  # digits; pictures from one to the next
MAX_SPREAD = 3.0
PITCH = 18  # pixels from one digit to the next, whose picture is 28 wide
EXAMPLES = {
    ("2026", "2026"): ["2026", 3, 1.0],
    ("圆周率", "Pi"): ["314159265358", 5, 1.0],
    ("同样的数，另一只手", "The same in another hand"): ["314159265358", 8, 1.0],
    ("平均的手", "The mean hand"): ["0123456789", 0, 0.0],
    ("会失败：离平均太远", "Fails: too far from the mean"): ["0123456789", 4, 3.0],
}


def write(digits: str, seed: int, spread: float) -> tuple[str, str, str]:
    """A number in one hand, each digit with two opinions of it, and a film of the digits turning into each other; HTML.

    digits: up to 12; seed: whose hand; spread: how far from the mean hand, 0 to 3, 1 as in training.
    """
    wanted = open_digits(digits)
    seed = int(within(seed, 0, 2**31 - 1, "种子", "Seed"))
    spread = within(spread, 0, MAX_SPREAD, "幅度", "Spread")
    pairs = list(itertools.pairwise(wanted)) or [(wanted[0], (wanted[0] + 1) % 10)]
    with models.use("digit_gan") as net:
        pictures, opinions = net.write(wanted, seed, spread)
        frames = np.concatenate([net.morph(*pair, seed, spread, FRAMES) for pair in pairs])
    with models.use("digit_cnn") as reader:
        _, shares = reader.features(pictures)
    line = f'<div class="hand-line">{tile(255 - joined(pictures), 4, "".join(map(str, wanted)))}</div>'
    return line, _opinions(wanted, pictures, opinions, shares), film(255 - frames, 6, "morph")


def hundred(seed: int, spread: float) -> str:
    """A hundred samples in one batch, ten of each digit, each in a hand of its own, as HTML; how many are readable."""
    seed = int(within(seed, 0, 2**31 - 1, "种子", "Seed"))
    spread = within(spread, 0, MAX_SPREAD, "幅度", "Spread")
    asked = np.tile(np.arange(10), 10)
    with models.use("digit_gan") as net:
        pictures = net.sample(asked, seed, spread)
    with models.use("digit_cnn") as reader:
        right = int((reader.features(pictures)[1].argmax(1) == asked).sum())
    told = both(
        f"digit_cnn 把 {right} 个读成所要的数字",
        f"digit_cnn reads {right} of them as the digit that was asked for",
    )
    return f'<div class="hand-sheet">{tile(grid(255 - pictures.reshape(10, 10, 28, 28), 2), 1)}<p>{told}</p></div>'


def open_digits(digits: str | None) -> list[int]:
    """What was typed, as numbers; spaces are left out. Raises InvalidInput: no digits, too many, or something else."""
    typed = "".join(digits.split()) if isinstance(digits, str) else ""
    if not typed or not typed.isdecimal():
        raise InvalidInput("请输入数字 0 到 9", "Type digits, 0 to 9")
    if len(typed) > MOST:
        raise InvalidInput(f"最多 {MOST} 个数字", f"At most {MOST} digits")
    return [int(one) for one in typed]


def joined(pictures: np.ndarray) -> np.ndarray:
    """uint8 (N, 28, 28), bright on black -> one line, (28, PITCH N + 10): edges, which are black, overlap."""
    line = np.zeros((28, PITCH * (len(pictures) - 1) + 28), np.uint8)
    for number, picture in enumerate(pictures):
        spot = line[:, PITCH * number :][:, :28]
        np.maximum(spot, picture, out=spot)
    return line


def _opinions(wanted: list[int], pictures: np.ndarray, opinions: np.ndarray, shares: np.ndarray) -> str:
    """Each digit, over a bar of how real the discriminator finds it, and what digit_cnn reads."""
    told = []
    for digit, picture, opinion, share in zip(wanted, pictures, opinions, shares, strict=True):
        read = int(share.argmax())
        mark = "" if read == digit else ' class="wrong"'
        told.append(
            f"<figure{mark}>{tile(255 - picture, 2, str(digit))}<meter min=0 max=1 value={opinion:.2f}></meter>"
            f"<figcaption>{opinion:.0%}<br><b>{read}</b> {share[read]:.0%}</figcaption></figure>"
        )
    named = both(
        "条：比百分之几的真数字更像真的（判别器）；下面：digit_cnn 读成什么",
        "Bar: the share of real digits that look less real to the discriminator; below: what digit_cnn reads",
    )
    return f'<div class="hand-told">{"".join(told)}</div><p class="status">{named}</p>'


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=300) as left:
            digits = gr.Textbox("2026", label=t("数字，最多 12 个", "Digits, up to 12"), max_length=2 * MOST)
            with gr.Row():
                seed = seed_box()
                new = gr.Button(t("换一只手", "Next hand"), min_width=120)
            spread = gr.Slider(
                0, MAX_SPREAD, 1.0, step=0.1, label=t("离平均笔迹多远", "How far from the mean hand")
            )
        with gr.Column(scale=3):
            line = gr.HTML(label=t("写成", "Written"), min_height=120)
            told = gr.HTML(label=t("两个网络的意见", "What two nets think"), min_height=120)
            morph = gr.HTML(label=t("一个数字变成下一个", "One digit becomes the next"), min_height=150)
    moved = new.click(lambda seed: (seed or 0) + 1, seed, seed, queue=False, api_visibility="private")
    moved.then(None, None, None, js="() => hub.run('gan_digits')", api_visibility="private")
    with left:
        run_button(
            write, inputs=[digits, seed, spread], outputs=[line, told, morph], examples=EXAMPLES,
            label=t("写", "Write"),
        )  # fmt: skip
        with gr.Accordion(t("一次一百个", "A hundred at once"), open=False):
            sheet = gr.HTML(label=t("一百个样本", "A hundred samples"), min_height=150)
            run_button(hundred, inputs=[seed, spread], outputs=[sheet], examples={}, api="gan_digits_sheet",
                       label=t("写一百个", "Write a hundred"))  # fmt: skip
    how_it_works(
        t(
            "两个网络互相较劲：生成器把一串随机数（笔迹）和要写的数字变成图，判别器看真的和写出来的，学着把它们分开；"
            "生成器学着骗过它。笔迹不知道要写哪个数字，所以同一串随机数写什么都是同一只手。"
            "幅度为 0 是所有笔迹的平均，1 和训练时一样，再远就是它没学过的地方。"
            "模型卡里有 16 个样本和最近的训练图：它没有抄。",
            "Two nets compete: a generator makes a picture of random numbers, the hand, and of the digit to write; a "
            "discriminator sees real and written ones and learns to tell them apart, while the generator learns to "
            "deceive it. The hand does not know which digit it will write, so one hand writes them all. A spread of 0 "
            "is the mean of all hands, 1 is as in training, beyond lies what was never learnt. The card holds 16 "
            "samples with their nearest training digits: it does not copy.",
        ),
        code="models/gan_net.py:Generator.forward",
        rooms=["digit_gan"],
    )


DEMO = Demo(
    name="gan_digits",
    title=t("GAN 手写数字", "GAN digits"),
    about=t(
        "输入一个数，它用同一种笔迹写出来；换一只手、看一个数字变成另一个，并听听判别器觉得像不像真的。",
        "Type a number and have it handwritten in one hand; change the hand, watch one digit become another, and see "
        "how real the discriminator finds each.",
    ),
    models=("digit_gan", "digit_cnn"),
    questions=(28,),
    build=build,
)

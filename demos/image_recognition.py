"""Image recognition: the five likeliest of 1,000 classes for a photo, and where the evidence lies."""

import gradio as gr
from PIL import Image

import models
from demos._photo import heat_over, open_photo, photo_box, picture_box
from demos._ui import ROOT, Demo, InvalidInput, how_it_works, run_button, t

MAX_SIDE = 1024  # pixels; larger photos are shrunk, the net sees 224
GUESSES = (1, 2, 3, 4, 5)
SAMPLES = ROOT / "assets" / "samples" / "image_recognition"
SAMPLE = {  # file -> what the example is called
    "dogs": ("可卡犬", "Spaniels"),
    "coffee": ("咖啡", "Coffee"),
    "camera": ("黑白照片", "Black and white"),
    "pagoda": ("佛香阁", "Pagoda"),
    "cat": ("险胜未果：虎斑猫", "A near miss: tabby cat"),
    "fig": ("会失败：无花果", "Fails: a fig"),
    "astronaut": ("会失败：没有“人”这一类", "Fails: people are not a class"),
}


def recognise(photo: str, guess: int) -> tuple[dict[str, float], Image.Image]:
    """The five likeliest classes of a photo, and the photo under the heat map of guess number 1 to 5."""
    if guess not in GUESSES:
        raise InvalidInput("请选第 1 到第 5 个答案", "Choose one of the guesses 1 to 5")
    picture = open_photo(photo)
    picture.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    with models.use("efficientnet_lite0") as net:
        answers, heat = net.explain(picture, int(guess))
    return {f"{zh} {en}": probability for _, en, zh, probability in answers}, heat_over(picture, heat)


def build() -> None:
    with gr.Row():
        with gr.Column() as left:
            photo = photo_box(label=t("照片", "Photo"), height=320)
            guess = gr.Radio(
                GUESSES,
                value=1,
                label=t("热力图对应第几个答案", "Heat map of guess number"),
                info=t("换个答案，依据的位置也会变", "Another guess rests on other parts of the photo"),
            )
        with gr.Column():
            classes = gr.Label(num_top_classes=5, label=t("最像的五类", "Five likeliest classes"))
            where = picture_box(t("它看的是哪里", "Where it looked"), height=320)
    with left:
        run_button(
            recognise,
            inputs=[photo, guess],
            outputs=[classes, where],
            examples={label: [str(SAMPLES / f"{name}.jpg"), 1] for name, label in SAMPLE.items()},
            together=16,
            live=[guess.input],
        )
    how_it_works(
        t(
            "网络取照片正中的方块，缩放到 224 × 224 像素，经 16 个卷积块得到 1280 张 7 × 7 的特征图。"
            "每张特征图取平均，再经一层线性层打出 1000 个分数，softmax 把分数变成概率。"
            "热力图（Grad-CAM）按某一类对各特征图的权重把它们叠加起来：越亮的地方，越支持这个答案。",
            "The net takes the square in the middle of the photo at 224 × 224 pixels; sixteen convolutional "
            "blocks turn it into 1,280 feature maps of 7 × 7. Each map is averaged, one linear layer gives "
            "1,000 scores, and softmax makes probabilities of them. The heat map (Grad-CAM) adds up the maps "
            "by their weight for one class: the brighter a place, the more it speaks for that answer.",
        ),
        code="models/efficientnet_lite0/net.py:EfficientNetLite0._heat",
        rooms=["efficientnet_lite0"],
    )


DEMO = Demo(
    name="image_recognition",
    title=t("图像识别", "Image recognition"),
    about=t(
        "给一张照片，看它最像 1000 类事物中的哪五类，以及网络凭照片的哪一处作出判断。",
        "Give a photo and see which five of 1,000 things it most resembles, and what the net relied on.",
    ),
    models=("efficientnet_lite0",),
    questions=(3,),
    build=build,
)

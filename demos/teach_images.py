"""Teach images: name classes, show a few pictures of each, and a classifier on frozen features learns them at once."""

import time
from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np

import models
from demos._classifier import classifier_box, read_classifier, write_classifier
from demos._lesson import as_lesson, as_value, lesson_box, look_box, open_lesson, open_picture
from demos._run import both
from demos._trust import course, trained, trust
from demos._ui import ROOT, Demo, InvalidInput, how_it_works, run_button, t

AT_ONCE = 8  # pictures between two looks at Stop
SAMPLES = ROOT / "assets" / "samples" / "teach_images"
SAMPLE = {  # folder -> what the example is called, and its classes
    "landscape": (("风景照", "Landscape photos"), {
        "rock": "岩石 rock", "meadow": "草地 meadow", "trees": "树林 trees"}),
    "emoji": (("换一家画的表情", "Emoji, another artist's"), {
        "fruit": "水果 fruit", "vehicle": "车 vehicle", "instrument": "乐器 instrument"}),
    "garments": (("四种服装", "Four garments"), {
        "t-shirt": "T 恤 T-shirt", "trousers": "裤子 trousers", "bag": "包 bag", "boot": "短靴 boot"}),
    "backgrounds": (("会失败：背景泄了密", "Fails: the background tells"), {"cat": "猫 cat", "dog": "狗 dog"}),
}  # fmt: skip
EXAMPLES = {
    label: [as_lesson(SAMPLES / name, classes), as_value(next((SAMPLES / name).glob("try.*")))]
    for name, (label, classes) in SAMPLE.items()
}


def teach(lesson: list, picture: str) -> Iterator[tuple[str, Any, Any]]:
    """Trains a classifier on a few pictures of each class; -> report as HTML, classifier in base64, answer.

    lesson: [{"name": class, "pictures": [data URLs]}, ...]; picture: one to try, as a data URL, or "".
    """
    shown = open_lesson(lesson)
    asked = [open_picture(picture)] if picture else []
    with models.use("efficientnet_lite0") as net:
        started, rows, everything = time.perf_counter(), [], [*shown.pictures, *asked]
        for first in range(0, len(everything), AT_ONCE):
            told = f"{first} / {len(everything)}"
            yield f"<p>{both(f'正在看图 {told}', f'looking at pictures {told}')}</p>", gr.skip(), gr.skip()
            rows.append(net.embed(everything[first : first + AT_ONCE]))
        vectors = np.concatenate(rows)
        learned, new = vectors[: len(shown.pictures)], vectors[len(shown.pictures) :]
        looked = time.perf_counter()
        for head in net.fit(learned, shown.labels):
            yield course(head.losses), gr.skip(), gr.skip()
        ended = time.perf_counter()
        guesses = net.left_out(learned, shown.labels)
        answers = net.classify(head, new)
    told = trained(len(shown.pictures), looked - started, ended - looked)
    report = course(head.losses) + told + trust(shown, guesses, learned)
    yield report, write_classifier(head), answers[0] if answers else None


def look(classifier: str, picture: str) -> dict[str, float]:
    """What a classifier that teach_images gave, base64, makes of a picture, a data URL: {class: probability}."""
    head, asked = read_classifier(classifier), open_picture(picture)
    with models.use("efficientnet_lite0") as net:
        return net.classify(head, net.embed([asked]))[0]


def loaded(classifier: str) -> tuple[str, str]:
    """A file that was brought back -> itself and nothing, or nothing and why it cannot be used, as HTML."""
    try:
        head = read_classifier(classifier)
    except InvalidInput as told:
        return "", f'<p class="refused">{both(told.zh, told.en)}</p>'
    return classifier, f"<p>{both(f'已载入 {len(head.labels)} 类', f'{len(head.labels)} classes loaded')}</p>"


def build() -> None:
    with gr.Row():
        with gr.Column(scale=3, min_width=320) as left:
            lesson = lesson_box(
                t("要教的类，每类至少三张图", "Classes to teach, three pictures each or more")
            )
        with gr.Column(scale=2, min_width=300) as right:
            report = gr.HTML(min_height=120, label=t("训练与可信度", "Training, and how far to trust it"))
            classifier = classifier_box(t("分类器", "Classifier"))
            picture = look_box(t("试一试", "Try it"))
            answer = gr.Label(label=t("它认成", "It sees"))
    with left:
        run_button(
            teach,
            inputs=[lesson, picture],
            outputs=[report, classifier, answer],
            examples=EXAMPLES,
            together=4,
            label=t("训练", "Train"),
        )
    with right:
        run_button(
            look,
            inputs=[classifier, picture],
            outputs=[answer],
            examples={},
            api="teach_images_try",
            together=16,
            live=[picture.input],
            label=t("认一认", "Classify"),
        )
    quiet = {"queue": False, "api_visibility": "private", "show_progress": "hidden"}
    classifier.input(loaded, classifier, [classifier, report], **quiet)
    _explained()


def _explained() -> None:
    how_it_works(
        t(
            "在 ImageNet 上预训练好的 EfficientNet-Lite0 把每张图变成 1392 个数（最后一层和中间一层特征图的平均值），"
            "它的参数不动；你的图只用来训练上面的一层逻辑回归，所以几十毫秒就够。留一法把每张图轮流藏起来，用其余的重新"
            "训练再考它，估计的是“再来一张这样的图”的水平，看不出背景替你泄了密。图片在浏览器里缩成 224 像素的方块，"
            "随每次运行送来算，用完即弃，不写文件；分类器只有权重和类别名。",
            "EfficientNet-Lite0, pretrained on ImageNet, turns each picture into 1,392 numbers, the means of its last "
            "and its middle feature maps, and is left as it is; your pictures only train a logistic regression on top, "
            "which is why milliseconds are enough. Leave-one-out hides each picture in turn and asks a classifier of "
            "the others; it tells how another picture like these would fare, not that the background gave the class "
            "away. Pictures are shrunk to 224 pixels in your browser, sent with each run, and dropped when it ends; no "
            "file is written. The classifier holds weights and class names only.",
        ),
        code="models/efficientnet_lite0/head.py:_descend",
        rooms=["efficientnet_lite0"],
    )


DEMO = Demo(
    name="teach_images",
    title=t("几张图教会识别", "Teach images"),
    about=t(
        "给两到五类起名，各加三张以上的图，一眨眼训练好自己的分类器，再用摄像头当场试它；图片用完即弃，不保存。",
        "Name two to five classes, add three pictures of each or more, train a classifier of your own in a blink and "
        "try it live with the webcam. Pictures are not kept.",
    ),
    models=("efficientnet_lite0",),
    questions=(21,),
    build=build,
)

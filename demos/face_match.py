"""Face match: are the faces on two photos of one person, and who of a small gallery is it? Nothing is kept."""

import gradio as gr
import numpy as np

import models
from demos import _face_gallery
from demos._face import SAMPLES, Seen, as_value, drawn, face_box, look, notes, open_face, sentences
from demos._face_verdict import verdict
from demos._photo import inline
from demos._text import within
from demos._ui import Demo, InvalidInput, how_it_works, run_button, t

THRESHOLD = 0.5
MOST_FACES = 50
WARNING = (
    "**这不能用来做什么**：不要用它查陌生人是谁，不要用作门禁、考勤、执法或任何对人的决定。它会认错：亲属、长相相近的人、"
    "孩子和训练数据里少见的人群更常被认错；拿照片的照片也能骗过它。用别人的照片前请先征得同意。\n\n"
    "**照片只在内存里**：在浏览器里缩小后送出，不落盘、不写日志，答完即丢；画廊只在这个页面的会话里，15 分钟不用即删。",
    "**What this is not for**: finding out who strangers are, access control, attendance, policing, or any decision "
    "about a person. It errs, more often for relatives and people who look alike, for children, and for groups that "
    "its training data lacked; a photo of a photo fools it. Ask people before you use their photos.\n\n"
    "**Photos stay in memory**: they are shrunk in your browser, never written to disk or to a log, and dropped once "
    "answered; a gallery lives in this page's session only and is deleted after 15 minutes without use.",
)
SAMPLE = {  # photo A, photo B -> what the example is called
    ("obama_2009", "obama_2012"): ("同一人，隔三年", "One person, three years apart"),
    ("obama_2010", "biden"): ("同一天的两个人", "Two people, one day"),
    ("collins", "hopper"): ("两位女士", "Two women"),
    ("andersson", "dahlgren"): ("两位老先生", "Two old gentlemen"),
    ("expedition", "dahlgren"): ("会失败：脸太小", "Fails: faces too small"),
}


def compare(photo_a: str, photo_b: str, threshold: float, face_a: int, face_b: int) -> tuple[str, str, str]:
    """Whether the faces on two photos are of one person; -> verdict, photo A, photo B as HTML.

    photo_a, photo_b: data URLs of pictures; threshold: 0.3 to 0.7, a distance below it counts as one person;
    face_a, face_b: which face of each photo, 1 is the largest.
    """
    photos = [open_face(photo_a, "照片 A", "photo A"), open_face(photo_b, "照片 B", "photo B")]
    limit = within(threshold, 0.3, 0.7, "阈值", "The threshold")
    numbers = [
        int(within(number, 1, MOST_FACES, "第几张脸", "The face's number")) for number in (face_a, face_b)
    ]
    with models.use("face_detector") as net:
        seen = [look(net, photo) for photo in photos]
    pictures = [_picture(*one) for one in zip(seen, numbers, "AB", strict=True)]
    if not all(one.faces for one in seen):
        nothing = (
            "至少一张照片上没有找到脸，没有可比的",
            "No face was found on one of the photos: nothing to compare",
        )
        return sentences([nothing]), *pictures
    chips = [one.faces[number - 1]["chip"] for one, number in zip(seen, numbers, strict=True)]
    with models.use("face_resnet") as net:
        a, b = net.embed(chips)
    answer = verdict(float(np.linalg.norm(a - b)), limit, [inline(chip, "JPEG") for chip in chips])
    return answer, *pictures


def _picture(seen: Seen, number: int, letter: str) -> str:
    """A photo with its faces and notes, as HTML. Raises InvalidInput for a face that is not there."""
    count = len(seen.faces)
    if count and number > count:
        raise InvalidInput(
            f"照片 {letter} 上只找到 {count} 张脸，请改选",
            f"Photo {letter}: {count} found; choose another face",
        )
    names = [str(one + 1) if count > 1 else "" for one in range(count)]
    return drawn(seen, names, number - 1) + sentences(notes(seen, number - 1))


def build() -> None:
    gr.Markdown(t(*WARNING), elem_classes="face-warning")
    threshold = gr.Slider(
        0.3,
        0.7,
        value=THRESHOLD,
        step=0.01,
        label=t("阈值", "Threshold"),
        info=t("距离小于它算同一个人；越小越严", "Below this distance: one person. Smaller is stricter"),
    )
    with gr.Tabs(elem_classes="inner"):
        with gr.Tab(t("两张照片", "Two photos")):
            _pair(threshold)
        with gr.Tab(t("一张照片对一个小画廊", "One photo against a small gallery")):
            _face_gallery.build(threshold)
    how_it_works(
        t(
            "检测网络在照片上框出人脸，再标出 68 个点；按眼和嘴的位置把脸转正、裁成 150 × 150。第二个残差网络把这张脸"
            "变成 128 个数，训练时让同一人的靠近、不同人的远离。两组数的距离小于阈值，就算同一个人；阈值放宽，"
            "漏认变少，误认变多。",
            "A detector draws boxes around faces and marks 68 points in each; by eyes and mouth the face is turned "
            "upright and cut out at 150 × 150. A residual net turns it into 128 numbers, trained to lie close for one "
            "person and far for two. Below a threshold of their distance two faces count as one person; a looser one "
            "misses fewer and confuses more.",
        ),
        code="models/face_resnet/net.py:FaceResNet.forward",
        rooms=["face_detector", "face_resnet"],
    )


def _pair(threshold: gr.Slider) -> None:
    photos, numbers = [], []
    with gr.Row():
        for letter in "AB":
            with gr.Column(min_width=280):
                photo = face_box(t(f"照片 {letter}", f"Photo {letter}"))
                which = t(
                    f"照片 {letter} 上第几张脸，1 最大", f"Which face of photo {letter}, 1 is the largest"
                )
                number = gr.Number(1, precision=0, minimum=1, maximum=MOST_FACES, label=which)
                photo.input(None, None, number, js="() => 1", queue=False, api_visibility="private")
                photos.append(photo)
                numbers.append(number)
    buttons = gr.Column()
    answer = gr.HTML(label=t("是同一个人吗", "One person?"), min_height=80)
    pictures = []
    with gr.Row():
        for letter in "AB":
            with gr.Column(min_width=280):  # a box right in a row would not grow with its picture
                name = t(f"照片 {letter} 上的脸", f"Faces on photo {letter}")
                pictures.append(gr.HTML(label=name, min_height=80))
    with buttons:
        run_button(
            compare,
            inputs=[*photos, threshold, *numbers],
            outputs=[answer, *pictures],
            examples={
                label: [*(as_value(SAMPLES / f"{name}.jpg") for name in names), THRESHOLD, 1, 1]
                for names, label in SAMPLE.items()
            },
            live=[threshold.release, *(number.input for number in numbers)],
            label=t("比较", "Compare"),
        )


DEMO = Demo(
    name="face_match",
    title=t("人脸比对", "Face match"),
    about=t(
        "两张照片上是不是同一个人，或者一张照片是小画廊里的谁：看找到的脸、距离、阈值，以及它多常出错。照片不保存。",
        "Do two photos show one person, or whom of a small gallery does one show? See the faces found, the distance, "
        "the threshold and how often it errs. Photos are not kept.",
    ),
    models=("face_detector", "face_resnet"),
    questions=(18,),
    build=build,
)

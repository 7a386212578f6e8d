"""A gallery of a few named faces that lives in the memory of one browser session, and not for long."""

import html
import threading
from dataclasses import dataclass, field

import gradio as gr
import numpy as np
from PIL import Image

import models
from demos._face import SAMPLES, as_value, drawn, face_box, look, open_face, sentences
from demos._photo import inline
from demos._run import InvalidInput, both
from demos._text import open_text, within
from demos._ui import run_button, t

MOST, KEPT = 8, 900  # faces; seconds after the last use until a gallery is deleted
MAX_NAME = 40  # characters
LOOKED_AT = 6  # faces of one photo that are looked for in the gallery
SAMPLE_PEOPLE = {"Eileen Collins": "collins", "Grace Hopper": "hopper", "Barack Obama": "obama_2012",
                 "Joe Biden": "biden", "E. W. Dahlgren": "dahlgren", "Aksel Andersson": "andersson"}  # fmt: skip
EXAMPLES = {  # label -> photo, threshold; all with the sample gallery
    ("在示例画廊里", "In the sample gallery"): ("obama_2009", 0.5),
    ("不在示例画廊里", "Not in the sample gallery"): ("muhammad_ali", 0.5),
    ("会失败：阈值太松，认错人", "Fails: too loose, takes him for another"): ("claudet", 0.65),
}


@dataclass
class Gallery:
    """Named faces. Empties itself KEPT seconds after the last use, whether or not the page is still open."""

    faces: list[tuple[str, str, np.ndarray]] = field(
        default_factory=list
    )  # name, chip as an address, vector (128,)
    _timer: threading.Timer | None = None

    def touch(self) -> None:
        """Starts the time anew."""
        self.clear_timer()
        self._timer = threading.Timer(KEPT, self.faces.clear)
        self._timer.daemon = True
        self._timer.start()

    def clear(self) -> None:
        """Deletes all faces now."""
        self.clear_timer()
        self.faces.clear()

    def clear_timer(self) -> None:
        """Lets no time run."""
        if self._timer:
            self._timer.cancel()


def add(photo: str, name: str, gallery: Gallery | None) -> tuple[Gallery, str, bool]:
    """Adds the largest face on a photo under a name; -> the gallery, its faces as HTML, no sample gallery any more."""
    picture = open_face(photo, "照片", "a photo")
    name = open_text(name, MAX_NAME)
    gallery = gallery if isinstance(gallery, Gallery) else Gallery()
    if len(gallery.faces) >= MOST:
        raise InvalidInput(
            f"画廊最多 {MOST} 张脸，请先删除", f"A gallery holds at most {MOST} faces; delete it first"
        )
    if not _put(gallery, name, picture):
        raise InvalidInput(
            "这张照片上没有找到人脸，换一张正面的", "No face was found on this photo; use one from the front"
        )
    gallery.touch()
    return gallery, shown(gallery), False


def find(
    photo: str, threshold: float, sample: bool, gallery: Gallery | None
) -> tuple[str, str, Gallery | None]:
    """Looks for the faces of a photo in a gallery; -> answer and that gallery as HTML, and the visitor's own.

    threshold: distance from which on two faces are taken for two people, 0.3 to 0.7; sample: looks in the gallery of
    the examples, not in the visitor's own.
    """
    picture = open_face(photo, "照片", "a photo")
    limit = within(threshold, 0.3, 0.7, "阈值", "The threshold")
    asked = samples() if sample else gallery
    if not isinstance(asked, Gallery) or not asked.faces:
        raise InvalidInput(
            "画廊是空的，请先加入几张脸，或点一个例子",
            "The gallery is empty; add faces first or click an example",
        )
    if not sample:
        asked.touch()
    kept = list(asked.faces)
    with models.use("face_detector") as net:
        seen = look(net, picture)
    with models.use("face_resnet") as net:
        vectors = net.embed([face["chip"] for face in seen.faces[:LOOKED_AT]])
    distances = np.linalg.norm(
        vectors[:, None] - np.stack([vector for _, _, vector in kept]), axis=2
    )  # (faces, kept)
    names = [kept[row.argmin()][0] if row.min() < limit else "?" for row in distances]
    names += [""] * (len(seen.faces) - len(names))
    answer = drawn(seen, [html.escape(name) for name in names], 0 if seen.faces else None)
    return answer + _told(len(seen.faces), distances, kept, limit), shown(asked), gallery


def samples() -> Gallery:
    """The gallery of the examples."""
    gallery = Gallery()
    for name, file in SAMPLE_PEOPLE.items():
        _put(gallery, name, Image.open(SAMPLES / f"{file}.jpg").convert("RGB"))
    return gallery


def _put(gallery: Gallery, name: str, picture: Image.Image) -> bool:
    with models.use("face_detector") as net:
        seen = look(net, picture)
    if not seen.faces:
        return False
    with models.use("face_resnet") as net:
        (vector,) = net.embed([seen.faces[0]["chip"]])
    gallery.faces.append((name, inline(seen.faces[0]["chip"], "JPEG"), vector))
    return True


def shown(gallery: Gallery) -> str:
    """The gallery as HTML."""
    faces = "".join(
        f'<figure><img src="{chip}" alt=""><figcaption dir="auto">{html.escape(name)}</figcaption></figure>'
        for name, chip, _ in gallery.faces
    )
    minutes = KEPT // 60
    told = both(
        f"最后一次使用 {minutes} 分钟后自动删除", f"Deleted by itself {minutes} minutes after its last use"
    )
    return f'<div class="face-gallery">{faces}</div><p class="face-note">{told}</p>' if faces else ""


def _told(count: int, distances: np.ndarray, kept: list, limit: float) -> str:
    """For the largest face a row per person, nearest first."""
    if not count:
        return sentences(
            [("没有找到人脸，所以没有可比的", "No face was found, so there is nothing to compare")]
        )
    rows = "".join(
        f'<tr class="{"near" if distances[0, i] < limit else ""}"><td><img src="{kept[i][1]}" alt=""></td>'
        f'<td dir="auto">{html.escape(kept[i][0])}</td><td>{distances[0, i]:.2f}</td></tr>'
        for i in np.argsort(distances[0])
    )
    near = int((distances[0] < limit).sum())
    told = [
        (
            "没有人近于阈值：按此不在画廊里",
            "Nobody is nearer than the threshold: taken not to be in the gallery",
        ),
        ("一人近于阈值", "One person is nearer than the threshold"),
        (
            f"{near} 人近于阈值：分不清是谁",
            f"{near} people are nearer than the threshold: it cannot tell them apart",
        ),
    ][min(near, 2)]
    several = [
        (
            f"照片上有 {count} 张脸，下表是最大的一张",
            f"{count} faces on the photo; the table is about the largest",
        )
    ]
    head = "".join(
        f'<th scope="col">{both(*pair)}</th>' for pair in (("", ""), ("姓名", "name"), ("距离", "distance"))
    )
    table = f'<table class="answers face-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return sentences([told, *(several if count > 1 else [])]) + table


def build(threshold: gr.Slider) -> None:
    """The second half of the tab."""
    state = gr.State(None, time_to_live=KEPT)
    with gr.Row():
        with gr.Column(min_width=280):
            photo = face_box(t("照片", "Photo"))
            sample = gr.Checkbox(
                label=t("在示例画廊里找，不在自己的", "Look in the sample gallery, not in my own")
            )
            finding = gr.Column()
            name = gr.Textbox(
                label=t("要加入画廊的人叫什么", "Name, to add this face to the gallery"), max_length=MAX_NAME
            )
            adding = gr.Column()
        with gr.Column(min_width=280):
            people = gr.HTML(label=t("画廊", "Gallery"), min_height=60)
            delete = gr.Button(
                t("删除画廊", "Delete gallery"), elem_classes="aside", elem_id="face_gallery-delete"
            )
            answer = gr.HTML(label=t("是谁", "Who is it"), min_height=80)
    with adding:
        run_button(add, [photo, name, state], [state, people, sample], examples={},
                   api="face_gallery_add", label=t("加入画廊", "Add to gallery"))  # fmt: skip
    with finding:
        run_button(
            find,
            inputs=[photo, threshold, sample, state],
            outputs=[answer, people, state],
            examples={
                label: [as_value(SAMPLES / f"{name}.jpg"), limit, True, gr.skip()]  # the visitor's own stays
                for label, (name, limit) in EXAMPLES.items()
            },
            api="face_gallery",
            label=t("在画廊里找", "Find in gallery"),
        )
    quiet = {"queue": False, "api_visibility": "private", "show_progress": "hidden"}
    delete.click(forget, state, [state, people, answer], **quiet)


def forget(gallery: Gallery | None) -> tuple[None, str, str]:
    """Deletes a gallery."""
    if isinstance(gallery, Gallery):
        gallery.clear()
    return None, "", ""

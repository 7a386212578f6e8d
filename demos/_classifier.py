"""A trained classifier as a file to keep and to bring back: safetensors, checked byte by byte before anything loads."""

import base64
import binascii
import json
import math
from typing import Any

import gradio as gr
import numpy as np

import models
from demos._lesson import FEWEST_CLASSES, MOST_CLASSES, MOST_NAME
from demos._run import InvalidInput, both
from demos._ui import PRIVATE, ROOT, Text
from models.efficientnet_lite0.head import LENGTH, Head

ROOM, KIND = "efficientnet_lite0", "ai-demo-hub teach_images 1"
MOST_BYTES, MOST_HEADER = 64_000, 8_000  # a file of five classes has some 29,000
LARGEST = 1e4  # of a weight; training gives some 10
TEMPLATE = """<div class="classifier"><p class="classifier-told"></p><div class="sketch-buttons">
<button type="button" class="classifier-save" disabled>%s</button>
<button type="button" class="classifier-load">%s</button></div><p class="lesson-note" role="status"></p></div>"""


def classifier_box(name: Text) -> gr.HTML:
    """Shows the classes of a classifier, saves and loads it in the browser. Its value: the file, in base64."""
    return gr.HTML(
        "",
        html_template=TEMPLATE % (both("下载", "Download"), both("载入文件", "Load a file")),
        js_on_load=(ROOT / "assets" / "classifier.js").read_text(),
        label=name,
        elem_classes=["classifier-box", PRIVATE],
    )


def write_classifier(head: Head) -> str:
    """-> safetensors file in base64: weights, bias, and as metadata the labels and the net they belong to."""
    from safetensors.numpy import save

    labels = json.dumps(list(head.labels), ensure_ascii=False)
    told = {"kind": KIND, "net": ROOM, "revision": models.revision(ROOM), "labels": labels}
    return base64.b64encode(save({"weights": head.weights, "bias": head.bias}, told)).decode()


def read_classifier(value: Any) -> Head:
    """What write_classifier() gave -> Head. Raises InvalidInput for whatever else it is, before an array is made."""
    data = _bytes(value)
    header, body = _header(data)
    told = header.pop("__metadata__", None)
    if not isinstance(told, dict) or told.get("kind") != KIND:
        raise InvalidInput("这不是本页存下的分类器", "This file was not saved by this tab")
    if (told.get("net"), told.get("revision")) != (ROOM, models.revision(ROOM)):
        raise InvalidInput("这个分类器属于另一版网络，请重新训练",
                           "This classifier belongs to another version of the net; train it anew")  # fmt: skip
    labels = _labels(told.get("labels"))
    weights, bias = _arrays(header, body, len(labels))
    if not (np.isfinite(weights).all() and np.isfinite(bias).all()):
        raise InvalidInput("分类器里有不是数的权重", "The classifier holds weights that are not numbers")
    if max(np.abs(weights).max(), np.abs(bias).max()) > LARGEST:
        raise InvalidInput("分类器里有过大的权重", "The classifier holds weights that are too large")
    return Head(labels, weights, bias)


def _bytes(value: Any) -> bytes:
    if not value or not isinstance(value, str):
        raise InvalidInput("请先训练或载入一个分类器", "Train or load a classifier first")
    if len(value) > MOST_BYTES * 4 // 3 + 4:
        raise InvalidInput(f"文件太大，分类器不超过 {MOST_BYTES // 1000} kB",
                           f"A classifier has at most {MOST_BYTES // 1000} kB; this file is larger")  # fmt: skip
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as cause:
        raise _no_file() from cause


def _header(data: bytes) -> tuple[dict[str, Any], bytes]:
    """-> the header of a safetensors file, and what follows it."""
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or not 2 <= size <= min(MOST_HEADER, len(data) - 8):
        raise _no_file()
    try:
        header = json.loads(data[8 : 8 + size].decode())
    except (ValueError, RecursionError) as cause:
        raise _no_file() from cause
    if not isinstance(header, dict):
        raise _no_file()
    return header, data[8 + size :]


def _labels(text: Any) -> tuple[str, ...]:
    wrong = InvalidInput("分类器里的类别名读不了", "The names of the classes in this file cannot be read")
    try:
        labels = json.loads(text)
    except (TypeError, ValueError, RecursionError) as cause:
        raise wrong from cause
    if not isinstance(labels, list) or not FEWEST_CLASSES <= len(labels) <= MOST_CLASSES:
        raise wrong
    if not all(isinstance(one, str) and one.strip() and len(one) <= MOST_NAME for one in labels):
        raise wrong
    if len(set(labels)) < len(labels) or any("\ud800" <= sign <= "\udfff" for one in labels for sign in one):
        raise wrong
    return tuple(labels)


def _arrays(header: dict[str, Any], body: bytes, labels: int) -> tuple[np.ndarray, np.ndarray]:
    """The two arrays, float32, of just the right shapes, one after the other and nothing else in the file."""
    shapes = {"weights": [labels, LENGTH], "bias": [labels]}
    sizes = {name: 4 * math.prod(shape) for name, shape in shapes.items()}
    for order in (("weights", "bias"), ("bias", "weights")):
        begins = {order[0]: 0, order[1]: sizes[order[0]]}
        wanted = {
            name: {"dtype": "F32", "shape": shape, "data_offsets": [begins[name], begins[name] + sizes[name]]}
            for name, shape in shapes.items()
        }
        if header == wanted and len(body) == sum(sizes.values()):
            break
    else:
        raise InvalidInput(
            "分类器的数组名称、类型或形状不对",
            "The arrays in this file have the wrong names, types or shapes",
        )
    weights, bias = (
        np.frombuffer(body, "<f4", math.prod(shape), begins[name]).reshape(shape)
        for name, shape in shapes.items()
    )
    return weights, bias


def _no_file() -> InvalidInput:
    return InvalidInput(
        "这不是完整的 safetensors 文件，请选本页下载的那个",
        "This is no complete safetensors file; choose one that this tab saved",
    )

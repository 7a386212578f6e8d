"""What the API page, clients and agents read of each endpoint: labels, limits, and values of an example that runs."""

from pathlib import Path
from typing import Any

import gradio as gr

from demos._run import Hub
from demos._ui import ROOT, Run, Text, every_run


class DocumentedHub(Hub):
    """A hub whose endpoints are told by the labels of the page and by each demo's first example."""

    def get_api_info(self, *args: Any, **options: Any) -> Any:
        info = super().get_api_info(*args, **options)
        for run in every_run():
            if told := info["named_endpoints"].get(f"/{run.api}"):
                _document(told, run)
        return info


def _document(told: dict[str, Any], run: Run) -> None:
    example = next(iter(run.examples.values()), [])
    shown = [place for place, box in enumerate(run.inputs) if not box.skip_api]
    for parameter, place in zip(told["parameters"], shown, strict=True):
        box = run.inputs[place]
        parameter["label"] = _label(box) or parameter["parameter_name"]
        parameter["python_type"]["description"] = limits(box)
        parameter["example_input"] = _sendable(example[place] if example else box.value)
        if (
            parameter["example_input"] and parameter["parameter_default"] == ""
        ):  # what stands empty is to be filled
            parameter["parameter_has_default"] = False
    labels = [_label(box) for box in run.outputs if not box.skip_api]
    for output, label in zip(told["returns"], [*labels, "Receipt 收据"], strict=True):
        output["label"] = label


def _label(box: Any) -> str:
    label = getattr(box, "label", None)
    if not isinstance(label, Text):
        return str(label or "")
    return label.en if label.en == label.zh else f"{label.en} {label.zh}"


def limits(box: Any) -> str:
    """What a box takes, in words; "" where its type says all."""
    if isinstance(box, gr.Number | gr.Slider):
        ends = [
            f"{word} {value}"
            for word, value in (("from", box.minimum), ("to", box.maximum))
            if value is not None
        ]
        return " ".join(ends)
    if isinstance(box, gr.Image | gr.Audio | gr.Video | gr.File):
        return "a file, uploaded first: handle_file() in gradio_client, POST /gradio_api/upload over HTTP"
    return ""


def _sendable(value: Any) -> Any:
    """An example's value as a client sends it; a file by its place in this repository."""
    if isinstance(value, str) and 0 < len(value) < 300 and "\n" not in value and Path(value).is_file():
        place = str(Path(value).resolve().relative_to(ROOT))
        return {
            "path": place,
            "url": place,
            "orig_name": Path(place).name,
            "meta": {"_type": "gradio.FileData"},
        }
    return value

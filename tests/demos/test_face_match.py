"""The face match tab: right verdicts, a gallery that goes, and no trace of a face on disk, in a log or in memory."""

import base64
import html
import io
import json
import logging
import re
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from demos import _face_gallery, _ui
from demos._face import SAMPLES, Seen, as_value, notes, open_face
from demos._face_gallery import Gallery, add, find, forget, samples
from demos._face_verdict import verdict
from demos._run import Hub, InvalidInput
from demos._ui import PRIVATE, runs
from demos.face_match import DEMO, THRESHOLD, compare
from models.face_resnet import net as room

SCRIPT = "<script>alert(1)</script>"


def sample(name: str) -> str:
    return as_value(SAMPLES / f"{name}.jpg")


def value(picture: Image.Image) -> str:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def opened(name: str) -> Image.Image:
    return Image.open(SAMPLES / f"{name}.jpg").convert("RGB")


def distance(answer: str) -> float:
    return float(re.search(r"Distance (\d\.\d\d)", answer)[1])  # type: ignore[index]


@pytest.fixture(scope="module")
def hub() -> gr.Blocks:
    with Hub() as hub:
        _ui.render(DEMO)
    return hub


def test_the_default_threshold_is_the_measured_one() -> None:
    assert THRESHOLD == room.THRESHOLD


def test_one_person_and_two_people() -> None:
    answer, left, right = compare(sample("obama_2009"), sample("obama_2012"), THRESHOLD, 1, 1)
    assert distance(answer) < 0.45
    assert "taken for one person" in answer
    assert left.count("<rect") == right.count("<rect") == 1
    answer, *_ = compare(sample("obama_2010"), sample("biden"), THRESHOLD, 1, 1)
    assert distance(answer) > 0.55
    assert "taken for two people" in answer


def test_the_threshold_decides_and_nearness_to_it_is_said() -> None:
    loose, *_ = compare(sample("obama_2009"), sample("obama_2012"), 0.42, 1, 1)
    strict, *_ = compare(sample("obama_2009"), sample("obama_2012"), 0.3, 1, 1)
    assert "taken for one person" in loose
    assert "another photo may turn it" in loose
    assert "taken for two people" in strict
    assert "another photo may turn it" not in strict


def test_the_samples_that_the_rates_come_from_are_counted() -> None:
    answer, *_ = compare(sample("collins"), sample("hopper"), THRESHOLD, 1, 1)
    metrics = json.loads((_ui.ROOT / "models" / "face_resnet" / "results.json").read_text())["metrics"]
    assert f"{metrics['different_pairs']:.0f} of two" in answer
    assert "28 pairs of people" in answer
    assert "at most 11% are" in answer
    nearest = metrics["different_people_least"]
    loose = verdict(0.6, 0.65, [])
    assert "No two people are confused" not in loose
    assert "at most" not in loose
    assert f"as near as {nearest:.2f}, below this threshold" in loose
    assert "No two people are confused" in verdict(0.6, nearest, [])


@pytest.mark.parametrize(
    ("measured", "limit", "told"),
    [(0.4979, 0.5, "0.498 < 0.500"), (0.502, 0.5, "0.502 ≥ 0.500"), (0.41, 0.5, "0.41 < 0.50")],
)
def test_a_distance_and_a_threshold_that_look_alike_are_told_apart(
    measured: float, limit: float, told: str
) -> None:
    assert f"Distance {told}:" in html.unescape(verdict(measured, limit, []))


def test_several_faces_are_numbered_and_any_can_be_chosen() -> None:
    group = Image.new("RGB", (1100, 640))
    group.paste(opened("obama_2012"), (0, 0))
    group.paste(opened("hopper").resize((410, 480)), (620, 0))
    first, left, _ = compare(value(group), sample("obama_2009"), THRESHOLD, 1, 1)
    second, *_ = compare(value(group), sample("hopper"), THRESHOLD, 2, 1)
    assert "2 faces found, number 1 is compared" in left
    assert left.count("<rect") == 2
    assert distance(first) < THRESHOLD
    assert distance(second) < 0.3
    with pytest.raises(InvalidInput, match="Photo A: 2 found"):
        compare(value(group), sample("hopper"), THRESHOLD, 3, 1)


def test_no_face_and_tiny_faces_are_answered_with_a_sentence() -> None:
    for photo in (value(Image.new("RGB", (300, 200), "navy")), sample("expedition")):
        answer, left, right = compare(photo, sample("dahlgren"), THRESHOLD, 1, 1)
        assert "nothing to compare" in answer
        assert "No face found" in left
        assert "No face found" not in right


def test_a_photo_on_its_side_is_turned_and_that_is_said() -> None:
    answer, left, _ = compare(
        value(opened("collins").rotate(90, expand=True)), sample("collins"), THRESHOLD, 1, 1
    )
    assert distance(answer) < 0.1
    assert "turned upright" in left


def test_small_and_blurred_faces_are_named() -> None:
    small = compare(value(ImageOps.scale(opened("hopper"), 0.15)), sample("hopper"), THRESHOLD, 1, 1)[1]
    assert "pixels wide" in small
    blurred = value(opened("hopper").filter(ImageFilter.GaussianBlur(3)))
    assert "blurred" in compare(blurred, sample("hopper"), THRESHOLD, 1, 1)[1]


def test_a_face_turned_aside_is_named() -> None:
    points = np.zeros((68, 2), np.float32)
    points[36:42], points[42:48], points[30] = (40, 50), (80, 50), (75, 70)
    face = {"box": (0, 0, 100, 100), "score": 1.0, "points": points, "chip": opened("hopper")}
    assert "turned aside" in str(notes(Seen(opened("hopper"), 0, [face]), 0))
    points[30] = (60, 70)
    assert notes(Seen(opened("hopper"), 0, [face]), 0) == []


@pytest.mark.parametrize(
    "wrong",
    [None, "", " \n", 3, [], {}, "photo.jpg", "data:text/html;base64,AAAA", "data:image/png;base64,####",
     "data:image/png;base64,AAAA", "data:image/png;base64,é", "😀" * 50_000],
)  # fmt: skip
def test_what_is_no_photo_is_refused_before_a_model_is_asked(
    wrong: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.use", lambda name: pytest.fail("a model was asked"))
    for photos in ((wrong, sample("hopper")), (sample("hopper"), wrong)):
        with pytest.raises(InvalidInput):
            compare(*photos, THRESHOLD, 1, 1)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        find(wrong, THRESHOLD, True, None)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        add(wrong, "A", None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("threshold", "number"),
    [(0.2, 1), (float("nan"), 1), (None, 1), ("x", 1), (0.5, 0), (0.5, None), (0.5, -1), (0.5, [])],
)
def test_numbers_out_of_range_are_refused(threshold: object, number: object) -> None:
    with pytest.raises(InvalidInput):
        compare(sample("hopper"), sample("hopper"), threshold, number, 1)  # type: ignore[arg-type]


def test_a_huge_data_url_is_refused_undecoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demos._face.MAX_BYTES", 1000)
    monkeypatch.setattr("demos._photo.MAX_BYTES", 1000)
    monkeypatch.setattr("base64.b64decode", lambda *args, **options: pytest.fail("decoded"))
    with pytest.raises(InvalidInput, match="photo file below"):
        open_face("data:image/png;base64," + "A" * 5000, "照片", "a photo")


def test_the_gallery_knows_its_people_and_nobody_else() -> None:
    answer, shown, _ = find(sample("obama_2009"), THRESHOLD, True, None)
    assert shown.count("<figure") == 6
    assert re.findall(r'<td dir="auto">([^<]+)', answer)[0] == "Barack Obama"
    assert "One person is nearer" in answer
    answer, *_ = find(sample("muhammad_ali"), THRESHOLD, True, None)
    assert "Nobody is nearer" in answer
    assert ">?</text>" in answer


def test_an_example_leaves_the_visitors_own_gallery_as_it_was() -> None:
    own, *_ = add(sample("hopper"), "Grace", None)
    _, shown, kept = find(sample("muhammad_ali"), THRESHOLD, True, own)
    assert "Grace Hopper" in shown
    assert kept is own
    _, shown, still = add(sample("collins"), "Eileen", kept)
    assert shown.count("<figure") == len(own.faces) == 2
    assert still is False  # what is added is looked for in the visitor's own next
    assert forget(kept) == (None, "", "")
    assert own.faces == []


def test_the_examples_keep_their_hands_off_the_visitors_gallery(hub: gr.Blocks) -> None:
    *_, run = runs("face_match")
    assert [type(box) for box in run.inputs[2:]] == [gr.Checkbox, gr.State]
    assert [values[2:] for values in run.examples.values()] == [[True, gr.skip()]] * 3


def test_the_failing_examples_fail() -> None:
    answer, *_ = compare(sample("expedition"), sample("dahlgren"), THRESHOLD, 1, 1)
    assert "nothing to compare" in answer
    answer, *_ = find(sample("claudet"), 0.65, True, None)
    assert ">Aksel Andersson</text>" in answer  # who is on the photo is Antoine Claudet


def test_names_are_escaped_and_a_gallery_is_short() -> None:
    gallery, shown, _ = add(sample("hopper"), f"{SCRIPT}", None)
    assert SCRIPT not in shown + find(sample("hopper"), THRESHOLD, False, gallery)[0]
    assert "&lt;script&gt;" in shown
    for wrong in (None, "", " \n", "x" * 41, []):
        with pytest.raises(InvalidInput):
            add(sample("hopper"), wrong, gallery)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="No face was found"):
        add(value(Image.new("RGB", (99, 99))), "nobody", gallery)
    gallery.faces.extend(gallery.faces[:1] * 7)
    with pytest.raises(InvalidInput, match="at most 8"):
        add(sample("collins"), "ninth", gallery)
    gallery.clear()


@pytest.mark.parametrize("gallery", [None, "", "samples", 3, [], {}, Gallery()])
def test_an_empty_gallery_is_said(gallery: object) -> None:
    with pytest.raises(InvalidInput, match="gallery is empty"):
        find(sample("hopper"), THRESHOLD, False, gallery)  # type: ignore[arg-type]


def test_a_gallery_goes_by_itself_and_at_a_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_face_gallery, "KEPT", 0.05)
    gallery = samples()
    gallery.touch()
    time.sleep(0.3)
    assert gallery.faces == []
    gallery = samples()
    assert forget(gallery) == (None, "", "")
    assert gallery.faces == []


def test_photos_do_not_get_into_links(hub: gr.Blocks) -> None:
    for run in runs("face_match"):
        assert PRIVATE in run.inputs[0].elem_classes
        assert not _ui._is_linkable(run.inputs[0])
    linked = [len(fn.inputs) for fn in hub.fns.values() if "copyLink" in str(fn.js)]
    assert linked == [3, 1, 2]  # threshold and two numbers; name; threshold and which gallery


def test_examples_run(hub: gr.Blocks) -> None:
    main, *_ = runs("face_match")
    for values in main.examples.values():
        assert len(compare(*values)) == 3


@pytest.fixture
def address(hub: gr.Blocks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The tab behind real HTTP, all temporary files of the process in tmp_path."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    hub.queue().launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", ssr_mode=False)
    yield f"{hub.local_url}gradio_api/call/"
    hub.close()


def call(address: str, api: str, session: str, *data: object) -> list:
    """POST, then the stream of answers, as any client does; -> the last answer."""
    body = json.dumps({"data": data, "session_hash": session}).encode()
    request = urllib.request.Request(f"{address}{api}", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        event = json.load(answer)["event_id"]
    with urllib.request.urlopen(f"{address}{api}/{event}") as stream:
        lines = stream.read().decode().splitlines()
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")][-1]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, in Gradio's own statistics
def test_no_face_is_written_logged_or_kept_by_the_server(
    hub: gr.Blocks,
    address: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture,
) -> None:
    """Every file that this process opens for writing during real requests is told by the interpreter: there is none."""
    compare(sample("hopper"), sample("collins"), THRESHOLD, 1, 1)  # models are loaded before the watch begins
    watching, written = [True], []

    def watch(event: str, args: tuple) -> None:
        if not watching[0] or event != "open" or not isinstance(args[0], str | bytes | Path):
            return
        if (isinstance(args[1], str) and set("wax+") & set(args[1])) or (
            args[2] or 0
        ) & 0o1103:  # write, create, append
            written.append(str(args[0]))

    sys.addaudithook(watch)
    with caplog.at_level(logging.DEBUG):
        verdict, *_ = call(address, "face_match", "visitor", sample("hopper"), sample("biden"), 0.5, 1, 1)
        assert "taken for two people" in verdict
        _, shown, *_ = call(address, "face_gallery_add", "visitor", sample("hopper"), "Grace Secretname")
        answer, *_ = call(address, "face_gallery", "visitor", sample("hopper"), 0.5, False)
        assert "Grace Secretname" in answer
        broken = "data:image/jpeg;base64," + sample("hopper")[1000:9000]
        assert call(address, "face_match", "visitor", broken, broken, 0.5, 1, 1)
    watching[0] = False
    assert [path for path in written if not path.startswith(("/dev/", "/proc/"))] == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    traces = [
        sample("hopper")[5000:5060],
        sample("biden")[5000:5060],
        *chips_of(verdict + shown),
        "Secretname",
    ]
    assert len(traces) > 5
    told = caplog.text + "".join(capfd.readouterr())
    sessions = list(hub.app.state_holder.session_data.values())
    kept = "".join(  # but the gallery, which is the visitor's own
        str([session.config_values, *map(vars, session.blocks_config.blocks.values())])
        for session in sessions
    )
    assert sessions
    assert [trace for trace in traces if trace in told or trace in kept] == []


def chips_of(answer: str) -> list[str]:
    """A piece of each picture in an answer."""
    return [found[2000:2060] for found in re.findall(r'base64,([^"]+)', answer)]

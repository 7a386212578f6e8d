"""Face detector: the package's own answers to the digit, faces where people are, upright cuts however a photo lies."""

import json

import numpy as np
import pytest
from PIL import Image

from models import face_geometry as geometry
from models import tfjs
from models.face_detector import train
from models.face_detector.net import POINTS, FaceDetector, load


@pytest.fixture(scope="module")
def net() -> FaceDetector:
    return load("cpu")


def photo(name: str) -> Image.Image:
    return train.opened("face_match", name)


def test_answers_are_the_packages_own(net: FaceDetector) -> None:
    """Boxes within 0.05 pixels, scores within 0.001, landmarks within 0.05 pixels, and as many faces, also none."""
    metrics = train.evaluate(net, frozen=True)
    assert metrics["box_difference"] < 0.05
    assert metrics["score_difference"] < 0.001
    assert metrics["point_difference"] < 0.05
    none = [name for name, faces in json.loads(train.GOLDEN.read_text()).items() if not faces]
    assert none
    assert [net.find(np.asarray(photo(name))) for name in none] == [[] for _ in none]


def test_looking_coarsely_too_finds_what_the_package_misses(net: FaceDetector) -> None:
    assert len(net.detect(photo("andersson"))) == len(net.detect(photo("muhammad_ali"))) == 1


def test_eyes_and_mouth_lie_where_they_belong(net: FaceDetector) -> None:
    (face,) = net.detect(photo("collins"))
    left, top, right, bottom = face["box"]
    points = face["points"]
    assert points.shape == (POINTS, 2)
    assert points.dtype == np.float32
    assert 150 < left < points[36:42, 0].mean() < 220 < points[42:48, 0].mean() < right < 300
    assert top < points[36:48, 1].mean() < points[30, 1] < points[48:68, 1].mean() < bottom
    assert (face["chip"].mode, face["chip"].size) == ("RGB", (150, 150))


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_photo_that_lies_sideways_is_turned_upright(net: FaceDetector, turn: int) -> None:
    upright = photo("collins")
    back, faces = net.search(upright.rotate(turn, expand=True))
    assert (back + turn) % 360 == 0
    (expected,) = net.detect(upright)
    assert np.abs(np.asarray(faces[0]["chip"], int) - np.asarray(expected["chip"], int)).mean() < 2


def test_a_tilted_face_is_cut_out_upright(net: FaceDetector) -> None:
    straight = net.detect(photo("hopper"))[0]["chip"].convert("L").resize((15, 15))
    tilted = (
        net.detect(photo("hopper").rotate(20, Image.Resampling.BICUBIC))[0]["chip"]
        .convert("L")
        .resize((15, 15))
    )
    assert np.corrcoef(np.asarray(straight).ravel(), np.asarray(tilted).ravel())[0, 1] > 0.9


def test_several_faces_come_largest_first(net: FaceDetector) -> None:
    both = Image.new("RGB", (900, 600))
    both.paste(photo("hopper").resize((256, 300)), (0, 0))
    both.paste(photo("obama_2012"), (300, 0))
    faces = net.search(both)[1]
    widths = [face["box"][2] - face["box"][0] for face in faces]
    assert len(faces) == 2
    assert widths == sorted(widths, reverse=True)
    assert faces[0]["box"][0] > 300


def test_faces_far_away_are_missed_as_the_card_says(net: FaceDetector) -> None:
    assert net.search(photo("expedition")) == (0, [])


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (3, 2)])
def test_extreme_shapes_have_no_face(net: FaceDetector, size: tuple[int, int]) -> None:
    assert net.search(Image.new("RGB", size, "red")) == (0, [])


def test_a_box_beyond_the_photo_has_no_points(net: FaceDetector) -> None:
    assert net.mark(np.zeros((50, 50, 3), np.uint8), (60.0, 10.0, 90.0, 40.0)) is None


def test_sampling_is_that_of_tensorflow() -> None:
    """Pixel i of the result lies at i * had / size; what lies beyond the last pixel is that pixel."""
    row = np.arange(4, dtype=np.float32).reshape(1, 4, 1)
    assert geometry.resample(row, 1, 8).ravel().tolist() == [0, 0.5, 1, 1.5, 2, 2.5, 3, 3]
    assert geometry.resample(row, 1, 2).ravel().tolist() == [0, 2]


def test_padding_lies_right_and_below_or_on_both_sides() -> None:
    white = np.full((2, 5, 3), 255, np.uint8)
    assert geometry.square(white, 5, centred=False)[:, 0, 0].tolist() == [255, 255, 0, 0, 0]
    assert geometry.square(white, 5, centred=True)[:, 0, 0].tolist() == [0, 255, 255, 0, 0]


def test_a_large_photo_is_averaged_not_skipped() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2000, 2000, 3), dtype=np.uint8)
    assert geometry.square(noise, 200, centred=False).std() < 0.25 * noise.std()


def test_published_weights_are_read_level_by_level(tmp_path: object) -> None:
    manifest, weights = tmp_path / "m.json", tmp_path / "w.bin"  # type: ignore[operator]
    entries = [
        {
            "name": "fc",
            "shape": [2, 1],
            "dtype": "float32",
            "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1},
        },
        {"name": "bias", "shape": [1], "dtype": "float32"},
    ]
    manifest.write_text(json.dumps([{"weights": entries, "paths": ["w.bin"]}]))
    weights.write_bytes(bytes([0, 4]) + np.float32(7).tobytes())
    tensors = tfjs.read(manifest, weights)
    assert tfjs.values(tensors["fc"]).tolist() == [[-1.0, 1.0]]
    assert tfjs.values(tensors["bias"]).tolist() == [7.0]
    weights.write_bytes(bytes(9))
    with pytest.raises(ValueError, match="9 bytes"):
        tfjs.read(manifest, weights)

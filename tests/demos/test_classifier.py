"""A classifier as a file: what was saved comes back bit by bit, whatever else is refused before an array is made."""

import base64
import json
import struct
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

from demos import _classifier
from demos._classifier import KIND, MOST_BYTES, read_classifier, write_classifier
from demos._run import InvalidInput
from models.efficientnet_lite0.head import LENGTH, Head

chance = np.random.default_rng(0)
HEAD = Head(
    ("猫 <b>", "dog"), chance.standard_normal((2, LENGTH), np.float32), np.zeros(2, np.float32), (0.5,)
)
FILE = base64.b64decode(write_classifier(HEAD))
SIZE = struct.unpack("<Q", FILE[:8])[0]
HEADER, BODY = json.loads(FILE[8 : 8 + SIZE]), FILE[8 + SIZE :]


def packed(header: Any, body: bytes = BODY) -> str:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return base64.b64encode(struct.pack("<Q", len(text)) + text + body).decode()


def changed(*path: str, value: Any) -> str:
    """The good file, with one entry of its header put another way."""
    header = json.loads(json.dumps(HEADER))
    place = header
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return packed(header)


def arrays(weights: np.ndarray, bias: np.ndarray) -> str:
    return base64.b64encode(save({"weights": weights, "bias": bias}, HEADER["__metadata__"])).decode()


def test_what_was_saved_comes_back() -> None:
    back = read_classifier(write_classifier(HEAD))
    assert back.labels == HEAD.labels
    assert np.array_equal(back.weights, HEAD.weights)
    assert np.array_equal(back.bias, HEAD.bias)


def test_the_file_is_what_others_read_too_and_holds_no_picture() -> None:
    assert set(load(FILE)) == {"weights", "bias"}
    assert set(HEADER["__metadata__"]) == {"kind", "net", "revision", "labels"}
    assert len(FILE) < 12_000


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "Train or load"),
        ("", "Train or load"),
        (7, "Train or load"),
        (["x"], "Train or load"),
        ("not base64!", "no complete safetensors"),
        ("é", "no complete safetensors"),
        ("A" * (2 * MOST_BYTES), "at most 64 kB"),
        ("AAAA", "no complete safetensors"),
        (base64.b64encode(FILE[: 8 + SIZE // 2]).decode(), "no complete safetensors"),
        (base64.b64encode(struct.pack("<Q", 2**63) + b"{}" + BODY).decode(), "no complete safetensors"),
        (base64.b64encode(struct.pack("<Q", 30_000) + b" " * 30_000).decode(), "no complete safetensors"),
        (packed(b"[" * 7000), "no complete safetensors"),
        (packed(b"\xff\xfe{}"), "no complete safetensors"),
        (packed([]), "no complete safetensors"),
        (packed({}), "not saved by this tab"),
        (packed({"__metadata__": [KIND]}), "not saved by this tab"),
        (changed("__metadata__", "kind", value="another"), "not saved by this tab"),
        (changed("__metadata__", "revision", value="000000000000"), "another version"),
        (changed("__metadata__", "net", value="minilm"), "another version"),
        (changed("__metadata__", "labels", value="[[[["), "names of the classes"),
        (changed("__metadata__", "labels", value="[" * 5000), "names of the classes"),
        (changed("__metadata__", "labels", value=None), "names of the classes"),
        (changed("__metadata__", "labels", value='["a"]'), "names of the classes"),
        (changed("__metadata__", "labels", value='["a", "a"]'), "names of the classes"),
        (changed("__metadata__", "labels", value='["a", 3]'), "names of the classes"),
        (changed("__metadata__", "labels", value='["a", " "]'), "names of the classes"),
        (changed("__metadata__", "labels", value='["a", "\\ud800"]'), "names of the classes"),
        (changed("__metadata__", "labels", value=json.dumps(["a", "x" * 41])), "names of the classes"),
        (changed("__metadata__", "labels", value='["a", "b", "c"]'), "names, types or shapes"),
        (changed("weights", "dtype", value="F64"), "names, types or shapes"),
        (changed("weights", "shape", value=[LENGTH, 2]), "names, types or shapes"),
        (changed("weights", "shape", value=[2, -LENGTH]), "names, types or shapes"),
        (changed("weights", "data_offsets", value=[0, 10**12]), "names, types or shapes"),
        (changed("bias", "data_offsets", value=HEADER["weights"]["data_offsets"]), "names, types or shapes"),
        (changed("more", value=HEADER["bias"]), "names, types or shapes"),
        (packed({k: v for k, v in HEADER.items() if k != "bias"}), "names, types or shapes"),
        (packed(HEADER, BODY + b"x"), "names, types or shapes"),
        (packed(HEADER, BODY[:-4]), "names, types or shapes"),
        (arrays(HEAD.weights.astype(np.float16), HEAD.bias), "names, types or shapes"),
        (arrays(HEAD.weights * np.float32(np.nan), HEAD.bias), "not numbers"),
        (arrays(HEAD.weights, np.array([0, np.inf], np.float32)), "not numbers"),
        (arrays(HEAD.weights * np.float32(1e30), HEAD.bias), "too large"),
    ],
)  # fmt: skip
def test_whatever_else_is_refused_in_one_sentence(value: object, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        read_classifier(value)


def test_no_array_is_made_of_a_wrong_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_classifier.np, "frombuffer", lambda *_: pytest.fail("an array was made"))
    with pytest.raises(InvalidInput):
        read_classifier(changed("weights", "shape", value=[2, 10**9]))

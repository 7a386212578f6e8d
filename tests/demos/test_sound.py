"""Visitors' sounds: every common format is heard alike, everything else gets one sentence, and nothing else is read."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from demos import _sound
from demos._sound import MAX_SECONDS, RATE, open_sound, sound_box
from demos._ui import InvalidInput

TONE = 0.5 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000).astype(np.float32)  # 1 s of A at 8 kHz


def peak_hz(wave: np.ndarray) -> float:
    return float(np.abs(np.fft.rfft(wave)).argmax() * RATE / wave.size)


@pytest.mark.parametrize(
    ("name", "subtype"),
    [
        ("a.wav", "PCM_U8"),
        ("a.wav", "PCM_24"),
        ("a.wav", "FLOAT"),
        ("a.wav", "IMA_ADPCM"),
        ("a.flac", "PCM_16"),
        ("a.ogg", "VORBIS"),
        ("a.mp3", "MPEG_LAYER_III"),
        ("a.aiff", "PCM_16"),
    ],
)
def test_formats_are_heard_alike(tmp_path: Path, name: str, subtype: str) -> None:
    soundfile.write(tmp_path / name, TONE, 8000, subtype=subtype)
    wave = open_sound(str(tmp_path / name))
    assert wave.dtype == np.float32
    assert wave.size / RATE == pytest.approx(1, abs=0.15)
    assert peak_hz(wave) == pytest.approx(440, abs=2)
    assert np.sqrt(np.mean(wave**2)) == pytest.approx(0.5 / np.sqrt(2), abs=0.04)


@pytest.mark.parametrize("container", ["m4a", "webm"])
def test_what_browsers_record_is_heard(tmp_path: Path, container: str) -> None:
    path = tmp_path / f"a.{container}"
    encode(path, "aac" if container == "m4a" else "libopus")
    assert peak_hz(open_sound(str(path))) == pytest.approx(440, abs=2)


def encode(path: Path, codec: str) -> None:
    import av

    with av.open(str(path), "w") as box:
        stream = box.add_stream(codec, rate=48000, layout="mono")
        wave = np.int16(16000 * np.sin(2 * np.pi * 440 * np.arange(48000) / 48000))
        frame = av.AudioFrame.from_ndarray(wave[None], format="s16", layout="mono")
        frame.sample_rate = 48000
        box.mux([*stream.encode(frame), *stream.encode(None)])


def test_channels_are_mixed_and_any_rate_is_taken(tmp_path: Path) -> None:
    left = np.stack([np.repeat(TONE, 24), np.zeros(192_000, np.float32)], axis=1)
    soundfile.write(tmp_path / "stereo.wav", left, 192_000)
    wave = open_sound(str(tmp_path / "stereo.wav"))
    assert wave.size == pytest.approx(RATE, abs=50)
    assert peak_hz(wave) == pytest.approx(440, abs=2)


def broken(folder: Path, name: str) -> Path:
    path = folder / name
    make = {
        "empty.wav": lambda: path.write_bytes(b""),
        "noise.mp3": lambda: path.write_bytes(np.random.default_rng(0).bytes(5000)),
        "words.wav": lambda: path.write_text("hello"),
        "header.wav": lambda: soundfile.write(path, TONE[:0], 8000),
        "cut.flac": lambda: (soundfile.write(path, TONE, 8000), path.write_bytes(path.read_bytes()[:300])),
        "nan.wav": lambda: soundfile.write(path, np.where(TONE > 0.4, np.nan, TONE), 8000, subtype="FLOAT"),
        "inf.wav": lambda: soundfile.write(path, np.where(TONE > 0.4, np.inf, TONE), 8000, subtype="FLOAT"),
        "silent.wav": lambda: soundfile.write(path, 0 * TONE, 8000),
        "slow.wav": lambda: soundfile.write(path, TONE[:50], 1),
        "long.flac": lambda: soundfile.write(path, np.zeros(8000 * (MAX_SECONDS + 1)), 8000),
        "folder": path.mkdir,
    }
    make[name]()
    return path


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("empty.wav", "cannot be read"),
        ("noise.mp3", "cannot be read"),
        ("words.wav", "cannot be read"),
        ("header.wav", "holds no sound"),
        ("cut.flac", "cannot be read"),
        ("nan.wav", "NaN"),
        ("inf.wav", "NaN"),
        ("silent.wav", "silent"),
        ("slow.wav", "cannot be read"),
        ("long.flac", "too long"),
        ("folder", "cannot be read"),
    ],
)
def test_a_bad_file_gets_its_sentence(tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        open_sound(str(broken(tmp_path, name)))


@pytest.mark.parametrize(
    "path", [None, "", 3, "nowhere.wav", "a\0b", "pipe:0", "http://127.0.0.1:9/a.wav", "😀" * 500]
)
def test_what_is_no_file_is_refused(path: object) -> None:
    with pytest.raises(InvalidInput):
        open_sound(path)  # type: ignore[arg-type]


def test_a_large_file_is_refused_unopened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soundfile.write(tmp_path / "a.wav", TONE, 8000)
    monkeypatch.setattr(_sound, "MAX_BYTES", 1000)
    with pytest.raises(InvalidInput, match="below"):
        open_sound(str(tmp_path / "a.wav"))


def test_a_lying_header_does_not_lengthen_the_limit(tmp_path: Path) -> None:
    """An endless Ogg stream names no length; decoding stops by itself."""
    part = tmp_path / "part.ogg"
    soundfile.write(part, np.tile(TONE, 200), 8000)
    (tmp_path / "chained.ogg").write_bytes(part.read_bytes() * 2)
    with pytest.raises(InvalidInput, match="too long"):
        open_sound(str(tmp_path / "chained.ogg"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.m3u8", "#EXTM3U\n#EXTINF:1,\nsecret.wav\n#EXT-X-ENDLIST\n"),
        ("list.wav", "ffconcat version 1.0\nfile secret.wav\n"),
        (
            "call.sdp",
            "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
        ),
    ],
)
def test_a_file_that_points_elsewhere_is_not_followed(tmp_path: Path, name: str, text: str) -> None:
    soundfile.write(tmp_path / "secret.wav", TONE, 8000)
    (tmp_path / name).write_text(text)
    with pytest.raises(InvalidInput, match="cannot be read"):
        open_sound(str(tmp_path / name))


def test_the_box_hands_over_a_broken_file_unopened(tmp_path: Path) -> None:
    from gradio.data_classes import FileData

    path = str(broken(tmp_path, "words.wav"))
    assert sound_box("Sound").preprocess(FileData(path=path)) == path
    assert sound_box("Sound").preprocess(None) is None

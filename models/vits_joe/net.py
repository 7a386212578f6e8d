"""VITS: phonemes in, waveform out, in one net that was trained end to end against a discriminator.

Kim, Kong and Son, "Conditional Variational Autoencoder with Adversarial Learning for End-to-End Text-to-Speech", 2021,
https://arxiv.org/abs/2106.06103; the vocoder: Kong, Kim and Bae, "HiFi-GAN", 2020, https://arxiv.org/abs/2010.05646.

The published ONNX graph draws its own noise and tells no durations. At load it is cut in three where its parts meet:
phonemes -> durations and the prior of each phoneme; noise around the prior -> the latent that the flow makes of it;
latent -> waveform. So the noise is drawn here, from a seed, the durations are the ones that the wave is made with, and
a long sentence is heard before it is whole.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Any

import numpy as np
import onnx
import onnxruntime

from models import settings, sources
from models.lexicon import PHONEMES, pronunciations
from models.vits_joe import SPEC, spectrum
from models.vits_joe.reading import read
from models.vits_joe.sounds import NUMBERS, known, spell

RATE, HOP = 22_050, 256  # Hz; samples of a frame
CHANNELS = 192  # of the latent
CONTEXT = 12  # frames to either side that a sample depends on
FIRST, LATER = (
    48,
    384,
)  # frames that are made into sound at once: few at first, so that something is heard soon
GAP = 0.18  # seconds of silence after a sentence
MELODY, RHYTHM = 0.667, 0.8  # how much of either noise, as published
# Where the parts of the graph meet.
NUMBERS_IN, LENGTH_IN, SCALES_IN, RHYTHM_IN = (
    "input",
    "input_lengths",
    "scales",
    "/dp/RandomNormalLike_output_0",
)
DURATIONS, MEAN, DEVIATION = "/Ceil_output_0", "/enc_p/Split_output_0", "/enc_p/Split_output_1"
NOISY, MASK, LATENT, WAVE = "/Add_output_0", "/Cast_2_output_0", "/Mul_7_output_0", "output"


class VitsJoe:
    """English text -> words with phonemes -> sound."""

    def __init__(self, parts: dict[str, onnxruntime.InferenceSession]) -> None:
        self._parts = parts

    def read(self, text: str) -> dict[str, Any]:
        """Any text -> {"sentences": lists of {"text", "word", "phonemes"}, "skipped": letters that cannot be said}.

        text: what stands there; word: what is said for it, a capital for the name of a letter, "" for a pause, whose
        sign the text is; phonemes: ARPAbet, [] for a pause, None for a word that somebody has to guess.
        """
        sentences, skipped = read(text)
        told = []
        for sentence in sentences:
            words = [one.word for one in sentence]
            told.append(
                [
                    {"text": one.text, "word": one.word, "phonemes": known(words, at) if one.word else []}
                    for at, one in enumerate(sentence)
                ]
            )
        return {"sentences": told, "skipped": skipped}

    def speak(
        self,
        sentence: Sequence[dict[str, Any]],
        speed: float = 1.0,
        melody: float = MELODY,
        rhythm: float = RHYTHM,
        seed: int = 0,
    ) -> Iterator[dict[str, Any]]:
        """A sentence as read() tells it, no phonemes None -> its sound, piece by piece, the first one soon.

        A piece: wave, float32 (N,), range (-1, 1), and rate; the first one also "phonemes", a list of (place of its
        word in the sentence, ARPAbet or sign of a pause, signs of the voice, start, end), in seconds. melody and
        rhythm: how much noise there is in the latent and in the durations. The same seed gives the same sound.
        Raises ValueError.
        """
        if not any(one["phonemes"] for one in sentence):
            raise ValueError("a sentence needs a word")
        owners, numbers = _numbers(sentence)
        chance = np.random.default_rng(seed)
        durations, latent = self._latent(np.array([numbers]), speed, melody, rhythm, chance)
        told: dict[str, Any] = {"phonemes": _times(owners, durations)}
        for start, end in _cuts(latent.shape[2]):
            yield {"wave": self._sound(latent, start, end), "rate": RATE, **told}
            told = {}
        yield {"wave": np.zeros(int(GAP * RATE), np.float32), "rate": RATE}

    def say(self, words: Sequence[Sequence[str]]) -> dict[str, Any]:
        """ARPAbet of each word of a sentence -> its "wave", float32 (N,), and "rate".

        Raises ValueError: no word, or a phoneme that is not one.
        """
        unknown = {one for word in words for one in word} - set(PHONEMES)
        if unknown:
            raise ValueError(f"not ARPAbet: {', '.join(sorted(unknown))}")
        sentence = [{"text": "", "word": "_", "phonemes": list(word)} for word in words if word]
        stop = {"text": ".", "word": "", "phonemes": []}
        pieces = list(self.speak([*sentence, stop]))
        return {"wave": np.concatenate([one["wave"] for one in pieces]), "rate": RATE}

    def mel(self, wave: np.ndarray) -> np.ndarray:
        """Float32 (N,) at 22,050 Hz -> its mel spectrogram, float32 (80, 1 + N // 256), magnitudes, low bands first."""
        return spectrum.mel(wave, RATE)

    def griffin_lim(self, mel: np.ndarray) -> np.ndarray:
        """A mel spectrogram as mel() gives -> the sound that Griffin and Lim's rounds find for it, float32 (N,)."""
        return spectrum.griffin_lim(mel, RATE)

    def _latent(
        self, numbers: np.ndarray, speed: float, melody: float, rhythm: float, chance: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Signs (1, T) -> frames of each (T,), latent (1, 192, frames)."""
        signs = numbers.shape[1]
        durations, mean, deviation = self._parts["text"].run(
            None,
            {
                NUMBERS_IN: numbers,
                LENGTH_IN: np.array([signs]),
                SCALES_IN: np.array([melody, 1 / speed, rhythm], np.float32),
                RHYTHM_IN: chance.standard_normal((1, 2, signs), np.float32),
            },
        )
        frames = durations[0, 0].astype(int)
        mean, deviation = (np.repeat(one, frames, axis=2) for one in (mean, deviation))
        noise = chance.standard_normal(mean.shape, np.float32) * np.float32(melody)
        mask = np.ones((1, 1, mean.shape[2]), np.float32)
        (latent,) = self._parts["flow"].run(None, {NOISY: mean + noise * np.exp(deviation), MASK: mask})
        return frames, latent

    def _sound(self, latent: np.ndarray, start: int, end: int) -> np.ndarray:
        """Frames of the latent -> their samples, the same as if all frames were made into sound at once."""
        before = max(0, start - CONTEXT)
        (wave,) = self._parts["sound"].run(None, {LATENT: latent[:, :, before : end + CONTEXT]})
        return wave.ravel()[(start - before) * HOP :][: (end - start) * HOP]


def _numbers(sentence: Sequence[dict[str, Any]]) -> tuple[list[tuple[int, str, str]], list[int]]:
    """-> for each number whose it is (place of the word, ARPAbet, signs), and the numbers, a blank after each."""
    owners, numbers = [(-1, "", "^")], [NUMBERS["^"]]
    for place, one in enumerate(sentence):
        phonemes = one["phonemes"] or [one["text"]]
        spelled = spell(phonemes) if one["phonemes"] else phonemes
        gap = place and one["phonemes"]
        for phoneme, signs in [*([("", " ")] if gap else []), *zip(phonemes, spelled, strict=True)]:
            owners += [(place, phoneme, signs)] * len(signs)  # one object: equal neighbours stay apart
            numbers += [NUMBERS[sign] for sign in signs]
    owners, numbers = [*owners, (len(sentence), "", "$")], [*numbers, NUMBERS["$"]]
    blanks = [NUMBERS["_"]] * (2 * len(numbers) - 1)
    blanks[::2] = numbers
    return [owner for owner in owners for _ in (0, 1)][:-1], blanks


def _times(owners: list[tuple[int, str, str]], durations: np.ndarray) -> list[tuple]:
    """Frames of each number -> start and end in seconds of each phoneme and pause."""
    ends = np.cumsum(durations) * HOP / RATE
    told: list[tuple] = []
    before = 0.0
    for _, numbers in groupby(zip(owners, ends.tolist(), strict=True), key=lambda pair: id(pair[0])):
        *_, (whose, end) = numbers
        if whose[1]:
            told.append((*whose, before, end))
        before = end
    return told


def _cuts(frames: int) -> list[tuple[int, int]]:
    """Pieces that grow, so that each is made while the one before is heard, and few frames are made twice."""
    edges, step = [0], FIRST
    while edges[-1] < frames:
        edges.append(min(frames, edges[-1] + step))
        step = min(2 * step, LATER)
    return list(pairwise(edges))


def _part(model: onnx.ModelProto, inputs: dict[str, tuple], outputs: Sequence[str]) -> bytes:
    """The nodes of a graph between some of its tensors, as a graph. inputs: tensor -> its type and shape."""
    makers = {output: node for node in model.graph.node for output in node.output}
    weights = {weight.name: weight for weight in model.graph.initializer}
    wanted, seen = list(outputs), set(inputs)
    while wanted:
        tensor = wanted.pop()
        if tensor not in seen:
            seen.add(tensor)
            wanted += makers[tensor].input if tensor in makers else []
    made = seen - set(inputs)
    nodes = [node for node in model.graph.node if made & set(node.output)]
    describe = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        nodes,
        "part",
        [describe(name, *kind) for name, kind in inputs.items()],
        [describe(name, onnx.TensorProto.FLOAT, None) for name in outputs],
        [weights[name] for name in seen if name in weights],
    )
    whole = onnx.helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    return whole.SerializeToString()


def _session(graph: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = settings.threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # it warns of weights that a constant could be folded into
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def load(device: str) -> VitsJoe:
    """The published voice, cut in three; it stays on the CPU, where a sentence takes a tenth of its length."""
    model = onnx.load(sources.fetch(SPEC.weights[0]))
    whole, real = onnx.TensorProto.INT64, onnx.TensorProto.FLOAT
    text_in = {NUMBERS_IN: (whole, [1, None]), LENGTH_IN: (whole, [1]), SCALES_IN: (real, [3])}
    text_in[RHYTHM_IN] = (real, [1, 2, None])
    flow_in = {NOISY: (real, [1, CHANNELS, None]), MASK: (real, [1, 1, None])}
    pronunciations()  # so that no visitor waits for the dictionary
    parts = {
        "text": _session(_part(model, text_in, [DURATIONS, MEAN, DEVIATION])),
        "flow": _session(_part(model, flow_in, [LATENT])),
        "sound": _session(_part(model, {LATENT: (real, [1, CHANNELS, None])}, [WAVE])),
    }
    return VitsJoe(parts)

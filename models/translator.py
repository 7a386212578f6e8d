"""What the translation rooms share: sentences in, candidates and their alignment out, found by beam search.

Length penalty after Wu et al., "Google's Neural Machine Translation System", 2016,
https://arxiv.org/abs/1609.08144: a candidate's log probability is divided by a power of its length.
"""

from pathlib import Path
from typing import Any, NamedTuple

import torch
from tokenizers import Encoding, Tokenizer

from models.batching import Batcher
from models.translation_net import END, PAD, SPECIAL, START, UNKNOWN, Transformer, embedding
from models.translation_text import clean_chinese, clean_english

BEAM, PENALTY = 5, 1.0  # candidates kept at each step; power of the length
TOGETHER = 8  # visitors in one batch
SENTENCES = 16  # in one search
SOURCE_TOKENS = 120  # the rest of a sentence is cut
ALTERNATIVES = 5  # of a token
VOCABULARIES = ("chinese.json", "english.json")


class Source(NamedTuple):
    """A sentence as a net reads it: numbers of its tokens, how each is shown, and characters it does not know."""

    ids: list[int]
    tokens: list[str]
    unknown: list[str]


class Speaker(Transformer):
    """A Transformer that translates. chinese_first: from Chinese, else into it."""

    chinese_first = True

    def __init__(
        self, targets: int, dim: int, heads: int, inner: int, layers: tuple[int, int], dropout: float
    ) -> None:
        super().__init__(targets, dim, heads, inner, layers, dropout)
        self.vocabularies: tuple[Tokenizer, ...] = ()  # of the source and of the target
        self._ask = Batcher(self._translate_many, TOGETHER)

    def speak(self, chinese: Tokenizer, english: Tokenizer) -> None:
        """Gives the net its vocabularies."""
        self.vocabularies = (chinese, english) if self.chinese_first else (english, chinese)

    def read(self, sentence: str) -> Source:
        """Raises nothing: what the vocabulary lacks is among the unknown."""
        raise NotImplementedError

    def translate(
        self, sentences: list[str], beam: int = BEAM, penalty: float = PENALTY
    ) -> list[dict[str, Any]]:
        """One dict for each sentence.

        candidates: best first, each text and score, the mean log probability of its tokens; tokens: of the best,
        each text, probability and alternatives [(text, probability)]; source: its tokens; unknown: characters that
        the vocabulary lacks; alignment: float32 (tokens, source), each row sums to 1. penalty: 0 likes short
        candidates, 2 long ones.
        """
        return self._ask((sentences, beam, penalty))

    def _translate_many(self, calls: list[tuple[list[str], int, float]]) -> list[list[dict[str, Any]]]:
        """Calls with the same settings are searched together."""
        answers: list[list[dict[str, Any]]] = [[] for _ in calls]
        for settings in dict.fromkeys(call[1:] for call in calls):
            chosen = [number for number, call in enumerate(calls) if call[1:] == settings]
            flat = [(number, sentence) for number in chosen for sentence in calls[number][0]]
            for start in range(0, len(flat), SENTENCES):
                part = flat[start : start + SENTENCES]
                for (number, _), found in zip(
                    part, self._found([s for _, s in part], *settings), strict=True
                ):
                    answers[number].append(found)
        return answers

    @torch.inference_mode()
    def _found(self, sentences: list[str], beam: int, penalty: float) -> list[dict[str, Any]]:
        read = [self.read(sentence) for sentence in sentences]
        source = _padded([one.ids for one in read], self.target.weight.device)
        hypotheses = search(self, source, beam, penalty)
        target = _padded([[START, *best[0][0], END] for best in hypotheses], source.device)
        logits, looks = self.attend(source, target[:, :-1])
        return [
            {
                "candidates": self._candidates(hypotheses[i]),
                "tokens": self._tokens(logits[i].softmax(1), hypotheses[i][0][0]),
                "source": one.tokens,
                "unknown": one.unknown,
                "alignment": looks[i, : len(hypotheses[i][0][0]), : len(one.ids)].cpu().numpy(),
            }
            for i, one in enumerate(read)
        ]

    def _candidates(self, hypotheses: list[tuple[list[int], float]]) -> list[dict[str, Any]]:
        """Texts once each: the same words may be cut into tokens in several ways."""
        texts: dict[str, float] = {}
        for tokens, score in hypotheses:
            texts.setdefault(self.vocabularies[1].decode(tokens), score)
        return [{"text": text, "score": score} for text, score in texts.items()]

    def _tokens(self, shares: torch.Tensor, chosen: list[int]) -> list[dict[str, Any]]:
        best = shares.topk(ALTERNATIVES)
        name = self.vocabularies[1].id_to_token
        return [
            {
                "text": _seen(name(token)),
                "probability": shares[place, token].item(),
                "alternatives": [
                    (_seen(name(i)), share)
                    for i, share in zip(
                        best.indices[place].tolist(), best.values[place].tolist(), strict=True
                    )
                ],
            }
            for place, token in enumerate(chosen)
        ]


class Translator(Speaker):
    """Both vocabularies are learned here, and so is what each source token means."""

    def __init__(
        self,
        sources: int,
        targets: int,
        dim: int = 256,
        heads: int = 4,
        inner: int = 512,
        layers: tuple[int, int] = (3, 2),
        dropout: float = 0.1,
    ) -> None:
        super().__init__(targets, dim, heads, inner, layers, dropout)
        self.source = embedding(sources, dim)

    def begin(self, source: torch.Tensor) -> torch.Tensor:
        return self.embed(self.source, source, 0)

    def read(self, sentence: str) -> Source:
        text = clean_chinese(sentence) if self.chinese_first else clean_english(sentence)
        found = self.vocabularies[0].encode(text)
        shown = [_seen(token) for token in found.tokens[:SOURCE_TOKENS]] + ["∎"]
        return Source([*found.ids[:SOURCE_TOKENS], END], shown, unknown_in(text, found, UNKNOWN))

    def read_vocabularies(self, folder: Path) -> None:
        self.speak(*(Tokenizer.from_file(str(folder / name)) for name in VOCABULARIES))

    def write_vocabularies(self, folder: Path) -> None:
        for tokenizer, name in zip(
            self.vocabularies[:: 1 if self.chinese_first else -1], VOCABULARIES, strict=True
        ):
            tokenizer.save(str(folder / name))


@torch.inference_mode()
def search(
    net: Transformer, source: torch.Tensor, beam: int, penalty: float
) -> list[list[tuple[list[int], float]]]:
    """Beam search for every row of source (B, S) at once.

    -> for each row, best first, target tokens without START and END, and the mean log probability of a token.
    A hypothesis that has ended stays in its beam, goes on with PAD at no cost, and keeps its length.
    """
    rows, device = len(source), source.device
    memory, mask = net.encode(source)
    memory = [(keys.repeat_interleave(beam, 0), values.repeat_interleave(beam, 0)) for keys, values in memory]
    mask = mask.repeat_interleave(beam, 0)
    tokens = torch.full((rows * beam, 1), START, device=device)
    total = torch.full((rows, beam), -torch.inf, device=device)
    total[:, 0] = 0.0  # one start each: the others would be its copies
    lengths = torch.zeros(rows, beam, device=device)
    ended = torch.zeros(rows * beam, dtype=torch.bool, device=device)
    first = torch.arange(rows, device=device)[:, None] * beam
    past = None
    for _ in range(2 * source.shape[1] + 10):
        states, past = net.decode(tokens[:, -1:], memory, mask, past)
        step = net.logits(states[:, 0]).float().log_softmax(1)
        step[:, [PAD, START, UNKNOWN]] = -torch.inf
        step[ended] = -torch.inf
        step[ended, PAD] = 0.0
        lengths += (~ended).view(rows, beam)
        whole = (total[..., None] + step.view(rows, beam, -1)).flatten(1)
        ranked = whole / lengths.repeat_interleave(step.shape[1], 1) ** penalty
        chosen = ranked.topk(beam).indices  # (rows, beam)
        origin = (chosen // step.shape[1] + first).flatten()
        token = (chosen % step.shape[1]).flatten()
        total, lengths = whole.gather(1, chosen), lengths.flatten()[origin].view(rows, beam)
        tokens = torch.cat([tokens[origin], token[:, None]], 1)
        ended = ended[origin] | (token == END)
        if ended.all():
            break
        past = [(keys[origin], values[origin]) for keys, values in past]
    means = (total / lengths).tolist()
    cut = [[one for one in row if one not in (PAD, START, END)] for row in tokens.tolist()]
    return [list(zip(cut[i * beam : (i + 1) * beam], means[i], strict=True)) for i in range(rows)]


def unknown_in(text: str, read: Encoding, unknown: int | None) -> list[str]:
    """The parts of a text that became the token `unknown`, each once."""
    places = [place for i, place in zip(read.ids, read.offsets, strict=True) if i == unknown]
    return list(dict.fromkeys(text[start:end] for start, end in places))


def _padded(rows: list[list[int]], device: torch.device) -> torch.Tensor:
    parts = [torch.tensor(row) for row in rows]
    return torch.nn.utils.rnn.pad_sequence(parts, batch_first=True, padding_value=PAD).to(device)


def _seen(token: str | None) -> str:
    """How a token is shown: special ones as a sign, a leading space as itself."""
    return {SPECIAL[UNKNOWN]: "?", SPECIAL[END]: "∎"}.get(str(token), str(token).replace("▁", " "))

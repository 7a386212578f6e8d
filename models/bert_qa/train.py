"""Trains the span reader on questions made by rules: `python -m models train bert_qa`."""

import random
import statistics
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch.nn import functional as F
from tqdm import tqdm

import models
from models.answered import HUNDRED, by_hand, measured, plain, read, right_span, share
from models.bert_qa import data
from models.bert_qa.data import Example
from models.bert_qa.net import SpanReader, batch, pair
from models.spans import prompt, sentences
from models.train import Run

POINTS = 6  # of the curve: after each of so many equal parts of the training questions
WATCHED = 60  # made questions on held-back articles that the curve is drawn with
LIKENESS = (0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 30.0)  # weights that are tried


@dataclass(frozen=True)
class Recipe:
    seed: int = 0
    questions: int = 10_000
    batch: int = 24
    lr: float = 1.5e-3
    head_lr: float = 3e-3
    warm_up: float = 0.06  # share of all steps
    unanswerable: float = 0.15
    half: bool = True
    span_at_least: float = 0.60
    sentence_at_least: float = 0.90

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(questions=240, span_at_least=0.0, sentence_at_least=0.0)


def train(recipe: Recipe, run: Run) -> SpanReader:
    made, held = data.examples(recipe.questions, recipe.unanswerable, recipe.seed)
    net = SpanReader()
    rows = [row for row in (_encoded(net, one) for one in made) if row]
    parts = np.array_split(np.arange(len(rows)), POINTS)
    steps = sum(-(-len(part) // recipe.batch) for part in parts)
    low = [*net.down, *net.up]
    groups = [{"params": low, "lr": recipe.lr}, {"params": net.head.parameters(), "lr": recipe.head_lr}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [recipe.lr, recipe.head_lr], total_steps=steps, pct_start=recipe.warm_up
    )
    hand = by_hand(HUNDRED)
    for epoch in run.epochs(POINTS, net=net, optimiser=optimiser, schedule=schedule):
        loss = _learn(net, [rows[i] for i in parts[epoch]], recipe.batch, optimiser, schedule, epoch)
        shown = [one for one in held if one.end][:WATCHED]
        made_right = [right_span(read(net.eval(), one.passage, one.question), [one.passage[one.start : one.end]])
                      for one in shown]  # fmt: skip
        told = measured(net, hand)
        run.log(
            questions=int(parts[epoch][-1]) + 1,
            loss=loss,
            held_back_span=share(made_right),
            hand_span=told["span"],
            hand_sentence=told["sentence"],
        )
        print(run.curve[-1], flush=True)
    _settle(net.eval())
    return net


def _encoded(net: SpanReader, one: Example) -> tuple[list[int], list[int], int, int] | None:
    """-> ids, types, and the places of the answer's first and last token, 0 and 0 where there is none."""
    tokenizer = net._fixed[2]
    asked = tokenizer.encode(one.question, add_special_tokens=False).ids[:40]
    piece = tokenizer.encode(one.passage, add_special_tokens=False)
    ids, types = pair(asked, piece.ids)
    if len(ids) > 256:
        return None
    if not one.end:
        return ids, types, 0, 0
    inside = [i for i, (start, end) in enumerate(piece.offsets) if end > one.start and start < one.end]
    shift = len(asked) + 2
    return (ids, types, inside[0] + shift, inside[-1] + shift) if inside else None


def _learn(net: SpanReader, rows: list, size: int, optimiser: Any, schedule: Any, epoch: int) -> float:
    """One pass over some rows in batches of alike lengths; -> the mean loss."""
    net.train()
    order = sorted(range(len(rows)), key=lambda i: len(rows[i][0]))
    batches = [order[i : i + size] for i in range(0, len(order), size)]
    random.Random(epoch).shuffle(batches)
    losses = []
    for chosen in batches:
        ids, types = batch([rows[i][:2] for i in chosen], "cpu")
        goals = torch.tensor([rows[i][2:] for i in chosen])
        with torch.autocast("cpu", torch.bfloat16):
            logits = net(ids, types).float()
        logits = logits.masked_fill((ids == 0)[..., None], -1e4)
        loss = (
            F.cross_entropy(logits[..., 0], goals[:, 0]) + F.cross_entropy(logits[..., 1], goals[:, 1])
        ) / 2
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
    return statistics.fmean(losses)


def _settle(net: SpanReader) -> None:
    """Sets likeness, threshold and scale by the questions in choice.json, written by hand on other passages.

    Made questions repeat their sentence's words and score higher than a person's, so a threshold set on them
    refuses most of what people ask.
    """
    hand = by_hand(data.CHOICE)
    told = {}
    for likeness in LIKENESS:
        net.likeness.fill_(likeness)
        shares = measured(net, hand)
        told[likeness] = shares["span"] + shares["sentence"]
    net.likeness.fill_(max(told, key=told.__getitem__))
    readings = [read(net, passage, question) for passage, question, _ in hand]
    scores = np.array([one.score for one in readings])
    answerable = np.array([bool(answers) for _, _, answers in hand])
    limits = np.sort(scores)
    kept = [(scores[answerable] >= limit).mean() + (scores[~answerable] < limit).mean() for limit in limits]
    net.threshold.fill_(float(limits[int(np.argmax(kept))]))
    right = np.array([right_span(one, answers) for one, (_, _, answers) in zip(readings, hand, strict=True)])
    over = (scores - net.threshold.item())[:, None]
    net.scale.fill_(float(LogisticRegression(fit_intercept=False).fit(over, right).coef_[0, 0]))


def evaluate(net: SpanReader, frozen: bool) -> dict[str, float]:
    """Share right on the hundred questions by hand: of the 85 with an answer its span and its sentence, of the 15
    without one those that are refused, and of all what a visitor sees; full: beside the two baselines.
    """
    hand = by_hand(HUNDRED)
    metrics = measured(net, hand)
    if not frozen:
        metrics |= {"retrieval_sentence": _retrieval(net, hand), "smollm2_span": _smollm2(net, hand)}
    return metrics


def _retrieval(net: SpanReader, hand: list[tuple[str, str, list[str]]]) -> float:
    """The untuned MiniLM: is the answer in the sentence that is most like the question?"""
    right = []
    for passage, question, answers in hand:
        if answers:
            texts = [passage[start:end] for start, end in sentences(passage)]
            best = texts[int(net.similar(question, texts).argmax())]
            right.append(any(answer in best for answer in answers))
    return share(right)


def _smollm2(net: SpanReader, hand: list[tuple[str, str, list[str]]]) -> float:
    """SmolLM2 asked in its own words, greedily: does its answer hold the right one?"""
    right = []
    with models.use("smollm2") as writer:
        for passage, question, answers in tqdm(hand, desc="smollm2"):
            if answers:
                asked = [{"role": "user", "content": prompt(question, passage)}]
                said = plain("".join(token["text"] for token in writer.chat(asked, 40, 0.0, 1.0, 0)))
                right.append(any(plain(answer) in said for answer in answers))
    return share(right)

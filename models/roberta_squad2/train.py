"""Measures RoBERTa on the hundred questions that were written by hand."""

from models.answered import HUNDRED, by_hand, measured
from models.roberta_squad2.net import RobertaReader


def evaluate(net: RobertaReader, frozen: bool) -> dict[str, float]:
    """As bert_qa's, without its baselines; all of the questions are in the repo."""
    return measured(net, by_hand(HUNDRED))

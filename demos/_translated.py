"""What the translation tabs share: a text cut into sentences, their candidates and doubts, and the alignment."""

import html
import math

from demos._matrix import matrix
from demos._run import InvalidInput, both
from models import translation_text

MAX_CHARACTERS, MAX_SENTENCES = 800, 8
LONGEST = {True: 45, False: 160}  # characters of a sentence before it is cut at commas: Chinese, English
MAX_BEAM, MAX_PENALTY = 8, 2.0


def sentences(text: str, chinese: bool) -> list[str]:
    """The sentences of a text. Raises InvalidInput: too many, or one that is too long."""
    asked = translation_text.sentences(text, LONGEST[chinese])
    if len(asked) > MAX_SENTENCES:
        raise InvalidInput(
            f"最多 {MAX_SENTENCES} 句，请分几次翻译", f"At most {MAX_SENTENCES} sentences at a time"
        )
    if any(len(one) > 2 * LONGEST[chinese] for one in asked):
        raise InvalidInput(
            "有一句太长，请用标点断开", "A sentence is too long; break it up with full stops or commas"
        )
    return asked


def page(asked: list[str], found: list[dict], gap: str) -> str:
    """The whole translation, then for each sentence its candidates, as HTML. gap: between sentences."""
    whole = gap.join("".join(map(_token, one["tokens"])) for one in found)
    parts = "".join(_sentence(*pair) for pair in zip(asked, found, strict=True))
    return f'<div class="text" dir="auto">{whole}</div>{parts}'


def alignments(asked: list[str], found: list[dict]) -> str:
    """For each sentence a picture of where its translation looked; the first is open."""
    return "".join(_picture(number, *pair) for number, pair in enumerate(zip(asked, found, strict=True)))


def _sentence(source: str, found: dict) -> str:
    rows = "".join(_candidate(**candidate) for candidate in found["candidates"])
    unknown = "、".join(map(html.escape, found["unknown"]))
    lacks = f"<p>{both('词表里没有：', 'Not in its vocabulary: ')}{unknown}</p>" if unknown else ""
    heads = both("候选", "candidates"), both("平均每个词元的概率", "mean probability of a token")
    return (
        f'<p class="speed" dir="auto">{html.escape(source)}</p>{lacks}<table class="answers"><thead><tr>'
        f'<th scope="col">{heads[0]}</th><th scope="col">{heads[1]}</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _candidate(text: str, score: float) -> str:
    share = f"{math.exp(score):.0%}"
    return (
        f'<tr><td dir="auto">{html.escape(text) or "∅"}</td>'
        f'<td>{share}<div class="share" style="width:{share}"></div></td></tr>'
    )


def _token(token: dict) -> str:
    """A token, the paler the surer, with what else it could have been for hover and focus."""
    rows = "\n".join(f"{share:4.0%} {text}" for text, share in token["alternatives"])
    doubt = round(60 * (1 - token["probability"]))
    text = html.escape(token["text"])
    return f'<span class="token" tabindex="0" style="--doubt:{doubt}%" data-tip="{html.escape(rows)}">{text}</span>'


def _picture(number: int, source: str, found: dict) -> str:
    rows = [token["text"].strip() for token in found["tokens"]]
    drawn = matrix(found["alignment"], rows, [name.strip() for name in found["source"]], "alignment 对齐")
    shown = "" if number else " open"
    return f'<details{shown}><summary dir="auto">{html.escape(source)}</summary>{drawn}</details>'

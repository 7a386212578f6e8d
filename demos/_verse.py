"""A poem in centred lines, as HTML: what else each character could have been, and what it looked back at."""

import functools
import html
from typing import Any

import numpy as np

from demos._run import both

HEADER = 3  # tokens before the poem: its form, two of its theme
FAINT = 0.04  # of the strongest look; weaker ones are not drawn


@functools.cache
def _converter(name: str) -> Any:
    import opencc

    return opencc.OpenCC(name)


def converted(text: str, name: str) -> str:
    """The text in another script, character for character; "" leaves it as it is."""
    whole = _converter(name).convert(text) if name else text
    return whole if len(whole) == len(text) else "".join(_converter(name).convert(one)[:1] for one in text)


def verse_page(about: str, theme: str, script: str, written: list[dict[str, Any]], foot: str) -> str:
    """The poem in centred lines. Each character shows the five the net liked best; c7 is token number 7."""
    texts = converted("".join(one["text"] for one in written), script)
    lines, line = [], ""
    for number, (text, one) in enumerate(zip(texts, written, strict=True), HEADER):
        line += _glyph(number, text, one, script)
        if text in "，。":
            lines.append(line)
            line = ""
    rows = "".join(f"<p>{row}</p>" for row in [*lines, line] if row)
    chips = [_chip(0, about)]
    chips += [_chip(number, converted(text, script)) for number, text in enumerate(theme, 1)]
    written_in = "zh-Hans" if script else "zh-Hant"
    return f'<div class="poem" lang="{written_in}"><p class="about">{"".join(chips)}</p>{rows}</div>{foot}'


def _glyph(number: int, text: str, one: dict[str, Any], script: str) -> str:
    if text in "，。":
        return f'<span class="glyph c{number}">{text}</span>'
    rows = "\n".join(f"{share:4.0%} {converted(other, script)}" for other, share in one["alternatives"])
    return f'<span class="glyph c{number}" tabindex="0" data-tip="{html.escape(rows)}">{html.escape(text)}</span>'


def _chip(number: int, text: str) -> str:
    return f'<span class="glyph c{number}">{html.escape(text)}</span>'


def looks(written: list[dict[str, Any]], layer: int) -> str:
    """Style rules: while a character is pointed at, what it attended to shines, brightest where it looked most."""
    rules = []
    for number, one in enumerate(written, HEADER):
        heads = one["attention"][layer - 1] if layer else one["attention"].reshape(-1, number)
        shares = np.asarray(heads, np.float32).mean(0)
        shares = shares / max(float(shares[1:].max(initial=0)), 1e-6)  # the form is looked at always
        rules += [
            f".poem:has(.c{number}:is(:hover,:focus)) .c{place}{{--look:{min(share, 1):.0%}}}"
            for place, share in enumerate(shares.tolist())
            if share > FAINT
        ]
    return f"<style>{''.join(rules)}</style>"


def foot(found: dict[str, Any], script: str) -> str:
    """Whether the poem rhymes, by the Pingshui table."""
    ends = converted("、".join(found["ends"]), script)
    if found["rhyme"]:
        zh, en = f"押韵：{ends}（平水韵 {found['rhyme']}）", f"Rhymes: {ends} (Pingshui {found['rhyme']})"
    else:
        zh, en = f"按平水韵不押韵：{ends}", f"Does not rhyme by the Pingshui table: {ends}"
    return f'<p class="speed rhyme">{both(zh, en)}</p>'

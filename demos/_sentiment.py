"""What the two sentiment tabs share: the verdict, and words coloured by what they add."""

import html

from demos._run import both

POSITIVE, NEGATIVE = "正面 positive", "负面 negative"
DEEPEST = 65  # percent of colour of the strongest word


def verdict(positive: float) -> dict[str, float]:
    """What gr.Label shows."""
    return {POSITIVE: positive, NEGATIVE: 1 - positive}


def coloured(words: list[tuple[str, float]]) -> str:
    """Words joined as HTML: green where a number is above 0, red below, the larger the deeper; escaped."""
    largest = max((abs(value) for _, value in words), default=0.0) or 1.0
    return "".join(_word(text, value, abs(value) / largest) for text, value in words)


def _word(text: str, value: float, strength: float) -> str:
    kind = "plus" if value > 0 else "minus"
    depth = round(DEEPEST * strength)
    body = text.rstrip()
    return (
        f'<span class="token {kind}" tabindex="0" style="--doubt:{depth}%" data-tip="{value:+.2f}">'
        f"{html.escape(body)}</span>{html.escape(text[len(body) :])}"
    )


def legend() -> str:
    """What the colours mean, as HTML."""
    words = both(
        "绿色：使它更正面；红色：更负面；指着看数值",
        "green: more positive, red: more negative; point to see how much",
    )
    return f'<p class="speed">{words}</p>'

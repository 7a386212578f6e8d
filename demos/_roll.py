"""A piano roll: notes as bars over time, higher is higher, as an SVG that scrolls sideways where it is long."""

import html
from collections.abc import Sequence

from demos._music import Note, name_of
from demos._run import both

BEAT, SEMITONE = 30, 7  # pixels
LEFT, EDGE = 30, 3  # pixels for the names of pitches; around
AROUND = 2  # semitones drawn above and below
SMALLEST = 0.62  # of the width, below which it scrolls


def roll(
    notes: Sequence[Note],
    *,
    bar: float = 4.0,
    first_bar: float = 0.0,
    voices: Sequence[tuple[str, str]] = (),
    kinds: Sequence[str] = (),
    tips: Sequence[str] = (),
    own: str = "",
) -> str:
    """Notes -> HTML. bar: beats from bar line to bar line; first_bar: beats before the first, an upbeat.

    voices: a name (zh, en) for each voice, shown as a legend; kinds: CSS classes for each note beside n0, n1... and
    v0..v3 for its voice; tips: for each note, shown when it is pointed at, any text; own: CSS classes of the roll.
    """
    if not notes:
        return ""
    low, high = min(note.pitch for note in notes) - AROUND, max(note.pitch for note in notes) + AROUND
    end = max(note.start + note.beats for note in notes)
    width, height = LEFT + BEAT * end + EDGE, SEMITONE * (high - low + 1) + 2 * EDGE
    shapes = [_lines(low, high, end, bar, first_bar, height)]
    for number, note in enumerate(notes):
        kind = f" {kinds[number]}" if kinds else ""
        shapes.append(_bar(note, high, f"n{number} v{note.voice % 4}{kind}", tips[number] if tips else ""))
    told = both(*_told(notes, end / bar))
    return (
        f'<div class="roll {own}" tabindex="0" role="group"><svg viewBox="0 0 {width:.0f} {height}" '
        f'style="min-width:{SMALLEST * width:.0f}px;max-width:{1.5 * width:.0f}px" aria-hidden="true">'
        f'{"".join(shapes)}</svg>{_legend(voices)}<p class="roll-told">{told}</p></div>'
    )


def _lines(low: int, high: int, end: float, bar: float, first_bar: float, height: int) -> str:
    """Bar lines, and the names of the Cs and Gs."""
    parts, beat = [], first_bar
    while beat <= end + 1e-6:
        x = LEFT + BEAT * beat
        parts.append(f'<line class="roll-bar" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height}"/>')
        beat += bar
    for pitch in range(low, high + 1):
        if pitch % 12 in (0, 7):
            y = EDGE + SEMITONE * (high - pitch + 0.5)
            parts.append(
                f'<line class="roll-line" x1="{LEFT}" x2="{LEFT + BEAT * end:.1f}" y1="{y}" y2="{y}"/>'
            )
            parts.append(f'<text x="{LEFT - 5}" y="{y + 3.5}" text-anchor="end">{name_of(pitch)}</text>')
    return "".join(parts)


def _bar(note: Note, high: int, classes: str, tip: str) -> str:
    x, y = LEFT + BEAT * note.start, EDGE + SEMITONE * (high - note.pitch)
    title = html.escape(tip or name_of(note.pitch))
    return (
        f'<rect class="roll-note {html.escape(classes)}" x="{x:.1f}" y="{y}" rx="2.5" '
        f'width="{max(BEAT * note.beats - 1.5, 2):.1f}" height="{SEMITONE}"><title>{title}</title></rect>'
    )


def _legend(voices: Sequence[tuple[str, str]]) -> str:
    chips = "".join(
        f'<span class="roll-voice v{number % 4}">{both(*name)}</span>' for number, name in enumerate(voices)
    )
    return f'<p class="roll-voices">{chips}</p>' if chips else ""


def _told(notes: Sequence[Note], bars: float) -> tuple[str, str]:
    """What the picture shows, for those who do not see it, too."""
    low, high = (name_of(pick(note.pitch for note in notes)) for pick in (min, max))
    count, of_bars = len(notes), f"{bars:.3g}"
    return (
        f"{count} 个音，从 {low} 到 {high}，{of_bars} 小节",
        f"{count} notes from {low} to {high}, {of_bars} bars",
    )

"""Two octaves of a keyboard to click on, which write ABC into a text box."""

import html

import gradio as gr

from demos._music import name_of
from demos._run import both
from demos._ui import ROOT, Text

WHITE = (*"CDEFGABcdefgab", "c'")  # in ABC
LOWEST, BLACK = 60, {"C", "D", "F", "G", "A"}  # MIDI number of C; white keys with a black one on their right
STEPS = {"C": 2, "D": 2, "E": 1, "F": 2, "G": 2, "A": 2, "B": 1}  # semitones to the next white key
LENGTHS = {"/2": "1/16", "": "1/8", "3/2": "3/16", "2": "1/4", "3": "3/8", "4": "1/2"}


def keys_box(name: Text, into: str) -> gr.HTML:
    """into: the elem_id of the text box that is written to."""
    return gr.HTML(
        html_template=_template(into),
        js_on_load=(ROOT / "assets" / "keys.js").read_text(),
        name=f"{name.zh} {name.en}",
        label=name,
        elem_classes="keys-box",
        container=True,
        show_label=True,
        padding=True,
    )


def _template(into: str) -> str:
    keys, pitch = "", LOWEST
    for place, written in enumerate(WHITE):
        keys += _key(written, pitch, "white", place)
        if written.upper() in BLACK:
            keys += _key(f"^{written}", pitch + 1, "black", place)
        pitch += STEPS.get(written.upper(), 0)
    lengths = "".join(
        f'<button type="button" class="keys-length" data-length="{sign}" aria-pressed="{str(not sign).lower()}">'
        f"{told}</button>"
        for sign, told in LENGTHS.items()
    )
    others = {
        "rest": ("休止", "Rest"),
        "bar": ("小节线", "Bar line"),
        "back": ("退一步", "Undo"),
        "clear": ("清空", "Clear"),
    }
    buttons = "".join(
        f'<button type="button" class="keys-{kind}">{both(*told)}</button>' for kind, told in others.items()
    )
    return (
        f'<div class="keys" role="group" aria-label="${{name}}"><p class="keys-row">{lengths}</p>'
        f'<div class="keys-board" data-into="{into}">{keys}</div><p class="keys-row">{buttons}</p></div>'
    )


def _key(written: str, pitch: int, kind: str, place: int) -> str:
    return (
        f'<button type="button" class="keys-{kind}" style="--place:{place}" data-key="{html.escape(written)}" '
        f'data-pitch="{pitch}" aria-label="{name_of(pitch)}"></button>'
    )

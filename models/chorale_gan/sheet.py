"""Passages drawn as small piano rolls, for the card."""

import numpy as np
from PIL import Image, ImageDraw

from models import music_statistics as statistics

COLOURS = ("#0d9488", "#d97706", "#6366f1", "#db2777")  # soprano to bass
STEP, SEMITONE, GAP = 8, 3, 10  # pixels
LOWEST, HIGHEST = 34, 84  # MIDI numbers that are drawn


def sheet(rows: list[list[np.ndarray]], struck: list[list[np.ndarray]]) -> Image.Image:
    """Rows of passages, MIDI numbers (4, T) and where notes begin, bool (4, T) -> one picture on white."""
    width = STEP * rows[0][0].shape[1] + GAP
    height = SEMITONE * (HIGHEST - LOWEST) + GAP
    page = Image.new("RGB", (width * len(rows[0]) - GAP, height * len(rows) - GAP), "white")
    for down, (pieces, strikes) in enumerate(zip(rows, struck, strict=True)):
        for across, (midi, begun) in enumerate(zip(pieces, strikes, strict=True)):
            page.paste(_roll(midi, begun), (width * across, height * down))
    return page


def _roll(midi: np.ndarray, struck: np.ndarray) -> Image.Image:
    voices, steps = midi.shape
    picture = Image.new("RGB", (STEP * steps, SEMITONE * (HIGHEST - LOWEST)), "#f3f4f6")
    pen = ImageDraw.Draw(picture)
    begun = statistics.onsets(midi[None], struck[None])[0]
    for voice in range(voices):
        for step, pitch in enumerate(midi[voice]):
            y = SEMITONE * (HIGHEST - int(pitch))
            left = STEP * step + 2 * int(begun[voice, step])  # a gap before each note
            pen.rectangle((left, y, STEP * (step + 1) - 1, y + SEMITONE - 1), fill=COLOURS[voice])
    return picture

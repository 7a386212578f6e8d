"""What a note is beside its number: its parts, and how far it is from another, in notes and in musical time."""

import torch

from models.melody_transformer.events import DANCES, FIRST, LENGTHS, PITCHES, SIXTEENTH, TOKENS

STEPS = 128  # events apart, above which distances are not told apart
BARS = 33  # bars apart, likewise
PLACES = max(DANCES.values()) // SIXTEENTH  # of a bar, in sixteenths
BAR_TICKS = tuple(DANCES.values())
METRES = tuple(dict.fromkeys(BAR_TICKS))


def parts_of_tokens() -> torch.Tensor:
    """-> int64 (TOKENS, 3): pitch + 1, pitch class + 1, length + 1 of each token; 0 where it has none."""
    table = torch.zeros(TOKENS, 3, dtype=torch.long)
    for number in range(FIRST, TOKENS):
        pitch, length = divmod(number - FIRST, len(LENGTHS))
        table[number] = torch.tensor([pitch + 1, 1 + (PITCHES[pitch] % 12 if pitch else 12), length + 1])
    return table


def distances(onsets: torch.Tensor, size: int, metres: torch.Tensor, ticks: torch.Tensor) -> torch.Tensor:
    """From the note that each of the newest tokens is followed by, back to the beginning of each note so far.

    onsets (B, S); metres, ticks (B, 1, 1) -> (B, size, S): metre, whole bars and sixteenths beside them, in one number.
    """
    begun = torch.cat([onsets[:, :1], onsets[:, :-1]], 1)
    back = (onsets[:, -size:, None] - begun[:, None]).clamp(min=0)
    bars = (back // ticks).clamp(max=BARS - 1)
    return (metres * BARS + bars) * PLACES + back % ticks // SIXTEENTH

"""Recordings to measure on, never to train on: the sounds of Asterisk, read by Allison Smith at 8 kHz.

Debian asterisk-core-sounds-en and -en-wav 1.6.1-1, Digium, CC-BY-SA-3.0.
"""

import functools
import gzip
import io
import re
import subprocess
import tarfile

import numpy as np
import soundfile

from models import sources
from models.digit_ctc.words import DIGITS, WORDS
from models.spec import Dataset, Deb

SOUNDS = Dataset(
    name="asterisk-core-sounds-en-wav.deb",
    sha256="2be3ea287d83299d143815fa804f11179a75b7affd4a758b98b55f5afc18a35d",
    parts=(Deb("asterisk-core-sounds-en-wav", "1.6.1-1", ""),),
)
TEXTS = Dataset(
    name="core-sounds-en.txt.gz",
    sha256="436538195b7c7361bd227036686f1a4039f694648c76573bdaca956655d34450",
    parts=(
        Deb(
            "asterisk-core-sounds-en",
            "1.6.1-1",
            "usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz",
        ),
    ),
)
FOLDER = "./usr/share/asterisk/sounds/en_US_f_Allison/"
ALIKE = ("for", "to")
LONGEST = 2  # words of a recording that holds none of ours


def digits() -> dict[str, np.ndarray]:
    """Digit -> its recording, float32 (N,) at 8 kHz."""
    return {word: _sounds()[f"digits/{number}"] for number, word in enumerate(DIGITS)}


def others() -> dict[str, np.ndarray]:
    """What is said -> its recording: a word or two, none of ours, nor one that sounds like it."""
    found = {}
    for line in gzip.decompress(sources.fetch(TEXTS).read_bytes()).decode("latin-1").splitlines():
        match = re.fullmatch(r"([\w/-]+): ([A-Za-z .]+)", line)
        words = re.findall("[a-z]+", match[2].lower()) if match else []
        if (
            match
            and 0 < len(words) <= LONGEST
            and not set(words) & {*WORDS, *ALIKE}
            and match[1] in _sounds()
        ):
            found[" ".join(words)] = _sounds()[match[1]]
    return found


@functools.cache
def _sounds() -> dict[str, np.ndarray]:
    package = sources.fetch(SOUNDS).read_bytes()
    command = ["dpkg-deb", "--fsys-tarfile", "/dev/stdin"]
    unpacked = subprocess.run(command, input=package, capture_output=True, check=True).stdout
    found = {}
    with tarfile.open(fileobj=io.BytesIO(unpacked)) as box:
        for member in box.getmembers():
            if member.name.startswith(FOLDER) and member.name.endswith(".wav"):
                wave, _ = soundfile.read(box.extractfile(member), dtype="float32")
                found[member.name.removeprefix(FOLDER).removesuffix(".wav")] = wave
    return found

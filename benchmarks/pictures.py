"""How long a warm click on a picture demo takes until its answer is seen, with one thread."""

import tempfile
from pathlib import Path

from PIL import Image

import app
from benchmarks.row import Row
from benchmarks.server import ROOT, running
from benchmarks.texts import answered

SIDES = 1160, 864  # a megapixel
ASKED = {  # demo, what is asked -> most milliseconds, None where benchmarks.calls has the limit, of a smaller call
    ("vit", "a garment by both nets, all heads drawn"): 20,
    ("face_match", "two photos"): 250,
    ("gan_fashion", "ninety samples, each judged"): None,
    ("vae", "a plane of 169 pictures"): None,
}
PHOTOS = {  # demo, what is asked of a photo of SIDES -> the other inputs, most milliseconds
    ("super_resolution", "one megapixel, two times"): ([2, False, False], 2000),
    ("denoise", "one megapixel"): ([False, 25, 0], 1500),
}


def rows() -> list[Row]:
    app.build()
    with tempfile.TemporaryDirectory() as folder, running("app.py", HUB_THREADS="1") as hub:
        photo = Path(folder) / "photo.png"
        coffee = Image.open(ROOT / "assets" / "samples" / "super_resolution" / "coffee.png")
        coffee.convert("RGB").resize(SIDES, Image.Resampling.BICUBIC).save(photo)
        small = [answered(hub, *asked, [], most_ms) for asked, most_ms in ASKED.items()]
        large = [
            answered(hub, *asked, [photo, *others], most_ms) for asked, (others, most_ms) in PHOTOS.items()
        ]
    return [*small, *large]

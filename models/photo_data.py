"""Photographs to train picture nets on, a few held back from them, and seven to test on.

The training photographs are wallpapers in four Debian packages (CC0, CC-BY, CC-BY-SA, GPL-2+, see NOTICE), fetched by
digest and not redistributed. They are halved in size, so that a pixel shows detail and no trace of the camera's mosaic
or of JPEG. The test photographs are those that come inside the wheels of scikit-image and scikit-learn.
"""

import subprocess
import tarfile
from collections.abc import Iterator
from typing import IO

import numpy as np
from PIL import Image

from models import sources
from models.spec import Dataset, Deb, Wheel

PACKAGES = {  # Debian package -> version, sha256, folder, photographs in it
    "lomiri-wallpapers-16.04": (
        "20.04.0-2", "a99ff6a3bfe451e4cc0682ecb3cc82e71740626d59e4845ae34a0a0e45421eab", "backgrounds",
        ("Bridge_by_Sander_Klootwijk.jpg", "Dragonfly_by_Bolly.jpg", "Picture_0B_by_freespace.jpg",
         "Picture_1A_by_freespace.jpg", "Wine_by_Jakkub_Mede.jpg", "aitzgorri_by_Aitzol_Berasategi.jpg",
         "free_by_Peter_Nerlich.jpg", "friends_by_Aitzol_Berasategi.jpg", "greentock_by_Peter_Nerlich.jpg",
         "life_by_Aitzol_Berasategi.jpg", "picosdeeuropa_by_Aitzol_Berasategi.jpg",
         "seeding_by_Clements_Engelhardt.jpg", "sunset_by_Aitzol_Berasategi.jpg"),
    ),
    "lomiri-wallpapers-20.04": (
        "20.04.0-2", "d44e89b8473aafe64a5b678f014862dc31335aaaf18665c544d985d854f1a709", "backgrounds",
        ("Kleiber_by_Lukas_Baubkus.jpg",),
    ),
    "mate-backgrounds": (
        "1.26.0-1", "7bf4c2209f34b4f61ba6d24c8b58c28b361e82e4b943aae6d42c030169af9e04", "backgrounds/mate/nature",
        ("Aqua.jpg", "Blinds.jpg", "Dune.jpg", "FreshFlower.jpg", "Garden.jpg", "GreenMeadow.jpg", "LadyBird.jpg",
         "RainDrops.jpg", "Storm.jpg", "TwoWings.jpg", "Wood.jpg", "YellowFlower.jpg"),
    ),
    "plasma-workspace-wallpapers": (
        "4:5.27.5-2", "32cd18b71c8c938a18b3b351f217c02ac590e323caa3cf322fbb875ce8892f8b", "wallpapers",
        tuple(f"{name}/contents/images/2560x1600.jpg" for name in (
            "BytheWater", "ColdRipple", "ColorfulCups", "EveningGlow", "FallenLeaf", "Grey", "Kite", "OneStandsOut",
            "Path")),
    ),
}  # fmt: skip
HELD_BACK = (
    "Dune.jpg",
    "LadyBird.jpg",
    "friends_by_Aitzol_Berasategi.jpg",
    "EveningGlow/contents/images/2560x1600.jpg",
)
TEST = {  # file -> sha256; the first two come with scikit-learn, the others with scikit-image
    "china.jpg": "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
    "flower.jpg": "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
    "astronaut.png": "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    "chelsea.png": "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
    "coffee.png": "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
    "rocket.jpg": "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
    "motorcycle_left.png": "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179",
}


def photographs(part: str) -> list[np.ndarray]:
    """part "train" (31) or "held_back" (4, which only training curves and choices see) -> uint8 (H, W, 3) each.

    Halved in size: 0.3 to 5 megapixels. Takes some ten seconds.
    """
    wanted = part == "held_back"
    return [_halved(photo) for name, photo in _opened() if (name in HELD_BACK) == wanted]


def test_photographs() -> dict[str, np.ndarray]:
    """File name -> uint8 (H, W, 3), at the size they were published in. No choice may rest on them."""
    return {name: np.asarray(Image.open(sources.fetch(_test(name))).convert("RGB")) for name in TEST}


def _test(name: str) -> Dataset:
    learn = Wheel("scikit-learn", "1.9.1", f"sklearn/datasets/images/{name}")
    image = Wheel("scikit-image", "0.26.0", f"skimage/data/{name}")
    return Dataset(name, TEST[name], (learn if name in ("china.jpg", "flower.jpg") else image,))


def _opened() -> Iterator[tuple[str, Image.Image]]:
    """Each wanted photograph of each package, in the order in which they are packed; valid until the next one."""
    for package, (version, digest, folder, names) in PACKAGES.items():
        deb = sources.fetch(Dataset(f"{package}.deb", digest, (Deb(package, version, ""),)))
        with (
            subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE) as unpacked,
            tarfile.open(fileobj=_piped(unpacked), mode="r|") as tar,
        ):
            for member in tar:
                name = member.name.removeprefix(f"./usr/share/{folder}/")
                inside = tar.extractfile(member) if name in names and member.isfile() else None
                if inside:
                    yield name, Image.open(inside)


def _piped(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdout is None:
        raise OSError("dpkg-deb gives no output")
    return process.stdout


def _halved(photo: Image.Image) -> np.ndarray:
    half = (photo.width // 2, photo.height // 2)
    return np.asarray(photo.convert("RGB").resize(half, Image.Resampling.LANCZOS))

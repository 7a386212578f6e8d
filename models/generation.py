"""How good generated pictures are: near to the data, of the class that was asked for, varied, and not copied.

Measured in the features of a classifier trained here: digit_cnn's 64 hidden units, or fashion_cnn's 192 channels
pooled over the picture; both are what the last layer reads. Heusel et al., "GANs Trained by a Two Time-Scale Update
Rule", 2017, https://arxiv.org/abs/1706.08500, do the same with Inception's features. A distance depends on how many
pictures there are, so only those of equally many can be compared. Pictures are uint8 (N, 28, 28), bright on black.
"""

import numpy as np
from PIL import Image
from scipy import linalg
from scipy.spatial.distance import pdist

import models

JUDGES = ("digit_cnn", "fashion_cnn")
PAIRED = 1000  # pictures whose mutual distances make up the diversity
SHOWN = 16  # samples on a sheet of nearest training pictures
AT_ONCE = 500  # samples compared with all training pictures at once
SCALE, GAP = 2, 4  # of the sheet, in pixels


def judged(judge: str, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What a classifier of JUDGES sees: features, float32 (N, D); probabilities of the ten classes, float32 (N, 10)."""
    with models.use(judge) as net:
        return net.features(pictures)


def measured(
    judge: str,
    made: np.ndarray,
    asked: np.ndarray | None,
    held_out: np.ndarray,
    training: np.ndarray | None = None,
) -> dict[str, float]:
    """Generated pictures beside held-out ones, of which there should be about as many, in the same shares of classes.

    asked: the class that each was to show, (N,), None: of none. -> class_agreement, the share that the judge reads as
    asked; frechet_distance; diversity, 1 where they differ as much as the data do; with training pictures also
    novelty, 1 where they are as far from those as held-out pictures are, 0 where they are copies.
    """
    features, shares = judged(judge, made)
    real, _ = judged(judge, held_out)
    metrics = {} if asked is None else {"class_agreement": float(np.mean(shares.argmax(1) == asked))}
    metrics["frechet_distance"] = frechet_distance(features, real)
    metrics["diversity"] = diversity(features) / diversity(real)
    if training is not None:
        metrics["novelty"] = novelty(made, held_out, training)
    return metrics


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Squared Frechet distance of the Gaussians fitted to two sets of features (N, D), (M, D); 0 or more.

    |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)); the last trace is the sum of the singular values of
    C1^(1/2) C2^(1/2), which stays real where features are few or constant.
    """
    first, second = first.astype(np.float64), second.astype(np.float64)
    roots = [_root(np.cov(features, rowvar=False)) for features in (first, second)]
    spread = sum(np.square(root).sum() for root in roots) - 2 * linalg.svdvals(roots[0] @ roots[1]).sum()
    return float(max(0.0, np.square(first.mean(0) - second.mean(0)).sum() + spread))


def _root(covariance: np.ndarray) -> np.ndarray:
    """The symmetric square root; rounding may have left eigenvalues a little below 0."""
    values, vectors = linalg.eigh(np.atleast_2d(covariance))
    return (vectors * np.sqrt(values.clip(0))) @ vectors.T


def diversity(features: np.ndarray) -> float:
    """Mean distance between two of the first PAIRED rows of (N, D), N at least 2."""
    return float(pdist(features[:PAIRED].astype(np.float64)).mean())


def novelty(made: np.ndarray, held_out: np.ndarray, training: np.ndarray) -> float:
    """Median distance, in pixels, to the nearest training picture: of generated over that of held-out pictures."""
    medians = [np.median(nearest(pictures, training)[1]) for pictures in (made, held_out)]
    return float(medians[0] / max(medians[1], 1e-6))


def nearest(items: np.ndarray, among: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each of N pictures or rows of features: the index of the nearest of M others, and its distance, (N,).

    Distances are Euclidean; those of pictures count a pixel's full range as 1.
    """
    scale = 255 if items.dtype == np.uint8 else 1
    rows, others = (part.reshape(len(part), -1).astype(np.float32) / scale for part in (items, among))
    lengths = np.square(others).sum(1)
    found = [
        (lengths - 2 * rows[start : start + AT_ONCE] @ others.T).argmin(1)
        for start in range(0, len(rows), AT_ONCE)
    ]
    index = np.concatenate(found)
    return index, linalg.norm(rows - others[index], axis=1)  # anew: the short form rounds small ones badly


def nearest_sheet(judge: str, made: np.ndarray, training: np.ndarray) -> Image.Image:
    """Three rows: SHOWN generated pictures, under each the nearest training picture by pixels, then by features."""
    made = made[:SHOWN]
    by_pixels, _ = nearest(made, training)
    by_features, _ = nearest(judged(judge, made)[0], judged(judge, training)[0])
    return sheet([made, training[by_pixels], training[by_features]])


def sheet(rows: list[np.ndarray]) -> Image.Image:
    """Rows of equally many pictures, uint8 (N, height, width) or with 3 colours each -> one, SCALE times as large."""
    height, width = (side * SCALE + GAP for side in rows[0].shape[1:3])
    size = (len(rows[0]) * width - GAP, len(rows) * height - GAP)
    page = Image.new("RGB" if rows[0].ndim == 4 else "L", size, "white")
    for down, row in enumerate(rows):
        for across, picture in enumerate(row):
            tile = Image.fromarray(picture).resize((width - GAP, height - GAP), Image.Resampling.NEAREST)
            page.paste(tile, (across * width, down * height))
    return page

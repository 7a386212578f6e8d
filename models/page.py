"""What is drawn on a page, made as small as a net reads it."""

from PIL import Image


def contained(picture: Image.Image, side: int) -> Image.Image:
    """The picture with its longer side so long, in pixels; a hairline keeps a width of 1, which contain() refuses."""
    width, height = (max(1, round(side * length / max(picture.size))) for length in picture.size)
    return picture.resize((width, height), Image.Resampling.BOX)

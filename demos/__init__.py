"""The demos and the groups of tabs they stand in, explicit and in order."""

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demos._ui import Demo


@dataclass(frozen=True)
class Group:
    """A tab that holds demos. demos: file names in this folder, which are tab ids and API names too."""

    id: str
    zh: str
    en: str
    demos: tuple[str, ...]


GROUPS = (
    Group(
        "text",
        "文本",
        "Text",
        (
            "text_generation",
            "poem",
            "translation",
            "translation_bert",
            "sentiment",
            "sentiment_cnn",
            "few_shot_text",
            "attention",
            "question_answering",
            "pronunciation",
            "char_rnn",
        ),
    ),
    Group(
        "vision",
        "视觉",
        "Vision",
        (
            "image_recognition",
            "sketch_cnn",
            "vit",
            "teach_images",
            "face_match",
            "super_resolution",
            "denoise",
        ),
    ),
    Group("images", "图像生成", "Image generation", ("gan_digits", "gan_fashion", "vae", "diffusion")),
    Group("sound", "声音", "Sound", ("speech_recognition", "speech_generation", "gan_music", "melody")),
    Group(
        "sequences",
        "序列与游戏",
        "Sequences and games",
        ("forecast", "social_links", "social_groups", "lander", "connect_four"),
    ),
)


def names() -> tuple[str, ...]:
    """Every demo, in the order of the tabs."""
    return tuple(name for group in GROUPS for name in group.demos)


def load(name: str) -> "Demo":
    """The demo of that name."""
    return importlib.import_module(f"demos.{name}").DEMO

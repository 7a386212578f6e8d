"""What a visitor wants drawn, in words: checked, and in English."""

import models
from demos._run import InvalidInput
from demos._text import open_text
from models.translation_text import is_chinese

LONGEST = 200  # characters


def described(text: str) -> str:
    """Raises InvalidInput: empty, too long, or neither English nor Chinese."""
    text = open_text(text, LONGEST)
    if is_chinese(text) is None:
        raise InvalidInput("请用英语或中文写出要画什么", "Say in English or Chinese what is to be drawn")
    return text


def in_english(text: str) -> str:
    """As it is, or translated from Chinese."""
    if not is_chinese(text):
        return text
    with models.use("transformer_zh_en") as translator:
        return translator.translate([text])[0]["candidates"][0]["text"]

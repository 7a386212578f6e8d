"""The pronunciation tab: words and sentences said, what cannot be said refused, text shown as text."""

import re

import pytest

from demos._run import InvalidInput
from demos.pronunciation import EXAMPLES, MAX_CHARACTERS, MAX_LETTERS, MAX_WORDS, MOST_HEARD, hear, pronounce


def last(text: str, guess: int = 1) -> str:
    *_, answer = pronounce(text, guess)
    return answer


def test_an_invented_word_is_guessed_with_its_alignment() -> None:
    page = last(*EXAMPLES["造出来的词", "An invented word"])
    assert "does not have it" in page
    assert "ˈtæ" in page
    assert page.count("<g>") >= 9


def test_a_known_word_is_compared_with_the_dictionary() -> None:
    page = last("knighthood")
    assert "The dictionary says the same" in page
    assert "ˈnaɪt" in page


def test_a_french_word_fails_as_said() -> None:
    page = last(*EXAMPLES["会失败：法语词", "Fails: a French word"])
    assert "says otherwise" in page


def test_a_sentence_tells_who_said_each_word() -> None:
    page = last(*EXAMPLES["整句", "A sentence"])
    assert re.search(r"sprindled</td>.*?net</span>", page)
    assert re.search(r"through</td>.*?dictionary</span>", page)
    assert "1984 → nineteen" in page
    assert "<svg" in page


def test_the_guesses_differ() -> None:
    assert last("blimpton", 1) != last("blimpton", 2)


def test_a_long_text_is_answered_bit_by_bit() -> None:
    assert len(list(pronounce("to be or not " * (MAX_WORDS // 4), 1))) > 5


@pytest.mark.parametrize(
    ("text", "guess", "told"),
    [
        ("東京", 1, "English"),
        ("😀 !!", 1, "English"),
        ("a" * (MAX_LETTERS + 1), 1, "40 letters"),
        ("é" * (MAX_LETTERS + 1), 1, "40 letters"),
        ("a’" * MAX_LETTERS + "a", 1, "40 letters"),
        ("1" * (MAX_LETTERS + 1), 1, "40 letters"),
        ("word " * (MAX_WORDS + 1), 1, "500 words"),
        ("word-" * (MAX_WORDS + 1), 1, "500 words"),
        ("?" * MAX_CHARACTERS + "a", 1, "8,000 characters"),
        ("cat", 6, "guesses"),
        ("cat", None, "guesses"),
        ("cat", [1], "guesses"),
    ],
)
def test_what_cannot_be_said_is_refused(
    text: str, guess: object, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput, match=told):
        last(text, guess)  # type: ignore[arg-type]


def test_a_word_and_a_sentence_are_heard() -> None:
    """An invented word lasts about half a second, a sentence longer, and neither is silent."""
    *_, (rate, word) = hear("blorptastic", 1)
    assert 0.4 < word.size / rate < 2.5
    assert abs(word.astype(int)).max() > 3000
    *_, (rate, sentence) = hear("Dr. Wug has 3 glimworts.", 1)
    assert sentence.size > 1.5 * word.size
    *breaths, (_, whole) = hear("to be or not to be " * 6, 1)
    assert breaths == [None, None]
    assert whole.size > 3 * sentence.size
    for many in ("word " * (MOST_HEARD + 1), "999,999 " * (MOST_HEARD // 4)):
        with pytest.raises(InvalidInput, match="100 words"):
            list(hear(many, 1))
    with pytest.raises(InvalidInput, match="English"):
        list(hear("東京", 1))


def test_what_a_visitor_writes_is_shown_as_text() -> None:
    """Of the signs only those that are said are shown, and & is the one of them that HTML reads."""
    page = last("<script>it's & naïve</script> שלום 😀\u200b")
    assert "<td>&amp; → and</td>" in page
    assert "<script" not in page

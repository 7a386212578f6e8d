"""The voice: a text becomes the right words, words the right sounds, and the sounds are heard where they are said."""

from itertools import pairwise

import numpy as np
import onnxruntime
import pytest

import models
from models import sources
from models.lexicon import PHONEMES
from models.vits_joe import SPEC, spectrum, train
from models.vits_joe.net import CONTEXT, GAP, HOP, RATE, _cuts, _numbers
from models.vits_joe.reading import MOST_WORDS, read
from models.vits_joe.sounds import HETERONYMS, NUMBERS, known, spell

READ = {
    "5": "five",
    "42": "forty two",
    "1,234,567": "one million two hundred thirty four thousand five hundred sixty seven",
    "3.14": "three point one four",
    "007": "zero zero seven",
    "-5 and 2-1": "minus five and two to one",
    "In 1905": "in nineteen oh five",
    "In 1900": "in nineteen hundred",
    "In 2000": "in two thousand",
    "In 2008": "in two thousand eight",
    "In 2024": "in twenty twenty four",
    "the 1990s": "the nineteen nineties",
    "the '80s": "the eighties",
    "1914–1918": "nineteen fourteen to nineteen eighteen",
    "2019-20": "twenty nineteen to twenty",
    "21st, 3rd": "twenty first third",
    "the 99.9th": "the ninety nine point ninth",
    "the 112th": "the one hundred twelfth",
    "1/2 cup": "one half cup",
    "3/4": "three quarters",
    "2 1/2 miles": "two and a half miles",
    "1½ cups": "one and a half cups",
    "7/3": "seven over three",
    "$5": "five dollars",
    "$1": "one dollar",
    "$3.50": "three dollars and fifty cents",
    "$0.99": "ninety nine cents",
    "-$5.50": "minus five dollars and fifty cents",
    "$.50": "fifty cents",
    "$5-10, $10 – $20": "five to ten dollars ten to twenty dollars",
    "$1.50-$2.50": "one dollar and fifty cents to two dollars and fifty cents",
    "$5-10 million": "five to ten million dollars",
    "$2.5 million": "two point five million dollars",
    "$3bn": "three billion dollars",
    "£1.01": "one pound and one penny",
    "€20": "twenty euros",
    "¥500": "five hundred yen",
    "50¢": "fifty cents",
    "15%": "fifteen percent",
    "10%-20%": "ten percent to twenty percent",
    "7:45 p.m.": "seven forty five P M",
    "9am": "nine A M",
    "2:30-4:00": "two thirty to four o'clock",
    "9am-5pm, 9–11 a.m.": "nine A M to five P M nine to eleven A M",
    "at 12:00": "at twelve o'clock",
    "14:05": "fourteen oh five",
    "March 3rd, 2021": "march third twenty twenty one",
    "Jan. 5": "january fifth",
    "May 5-7, 2021": "may fifth to seventh twenty twenty one",
    "May 5–June 7": "may fifth to june seventh",
    "5-7 May": "the fifth to seventh of may",
    "5 May 1999": "the fifth of may nineteen ninety nine",
    "2024-02-29": "february twenty ninth twenty twenty four",
    "12/25/99": "december twenty fifth nineteen ninety nine",
    "25/12/2021 and 2021/3/05": "december twenty fifth twenty twenty one and march fifth twenty twenty one",
    "9/11, 24/7, 50/50": "nine eleven twenty four seven fifty fifty",
    "99/99/2020": "ninety nine slash ninety nine over two thousand twenty",
    "60 mph": "sixty miles per hour",
    "1 kg, 2 kg": "one kilogram two kilograms",
    "100 km/h": "one hundred kilometers per hour",
    "-5°C": "minus five degrees celsius",
    "1 ft, 6 ft": "one foot six feet",
    ".5 kg": "zero point five kilograms",
    "5–10 kg, 5-10k": "five to ten kilograms five to ten thousand",
    "20-30°C": "twenty to thirty degrees celsius",
    "5kg-10kg": "five kilograms to ten kilograms",
    "2.4 GHz": "two point four giga hertz",
    "Dr. Smith": "doctor smith",
    "12 Main St.": "twelve main street",
    "St. Louis": "saint louis",
    "Dear Dr. Smith": "dear doctor smith",
    "Yesterday Dr. Lee saw Mount St. Helens": "yesterday doctor lee saw mount saint helens",
    "Main St., B; Main St. is; Maple Dr": "main street B main street is maple drive",
    "on Theodore St. Then": "on theodore street then",
    "cats, dogs, etc.": "cats dogs etcetera",
    "e.g. this": "for example this",
    "E.g. this, i.e. that": "for example this that is that",
    "A+, Q & A, an A/B test": "A plus Q and A an A slash B test",
    "a Ph.D. in AI": "a P H D in A I",
    "the U.S. and NASA": "the U S and nasa",
    "two TVs": "two T V's",
    "World War II": "world war two",
    "Louis XIV": "louis the fourteenth",
    "World War I began": "world war one began",
    "Part I, Elizabeth I was, Louis XIV's": "part one elizabeth the first was louis the fourteenth's",
    "George I think": "george i think",
    "No. 5 and #1": "number five and number one",
    "GPT-4, MP3": "G P T four M P three",
    "john.doe@example.com": "john dot doe at example dot com",
    "www.bbc.co.uk/news": "W W W dot bbc dot co dot U K slash news",
    "555-123-4567": "five five five one two three four five six seven",
    "Call 555-1234": "call five five five one two three four",
    "500-1000 words": "five hundred to one thousand words",
    "v3.14.1": "version three point fourteen point one",
    "vitamin A, A dog": "vitamin A a dog",
    "He got an A": "he got an A",
    "café naïve Zürich": "cafe naive zurich",
    "Việt Nam, Nguyễn, Phở": "viet nam nguyen pho",
    "Łódź and Søren": "lodz and soren",
    "H₂O and CO₂": "H two O and C O two",
    "JavaScript": "javascript",
    "well-known and/or": "well known and or",
    "x = 5 + 3": "x equals five plus three",
    "5 - 3 = 2": "five minus three equals two",
    "5 * 5": "five times five",
    "I 😀😀 you": "i grinning face you",
    "THE QUICK BROWN FOX JUMPED OVER": "the quick brown fox jumped over",
    "９ｃｍ": "nine centimeters",
}


def words(text: str) -> str:
    return " ".join(one.word for sentence in read(text)[0] for one in sentence if one.word)


@pytest.mark.parametrize(("text", "said"), READ.items())
def test_a_text_is_read_as_a_person_would(text: str, said: str) -> None:
    assert words(text) == said


def test_sentences_end_where_they_end() -> None:
    told, _ = read("Dr. Lee left at 5 p.m. Then it rained... Why?! \n\nNobody knew, e.g. me (really).")
    assert [sentence[-1].text for sentence in told] == [".", ".", "?", "."]
    assert [sentence[0].word for sentence in told] == ["doctor", "then", "why", "nobody"]


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("George W. Bush and John F. Kennedy met J. K. Rowling.", 1),
        ("J.R.R. Tolkien saw the U.S. Navy.", 1),
        ("They left the U.S. The rest stayed.", 2),
        ("Plan B. Then vitamin C. Doctors agree.", 3),
        ("So do I. Maria got an A. Peter got a B. It was easy.", 4),
    ],
)
def test_a_full_stop_after_initials_ends_a_sentence_only_where_no_name_goes_on(text: str, ends: int) -> None:
    assert len(read(text)[0]) == ends


def test_what_no_english_voice_can_say_is_left_out_and_told() -> None:
    told, skipped = read("I say 你好 and שלום to you")
    assert words("I say 你好 and שלום to you") == "i say and to you"
    assert skipped == "你好שלום"
    assert len(told) == 1
    assert words("I like 北京duck") == "i like duck"
    assert read("") == read("?!,.") == ([], "")


@pytest.mark.parametrize(
    "text", ["word " * 400, "one, two; " * 200, "a" * 3000, "9" * 3000, "😀" * 3000, "<>&" * 900]
)
def test_whatever_comes_ends_in_breaths_of_bounded_length(text: str) -> None:
    told, _ = read(text)
    assert told
    assert max(sum(1 for one in sentence if one.word) for sentence in told) <= max(MOST_WORDS, 20)


def test_every_phoneme_of_the_dictionary_has_signs_that_the_voice_knows() -> None:
    for phoneme in (*PHONEMES, *{one.rstrip("012") for one in PHONEMES}):
        signs = spell(["B", phoneme, "T", "ER0"])
        assert all(signs)
        assert set("".join(signs)) <= set(NUMBERS)
    assert len(set(NUMBERS.values())) == len(NUMBERS)


@pytest.mark.parametrize(
    ("sentence", "word", "said"),
    [
        ("i will read it", "read", "R IY1 D"),
        ("i have read it", "read", "R EH1 D"),
        ("a live concert", "live", "L AY1 V"),
        ("we live here", "live", "L IH1 V"),
        ("the wind blows", "wind", "W IH1 N D"),
        ("to record a record", "record", "R AH0 K AO1 R D"),
        ("the apple", "the", "DH IY0"),
        ("the pear", "the", "DH AH0"),
        ("plan A", "A", "EY1"),
        ("wheelbarrow's", "wheelbarrow's", "W IY1 L B EH2 R OW0 Z"),
    ],
)
def test_company_decides_between_two_readings(sentence: str, word: str, said: str) -> None:
    words = sentence.split()
    assert known(words, words.index(word)) == said.split()


def test_heteronyms_hold_phonemes_of_the_dictionary() -> None:
    for usual, other, *_ in HETERONYMS.values():
        assert set(f"{usual} {other}".split()) <= set(PHONEMES)
        assert usual != other
    assert known(["blorptastic"], 0) is None


def test_american_sounds_depend_on_their_place() -> None:
    assert "".join(spell(["B", "EH1", "T", "ER0"])) == "bˈɛɾɚ"
    assert "".join(spell(["B", "AH1", "T", "AH0", "N"])) == "bˈʌtən"
    assert "".join(spell(["AH0", "R", "AY1", "V"])) == "ɐɹˈaɪv"
    assert "".join(spell(["W", "ER0", "AY1"])) == "wɚɹˈaɪ"


def spoken(text: str, **options: float) -> tuple[np.ndarray, list[tuple], list[np.ndarray]]:
    with models.use("vits_joe") as net:
        (sentence,) = net.read(text)["sentences"]
        pieces = list(net.speak(sentence, **options))
    return (
        np.concatenate([one["wave"] for one in pieces]),
        pieces[0]["phonemes"],
        [one["wave"] for one in pieces],
    )


def test_the_same_seed_gives_the_same_sound_and_another_one_another() -> None:
    text = "The same words, once more."
    one, again, other = spoken(text, seed=1)[0], spoken(text, seed=1)[0], spoken(text, seed=2)[0]
    assert np.array_equal(one, again)
    assert one.shape != other.shape or not np.allclose(one, other)
    still, calm = (spoken(text, seed=seed, melody=0, rhythm=0)[0] for seed in (1, 2))
    assert np.array_equal(still, calm)


def test_phonemes_lie_where_they_are_heard() -> None:
    """A hiss is above 3 kHz and a vowel below; a pause is silent, as is the end."""
    wave, phonemes, _ = spoken("See, a car.")
    assert np.isfinite(wave).all()
    assert 0.1 < np.abs(wave).max() <= 1
    assert [one[1] for one in phonemes] == ["S", "IY1", ",", "AH0", "K", "AA1", "R", "."]
    assert all(a[4] <= b[3] + 1e-9 for a, b in pairwise(phonemes))

    def part(sound: str) -> np.ndarray:
        start, end = next(one[3:] for one in phonemes if one[1] == sound)
        return wave[int(start * RATE) : int(end * RATE)]

    def high(sound: str) -> float:
        power = np.abs(np.fft.rfft(part(sound))) ** 2
        return float(power[int(3000 * part(sound).size / RATE) :].sum() / power.sum())

    assert high("S") > 0.3 > 0.1 > high("AA1")
    assert part("AA1").std() > 10 * part(",")[HOP:-HOP].std()
    assert not wave[-int(GAP * RATE) :].any()
    assert wave.size / RATE == pytest.approx(phonemes[-1][4] + GAP, abs=0.15)


def test_pieces_are_the_sound_that_would_come_at_once() -> None:
    *_, pieces = spoken(
        "A long sentence comes in pieces, which nobody hears, because they fit to the sample."
    )
    assert len(pieces) > 3
    assert pieces[0].size / RATE < 0.7
    with models.use("vits_joe") as net:
        latent = np.random.default_rng(0).standard_normal((1, 192, 120), np.float32)
        whole, part = net._sound(latent, 0, 120), net._sound(latent, 40, 80)
    assert np.allclose(whole[40 * HOP : 80 * HOP], part, atol=1e-4)
    assert sum(end - start for start, end in _cuts(1000)) == 1000
    assert _cuts(1000)[0][1] > CONTEXT


def test_the_graph_cut_in_three_says_what_the_published_one_says() -> None:
    """Without noise, where both are bound to agree."""
    whole = onnxruntime.InferenceSession(
        str(sources.fetch(SPEC.weights[0])), providers=["CPUExecutionProvider"]
    )
    with models.use("vits_joe") as net:
        (sentence,) = net.read("The quick brown fox jumps.")["sentences"]
        *pieces, _ = net.speak(sentence, speed=0.8, melody=0, rhythm=0)
    _, numbers = _numbers(sentence)
    (wave,) = whole.run(
        None,
        {
            "input": np.array([numbers]),
            "input_lengths": np.array([len(numbers)]),
            "scales": np.float32([0, 1 / 0.8, 0]),
        },
    )
    assert np.allclose(np.concatenate([one["wave"] for one in pieces]), wave.ravel(), atol=2e-4)


def test_speed_changes_the_length() -> None:
    slow, fast = (spoken("How long does this take?", speed=speed, rhythm=0)[0].size for speed in (0.5, 2.0))
    assert 2 < slow / fast < 5


def test_a_sentence_without_words_is_refused() -> None:
    with models.use("vits_joe") as net, pytest.raises(ValueError, match="word"):
        next(net.speak([{"text": ".", "word": "", "phonemes": []}]))


def test_a_sentence_is_understood_by_another_model() -> None:
    wave, *_ = spoken("The old lighthouse keeper watched the ships disappear into the fog.")
    with models.use("whisper_base") as whisper:
        heard = train.words_of(" ".join(one["text"] for one in whisper.transcribe(wave, RATE, "en")))
    assert heard == [
        "the",
        "old",
        "lighthouse",
        "keeper",
        "watched",
        "the",
        "ships",
        "disappear",
        "into",
        "the",
        "fog",
    ]


def test_griffin_lim_finds_a_sound_with_the_same_mel() -> None:
    seconds = np.arange(RATE) / RATE
    wave = (0.5 * np.sin(2 * np.pi * 440 * seconds) + 0.2 * np.sin(2 * np.pi * 2000 * seconds)).astype(
        np.float32
    )
    mel = spectrum.mel(wave, RATE)
    assert mel.shape == (80, 1 + RATE // HOP)
    centres = spectrum.filters(RATE).argmax(1) * RATE / spectrum.WINDOW
    assert centres[mel.mean(1).argmax()] == pytest.approx(440, abs=40)
    again = spectrum.mel(spectrum.griffin_lim(mel, RATE), RATE)[:, : mel.shape[1]]
    assert np.linalg.norm(again - mel[:, : again.shape[1]]) < 0.25 * np.linalg.norm(mel)


def test_words_of_reads_what_whisper_writes_as_what_is_said() -> None:
    assert train.words_of("It's 7.45 p.m. and costs $3.50.") == (
        [
            "it's",
            "seven",
            "forty",
            "five",
            "p",
            "m",
            "and",
            "costs",
            "three",
            "dollars",
            "and",
            "fifty",
            "cents",
        ]
    )
    assert train.words_of("745 PM") == ["seven", "forty", "five", "p", "m"]
    assert train.words_of("745pm") == ["seven", "forty", "five", "p", "m"]

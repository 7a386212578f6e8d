"""How a text is read aloud: numbers, dates, times, money, units, abbreviations, addresses and signs as words.

num2words and inflect turn numbers into words, which models.lexicon does here too; neither finds dates, money or
addresses in a text, which is nearly all of the work, and what does (NeMo) compiles grammars of hundreds of MB. So the
rules are our own: RULES are tried in order at each place of the text, and the first that fits says its words.

A word is lower case; a single capital is the name of that letter ("F", and "F's" for several of them).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from models.lexicon import LONGEST_NUMBER, ONES, cardinal, ordinal, pronunciations, spelled
from models.vits_joe.written import (
    BEFORE_SAINTS,
    BEGINNERS,
    CHAPTERS,
    FEET,
    FRACTIONS,
    IN_ADDRESS,
    KINGS,
    LETTERWISE,
    MONEY,
    MONTHS,
    SAME,
    SCALES,
    SHORT,
    SIGNS,
    TITLES,
    UNITS,
    VULGAR,
)

MONTH = r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?"
MONTH += r"|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
PAUSES = {",": ",", ";": ";", ":": ":", "(": ",", ")": ",", "—": ",", "–": ",", "[": ",", "]": ",", "|": ","}
ENDS = ".!?"
MOST_WORDS = 45  # of a sentence; a longer one is cut, at a pause where there is one
LOUD = 4  # words in capitals, and no small letter: shouting, not abbreviations
NUMBER = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+\.\d+|\d+|(?<![\w.])\.\d+"
LATIN = "A-Za-zÀ-ÖØ-öø-ɏ\u1e00-\u1eff"  # letters that spelled() knows, with all accents
DOMAIN = "com|org|net|edu|gov|io|ai|co|uk|de|fr|cn|info|dev|app|eu|us"


class Said(NamedTuple):
    """A piece of a text and a word that is said for it; a pause has the word "" and one of , ; : . ! ? as text."""

    text: str
    word: str


def read(text: str) -> tuple[list[list[Said]], str]:
    """A text -> its sentences, each ending in a pause, and the letters of other scripts that cannot be said."""
    text = unicodedata.normalize("NFC", text).translate(_PLAIN)
    text = re.sub(
        "[\uff01-\uff5e]+", lambda match: unicodedata.normalize("NFKC", match[0]), text
    )  # full width
    text = re.sub(r"(?<=\d)(?=[½⅓⅔¼¾⅕⅛])", " ", text)
    text = re.sub("|".join(VULGAR), lambda match: VULGAR[match[0]], text)
    loud = re.findall("[A-Z]{3,}", text)
    if not re.search("[a-z]", text) and sum(word.lower() in pronunciations() for word in loud) >= LOUD:
        text = text.capitalize()
    sentences: list[list[Said]] = [[]]
    skipped, at = "", 0
    while at < len(text):
        match, words = _at(text, at)
        piece, at = match[0], match.end()
        if words is None:
            skipped += piece
        elif (words and words[0] in PAUSES.values()) or (words and words[0] in ENDS):
            _pause(sentences, words[0], text[at : at + 1])
        else:
            sentences[-1] += [Said(piece.strip(), word) for word in words]
            if _ends(piece, text[at:]):
                _pause(sentences, ".", " ")
    return [part for sentence in sentences for part in _parts(sentence)], skipped


def _at(text: str, at: int) -> tuple[re.Match[str], list[str] | None]:
    """The first rule that fits there, and its words; None for what cannot be said."""
    for pattern, say in RULES:
        match = pattern.match(text, at)
        if match and (words := say(match)) is not NotImplemented:
            return match, words
    raise ValueError("no rule takes this character")  # the last one takes any


def _ends(piece: str, after: str) -> bool:
    """Whether it ends in a full stop of its own that is that of the sentence too; after initials, a name goes on."""
    if not piece.endswith(".") or piece[:-1] in TITLES or re.fullmatch(MONTH, piece):
        return False
    first = rf"(?:{BEGINNERS})\b" if re.fullmatch(r"(?:[A-Z]\.)+", piece) else "[A-Z]"
    return bool(re.match(rf"\s*$|\s+(?:[\"(]|{first})", after))


def _pause(sentences: list[list[Said]], sign: str, after: str) -> None:
    """Adds a pause, the stronger of two that meet; a full stop, ! or ? begins another sentence."""
    last = sentences[-1]
    if not last and len(sentences) > 1 and sign in "!?":
        sentences[-2][-1] = Said(sign, "")
    if not last:
        return
    if last[-1].word:
        last.append(Said(sign, ""))
    elif sign in ENDS:
        last[-1] = Said(sign, "")
    if sign in ENDS and (not after or not after.isalnum()):
        sentences.append([])


def _parts(sentence: list[Said]) -> list[list[Said]]:
    """A sentence, closed, in parts that the voice can say in one breath; none for one without words."""
    if not any(one.word for one in sentence):
        return []
    if sentence[-1].word:
        sentence = [*sentence, Said(".", "")]
    parts = []
    while len(sentence) > MOST_WORDS:
        pauses = [at for at in range(MOST_WORDS // 2, MOST_WORDS) if not sentence[at].word]
        cut = pauses[-1] + 1 if pauses else MOST_WORDS
        parts.append(sentence[:cut] if pauses else [*sentence[:cut], Said(",", "")])
        sentence = sentence[cut:]
    return [*parts, sentence] if any(one.word for one in sentence) else parts


# What the rules say


def number(digits: str) -> list[str]:
    """ "1,234.5" and ".5" -> its words; what begins with 0 or is very long digit by digit."""
    whole, _, part = digits.replace(",", "").partition(".")
    whole = whole or "0"
    plain = len(whole) <= LONGEST_NUMBER and (whole == "0" or whole[0] != "0")
    said = cardinal(int(whole)) if plain else _digits(whole)
    return [*said, "point", *_digits(part)] if part else said


def year(number: int) -> list[str]:
    """1905 -> nineteen oh five, 2008 -> two thousand eight, 2021 -> twenty twenty one."""
    halves, rest = divmod(number, 100)
    if number % 1000 < 10 or not 1000 < number < 10000:
        return cardinal(number)
    low = ["hundred"] if not rest else ["oh", ONES[rest]] if rest < 10 else cardinal(rest)
    return [*cardinal(halves), *low]


def _digits(text: str) -> list[str]:
    return [ONES[int(one)] for one in text if one.isdecimal()]


def _letters(text: str) -> list[str]:
    return [one for one in spelled(text).upper() if one.isalpha()]


def _several(word: str) -> str:
    """The plural, of the word before "per" and others that stay."""
    first, _, rest = word.partition(" per ")
    head, _, tail = first.partition(" ")
    if head == "degree":
        return f"degrees {tail}".strip()
    *before, last = first.split()
    last = last if last in SAME else FEET.get(last, last + "s")
    return " ".join([*before, last, *(["per", rest] if rest else [])])


def _money(match: re.Match[str]) -> list[str]:
    """-$5.50, and ranges of it: $5-10, $1.50-$2.50."""
    scale = match["scale"] or SCALES.get((match["short"] or "").lower())
    start, low = ["minus"] if match["minus"] else [], match["low"]
    if low:
        start += [*(_coins(match["sign"], low) if "." in low and not scale else number(low)), "to"]
    if scale:
        return [*start, *number(match["amount"]), scale, MONEY[match["sign"]][1]]
    return [*start, *_coins(match["sign"], match["amount"])]


def _coins(sign: str, amount: str) -> list[str]:
    """An amount of money -> its notes and coins."""
    one, many, small, smalls = MONEY[sign]
    whole, _, part = amount.replace(",", "").partition(".")
    if len(part) != 2:
        return [*number(amount), one if amount == "1" else many]
    coins = [*cardinal(int(part)), small if part == "01" else smalls] if int(part) else []
    notes = [*number(whole), one if whole == "1" else many] if int(whole or 0) or not coins else []
    return [*notes, *(["and"] if notes and coins else []), *coins]


def _unit(match: re.Match[str]) -> list[str]:
    word = UNITS[match["unit"]]
    return [*number(match["amount"]), *(word if match["amount"] == "1" else _several(word)).split()]


def _feet(match: re.Match[str]) -> list[str]:
    return [*number(match["feet"]), "feet", *number(match["inches"])]


def _scaled(match: re.Match[str]) -> list[str]:
    return [*number(match["amount"]), SCALES[match["short"].lower()]]


def _day(text: str) -> list[str]:
    return ordinal(cardinal(int(text)))


def _days(texts: Sequence[str]) -> list[str]:
    """A day, or the first and the last of some."""
    return [*_day(texts[0]), *(["to", *_day(texts[1])] if texts[1:] else [])]


def _month(text: str) -> str:
    return next(month for month in MONTHS if month.startswith(text.lower().strip(".")[:3]))


def _month_first(match: re.Match[str]) -> list[str]:
    """March 3rd, 2021; May 5-7."""
    days = [match["day"], *([match["last"]] if match["last"] else [])]
    if not all(1 <= int(day) <= 31 for day in days):
        return NotImplemented
    return [_month(match["month"]), *_days(days), *_of_year(match["year"])]


def _day_first(match: re.Match[str]) -> list[str]:
    """5 May 1999; 5-7 May."""
    days = [*([match["first"]] if match["first"] else []), match["day"]]
    if not all(1 <= int(day) <= 31 for day in days):
        return NotImplemented
    return ["the", *_days(days), "of", _month(match["month"]), *_of_year(match["year"])]


def _of_year(text: str | None) -> list[str]:
    return year(int(text)) if text else []


def _numbered_date(match: re.Match[str]) -> list[str]:
    """2021-03-05 and 3/5/2021, the month before the day, as Americans write it, or after it where only that fits."""
    month, day, when = int(match["month"]), int(match["day"]), int(match["year"])
    month, day = (day, month) if month > 12 else (month, day)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return NotImplemented
    when += 0 if len(match["year"]) == 4 else 2000 if when < 50 else 1900
    return [MONTHS[month - 1], *_day(str(day)), *year(when)]


def _time(match: re.Match[str]) -> list[str]:
    hour, minute = int(match["hour"]), match["minute"]
    half = [match["half"].upper(), "M"] if match["half"] else []
    until = ["to"] if match["to"] else []
    if hour > 24 or int(minute or 0) > 59:
        return NotImplemented
    if minute and int(minute):
        past = ["oh", ONES[int(minute)]] if minute[0] == "0" else cardinal(int(minute))
        return [*cardinal(hour), *past, *half, *until]
    return [*cardinal(hour), *(half or ["o'clock" if hour <= 12 else "hundred"]), *until]


def _range(match: re.Match[str]) -> list[str]:
    """10-20, 1914-1918, 2019-20: from the one to the other; 5 - 3 = 2 is a difference."""
    low, high = match["low"], match["high"]
    sign = "minus" if re.match(r"\s*=", match.string[match.end() :]) else "to"
    if _is_year(low) and (_is_year(high) or (len(high) == 2 and high > low[2:])):
        return [*year(int(low)), sign, *_plain_number(high)]
    return [*number(low), sign, *number(high)]


def _is_year(digits: str) -> bool:
    return bool(re.fullmatch(r"1[1-9]\d\d|20\d\d", digits))


def _low(match: re.Match[str]) -> list[str]:
    """The 5 of 5-10 kg, of 5-7 p.m. and of 5k-10k, and that of 5°-10°; what comes after has its unit told."""
    if match["unit"]:
        return [*_unit(match), "to"]
    return [*(_scaled(match) if match["short"] else number(match["amount"])), "to"]


def _fraction(match: re.Match[str]) -> list[str]:
    whole, top, below = match["whole"], int(match["top"]), int(match["below"])
    start = [*number(whole), "and"] if whole else []
    if not 2 <= below <= 100 or top >= below:
        return [*start, *number(match["top"]), "over", *number(match["below"])]
    *tens, last = ordinal(cardinal(below))
    one, many = FRACTIONS.get(below, (last, last + "s"))
    name = [one if top == 1 else many] if below in FRACTIONS else [*tens, one if top == 1 else many]
    return [*start, *(["a"] if whole and top == 1 else cardinal(top)), *name]


def _decade(match: re.Match[str]) -> list[str]:
    """1990s, '80s: the years that begin so."""
    *said, last = year(int(match["year"])) if len(match["year"]) == 4 else cardinal(int(match["year"]))
    return [*said, last[:-1] + "ies" if last.endswith("y") else last + "s"]


def _plain_number(digits: str) -> list[str]:
    return year(int(digits)) if _is_year(digits) else number(digits)


def _signed(match: re.Match[str]) -> list[str]:
    return ["minus", *number(match["amount"])]


def _ordinal(match: re.Match[str]) -> list[str]:
    return ordinal(number(match["digits"]))


def _phone(match: re.Match[str]) -> list[str]:
    return _digits(match[0])


def _dotted(match: re.Match[str]) -> list[str]:
    """Versions and numbers of a network: 3.14.1, 192.168.0.1."""
    first, *rest = match[0].split(".")
    return [*number(first), *(word for part in rest for word in ("point", *number(part)))]


def _roman(match: re.Match[str]) -> list[str]:
    """World War II, Louis XIV."""
    values = [{"I": 1, "V": 5, "X": 10}[one] for one in match["roman"]]
    total = sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))
    said = cardinal(total) if match["name"] in CHAPTERS else ["the", *ordinal(cardinal(total))]
    return [spelled(match["name"]), *said[:-1], said[-1] + (match["ending"] or "")]


def _address(match: re.Match[str]) -> list[str]:
    """An e-mail or web address: known words as words, the rest letter by letter, signs by their names."""
    text = re.sub(r"^https?://", "", match[0]).rstrip("/")
    said: list[str] = []
    for piece in re.findall(r"[A-Za-z]+|\d+|[^\w\s]|_", text):
        if piece[0].isalpha():
            said += _word_of_address(piece)
        else:
            said += number(piece) if piece[0].isdecimal() else IN_ADDRESS.get(piece, "").split()
    return said


def _word_of_address(piece: str) -> list[str]:
    word = piece.lower()
    if word in pronunciations() and word not in ("www", "us", "ai", "uk"):
        return [word]
    return [word] if re.search("[aeiouy]", word) and len(word) > 3 else _letters(word)


def _short(match: re.Match[str]) -> list[str]:
    return (TITLES | SHORT)[match["short"]].split()


def _street(match: re.Match[str]) -> list[str]:
    """St. after a name is a street, before one a saint; so is Dr. a drive or a doctor."""
    return [spelled(match["name"]), "street" if match["short"] == "St" else "drive"]


def _initial(match: re.Match[str]) -> list[str]:
    return [match["letter"]]


def _dotted_letters(match: re.Match[str]) -> list[str]:
    return _letters(match[0])


def _capitals(match: re.Match[str]) -> list[str]:
    """BBC, NASA's, TVs: as a word where the dictionary knows one, else letter by letter."""
    capitals, ending = match["capitals"], (match["ending"] or "").replace("'", "")
    known = capitals.lower() in pronunciations() and capitals not in LETTERWISE
    if known or (len(capitals) > 4 and re.search("[AEIOUY]", capitals)):
        return [spelled(capitals) + ("'s" if ending else "")]
    letters = _letters(capitals)
    return [*letters[:-1], letters[-1] + ("'s" if ending else "")]


def _numbered(match: re.Match[str]) -> list[str]:
    """No. 5, #5."""
    return ["number", *number(match["amount"])]


def _joined(match: re.Match[str]) -> list[str]:
    """MP3, B2B, 5G: letters beside digits."""
    said: list[str] = []
    for piece in re.findall(r"[A-Za-z]+|\d+", match[0]):
        if piece.isdecimal():
            said += number(piece)
        else:
            said += (
                [piece.lower()] if len(piece) > 3 and piece.lower() in pronunciations() else _letters(piece)
            )
    return said


def _word(match: re.Match[str]) -> list[str]:
    """A word, cut at capitals inside it where both sides are words; [] where nothing of it is a to z."""
    text = match[0]
    word = spelled(text).strip("'")
    if len(text) == 1 and text.isupper() and text not in "IA":
        return [text] if "A" <= text <= "Z" else [word] if word else []
    parts = re.findall("[A-Z]?[a-z]+", text)
    lower = [part.lower() for part in parts]
    whole = word in pronunciations() or "".join(parts) != text
    if not whole and all(part in pronunciations() for part in lower):
        return lower
    return [word] if word else []


def _letter(match: re.Match[str]) -> list[str]:
    """Plan B, an A: no initial of a name, and no article."""
    return [spelled(match["before"]), match["letter"]]


def _sign(match: re.Match[str]) -> list[str]:
    return SIGNS[match[0]].split()


def _picture(match: re.Match[str]) -> list[str]:
    """An emoji, or several of the same, by its name."""
    name = unicodedata.name(match[0][0], "")
    if unicodedata.category(match[0][0]) != "So" or not name:
        return NotImplemented
    return [word for word in spelled(name.replace("-", " ").replace(" ", "'")).split("'") if word]


def _pausing(match: re.Match[str]) -> list[str]:
    sign = match[0].strip()[:1] or "."
    return [PAUSES.get(sign, sign if sign in ENDS else ",")]


def _nothing(match: re.Match[str]) -> list[str]:
    return []


def _foreign(match: re.Match[str]) -> None:
    return None


_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "…": ".", "。": ". ", "！": "! ", "？": "? ", "，": ", ", "−": "-",
     "、": ", ", "；": "; ", "：": ": ", "\u00a0": " ", "\u200b": None, "\u2011": "-", "⁄": "/", "￥": "¥", "`": "'",
     **{chr(ord("₀") + digit): str(digit) for digit in range(10)}}
)  # fmt: skip


def _any(words: Iterable[str]) -> str:
    """A pattern for one of these, the longest first."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_HALF = r"\s?(?P<half>[AaPp])\.?[Mm]\b\.?"
_TIME = r"\d\d?(?::\d\d(?!\d)|(?::\d\d)?\s?[AaPp]\.?[Mm]\b)"
_UNTIL = rf"(?P<to>\s?[-–]\s?(?={_TIME}))?"
_MEASURED = rf"(?:{NUMBER})(?:\s?(?:{_any(UNITS)})(?![\w/²])|(?:k|K|M|bn|B)(?!\w))|{_TIME}"
# A single I after a name or a chapter: where no I goes on that says what it does.
_FIRST = r"(?:(?<=War\s)I|I(?=[.,;:!?)]|'s\b|\s*$|\s(?:of|was|is|had|died|ruled|became|began|who|and|in)\b))"
_YEAR = r"(?:,?\s+(?P<year>[12]\d{3}))?(?![\w])"
RULES: tuple[tuple[re.Pattern[str], Callable], ...] = tuple(
    (re.compile(pattern), say)
    for pattern, say in [
        (r"(?:\s*\n\s*)+", _pausing),
        (r"\s+[-–—]+\s+|--+", lambda match: [","]),
        (r"\s+", _nothing),
        (r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", _address),
        (rf"(?:https?://|www\.)[^\s,;)]*[\w/]|[\w-]+(?:\.[\w-]+)*\.(?:{DOMAIN})\b(?:/[\w./-]*\w)?", _address),
        (r"(?:\+?1[-. ])?(?:\(\d{3}\) ?|\d{3}[-.])\d{3}[-.]\d{4}(?!\d)", _phone),
        (r"(?<![\d-])\d{3}-\d{3}[1-9](?![\w-])", _phone),  # 500-1000 is a range
        (r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)", _numbered_date),
        (r"(?P<year>\d{4})/(?P<month>\d\d?)/(?P<day>\d\d?)(?![\d/])", _numbered_date),
        (r"(?P<month>\d\d?)/(?P<day>\d\d?)/(?P<year>\d{4}|\d\d)(?!\d)", _numbered_date),
        (rf"(?P<month>{MONTH})\s+(?P<day>\d\d?)(?:st|nd|rd|th)?(?:[-–](?P<last>\d\d?)(?:st|nd|rd|th)?)?"
         rf"(?![\d:]){_YEAR}", _month_first),
        (r"(?:the\s+)?(?:(?P<first>\d\d?)(?:st|nd|rd|th)?[-–])?"
         rf"(?P<day>\d\d?)(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{MONTH}){_YEAR}", _day_first),
        (rf"(?P<hour>\d\d?):(?P<minute>\d\d)(?!\d)(?:{_HALF})?{_UNTIL}", _time),
        (rf"(?P<hour>\d\d?)(?P<minute>){_HALF}{_UNTIL}", _time),
        (r"(?P<minus>(?<!\w)-)?(?:US)?(?P<sign>[$€£¥₹])\s?"
         rf"(?:(?P<low>{NUMBER})(?:[-–](?P=sign)?|\s[-–]\s(?P=sign)))?(?P<amount>{NUMBER})(?:\s?(?P<scale>[tmb]r?illion|thousand)"
         r"|(?P<short>k|K|m|M|mn|bn|B|b|t|T))?(?!\w)", _money),
        (rf"(?P<amount>{NUMBER})\s?¢", lambda match: [*number(match["amount"]), "cents"]),
        (r"(?P<feet>\d+)'\s?(?P<inches>\d+)\"", _feet),
        (rf"(?<!\w)-(?P<amount>{NUMBER})\s?(?P<unit>°[CF]?)(?!\w)", lambda match: ["minus", *_unit(match)]),
        (r"'?(?P<year>\d0|\d\d\d0)'?s(?!\w)", _decade),
        (rf"(?P<digits>{NUMBER})(?:st|nd|rd|th)(?!\w)", _ordinal),
        (r"(?:24/7|9/11|50/50)(?![\w/])", lambda match: [word for one in match[0].split("/") for word in number(one)]),
        (r"(?:(?P<whole>\d+)\s+)?(?P<top>\d+)/(?P<below>\d+)(?![\d/])", _fraction),
        (r"\d+(?:\.\d+){2,}", _dotted),
        (rf"(?P<amount>{NUMBER})(?:\s?(?P<unit>{_any(UNITS)})|(?P<short>k|K|M|bn|B))?\s?[-–]\s?(?={_MEASURED})", _low),
        (rf"(?P<low>{NUMBER})\s?[-–]\s?(?P<high>{NUMBER})(?![\w-])", _range),
        (rf"(?P<amount>{NUMBER})\s?(?P<unit>{_any(UNITS)})(?![\w/²])", _unit),
        (rf"(?P<amount>{NUMBER})(?P<short>k|K|M|bn|B)(?!\w)", _scaled),
        (r"(?P<low>\d+):(?P<high>\d+)", lambda match: [*number(match["low"]), "to", *number(match["high"])]),
        (r"\d+[A-Za-z]+[A-Za-z\d]*", _joined),
        (NUMBER, lambda match: _plain_number(match[0])),
        (r"(?:(?<=\d)|(?<=\d\s))\*(?=\s?\d)", lambda match: ["times"]),
        (rf"(?<=%)[-–](?=\.?\d)|(?<=\d)[-–](?={MONTH}\s\d)", lambda match: ["to"]),
        (rf"(?<!\w)-(?P<amount>{NUMBER})", _signed),
        (r"[vV]\.?(?=\d)", lambda match: ["version"]),
        (r"and/or(?!\w)", lambda match: ["and", "or"]),
        (rf"(?:(?:No|Nos|no)\.\s?|#)(?P<amount>{NUMBER})", _numbered),
        (rf"(?P<name>{'|'.join(KINGS + CHAPTERS)})\s(?P<roman>[IVX]{{2,}}|[VX]|{_FIRST})"
         r"(?P<ending>'s)?(?!\w)", _roman),
        (rf"(?P<month>{MONTH})(?=\s|$)(?<=\.)", lambda match: [_month(match["month"])]),
        (r"(?:[A-Z]\.){2,}(?:[A-Z](?!\w))?|[ap]\.m\.", _dotted_letters),
        (r"Ph\.?D\.?(?!\w)", _dotted_letters),
        (rf"(?P<name>(?!(?:{BEFORE_SAINTS})\b)[A-Z][a-z]+)\s(?P<short>St|Dr)"
         rf"(?:\.(?!\s+(?!(?:{BEGINNERS})\b)[A-Z])|(?=,|\s*$|\s+[a-z]))", _street),
        (rf"(?P<short>{_any(TITLES | SHORT)})\.", _short),
        (r"(?P<short>Dr|Mr|Mrs|Ms|Prof|St|vs)(?=\s)", _short),
        (r"(?P<before>[Gg]rade|[Vv]itamin|[Pp]lan|[Tt]ype|[Hh]epatitis|[Ll]etter|[Ss]ection|[Aa]n?)"
         r"\s(?P<letter>[A-Z])(?![\w'])", _letter),
        (r"(?P<letter>[A-HJ-Z])\.(?=\s+(?:[A-Z]\.\s*)*[A-Z][a-z])", _initial),
        (r"A(?=[+/])|(?:(?<=&)|(?<=&\s))A(?!\w)", lambda match: ["A"]),
        (r"[A-Za-z]+\d+[A-Za-z\d]*", _joined),
        (r"(?P<capitals>[A-Z]{2,})(?P<ending>'?s)?(?![\w])", _capitals),
        (rf"[{LATIN}]+(?:'[{LATIN}]+)*", _word),
        (r"\.{2,}|[.!?]+", _pausing),
        (r"[,;:()\[\]|—–]", _pausing),
        ("[" + re.escape("".join(SIGNS)) + "]", _sign),
        (r"(.)(?:[\ufe0f\u200d]|\1)*", _picture),
        (rf"[^\W\d_{LATIN}]+", _foreign),
        (r"(?s:.)", _nothing),
    ]
)  # fmt: skip

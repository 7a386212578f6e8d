"""Plain English prose to make training questions from: 101 articles of Wikipedia as of 2016 (CC-BY-SA-3.0).

They come as a shortened dump that the package gensim ships for its own tests; nothing else of it is used.
"""

import bz2
import html
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

from models import sources
from models.spec import Dataset, Wheel

DUMP = Dataset(
    name="enwiki-shortened.xml.bz2",
    sha256="a53f4648dec40467ebdcbc7a1307eddb51fe6e28e9309f6ebde81ba0d04bea2d",
    parts=(
        Wheel(
            "gensim",
            "4.4.0",
            "gensim/test/test_data/enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2",
        ),
    ),
)
LEAST_WORDS = 30  # of a paragraph that is kept
END = re.compile(
    r"\n=+ *(?:See also|References|Notes|External links|Further reading|Bibliography) *=+\n.*", re.S
)
INNERMOST = re.compile(r"\{\{[^{}]*\}\}|\{\|[^{}]*\|\}|\[\[(?:File|Image|Category):[^\[\]]*\]\]", re.S)
LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
RUBBISH = (
    (re.compile(r"<!--.*?-->|<ref[^<>]*/>|<ref.*?</ref>|<(math|gallery|code|pre|table).*?</\1>", re.S), ""),
    (re.compile(r"<[^<>]*>|'''?|\[https?:\S*\s?|__\w+__"), ""),
    (re.compile(r"\(\s*[;,]?\s*[;,)]\s*\)?|\]"), ""),
    (re.compile(r"\s+([,.;:])"), r"\1"),
    (re.compile(r"[ \t\u00a0]+"), " "),
)


def articles() -> Iterator[tuple[str, list[str]]]:
    """-> title and paragraphs of each article, without tables, lists, notes and mark-up."""
    with bz2.open(sources.fetch(DUMP)) as file:
        for _, page in ElementTree.iterparse(file):
            if not page.tag.endswith("}page"):
                continue
            found = {one.tag.split("}")[1]: one.text or "" for one in page.iter()}
            paragraphs = list(_paragraphs(found.get("text", "")))
            if found["ns"] == "0" and paragraphs:
                yield found["title"], paragraphs
            page.clear()


def _paragraphs(text: str) -> Iterator[str]:
    text = END.sub("", html.unescape(text))
    text = RUBBISH[0][0].sub("", text)
    before = ""
    while before != text:  # templates and pictures hold one another
        before = text
        text = LINK.sub(r"\1", INNERMOST.sub("", text))
    for pattern, kept in RUBBISH:
        text = pattern.sub(kept, text)
    for line in text.splitlines():
        if len(line.split()) >= LEAST_WORDS and line.strip()[0].isalnum():
            yield line.strip()

"""The Questions page: complete in both languages, escaped, linked to the demos that are there only."""

import html
import re
from html.parser import HTMLParser

import pytest

import demos
from demos import questions
from demos._ui import Demo, t

NUMBERS = [*map(str, range(1, 31)), *(f"T{number}" for number in range(1, 6))]
CJK = re.compile(r"[\u4e00-\u9fff]")


class Page(HTMLParser):
    """Reads a page: its tags, its links by demo id; refuses tags that are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: dict[str, str] = {}
        self.classes: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self._open.append(tag)
        self.classes.append(found.get("class") or "")
        if tag == "a":
            self.links[found["data-demo"] or ""] = found["href"] or ""

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


@pytest.fixture
def titled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every id has a demo, one whose title must be escaped, so links are tested apart from the registry."""
    title = t("图 & 文", "Pictures & words")
    monkeypatch.setattr(demos, "load", lambda name: Demo(name, title, title, (), lambda: None))


def by_number() -> dict[str, questions.Question]:
    return {question.number: question for question in questions.questions()}


def test_all_questions_are_there_in_order() -> None:
    assert [question.number for question in questions.questions()] == NUMBERS


def test_sections_hold_every_question_once() -> None:
    held = [number for *_, numbers in questions.SECTIONS for number in numbers.split()]
    assert sorted(held) == sorted(NUMBERS)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_question_is_complete_in_both_languages(number: str) -> None:
    asked = by_number()[number]
    (zh, en), (answer_zh, answer_en) = asked.question, asked.answer
    assert zh.endswith("？")
    assert en.endswith("?")
    assert 2 <= len(re.findall("[。！？]", answer_zh)) <= 4
    assert answer_zh.endswith("。")
    assert 2 <= len(re.findall(r"[.!?](?=\s|$)", answer_en)) <= 4
    assert answer_en.endswith(".")
    assert len(CJK.findall(answer_zh)) > 80
    assert not CJK.search(en + answer_en)
    assert asked.demos
    assert len(set(asked.demos)) == len(asked.demos)


def test_answers_claim_no_measured_number() -> None:
    for asked in questions.questions():
        assert not re.search(r"\d+(\.\d+)?\s*(%|％|dB|MB|GB|ms|秒|倍)", " ".join(asked.answer)), asked.number


def test_no_two_questions_share_a_text() -> None:
    texts = [text for asked in questions.questions() for text in (*asked.question, *asked.answer)]
    assert len(set(texts)) == len(texts) == 4 * len(NUMBERS)


def test_every_registered_demo_answers_a_question() -> None:
    assert set(demos.names()) <= {name for asked in questions.questions() for name in asked.demos}


def test_each_demo_is_named_by_the_questions_it_says_it_answers() -> None:
    for name in demos.names():
        for number in demos.load(name).questions:
            assert name in by_number()[str(number)].demos


def test_a_registered_demo_is_linked_with_its_title() -> None:
    text = questions.page(set(demos.names()))
    assert set(Page(text).links) == set(demos.names())
    assert all(html.escape(demos.load(name).title.en) in text for name in demos.names())


def test_links_lead_only_to_demos_that_are_there(titled: None) -> None:
    page = Page(questions.page({"text_generation", "vae", "no_such_demo"}))
    assert page.links == {"text_generation": "?demo=text_generation", "vae": "?demo=vae"}
    assert page.classes.count("open-demo") == sum(tag == "a" for tag in page.tags)


def test_without_demos_every_question_still_has_its_answer() -> None:
    page = Page(questions.page(set()))
    assert page.tags.count("details") == page.tags.count("summary") == page.classes.count("question") == 35
    assert page.links == {}


def test_everything_is_escaped(titled: None, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = "<script>alert('x')</script> & <b>"
    rows = [questions.Question(number, (bad, bad), (bad, bad), ("vae",)) for number in NUMBERS]
    monkeypatch.setattr(questions, "questions", lambda: rows)
    text = questions.page({"vae"})
    assert not {"script", "b"} & set(Page(text).tags)
    assert "&lt;script&gt;" in text
    assert "Pictures &amp; words" in text


def test_both_languages_stand_in_the_page_once() -> None:
    text = questions.page(set())
    assert text.count("如何用 GPT 模型生成文本？") == text.count("generate text with a GPT model?") == 1
    assert (
        text.count('<span lang="zh">')
        == text.count('<span lang="en">')
        == 35 * 2 + len(questions.SECTIONS) + 1
    )

"""Uploaded tables: encodings and separators as spreadsheets write them, and cells that are text, not formulas."""

from pathlib import Path

import pytest

from demos import _table
from demos._run import InvalidInput
from demos._table import as_csv, columns_of, decoded, likeliest, read_table, texts_of

ROWS = 'id;评论;stars\n1;很好，下次再来;5\n2;"太差了; 真的\n不会再买";1\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_table_is_read_in_any_common_encoding(tmp_path: Path, encoding: str, end: str) -> None:
    file = tmp_path / "reviews.csv"
    file.write_bytes(ROWS.replace("\n", end).encode(encoding))
    rows = read_table(str(file))
    assert columns_of(rows) == ["id", "评论", "stars"]
    assert texts_of(rows, likeliest(rows)) == ["很好，下次再来", "太差了; 真的 不会再买"]


def test_a_single_column_needs_no_separator(tmp_path: Path) -> None:
    file = tmp_path / "lines.txt"
    file.write_text("review\nGood value\n\nBad value\n")
    rows = read_table(str(file))
    assert texts_of(rows, likeliest(rows)) == ["Good value", "Bad value"]


def test_columns_without_a_name_or_with_the_same_are_told_apart() -> None:
    assert columns_of([["text", "", "text"]]) == ["text", "2", "text (3)"]


@pytest.mark.parametrize(
    ("name", "content", "texts"),
    [
        ("a.txt", "The food was cold, but fine\nSlow\nNo, never again", 3),
        ("a.csv", "The food was cold, but fine\nSlow\nNo, never, again", 3),
        ("a.csv", "review\nIt was slow, but the ending is magnificent.\nNo", 2),
        ("a.txt", '"Odd, that\nFine, "really" fine', 2),
        ("a.txt", "stars\ttext\n1\tCold, and late\n5\tGood", 2),
        ("a.csv", 'text\n"One, two\nthree"\n"Four"', 2),
    ],
)
def test_a_list_of_sentences_is_not_cut_at_its_commas(
    tmp_path: Path, name: str, content: str, texts: int
) -> None:
    file = tmp_path / name
    file.write_text(content)
    rows = read_table(str(file))
    found = texts_of(rows, likeliest(rows))
    assert len(found) == texts
    assert all(" ".join(content.split()).replace('"', "").find(one.replace('"', "")) >= 0 for one in found)
    assert any("," in one for one in found)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("I don’t like it. It’s dull\n", "cp1252"), ("Müller,Jürgen\n", "cp1252"), ("José,Zoë\n", "cp1252"),
        ("林芳,王强\n", "gb18030"), ("评论\n房间很干净\n", "gb18030"), ("date,sales\n", "ascii"),
        ("Müller 林芳\n", "utf-8"), ("Müller 林芳\n", "utf-8-sig"), ("Müller 林芳\n", "utf-16"),
    ],
)  # fmt: skip
def test_a_text_is_read_whatever_wrote_it(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding)) == text
    assert decoded((text * 20_000).encode(encoding)) == text * 20_000


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xfe\x00"])
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "odd.csv"
    file.write_bytes(content)
    with pytest.raises(InvalidInput):
        read_table(str(file))
    with pytest.raises(InvalidInput):
        read_table(None)


def test_a_large_file_and_a_huge_cell_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "large.csv"
    file.write_text("text\n" + "x" * 200_000)
    with pytest.raises(InvalidInput):  # beyond what the csv module takes for one cell
        read_table(str(file))
    monkeypatch.setattr(_table, "MAX_BYTES", 1000)
    with pytest.raises(InvalidInput, match="below"):
        read_table(str(file))


def test_no_cell_becomes_a_formula() -> None:
    text = as_csv(("text", "label"), [('=HYPERLINK("http://x")', "positive"), ("a, b", "negative")])
    assert text == '\ufefftext,label\r\n"\'=HYPERLINK(""http://x"")",positive\r\n"a, b",negative\r\n'

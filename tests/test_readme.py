"""The READMEs say what is there."""

import re
from pathlib import Path

import pytest

from demos import __main__ as tables

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("file", tables.HEADS)
def test_the_table_of_demos_was_renewed(file: str) -> None:
    assert (ROOT / file).read_text() == tables.renewed(file)


@pytest.mark.parametrize("file", tables.HEADS)
def test_links_lead_to_files(file: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / file).read_text())
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_file_of_the_tree_is_there() -> None:
    tree = (ROOT / "README.md").read_text().split("```\n")
    named = re.findall(r"^([\w./]+)  ", "".join(tree), re.MULTILINE)
    assert len(named) > 15
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(("asked", "status"), [(["--help"], 0), (["-h"], 0), (["ruin", "poem"], 2)])
def test_only_who_says_nothing_else_renews_the_tables(
    asked: list[str], status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(tables, "renewed", lambda file: pytest.fail(f"{file} was renewed"))
    assert tables.main(asked) == status
    said = capsys.readouterr()
    assert "python -m demos run ID" in (said.err if status else said.out)


def test_every_setting_is_explained() -> None:
    read = re.findall(r'environ.get\("(\w+)"', (ROOT / "models" / "settings.py").read_text())
    readme = (ROOT / "README.md").read_text()
    assert [name for name in read if f"`{name}`" not in readme] == []

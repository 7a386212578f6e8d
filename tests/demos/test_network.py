"""Lists of ties: read as people write them, refused by the line, and networks that are drawn."""

import codecs
import json
from pathlib import Path

import numpy as np
import pytest

from demos._graph import DRAWN, MOST_NUMBERS, drawing, layout, thinned
from demos._labels import enough, labels_of, next_group
from demos._network import MOST_TIES, NETWORKS, OWN, bundled, open_network, read_ties
from demos._run import InvalidInput
from demos._table import read_text


@pytest.mark.parametrize(
    "text",
    [
        "Ann,Bob\nBob,Cem",
        "Ann\tBob\nBob\tCem",
        "Ann Bob\r\nBob  Cem\r\n",
        "Ann;Bob\nBob; Cem",
        "Ann，Bob\nBob，Cem",
        "\ufeffsource,target,weight\nAnn,Bob,1\nBob,Cem,2",
        "# who knows whom\n\nAnn Bob 0.5\nBob Cem {'weight': 2}",
        'Ann,"Bob"\n"Bob",Cem',
    ],
)
def test_ties_are_read_as_people_write_them(text: str) -> None:
    network = read_ties(text)
    assert network.names == ("Ann", "Bob", "Cem")
    assert network.ties == ((0, 1), (1, 2))


def test_repeated_ties_and_ties_to_oneself_are_left_out() -> None:
    network = read_ties("a b\nb a\na a\na b\nb c")
    assert network.ties == ((0, 1), (1, 2))


@pytest.mark.parametrize(
    "text",
    [
        ",source,target\n0,Ann,Bob\n1,Bob,Cem",  # as pandas writes a table
        "Id,Source,Target,Weight\n1,Ann,Bob,2\n2,Bob,Cem,1",
        "# who knows whom\nfrom;to\nAnn;Bob\nBob;Cem",
        "source target weight\nAnn Bob 2\nBob Cem 1",
        "Ann\tBob\nBob\tCem",
        "Ann, Bob\nBob Cem",
    ],
)
def test_a_header_says_where_the_names_stand(text: str) -> None:
    network = read_ties(text)
    assert network.names == ("Ann", "Bob", "Cem")
    assert network.ties == ((0, 1), (1, 2))


def test_names_that_hold_commas_stand_between_semicolons() -> None:
    assert read_ties("Smith, Ann;Jones, Bob\nJones, Bob;Lee, Cem").names == (
        "Smith, Ann",
        "Jones, Bob",
        "Lee, Cem",
    )


def test_names_may_be_anything_and_hold_spaces_and_commas() -> None:
    network = read_ties('"Lee, Ann",林 芳\n林 芳,<b>x</b>\n林 芳,👩‍🚀')
    assert network.names == ("Lee, Ann", "林 芳", "<b>x</b>", "👩‍🚀")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Ann,Bob\nCem", "Line 2 needs two names"),
        ("Ann,Bob\n,Cem", "Line 2 needs two names"),
        ("Ann,Bob\n,Cem,3", "Line 2 needs two names"),
        ("Ann Bob\nAnn Lee Bob", "Line 2 has more than two"),
        ("Ann,Bob\n\n" + "x" * 61 + ",Bob", "line 3 is longer"),
        ("Ann,Bob\n" + "x" * 140_000 + ",Bob", "line 2 is longer"),
        ("# nothing", "two names a line"),
        ("a a", "two names a line"),
        (None, "Write a text"),
        ("\n".join(f"p{i},q{i}" for i in range(MOST_TIES + 1)), "At most 5,000 ties"),
    ],
)
def test_what_cannot_be_read_is_named(text: str | None, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        read_ties(text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_file_is_read_whatever_wrote_it(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "ties.csv"
    file.write_bytes("林芳,王强\n".encode(encoding))
    assert read_ties(read_text(str(file), 1000)).names == ("林芳", "王强")


def test_a_file_that_is_no_text_is_refused_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "ties.csv"
    file.write_bytes(codecs.BOM_UTF8 + bytes(range(128, 256)))
    with pytest.raises(InvalidInput):
        read_ties(read_text(str(file), 1000))


@pytest.mark.parametrize("name", [name for name in NETWORKS if name != OWN])
def test_bundled_networks_are_whole_and_drawn(name: str) -> None:
    network = open_network(name, "")
    assert len(set(network.names)) == len(network.names)
    places = layout(network)
    assert places.shape == (len(network.names), 2)
    assert places.min() >= 0
    assert places.max() <= 1
    apart = np.linalg.norm(places[:, None] - places[None], axis=2) + np.eye(len(places))
    assert apart.min() > 0.003


def test_a_drawing_is_plain_and_small_and_keeps_who_is_labelled() -> None:
    network = read_ties("\n".join(f"p{i} q{i % 40}" for i in range(3000)))
    last = network.names[-1]
    labelled = {network.names.index(last): 0, 0: 1}
    frames = [{"shares": np.full((len(network.names), 2), 0.5), "plane": None, "told": ("", "")}] * 100
    picture = drawing(network, classes=("a", "b"), labelled=labelled, frames=frames)
    assert len(picture["names"]) == DRAWN
    assert {
        name for name, group in zip(picture["names"], picture["labelled"], strict=True) if group >= 0
    } == {last, network.names[0]}
    assert picture["left_out"] == len(network.names) - DRAWN
    assert len(json.dumps(picture)) < 10 * MOST_NUMBERS


def test_a_thinned_animation_keeps_its_ends() -> None:
    frames = [{"epoch": number} for number in range(101)]
    kept = [frame["epoch"] for frame in thinned(frames, 20)]
    assert kept[0] == 0
    assert kept[-1] == 100
    assert len(kept) <= 20
    assert kept[1] - kept[0] < kept[-1] - kept[-2]


def test_labels_are_read_in_either_language() -> None:
    club = bundled("karate")
    assert labels_of("Mr. Hi: 0, John A.: 1", club) == (["0", "1"], {0: 0, 33: 1})
    assert labels_of("Mr. Hi：老师\n34：干部\n2: 老师", read_ties("Mr. Hi,34\n34,2")) == (
        ["老师", "干部"],
        {0: 0, 1: 1, 2: 0},
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Mr. Hi", 'Write "Mr. Hi" as person: group'),
        ("Nobody: a", "Nobody in the network"),
        ("Mr. Hi: a", "2 to 6 groups"),
        ("Mr. Hi: a\n2: a", "2 to 6 groups"),
        ("", "2 to 6 groups"),
        ("\n".join(f"{i}: g{i}" for i in range(2, 9)), "2 to 6 groups"),
        ("Mr. Hi: a\nMr. Hi: b", "2 to 6 groups"),
    ],
)
def test_labels_that_cannot_be_used_are_named(text: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        enough(*labels_of(text, bundled("karate")))


def test_clicks_go_round_the_groups() -> None:
    text = next_group("Ann", "")
    assert text == "Ann: A"
    text = next_group("Bob", text)
    assert text == "Ann: A\nBob: A"
    text = next_group("Bob", text)
    assert text == "Ann: A\nBob: B"
    assert next_group("Bob", text) == "Ann: A"
    assert next_group("Cem", "Ann: x, Bob: y") == "Ann: x\nBob: y\nCem: x"

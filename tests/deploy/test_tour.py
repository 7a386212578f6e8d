"""Every stop of the tour can be shown."""

import re

import gradio as gr
import pytest

import demos
from demos._ui import runs
from deploy import tour

pytestmark = pytest.mark.usefixtures("hub")
CHINESE = re.compile("[\u4e00-\u9fff]")


def test_about_ten_stops_each_another_demo() -> None:
    assert 8 <= len(tour.STOPS) <= 12
    assert len({stop.demo for stop in tour.STOPS}) == len(tour.STOPS)


@pytest.mark.parametrize("stop", tour.STOPS, ids=lambda stop: stop.demo)
def test_a_stop_is_an_example_that_does_not_fail(stop: tour.Stop) -> None:
    assert stop.demo in demos.names()
    (_, english), _ = tour.example(stop)
    assert english == stop.example
    assert not english.startswith("Fails")


@pytest.mark.parametrize("stop", tour.STOPS, ids=lambda stop: stop.demo)
def test_every_example_beside_a_stop_fills_all_inputs(stop: tour.Stop) -> None:
    run = runs(stop.demo)[0]
    assert {len(values) for values in run.examples.values()} == {len(run.inputs)}


@pytest.mark.parametrize("stop", tour.STOPS, ids=lambda stop: stop.demo)
def test_a_stop_says_one_sentence_in_each_language(stop: tour.Stop) -> None:
    assert CHINESE.search(stop.zh)
    assert not CHINESE.search(stop.en)
    assert len(re.findall(r"[.。](?:\s|$)|。", stop.en)) == 1
    assert stop.zh.count("。") == 1


def test_the_page_is_told_the_button_of_each_example(hub: gr.Blocks) -> None:
    known = {block.elem_id for block in hub.blocks.values() if isinstance(block, gr.Button)}
    assert [stop.demo for stop in tour.STOPS if tour.told(stop)["chip"] not in known] == []

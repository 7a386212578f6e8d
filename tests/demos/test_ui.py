"""The pieces every tab is made of."""

import gradio as gr
import pytest

from demos import _ui
from demos._ui import Demo, render, run_button, runs, t, translations


def echo(text: str, seed: int) -> str:
    """Says it again."""
    return f"{text} {seed}"


def build() -> None:
    text, seed, said = gr.Textbox(label="text"), gr.Number(label="seed"), gr.Textbox(label="said")
    run_button(echo, [text, seed], [said], examples={("甲", "A"): ["a", 1], ("乙", "B"): ["b", 2]})


DEMO = Demo("echo", t("回声", "Echo"), t("说一遍", "Says it again"), (), build)


@pytest.fixture
def blocks() -> gr.Blocks:
    with gr.Blocks(analytics_enabled=False) as drawn:
        render(DEMO)
    return drawn


def test_a_text_is_known_in_both_languages() -> None:
    text = t("你好", "Hello")
    known = translations().translations_dict
    assert (known["zh-CN"][text.key], known["en"][text.key]) == ("你好", "Hello")


@pytest.mark.parametrize("text", ["{x}", "a < b"])
def test_a_text_that_the_translator_would_misread_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        t("好", text)


def test_a_run_button_has_one_public_endpoint_named_like_its_demo(blocks: gr.Blocks) -> None:
    public = [fn for fn in blocks.fns.values() if fn.api_visibility == "public"]
    assert [fn.api_name for fn in public] == ["echo"]
    assert public[0].concurrency_id == "device"
    assert public[0].api_description == "Says it again.\nSays it again\n说一遍"


def test_the_endpoint_keeps_the_names_of_its_parameters(blocks: gr.Blocks) -> None:
    parameters = blocks.get_api_info()["named_endpoints"]["/echo"]["parameters"]
    assert [parameter["parameter_name"] for parameter in parameters] == ["text", "seed"]


def test_runs_are_registered_with_their_examples(blocks: gr.Blocks) -> None:
    (run,) = runs("echo")
    assert run.fn is echo
    assert run.examples["甲", "A"] == ["a", 1]


def test_code_is_read_without_importing_it() -> None:
    source = _ui._source("models/batching.py", "Batcher.__call__")
    assert source.startswith("def __call__")
    assert "answer.result()" in source

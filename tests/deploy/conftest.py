"""The app that the stops of the tour are looked up in, built once."""

import gradio as gr
import pytest

import app


@pytest.fixture(scope="session")
def hub() -> gr.Blocks:
    return app.build()

"""With HUB_MCP=1 every demo is a tool that an agent's own client finds, understands and calls."""

import asyncio
from collections.abc import Iterator

import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, Tool

import app
import demos
from demos._ui import runs
from deploy import preflight


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where a hub offers its tools."""
    with preflight.hub(environment={"HUB_MCP": "1", "HF_HUB_OFFLINE": "1"}) as url:
        yield f"{url}gradio_api/mcp/"


async def _tools(address: str) -> list[Tool]:
    async with streamable_http_client(address) as (read, write, _), ClientSession(read, write) as session:
        await session.initialize()
        return (await session.list_tools()).tools


async def _call(address: str, name: str, inputs: dict) -> CallToolResult:
    async with streamable_http_client(address) as (read, write, _), ClientSession(read, write) as session:
        await session.initialize()
        return await session.call_tool(name, inputs)


def test_every_run_is_a_tool_under_its_own_name(address: str) -> None:
    app.build()
    tools = {tool.name: tool for tool in asyncio.run(_tools(address))}
    expected = [run for demo in demos.names() for run in runs(demo)]
    assert {run.api for run in expected} <= set(tools)
    for run in expected:
        tool = tools[run.api]
        assert len(tool.description or "") > 40
        assert tool.inputSchema["properties"]


def test_an_agent_gets_an_answer(address: str) -> None:
    told = asyncio.run(_call(address, "sentiment_cnn", {"text": "房间很干净，服务热情，下次还来"}))
    assert not told.isError
    assert "正面 positive" in told.content[0].text


def test_an_agent_that_asks_wrongly_gets_the_sentence(address: str) -> None:
    told = asyncio.run(_call(address, "sentiment_cnn", {"text": " "}))
    assert told.isError
    assert "Write" in told.content[0].text
    assert "Traceback" not in told.content[0].text

"""What a call is told that no demo can answer: a broken one, one too many, one that comes too late."""

import logging
import re
from typing import Any

from starlette.responses import JSONResponse

Sentence = tuple[str, str]  # in Chinese, in English
UNSUITABLE: Sentence = (
    "有一项输入缺失、类型不对，或是没有上传过的文件；每项要什么，见 API 页",
    "An input is missing, of the wrong type, or a file that was not uploaded; the API page says what each takes",
)
UNREADABLE: Sentence = (
    "这个请求读不懂；有哪些接口、怎样调用，见 API 页",
    "This request cannot be read; the API page says what there is and how to call it",
)
ENDED: Sentence = ("服务正在关闭，请稍后再试", "The server is shutting down; try again later")
SILENT: Sentence = (
    "这次运行太久没有动静，已经放弃，请换小一点的输入再试",
    "This run was silent for too long and was given up; try a smaller input",
)
UNSTORED: Sentence = (
    "服务器现在存不下上传的文件（磁盘已满或不可写），请稍后再试",
    "The server cannot store uploads now (its disk is full or not writable); try again later",
)
FOREIGN: Sentence = ("这里不代取别处的网址", "Addresses elsewhere are not fetched here")
ONE_TRAINING: Sentence = (
    "您在另一处的训练还没结束：请等它完，或先按那里的“停止”",
    "Another training of yours still runs: wait for its end, or press Stop there first",
)
FULL: Sentence = ("排队的人太多了，请过一会儿再试", "Too many visitors are waiting; try again in a moment")

_ELSEWHERE = re.compile(r"/gradio_api/(file[=/]|proxy=)/*https?:", re.IGNORECASE)


class Politely:
    """ASGI middleware: what a broken request makes fail inside the web server is a wrong request, not a broken server.

    Gradio answers such with status 500 and a traceback in the log; here it is 400, a sentence, and one line in the log.
    Only an upload that cannot be stored is the server's fault.
    Gradio would also fetch any public address for anybody, which nothing here needs.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: dict, receive: Any, send: Any) -> None:
        if _ELSEWHERE.match(scope.get("path", "")):
            await _answer(403, FOREIGN)(scope, receive, send)
            return
        started = False

        async def told(message: dict) -> None:
            nonlocal started
            started |= message["type"] == "http.response.start"
            # A function that was asked without the queue and refused.
            wrong = message.get("status") == 500 and scope["path"].startswith(
                ("/gradio_api/run/", "/gradio_api/api/")
            )
            await send(message | {"status": 400} if wrong else message)

        try:
            await self._app(scope, receive, told)
        except Exception as cause:
            if scope["type"] != "http":
                raise
            unstored = isinstance(cause, OSError) and scope["path"].startswith("/gradio_api/upload")
            if unstored:
                logging.getLogger("hub").error("an upload could not be stored", exc_info=cause)
            else:
                logging.getLogger("hub").warning("%s was asked wrongly: %r", scope["path"][:200], cause)
            if started:  # too late for a sentence: a stream for a call that nobody made
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            await (_answer(507, UNSTORED) if unstored else _answer(400, UNREADABLE))(scope, receive, send)


def _answer(status: int, sentence: Sentence) -> JSONResponse:
    return JSONResponse({"detail": "\n".join(sentence)}, status)

"""Runs together what several visitors ask at once."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

GATHER = 0.01  # seconds


class Batcher:
    """Groups concurrent calls: whoever finds a lane free runs all that wait, up to a limit, as one batch.

    A lone caller waits for nobody. After a batch of several, the next one gives as many GATHER seconds to come back:
    half a batch costs more than half the time. lanes: batches that may run at the same time, as many as there are cores
    for. run_many takes a list of items and returns one answer each. When a batch of several fails, its items are run
    one by one, so that one visitor's item fails alone.
    """

    def __init__(self, run_many: Callable[[list[Any]], list[Any]], limit: int, lanes: int = 1) -> None:
        self._run_many, self._limit = run_many, limit
        self._waiting: list[tuple[Any, Future]] = []
        self._free = lanes
        self._last = 1  # callers in the last batch
        lock = threading.Lock()
        # A lane is free; a caller came.
        self._turn, self._came = threading.Condition(lock), threading.Condition(lock)

    def __call__(self, item: Any) -> Any:
        """-> the answer to this item; raises what run_many raised for it."""
        answer: Future = Future()
        with self._turn:
            self._waiting.append((item, answer))
            self._came.notify_all()
        while batch := self._next(answer):
            try:
                self._answer(batch)
            finally:
                with self._turn:
                    self._free += 1
                    self._turn.notify_all()
        return answer.result()

    def _next(self, answer: Future) -> list[tuple[Any, Future]]:
        """Waits for a free lane and takes it; -> the batch to run there, empty once the answer has come or will."""
        with self._turn:
            self._turn.wait_for(lambda: answer.done() or (self._free and self._waiting))
            if answer.done():
                return []
            self._free -= 1
            if self._last > 1:
                self._came.wait_for(lambda: len(self._waiting) >= self._last, GATHER)
            if answer.done() or not self._waiting:  # another lane took them meanwhile
                self._free += 1
                self._turn.notify_all()
                return []
            fair = -(-len(self._waiting) // (self._free + 1))  # the other free lanes get their part
            self._last = min(fair, self._limit)
            batch, self._waiting = self._waiting[: self._last], self._waiting[self._last :]
            return batch

    def _answer(self, batch: list[tuple[Any, Future]]) -> None:
        try:
            answers = self._run_many([item for item, _ in batch])
            if len(answers) != len(batch):
                raise ValueError(f"{len(answers)} answers to {len(batch)} items")
        except BaseException as cause:  # noqa: BLE001 - whatever it is, also a library's panic, belongs to the callers
            if len(batch) == 1:
                batch[0][1].set_exception(cause)
                return
            for item, answer in batch:
                self._alone(item, answer)
            return
        for (_, answer), result in zip(batch, answers, strict=True):
            answer.set_result(result)

    def _alone(self, item: Any, answer: Future) -> None:
        try:
            answer.set_result(self._run_many([item])[0])
        except BaseException as cause:  # noqa: BLE001
            answer.set_exception(cause)

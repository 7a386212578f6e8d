"""Runs together what several visitors ask at once."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any


class Batcher:
    """Groups concurrent calls: whoever finds a lane free runs all that wait, up to a limit, as one batch.

    There is no timer: a lone caller waits for nobody. lanes: batches that may run at the same time, as many as
    there are cores for. run_many takes a list of items and returns one answer each. When a batch of several
    fails, its items are run one by one, so that one visitor's item fails alone.
    """

    def __init__(self, run_many: Callable[[list[Any]], list[Any]], limit: int, lanes: int = 1) -> None:
        self._run_many, self._limit = run_many, limit
        self._waiting: list[tuple[Any, Future]] = []
        self._free = lanes
        self._turn = threading.Condition()

    def __call__(self, item: Any) -> Any:
        """-> the answer to this item; raises what run_many raised for it."""
        answer: Future = Future()
        with self._turn:
            self._waiting.append((item, answer))
        while True:
            with self._turn:
                self._turn.wait_for(lambda: answer.done() or (self._free and self._waiting))
                if answer.done():
                    return answer.result()
                fair = -(-len(self._waiting) // self._free)  # the other free lanes get their part
                size = min(fair, self._limit)
                batch, self._waiting = self._waiting[:size], self._waiting[size:]
                self._free -= 1
            try:
                self._answer(batch)
            finally:
                with self._turn:
                    self._free += 1
                    self._turn.notify_all()

    def _answer(self, batch: list[tuple[Any, Future]]) -> None:
        try:
            answers = self._run_many([item for item, _ in batch])
            if len(answers) != len(batch):
                raise ValueError(f"{len(answers)} answers to {len(batch)} items")
        except Exception as cause:  # noqa: BLE001 - whatever it is belongs to the callers
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
        except Exception as cause:  # noqa: BLE001
            answer.set_exception(cause)

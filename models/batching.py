"""Runs together what several visitors ask at once."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any


class Batcher:
    """Groups concurrent calls: whoever finds the room free runs all that wait, up to a limit, as one batch.

    There is no timer: a lone caller waits for nobody. run_many takes a list of items and returns one answer
    each. When a batch of several fails, its items are run one by one, so that one visitor's item fails
    alone.
    """

    def __init__(self, run_many: Callable[[list[Any]], list[Any]], limit: int) -> None:
        self._run_many, self._limit = run_many, limit
        self._waiting: list[tuple[Any, Future]] = []
        self._guard = threading.Lock()  # of the waiting list
        self._busy = threading.Lock()  # held by the one who runs a batch

    def __call__(self, item: Any) -> Any:
        """-> the answer to this item; raises what run_many raised for it."""
        answer: Future = Future()
        with self._guard:
            self._waiting.append((item, answer))
        while not answer.done():
            with self._busy:
                if not answer.done():
                    self._run_waiting()
        return answer.result()

    def _run_waiting(self) -> None:
        with self._guard:
            batch, self._waiting = self._waiting[: self._limit], self._waiting[self._limit :]
        items = [item for item, _ in batch]
        try:
            answers = self._run_many(items)
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

"""What a click on few_shot_text takes while two visitors train CartPole live, over the same click on an idle hub."""

import time
from threading import Event, Thread

import httpx

import app
from benchmarks.clicks import example
from benchmarks.row import Row, median_ms
from benchmarks.server import Server, running

CLICKS, TRAININGS = 30, 2
SLOW = "0.0001"  # a learning rate at which a training lasts to its end


def rows() -> list[Row]:
    app.build()
    with running("app.py") as hub:
        inputs = hub.inputs(example("few_shot_text"))
        hub.call("few_shot_text", inputs)
        hub.call("lander_cartpole", [SLOW, 0])
        idle = _click_ms(hub, inputs)
        enough = Event()
        trainings = [Thread(target=_train, args=(hub, seed, enough)) for seed in range(TRAININGS)]
        for training in trainings:
            training.start()
        time.sleep(1)
        busy = _click_ms(hub, inputs)
        enough.set()
        for training in trainings:
            training.join()
    return [Row(f"few_shot_text while {TRAININGS} live trainings run / idle", busy / idle, at_most=3.0,
                detail=f"{busy:.0f} ms over {idle:.0f} ms")]  # fmt: skip


def _click_ms(hub: Server, inputs: list) -> float:
    seconds = []
    for _ in range(CLICKS):
        started = time.perf_counter()
        hub.call("few_shot_text", inputs)
        seconds.append(time.perf_counter() - started)
    return median_ms(seconds)


def _train(hub: Server, seed: int, enough: Event) -> None:
    """A visitor who starts one training after another."""
    with httpx.Client(base_url=hub.client.base_url, timeout=300) as client:
        while not enough.is_set():
            hub.call("lander_cartpole", [SLOW, seed], client)

"""What a click takes while two visitors train CartPole live, over the same click on an idle hub.

few_shot_text has a queue of its own; translation waits in the one that most tabs share.
"""

import time
from threading import Event, Thread

import httpx

import app
from benchmarks.clicks import example
from benchmarks.row import Row, median_ms
from benchmarks.server import Server, running

DEMOS = ("few_shot_text", "translation")
CLICKS, TRAININGS = 30, 2
SLOW = "0.0001"  # a learning rate at which a training lasts to its end


def rows() -> list[Row]:
    app.build()
    with running("app.py") as hub:
        inputs = {name: hub.inputs(example(name)) for name in DEMOS}
        for name in DEMOS:
            hub.call(name, inputs[name])
        hub.call("lander_cartpole", [SLOW, 0])
        idle = {name: _click_ms(hub, name, inputs[name]) for name in DEMOS}
        enough = Event()
        trainings = [Thread(target=_train, args=(hub, seed, enough)) for seed in range(TRAININGS)]
        for training in trainings:
            training.start()
        time.sleep(1)
        busy = {name: _click_ms(hub, name, inputs[name]) for name in DEMOS}
        enough.set()
        for training in trainings:
            training.join()
    return [Row(f"{name} while {TRAININGS} live trainings run / idle", busy[name] / idle[name], at_most=3.0,
                detail=f"{busy[name]:.0f} ms over {idle[name]:.0f} ms") for name in DEMOS]  # fmt: skip


def _click_ms(hub: Server, name: str, inputs: list) -> float:
    seconds = []
    for _ in range(CLICKS):
        started = time.perf_counter()
        hub.call(name, inputs)
        seconds.append(time.perf_counter() - started)
    return median_ms(seconds)


def _train(hub: Server, seed: int, enough: Event) -> None:
    """A visitor who starts one training after another."""
    with httpx.Client(base_url=hub.client.base_url, timeout=300) as client:
        while not enough.is_set():
            hub.call("lander_cartpole", [SLOW, seed], client)

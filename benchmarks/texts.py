"""How long a warm click on a text demo takes until its answer is seen, with one thread, at sizes that people use."""

import time

import app
from benchmarks.clicks import computed, example
from benchmarks.row import Row, median_ms
from benchmarks.server import Server, running
from demos.question_answering import BEES, CANAL, STRIKE

TIMES = 15
ENGLISH = "My sister bought a new bicycle yesterday because the old one was broken and too small."  # 16 words
CHINESE = "我妹妹昨天买了一辆新自行车，因为旧的坏了，而且太小了。"
PASSAGE = " ".join(f"{BEES} {STRIKE} {CANAL}".split()[:300])  # words
ASKED = {  # demo, what is asked -> the inputs that differ from its first example's, most milliseconds
    ("sentiment", "an English review"): ([], 60),
    ("sentiment_cnn", "a Chinese review"): ([], 60),
    ("question_answering", "300 words, until BERT's answer"): ([PASSAGE, "How did the quarrel end?"], 300),
    ("translation", "16 English words"): ([ENGLISH], 500),
    ("translation", "as much Chinese"): ([CHINESE], 500),
    ("translation_bert", "16 English words, until BERT's candidates"): ([ENGLISH], 500),
    ("poem", "28 characters, all of them"): ([], 1000),
    ("gan_music", "four bars in four voices, until they can be heard"): ([], 300),
    ("melody", "three times 14 bars, until all can be heard"): ([], 2000),
    ("diffusion", "four pictures in 20 steps, all of them"): ([], 4000),
}
WRITTEN = ("poem", "gan_music", "melody", "diffusion")  # seen when the last character, sound or step is there


def rows() -> list[Row]:
    app.build()
    with running("app.py", HUB_THREADS="1") as hub:
        return [answered(hub, *asked, *limits) for asked, limits in ASKED.items()]


def answered(hub: Server, name: str, what: str, given: list, most_ms: int | None) -> Row:
    """The median of TIMES warm clicks. given: the first inputs, the others are those of the demo's first example."""
    inputs = hub.inputs([*given, *example(name)[len(given) :]])
    hub.call(name, inputs)
    seen, own = [], []
    for _ in range(TIMES):
        started = time.perf_counter()
        own.append(computed(hub.call(name, inputs)))
        seen.append(time.perf_counter() - started if name in WRITTEN else hub.first_s)
    return Row(f"{name}: {what}", median_ms(seen), "ms", at_most=most_ms,
               detail=f"{median_ms(own):.0f} ms computing in the whole click")  # fmt: skip

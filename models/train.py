"""Training, published or refused: `python -m models train <room>` and `check <room>` run through here.

A room's train.py holds `Recipe`, `train(recipe, run) -> net` and `evaluate(net, frozen) -> metrics`. This
file gives it checkpoints, a curve and a progress bar, and writes what came out into the room's folder:
weights and config.json (Hugging Face layout), results.json (recipe, metrics, curve) and the results block
of README.md. A recipe with `half = True` has its net rounded to half floats before it is measured, and
stored so, which halves the file. A trainer may also hold `pictures(net) -> {file name: PIL picture}`, which go
beside the weights, for the card to show. A room whose weights come from elsewhere, or that is trained live, has
only `evaluate` and, where there is one to show, `curve(net) -> rows`; "train" then measures and writes the results.
A live room's `Recipe` holds thresholds alone.
"""

import dataclasses
import importlib
import json
import os
import platform
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from tqdm import tqdm

from models import device, settings, sources, spec

ROOMS = Path(__file__).parent
POINTS = 8  # of a learning curve on a card


class Refused(Exception):
    """The net stays below its recipe's threshold, or a published number could not be measured again."""


class Run:
    """One training: `for epoch in run.epochs(n, net=net, ...)` resumes, saves after each epoch, shows a bar."""

    def __init__(self, room: str, recipe: Any, checkpoint: Path) -> None:
        self.room, self.recipe, self.checkpoint = room, dataclasses.asdict(recipe), checkpoint
        self.curve: list[dict[str, float]] = []
        self.seconds = 0.0

    def epochs(self, total: int, **state: Any) -> Iterator[int]:
        """Yields the epochs still to do. state: whatever has state_dict() or is a torch.Generator."""
        state["torch"] = torch.default_generator  # dropout draws from it
        first = self._restore(state)
        bar = tqdm(range(first, total), initial=first, total=total, desc=self.room, unit="epoch")
        for epoch in bar:
            started = time.monotonic()
            yield epoch
            self.seconds += time.monotonic() - started
            self._save(epoch + 1, state)
            bar.set_postfix({k: f"{v:.4g}" for k, v in self.curve[-1].items()} if self.curve else {})

    def log(self, **metrics: float) -> None:
        """Adds one point to the training curve."""
        self.curve.append({k: round(float(v), 5) for k, v in metrics.items()})

    def _save(self, epoch: int, state: dict[str, Any]) -> None:
        saved = {
            k: v.get_state() if isinstance(v, torch.Generator) else v.state_dict() for k, v in state.items()
        }
        whole = {
            "recipe": self.recipe,
            "epoch": epoch,
            "curve": self.curve,
            "seconds": self.seconds,
            "state": saved,
        }
        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        half = self.checkpoint.with_suffix(".half")
        torch.save(whole, half)
        os.replace(half, self.checkpoint)

    def _restore(self, state: dict[str, Any]) -> int:
        """Loads the last checkpoint of the same recipe; -> the epoch to go on with."""
        if not self.checkpoint.exists():
            return 0
        whole = torch.load(self.checkpoint, weights_only=True)
        if whole["recipe"] != self.recipe:
            return 0
        for key, saved in whole["state"].items():
            part = state[key]
            restore = part.set_state if isinstance(part, torch.Generator) else part.load_state_dict
            restore(saved)
        self.curve, self.seconds = whole["curve"], whole["seconds"]
        return whole["epoch"]


def publish(room: str, quick: bool) -> dict[str, float]:
    """Trains a room's net, measures it on held-out data and, unless it stays below its threshold, writes it.

    quick: the recipe's own short form, to prove the path; writes nothing into the room's folder.
    Returns the metrics. Raises Refused.
    """
    trainer = _trainer(room)
    device.limit_threads()
    if not hasattr(trainer, "train"):
        return measure(room)
    recipe = trainer.Recipe.quick() if quick else trainer.Recipe()
    torch.manual_seed(recipe.seed)
    name = f"{room}-quick.pt" if quick else f"{room}.pt"
    run = Run(room, recipe, settings.cache_folder() / "checkpoints" / name)
    net = trainer.train(recipe, run).eval()
    if getattr(recipe, "half", False):
        net = net.half().float()
    metrics = trainer.evaluate(net, frozen=False)
    print(_sentence(room, metrics))
    if quick:
        run.checkpoint.unlink(missing_ok=True)
        return metrics
    _refuse_below(recipe, metrics)
    pictures = trainer.pictures(net) if hasattr(trainer, "pictures") else {}
    _write(ROOMS / room, net, run, metrics, trainer.evaluate(net, frozen=True))
    for name, picture in pictures.items():
        picture.save(ROOMS / room / name)
    return metrics


def measure(room: str) -> dict[str, float]:
    """Measures a room that train() does not make and writes what came out; -> the metrics. Raises Refused."""
    trainer, net = _trainer(room), _published(room)
    started = time.monotonic()
    report = {
        "metrics": trainer.evaluate(net, frozen=False),
        "frozen": trainer.evaluate(net, frozen=True),
        "seconds": round(time.monotonic() - started),
        "machine": _machine(),
    }
    print(_sentence(room, report["metrics"]))
    if hasattr(trainer, "Recipe"):
        _refuse_below(trainer.Recipe(), report["metrics"])
    if hasattr(trainer, "curve"):
        report["curve"] = [{k: round(float(v), 5) for k, v in row.items()} for row in trainer.curve(net)]
    _write_report(ROOMS / room, report)
    return report["metrics"]


def check(room: str, full: bool = False) -> dict[str, float]:
    """Measures a published net again, on the frozen sample in the repo or (full) on all held-out data.

    Raises Refused when a number differs from the published one by more than rounding, or than the room's ROUNDING,
    for nets whose arithmetic is another on each make of processor.
    """
    net, trainer = _published(room), _trainer(room)
    measured, rounding = trainer.evaluate(net, frozen=not full), getattr(trainer, "ROUNDING", 0.002)
    published = json.loads((ROOMS / room / "results.json").read_text())["metrics" if full else "frozen"]
    print(_sentence(room, measured))
    for key, value in measured.items():
        if abs(value - published[key]) > rounding * max(1.0, abs(value)):
            raise Refused(f"{room}: {key} is {value:.4f}, published is {published[key]:.4f}")
    return measured


def _published(room: str) -> Any:
    """The net that the app runs, its files fetched where they are missing."""
    for weight in spec(room).weights:
        sources.fetch(weight)
    return importlib.import_module(f"models.{room}.net").load("cpu")


def _trainer(room: str) -> ModuleType:
    return importlib.import_module(f"models.{room}.train")


def _sentence(room: str, metrics: dict[str, float]) -> str:
    return f"{room}: " + ", ".join(f"{k} {v:.4f}" for k, v in metrics.items())


def _refuse_below(recipe: Any, metrics: dict[str, float]) -> None:
    """A recipe's field `accuracy_at_least` binds the metric `accuracy`; `_at_most` likewise."""
    for key, bound in dataclasses.asdict(recipe).items():
        metric = key.removesuffix("_at_least").removesuffix("_at_most")
        if metric == key:
            continue
        low = key.endswith("_at_least")
        if metrics[metric] < bound if low else metrics[metric] > bound:
            limit = f"at {'least' if low else 'most'} {bound}"
            raise Refused(f"{metric} is {metrics[metric]:.4f}, must be {limit}; nothing was written")


def _write(folder: Path, net: Any, run: Run, metrics: dict[str, float], frozen: dict[str, float]) -> None:
    (net.half() if run.recipe.get("half") else net).save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)  # save_file leaves 0600
    report = {
        "recipe": run.recipe,
        "metrics": metrics,
        "frozen": frozen,
        "parameters": sum(parameter.numel() for parameter in net.parameters()),
        "seconds": round(run.seconds),
        "machine": _machine(),
        "curve": run.curve,
    }
    _write_report(folder, report)


def _write_report(folder: Path, report: dict[str, Any]) -> None:
    (folder / "results.json").write_text(json.dumps(report, indent=1) + "\n")
    write_results(folder)


def _machine() -> str:
    return f"{platform.machine()}, {settings.threads()} thread(s), torch {torch.__version__}"


def write_results(folder: Path) -> None:
    """Renews the block between the two results marks of a card from results.json.

    A card that says FAILED, of a threshold that was missed, also shows the learning curve.
    """
    report = json.loads((folder / "results.json").read_text())
    lines = ["| measured 测得 | held-out data 留出数据 | frozen sample 冻结样本 |", "|---|---|---|"]
    for name, value in report["metrics"].items():
        sample = report["frozen"].get(name)
        lines.append(f"| {name} | {value:.4f} | {'' if sample is None else format(sample, '.4f')} |")
    parameters = f"{report['parameters']:,} parameters 参数; " if "parameters" in report else ""
    lines += ["", f"{parameters}{report['seconds']} s on 用时 {report['machine']}"]
    card = folder / "README.md"
    if "FAILED" in card.read_text():
        lines += _curve_table(report.get("curve", []))
    before, rest = card.read_text().split("<!-- results -->\n")
    _, after = rest.split("<!-- /results -->")
    card.write_text(f"{before}<!-- results -->\n" + "\n".join(lines) + f"\n<!-- /results -->{after}")


def _curve_table(rows: list[dict[str, float]]) -> list[str]:
    """A learning curve as the lines of a table of at most POINTS points; rows may hold different names."""
    if not rows:
        return []
    clock = next(iter(rows[0]))  # epoch or step
    shown = [rows[place] for place in sorted({i * (len(rows) - 1) // (POINTS - 1) for i in range(POINTS)})]
    names = dict.fromkeys(name for row in shown for name in row if name != clock)
    cells = [[f"{row[name]:.4g}" if name in row else "" for row in shown] for name in names]
    head = [f"curve 曲线: {clock}", *(f"{row[clock]:g}" for row in shown)]
    lines = [head, ["---"] * len(head), *([name, *line] for name, line in zip(names, cells, strict=True))]
    return ["", *(f"| {' | '.join(line)} |" for line in lines)]

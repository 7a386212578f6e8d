"""Training that can be cut off, refuses what is too weak, and publishes what it measured. A tiny room stands in."""

import copy
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from huggingface_hub import PyTorchModelHubMixin
from PIL import Image
from safetensors.torch import load_file
from torch import nn

import models
from models import train
from models.spec import ModelSpec
from models.train import Refused, Run

CARD = (
    "---\nlicense: mit\n---\nBefore.\n<!-- results -->\nold\n<!-- /results -->\nAfter.\n\n## 中文\n之后。\n"
)


class Tiny(nn.Module, PyTorchModelHubMixin):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5), nn.Linear(8, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


@dataclass(frozen=True)
class Recipe:
    seed: int = 0
    epochs: int = 5
    lr: float = 0.1
    accuracy_at_least: float = 0.9
    error_at_most: float = 0.5

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(epochs=1)


class Room:
    """A room's train.py whose measurement can be set and whose training can be cut off in the middle of an epoch."""

    Recipe = Recipe

    def __init__(self) -> None:
        self.metrics = {"accuracy": 0.95, "error": 0.25}
        self.cut_off_in: int | None = None
        self.begun: list[int] = []

    def train(self, recipe: Recipe, run: Run) -> Tiny:
        net = Tiny()
        chance = torch.Generator().manual_seed(recipe.seed)
        optimiser = torch.optim.AdamW(net.parameters(), lr=recipe.lr)
        for epoch in run.epochs(recipe.epochs, net=net, optimiser=optimiser, chance=chance):
            self.begun.append(epoch)
            x = torch.rand(16, 3, generator=chance)
            loss = (
                (net(x) - x.sum(1, keepdim=True)).square().mean()
            )  # dropout draws from torch's own generator
            optimiser.zero_grad()
            loss.backward()
            if epoch == self.cut_off_in:
                raise KeyboardInterrupt
            optimiser.step()
            run.log(epoch=epoch, loss=loss.item())
        return net

    def evaluate(self, net: Tiny, frozen: bool) -> dict[str, float]:
        return {"accuracy": self.metrics["accuracy"]} if frozen else self.metrics


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    """models/tiny, in a folder of its own."""
    made, folder = Room(), tmp_path / "tiny"
    folder.mkdir()
    (folder / "README.md").write_text(CARD)
    spec = ModelSpec(name="tiny", memory_mb=1, licence="MIT")
    monkeypatch.setattr(models, "ROOMS", ("tiny",))
    monkeypatch.setitem(sys.modules, "models.tiny", SimpleNamespace(SPEC=spec))
    monkeypatch.setitem(sys.modules, "models.tiny.train", made)
    monkeypatch.setitem(
        sys.modules,
        "models.tiny.net",
        SimpleNamespace(load=lambda device: Tiny.from_pretrained(folder).eval()),
    )
    monkeypatch.setattr(train, "ROOMS", tmp_path)
    monkeypatch.setenv("HUB_CACHE", str(tmp_path / "cache"))
    with torch.random.fork_rng():
        yield made


def published(tmp_path: Path) -> dict:
    return json.loads((tmp_path / "tiny" / "results.json").read_text())


def test_an_interrupted_training_ends_as_one_that_was_not(room: Room, tmp_path: Path) -> None:
    train.publish("tiny", quick=False)
    curve, weights = published(tmp_path)["curve"], (tmp_path / "tiny" / "model.safetensors").read_bytes()
    (tmp_path / "cache" / "checkpoints" / "tiny.pt").unlink()
    room.cut_off_in, room.begun = 2, []
    with pytest.raises(KeyboardInterrupt):
        train.publish("tiny", quick=False)
    room.cut_off_in = None
    train.publish("tiny", quick=False)
    assert room.begun == [0, 1, 2, 2, 3, 4]
    assert published(tmp_path)["curve"] == curve
    assert [point["epoch"] for point in curve] == [0, 1, 2, 3, 4]
    assert (tmp_path / "tiny" / "model.safetensors").read_bytes() == weights


def test_a_checkpoint_of_another_recipe_is_not_gone_on_with(room: Room, tmp_path: Path) -> None:
    for lr in (0.1, 0.2):
        room.begun = []
        room.train(Recipe(lr=lr), Run("tiny", Recipe(lr=lr), tmp_path / "tiny.pt"))
        assert room.begun == [0, 1, 2, 3, 4]


def test_a_net_that_holds_its_promise_is_published_with_recipe_numbers_and_card(
    room: Room, tmp_path: Path
) -> None:
    assert train.publish("tiny", quick=False) == room.metrics
    report = published(tmp_path)
    assert report["recipe"]["lr"] == 0.1
    assert report["metrics"] == room.metrics
    assert report["parameters"] == 4 * 8 + 9
    card = (tmp_path / "tiny" / "README.md").read_text()
    assert "| accuracy | 0.9500 | 0.9500 |" in card
    assert "| error | 0.2500 |  |" in card
    assert "old" not in card
    assert card.startswith(CARD.split("old")[0])
    assert card.endswith(CARD.split("old")[1].lstrip("\n"))
    assert (tmp_path / "tiny" / "model.safetensors").stat().st_mode & 0o777 == 0o644


def test_a_net_stored_as_half_floats_is_measured_as_it_is_stored(room: Room, tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class HalfRecipe(Recipe):
        half: bool = True

    measured: list[Tiny] = []
    room.Recipe = HalfRecipe
    room.evaluate = lambda net, frozen: measured.append(copy.deepcopy(net)) or room.metrics  # type: ignore[method-assign]
    train.publish("tiny", quick=False)
    stored = load_file(tmp_path / "tiny" / "model.safetensors")
    assert {value.dtype for value in stored.values()} == {torch.float16}
    for net in [*measured, Tiny.from_pretrained(tmp_path / "tiny")]:
        assert all(torch.equal(value, stored[key].float()) for key, value in net.state_dict().items())


def test_pictures_for_the_card_lie_beside_the_weights(room: Room, tmp_path: Path) -> None:
    room.pictures = lambda net: {"samples.png": Image.new("L", (3, 2), 7)}  # type: ignore[attr-defined]
    train.publish("tiny", quick=True)
    assert not (tmp_path / "tiny" / "samples.png").exists()
    train.publish("tiny", quick=False)
    with Image.open(tmp_path / "tiny" / "samples.png") as picture:
        assert picture.getpixel((2, 1)) == 7


def test_the_card_is_the_same_when_it_is_written_twice(room: Room, tmp_path: Path) -> None:
    train.publish("tiny", quick=False)
    once = (tmp_path / "tiny" / "README.md").read_text()
    train.write_results(tmp_path / "tiny")
    assert (tmp_path / "tiny" / "README.md").read_text() == once


def test_a_card_that_says_what_failed_shows_the_learning_curve(room: Room, tmp_path: Path) -> None:
    card = tmp_path / "tiny" / "README.md"
    train.publish("tiny", quick=False)
    assert "curve" not in card.read_text()
    card.write_text(card.read_text() + "FAILED: the aim was 0.99.\n")
    for _ in range(2):
        train.write_results(tmp_path / "tiny")
    assert card.read_text().count("| curve 曲线: epoch | 0 | 1 | 2 | 3 | 4 |\n") == 1
    assert f"| loss | {published(tmp_path)['curve'][0]['loss']:.4g} |" in card.read_text()


@pytest.mark.parametrize(
    ("metric", "value", "bound"), [("accuracy", 0.89, "at least 0.9"), ("error", 0.51, "at most 0.5")]
)
def test_what_stays_below_its_promise_is_refused_and_nothing_is_written(
    room: Room, tmp_path: Path, metric: str, value: float, bound: str
) -> None:
    room.metrics[metric] = value
    with pytest.raises(Refused, match=f"{metric} is {value:.4f}, must be {bound}"):
        train.publish("tiny", quick=False)
    assert [path.name for path in (tmp_path / "tiny").iterdir()] == ["README.md"]
    assert (tmp_path / "tiny" / "README.md").read_text() == CARD


def test_a_quick_training_proves_the_path_and_writes_nothing(room: Room, tmp_path: Path) -> None:
    train.publish("tiny", quick=True)
    assert room.begun == [0]
    assert [path.name for path in (tmp_path / "tiny").iterdir()] == ["README.md"]
    assert list((tmp_path / "cache" / "checkpoints").iterdir()) == []


def test_check_measures_the_published_numbers_again(room: Room) -> None:
    train.publish("tiny", quick=False)
    assert train.check("tiny") == {"accuracy": 0.95}
    assert train.check("tiny", full=True) == room.metrics
    room.metrics["accuracy"] = 0.9515  # rounding
    train.check("tiny")
    room.metrics["accuracy"] = 0.94
    with pytest.raises(Refused, match=r"tiny: accuracy is 0\.9400, published is 0\.9500"):
        train.check("tiny")

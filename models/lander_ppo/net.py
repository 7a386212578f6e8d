"""Lands gymnasium's LunarLander-v3: two small nets, one that chooses the engine and one that says how it will end.

Schulman et al., "Proximal Policy Optimization Algorithms", 2017, https://arxiv.org/abs/1707.06347; trained with
stable-baselines3, Raffin et al., 2021, https://jmlr.org/papers/v22/20-1364.html, which running does not need.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import nn

from models.lander_ppo.moon import ENGINES, Flight, Hangar

SEEN = 8  # numbers: place, speed, angle, turn, two legs on the ground
PIECE = 50  # steps between two looks at a flight
PUSH = {"a": 0.0, "l": -40.0, "r": 40.0}  # the agent flies, and is pushed to one side; force as a wind's


class LanderPPO(nn.Module, PyTorchModelHubMixin):
    """(B, 8) as LunarLander tells it -> logits of the four engines (B, 4), expected rest of the reward (B,)."""

    def __init__(self, width: int = 128) -> None:
        super().__init__()
        self.policy, self.value = _perceptron(width, ENGINES), _perceptron(width, 1)
        self._hangar = Hangar()

    def forward(self, seen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.policy(seen), self.value(seen)[:, 0]

    @torch.inference_mode()
    def judge(self, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """float32 (B, 8) -> probabilities of the four engines (B, 4), expected rest of the reward (B,)."""
        logits, value = self(torch.from_numpy(seen).to(next(self.parameters()).device))
        return logits.softmax(1).cpu().numpy(), value.cpu().numpy()

    def fly(self, seed: int, wind: float, gravity: float) -> Iterator[dict[str, Any]]:
        """A whole flight, the likeliest engine at each step; yields all of it so far, every PIECE steps.

        -> "ground", see Flight.ground, and from the first moment on: "poses", see Flight.pose, "shares" of the
        engines, "values", "rewards" (sums so far); "engines" fired between them; "ended" or "".
        """
        flight = Flight(seed, wind, gravity)
        track = {"ground": flight.ground()} | self._track(flight, "")
        while not flight.ended:
            piece = self._track(flight, "a" * PIECE)
            track = {key: value + piece[key] if key in piece else value for key, value in track.items()}
            yield track

    def steer(self, seed: int, wind: float, gravity: float, before: str, now: str) -> dict[str, Any]:
        """Goes on with a flight. before, now: a letter a step, "0".."3" an engine, "a" the agent's own choice, "l"
        and "r" the same while it is pushed to the left or right; before "": from the start.

        -> as fly(), of the steps now only; before and now "": the start.
        """
        place = (seed, wind, gravity)
        flight = self._hangar.take((*place, before)) if before else None
        if flight is None:
            flight = Flight(*place)
            for letter in before:
                self._step(flight, letter)
        track = self._track(flight, now)
        self._hangar.put((*place, before + now), flight)
        return {"ground": flight.ground()} | track

    def _track(self, flight: Flight, letters: str) -> dict[str, Any]:
        """Flies the letters, or to the end; with none tells where the flight is."""
        engines, poses, rewards, seen = [], [], [], []
        for letter in letters or " ":
            if flight.ended:
                break
            engines += [self._step(flight, letter)] if letters else []
            poses.append(flight.pose())
            rewards.append(round(flight.reward, 2))
            seen.append(flight.seen)
        shares, values = self.judge(np.stack(seen)) if seen else (np.empty((0, ENGINES)), np.empty(0))
        return {
            "engines": engines,
            "poses": poses,
            "rewards": rewards,
            "shares": shares.astype(float).round(3).tolist(),
            "values": values.astype(float).round(2).tolist(),
            "ended": flight.ended,
        }

    def _step(self, flight: Flight, letter: str) -> int:
        """-> the engine that was fired."""
        engine = int(self.judge(flight.seen[None])[0].argmax()) if letter in PUSH else int(letter)
        if not flight.ended:
            flight.step(engine, PUSH.get(letter, 0.0))
        return engine


def _perceptron(width: int, out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(SEEN, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, out)
    )


def load(device: str) -> LanderPPO:
    """The trained nets beside this file, on a torch device."""
    return LanderPPO.from_pretrained(Path(__file__).parent).eval().to(device)

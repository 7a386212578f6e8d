"""The moon: gymnasium's LunarLander-v3 under a chosen wind and gravity, and flights over it, which hold no tensor.

Physics by Oleg Klimov and the gymnasium authors, https://gymnasium.farama.org/environments/box2d/lunar_lander;
a flight is counted and cut as there: 1,000 steps of 1/50 s, +100 for coming to rest, -100 for a crash.
"""

import threading
import warnings
from collections import OrderedDict
from typing import Any

import numpy as np

with warnings.catch_warnings():  # SWIG's types warn as Box2D is imported, and crash where warnings are errors
    warnings.simplefilter("ignore")
    from gymnasium.envs.box2d.lunar_lander import LunarLander, heuristic

ENGINES = 4  # actions: none, left (turns left), main, right (turns right)
MOST_STEPS = 1000
TURBULENCE = 0.1  # for each unit of wind, as in LunarLander's defaults (1.5 beside 15)
CALM, USUAL = 0.0, 10.0  # no wind; LunarLander's own gravity, m/s^2


def rule(flight: "Flight") -> int:
    """The engine that gymnasium's own controller, which follows a rule by hand, would fire."""
    return int(heuristic(flight.moon, flight.seen))


class Flight:
    """One flight; the same seed, wind, gravity, engines and pushes give the same flight."""

    def __init__(self, seed: int, wind: float = CALM, gravity: float = USUAL) -> None:
        """wind: force of the strongest gust, 0..20; gravity: m/s^2 downwards, above 0 and below 12."""
        self.moon = LunarLander(
            gravity=-gravity, enable_wind=wind > 0, wind_power=wind, turbulence_power=TURBULENCE * wind
        )
        self.seen: np.ndarray = self.moon.reset(seed=seed)[0]  # (8,): place, speed, angle, turn, two legs
        self.steps, self.reward = 0, 0.0
        self.ended = ""  # then "landed", "crashed", "away" (out of sight) or "time"

    def step(self, engine: int, push: float = 0.0) -> None:
        """Fires one engine, or none, for 1/50 s. push: a force from outside, positive to the right."""
        self.moon.lander.ApplyForceToCenter((push, 0.0), True)  # type: ignore[union-attr]
        self.seen, reward, over, *_ = self.moon.step(engine)
        self.steps += 1
        self.reward += float(reward)
        if over:
            self.ended = "landed" if reward > 0 else "crashed" if self.moon.game_over else "away"
        elif self.steps >= MOST_STEPS:
            self.ended = "time"

    def pose(self) -> list[float]:
        """x, y, angle of the lander and of its two legs (metres, radians), and the force of the wind now."""
        bodies = (self.moon.lander, *self.moon.legs)
        return [round(float(v), 3) for body in bodies for v in (*body.position, body.angle)] + [self._gust()]

    def _gust(self) -> float:
        """As LunarLander computes it within its step."""
        if not self.moon.enable_wind:
            return 0.0
        phase = 0.01 * self.moon.wind_idx
        return round(float(np.tanh(np.sin(2 * phase) + np.sin(np.pi * phase)) * self.moon.wind_power), 2)

    def ground(self) -> dict[str, Any]:
        """The outline of the ground from left to right, the x of both flags, and the height of the pad, in metres."""
        line = [one[0] for one in self.moon.sky_polys] + [self.moon.sky_polys[-1][1]]
        return {
            "line": [[round(float(v), 3) for v in point] for point in line],
            "flags": [round(float(x), 3) for x in (self.moon.helipad_x1, self.moon.helipad_x2)],
            "pad": round(float(self.moon.helipad_y), 3),
        }


class Hangar:
    """The last flights that went on in pieces, by all that led to where they are. What is lost can be flown again."""

    def __init__(self, places: int = 32) -> None:
        self._places, self._flights = places, OrderedDict[tuple, Flight]()
        self._lock = threading.Lock()

    def take(self, key: tuple) -> Flight | None:
        """Takes a flight out, so that no two visitors go on with the same one."""
        with self._lock:
            return self._flights.pop(key, None)

    def put(self, key: tuple, flight: Flight) -> None:
        """Keeps a flight; the one that was left alone longest makes room."""
        with self._lock:
            self._flights[key] = flight
            while len(self._flights) > self._places:
                self._flights.popitem(last=False)

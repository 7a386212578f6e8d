"""Trains the pilot, in calm and in wind. About half an hour on one CPU thread: `python -m models train lander_ppo`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np

from models.lander_ppo.moon import CALM, ENGINES, TURBULENCE, USUAL, Flight, rule
from models.lander_ppo.net import LanderPPO
from models.train import Run

CHOSEN_BY, PUBLISHED = 10_000, 20_000  # first seed of the flights that choose the net, and of those published
WINDY = 15.0  # LunarLander's own default of a wind
FROZEN = 20  # flights, the first of the published ones


@dataclass(frozen=True)
class Recipe:
    seed: int = 0
    epochs: int = 60
    steps: int = 65_536  # of an epoch, over all moons
    moons: int = 16
    horizon: int = 1024  # steps on each moon between two lessons
    batch: int = 128
    passes: int = 4
    lr: float = 4e-4  # falls to nothing
    gamma: float = 0.999
    smoothing: float = 0.98  # GAE's lambda
    entropy: float = 0.01
    calm: float = 0.5  # share of flights without wind, at LunarLander's own gravity
    flights: int = 50  # in calm, and half as many in wind, by which the best epoch is chosen
    reward_at_least: float = 240.0

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(epochs=1, steps=16_384, flights=4)


class Weather(gymnasium.Wrapper):
    """Draws the wind and the gravity of each flight; calm: the share of those that LunarLander's defaults have."""

    def __init__(self, calm: float) -> None:
        super().__init__(gymnasium.make("LunarLander-v3"))
        self.calm = calm

    def reset(self, **options: Any) -> tuple[np.ndarray, dict]:
        chance = np.random.default_rng(options.get("seed") or self.np_random)
        moon: Any = self.unwrapped
        calm, heavy = chance.random() < self.calm, chance.random() < 0.3
        wind = CALM if calm else chance.uniform(0, 20)
        moon.gravity = -(chance.uniform(3, 11.9) if heavy and not calm else USUAL)
        moon.enable_wind, moon.wind_power, moon.turbulence_power = wind > 0, wind, TURBULENCE * wind
        return self.env.reset(**options)


def train(recipe: Recipe, run: Run) -> LanderPPO:
    from stable_baselines3 import PPO
    from stable_baselines3.common.env_util import make_vec_env

    moons = make_vec_env(lambda: Weather(recipe.calm), recipe.moons, seed=recipe.seed)
    best = LanderPPO()
    width = best.policy[0].out_features
    ppo = PPO("MlpPolicy", moons, n_steps=recipe.horizon, batch_size=recipe.batch, n_epochs=recipe.passes,
              gamma=recipe.gamma, gae_lambda=recipe.smoothing, ent_coef=recipe.entropy, seed=recipe.seed,
              policy_kwargs={"net_arch": [width, width]}, device="cpu")  # fmt: skip
    state = {"policy": ppo.policy, "optimiser": ppo.policy.optimizer, "best": best}
    for epoch in run.epochs(recipe.epochs, **state):
        ppo.lr_schedule = lambda _, epoch=epoch: recipe.lr * (1 - epoch / recipe.epochs)  # type: ignore[misc]
        ppo.learn(recipe.steps, reset_num_timesteps=False)
        net = exported(ppo.policy)
        calm = _rewards(_pilot(net), CHOSEN_BY, recipe.flights)
        windy = _rewards(_pilot(net), CHOSEN_BY, recipe.flights // 2, WINDY)
        score = float(np.mean([*calm, *windy]))
        if score >= max((point["score"] for point in run.curve), default=-np.inf):
            best.load_state_dict(net.state_dict())
        lessons = [one["r"] for one in ppo.ep_info_buffer or ()]
        run.log(
            epoch=epoch,
            score=score,
            calm=float(np.mean(calm)),
            windy=float(np.mean(windy)),
            training=np.mean(lessons),
        )
    return best


def exported(policy: Any) -> LanderPPO:
    """stable-baselines3's actor and critic as plain torch."""
    net = LanderPPO(policy.action_net.in_features)
    pairs = (
        (net.policy, policy.mlp_extractor.policy_net, policy.action_net),
        (net.value, policy.mlp_extractor.value_net, policy.value_net),
    )
    for own, hidden, last in pairs:
        for number, layer in ((0, hidden[0]), (2, hidden[2]), (4, last)):
            own[number].load_state_dict(layer.state_dict())
    return net.eval()


Pilot = Callable[[list[Flight]], list[int]]  # the next engine of each flight


def evaluate(net: LanderPPO, frozen: bool) -> dict[str, float]:
    """Mean reward of 100 flights (frozen: 20) on seeds that nothing was chosen by, beside two other pilots."""
    flights = FROZEN if frozen else 100
    calm = _rewards(_pilot(net), PUBLISHED, flights)
    metrics = {"reward": float(np.mean(calm))}
    if frozen:
        return metrics
    windy = _rewards(_pilot(net), PUBLISHED, flights, WINDY)
    by_rule = [_rewards(_by_rule, PUBLISHED, flights, wind) for wind in (CALM, WINDY)]
    by_chance = _rewards(_chance(), PUBLISHED, flights)
    return metrics | {
        "reward_deviation": float(np.std(calm)),
        "share_of_200": float(np.mean(np.array(calm) >= 200)),
        "heuristic_reward": float(np.mean(by_rule[0])),
        "random_reward": float(np.mean(by_chance)),
        "windy_reward": float(np.mean(windy)),
        "windy_share_of_200": float(np.mean(np.array(windy) >= 200)),
        "windy_heuristic_reward": float(np.mean(by_rule[1])),
    }


def _rewards(pilot: Pilot, first: int, count: int, wind: float = CALM) -> list[float]:
    """Rewards of flights on seeds first, first + 1, ...; they are flown side by side, one pass for all."""
    flights = [Flight(first + number, wind) for number in range(count)]
    while flying := [flight for flight in flights if not flight.ended]:
        for flight, engine in zip(flying, pilot(flying), strict=True):
            flight.step(engine)
    return [flight.reward for flight in flights]


def _pilot(net: LanderPPO) -> Pilot:
    return lambda flying: net.judge(np.stack([one.seen for one in flying]))[0].argmax(1).tolist()


def _by_rule(flying: list[Flight]) -> list[int]:
    return [rule(flight) for flight in flying]


def _chance() -> Pilot:
    chance = np.random.default_rng(0)
    return lambda flying: chance.integers(ENGINES, size=len(flying)).tolist()

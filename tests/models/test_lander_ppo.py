"""The pilot lands, the same by the same seed; a flight in pieces is the flight in one, whoever flies beside."""

import numpy as np
import pytest

import models
from models.lander_ppo.moon import Flight, Hangar


def flown(seed: int, wind: float = 0.0, gravity: float = 10.0) -> dict:
    with models.use("lander_ppo") as net:
        *_, flight = net.fly(seed, wind, gravity)
    return flight


def test_it_lands_between_the_flags() -> None:
    flight = flown(0)
    assert flight["ended"] == "landed"
    assert flight["rewards"][-1] > 200
    left, right = flight["ground"]["flags"]
    assert left < flight["poses"][-1][0] < right


def test_falling_without_engines_is_a_crash() -> None:
    flight = Flight(0)
    while not flight.ended:
        flight.step(0)
    assert flight.ended == "crashed"
    assert flight.reward < 0


def test_a_flight_is_told_from_its_first_moment_to_its_last() -> None:
    flight = flown(2)
    steps = len(flight["engines"])
    assert {len(flight[key]) for key in ("poses", "rewards", "shares", "values")} == {steps + 1}
    assert flight["rewards"][0] == 0
    assert [max(range(4), key=shares.__getitem__) for shares in flight["shares"][:20]] == flight["engines"][
        :20
    ]


def test_the_same_seed_gives_the_same_flight_and_wind_another() -> None:
    assert flown(4, 15.0) == flown(4, 15.0)
    assert flown(4, 15.0)["poses"] != flown(4)["poses"]


def test_a_flight_in_pieces_is_the_flight_in_one_whoever_flies_beside() -> None:
    whole, first, second = flown(5, 10.0), "", ""
    with models.use("lander_ppo") as net:
        poses = []
        for _ in range(30):
            poses += net.steer(5, 10.0, 10.0, first, "aaa")["poses"]
            first += "aaa"
            net.steer(5, 10.0, 10.0, second, "a02")  # on the same moon, begun alike
            second += "a02"
        assert poses == whole["poses"][1:91]
        net._hangar = Hangar()  # all is lost, and flown again
        assert net.steer(5, 10.0, 10.0, first, "aaa")["poses"] == whole["poses"][91:94]


def test_a_push_moves_it_and_the_agent_recovers() -> None:
    with models.use("lander_ppo") as net:
        pushed = net.steer(1, 0.0, 10.0, "a" * 60, "r" * 10 + "a" * 900)
        alone = net.steer(1, 0.0, 10.0, "a" * 60, "a" * 900)
    assert pushed["poses"][15][0] > alone["poses"][15][0] + 0.05
    assert (pushed["ended"], alone["ended"]) == ("landed", "landed")


def test_it_expects_more_from_a_calm_approach_than_from_a_dive() -> None:
    calm, dive = [0, 0.5, 0, -0.2, 0, 0, 0, 0], [0, 0.5, 0, -1.8, 0.9, 0, 0, 0]
    with models.use("lander_ppo") as net:
        shares, values = net.judge(np.array([calm, dive], np.float32))
    assert values[0] > values[1] + 50
    assert shares.sum(1) == pytest.approx(1, abs=1e-5)


def test_after_the_end_nothing_moves() -> None:
    with models.use("lander_ppo") as net:
        ended = net.steer(0, 0.0, 10.0, "0" * 300, "000")
    assert ended["ended"] == "crashed"
    assert ended["poses"] == ended["engines"] == []


def test_the_hangar_holds_the_latest_only_and_lends_each_once() -> None:
    hangar = Hangar(places=2)
    flights = [Flight(seed) for seed in range(3)]
    for number, flight in enumerate(flights):
        hangar.put((number,), flight)
    assert hangar.take((0,)) is None
    assert hangar.take((2,)) is flights[2]
    assert hangar.take((2,)) is None

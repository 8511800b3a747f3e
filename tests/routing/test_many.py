"""Many problems on one engine: every route is legal, every stop is once, whatever the workers."""

import numpy as np
import pytest

from crossdock.model import SerialEngine
from crossdock.plan.routing import (
    Asked,
    Depot,
    Job,
    PlanarMetric,
    Problem,
    VehicleType,
    Window,
    schedule,
    solve_many,
)
from crossdock.platform.engine import open_engine


def town(count: int, seed: int, vans: int) -> Problem:
    draw = np.random.Generator(np.random.PCG64(seed))
    places = np.vstack([[[50.0, 50.0]], draw.uniform(0, 100, (count, 2))])
    opens = draw.integers(0, 300, count)
    jobs = tuple(
        Job(
            f"{at}", place=at + 1, delivery=(int(draw.integers(1, 5)),), service=3.0, parking=1.0,
            windows=(Window(float(opens[at]), opens[at] + 200.0) if at % 3 == 0 else Window(),),
            prize=500.0, required=False,
        )
        for at in range(count)
    )  # fmt: skip
    van = VehicleType(
        "van", count=vans, capacity=(60,), start_depot="d", end_depot="d", fixed_cost=50.0,
        duration_cost=0.5, shift_ends=600.0, max_duration=500.0,
    )  # fmt: skip
    return Problem(PlanarMetric(places), (Depot("d", 0),), (van,), jobs)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_route_keeps_every_limit_and_no_stop_is_twice(seed):
    problems = [town(30, seed, 4), town(90, seed, 9), town(500, seed, 40), town(40, seed, 1)]
    asked = [Asked(each, f"town {at}", 200) for at, each in enumerate(problems)]
    found = solve_many(asked, engine=SerialEngine(), seed=seed)
    for problem, routes in zip(problems, found, strict=True):
        served = [node for _, nodes in routes for node in nodes]
        assert len(served) == len(set(served))
        assert len(routes) <= (problem.vehicles[0].count or 0)
        assert not any(schedule(problem, *route).faults for route in routes)
    assert sum(len(nodes) for _, nodes in found[2]) == 500


def test_two_workers_answer_as_one():
    asked = [Asked(town(each, 4, each // 10), f"town {each}", 60) for each in (20, 120, 480)]
    with open_engine("local", 2) as engine:
        assert solve_many(asked, engine=engine, seed=5) == solve_many(
            asked, engine=SerialEngine(), seed=5
        )
